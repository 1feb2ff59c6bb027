//! CPython's `re`, after `Lib/re/_parser.py` of 3.11 and later.

use std::ops::Range;

use super::grammar::{
    BareFlags, Classes, Escape, Escapes, Extension, FlagSet, Grammar, Groups, Quantifiers,
    References,
};
use crate::syntax::{Assertion, Class, Item, Kind, Node};

pub(super) const PYTHON: Grammar = Grammar {
    alternate,
    dollar: Assertion::TextEndOrFinalNewline,
    line_ends: &['\n'],
    ascii: false,
    quantifiers: Quantifiers {
        stack: false,
        pass_over_comments: true,
        possessive: true,
        low_may_lack: true,
        braces_are_reserved: false,
        most: u32::MAX - 1,
        may_repeat: |kind| !matches!(kind, Kind::Assert(_)),
    },
    groups: Groups {
        extension: |c| match c {
            '#' => Some(Extension::Comment),
            'P' => Some(Extension::AsInPython { recursion: false }),
            '>' => Some(Extension::Atomic),
            '(' => Some(Extension::Conditional),
            _ => None,
        },
        verbs: false,
        name_signs: &[],
        fixed_look_behind: true,
        bare_flags: BareFlags::AtTheStart,
        set_flag: |letter, on, scope| {
            match letter {
                'x' => scope.extended = on,
                'a' => scope.ascii = true,
                'u' => scope.ascii = false,
                _ => return FlagSet::Unknown,
            }
            FlagSet::Done
        },
    },
    references: References { forward: false, digits: 2, quotes: &[], other_conditions: false },
    escapes: Escapes {
        assertion: |text| match text.chars().next()? {
            'A' => Some((Assertion::TextStart, 1)),
            'Z' => Some((Assertion::TextEnd, 1)),
            _ => None,
        },
        unsupported: |_| None,
        character: |c| match c {
            'a' => Some(Escape::Character('\u{7}')),
            'u' => Some(Escape::Hexadecimal(4)),
            'U' => Some(Escape::Hexadecimal(8)),
            'N' => Some(Escape::Unsupported("named characters")),
            _ => None,
        },
        lenient: false,
        unicode_space: false,
        braces: false,
        short_hexadecimal: false,
        long_octal: false,
    },
    classes: Classes {
        may_be_empty: false,
        posix: false,
        operators: false,
        dash_beside_class: false,
    },
};

/// The branches as CPython's parser leaves them: what all begin with is taken
/// out, and branches of one character each become one class. Both can undo an
/// ambiguity, so both are needed to tell what CPython really does.
fn alternate(branches: Vec<Node>, span: Range<usize>) -> Node {
    let mut branches: Vec<Vec<Node>> = branches.into_iter().map(Node::into_sequence).collect();
    let (first, others) = branches.split_at(1);
    let is_common = |(at, node): &(usize, &Node)| {
        others.iter().all(|branch| branch.get(*at).is_some_and(|other| other.same(node)))
    };
    let length = first[0].iter().enumerate().take_while(is_common).count();
    let mut heads = branches.iter_mut().map(|branch| branch.drain(..length));
    let mut common: Vec<_> = heads.next().into_iter().flatten().collect();
    heads.for_each(drop);
    let one_class = branches.iter().all(|branch| match &branch[..] {
        [Node { kind: Kind::Set(class), .. }] => !class.negated,
        _ => false,
    });
    let rest = if one_class { one_of(branches) } else { alternatives(branches, &span) };
    common.push(Node::new(rest, span.clone()));
    Node::sequence(common, span)
}

/// The class that holds what each branch, a class, holds.
fn one_of(branches: Vec<Vec<Node>>) -> Kind {
    let classes = branches.into_iter().flatten().filter_map(|node| match node.kind {
        Kind::Set(class) => Some(Item::Nested(class)),
        _ => None,
    });
    Kind::Set(Class { items: classes.collect(), negated: false, fold: false })
}

fn alternatives(branches: Vec<Vec<Node>>, span: &Range<usize>) -> Kind {
    let branch = |nodes: Vec<Node>| {
        let inner = match (nodes.first(), nodes.last()) {
            (Some(first), Some(last)) => first.span.start..last.span.end,
            _ => span.clone(),
        };
        Node::sequence(nodes, inner)
    };
    Kind::Alternate(branches.into_iter().map(branch).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dialect::Dialect, flags::Flags, parser::parse};

    fn accepts(pattern: &str) -> bool {
        parse(pattern, Dialect::Python, Flags::default()).is_ok()
    }

    #[test]
    fn python_refuses_what_cpython_refuses() {
        for pattern in [
            "(",
            ")",
            "*a",
            "a**",
            "[",
            "[z-a]",
            r"[\w-.]",
            r"\p{L}",
            r"\z",
            "(?<n>a)",
            "a(?i)b",
            "(?<=a+)b",
            r"\1",
            r"(a\1)",
            "(?P=n)",
            "(?(1)a|b|c)(x)",
            "a{2,1}",
            "^*",
            r"\400",
            r"\x1",
            "(?P<1>a)",
            "(?z)",
            "\\",
        ] {
            assert!(!accepts(pattern), "{pattern}");
        }
    }

    #[test]
    fn python_accepts_what_cpython_accepts() {
        for pattern in [
            "",
            "a{,3}",
            "a{x}",
            "{",
            "a{",
            "[]a]",
            "[^]]",
            "[a-]",
            "[[:alpha:]]",
            r"(?i)a",
            "(?i-s:a)",
            "(?>a+)b",
            "a++b",
            "(?=a)*",
            "(?P<n>a)(?P=n)",
            "(a)?(?(1)b|c)",
            r"(a)\1",
            r"\012\x41\u0041",
            "(?x) a + # b",
            "(?#c)a",
            r"\<",
            "a|",
            "(?:)*",
            "(?<=ab|cd)e",
            "(?:^)*",
            r"[\b\d-]",
        ] {
            assert!(accepts(pattern), "{pattern}");
        }
    }

    #[test]
    fn python_makes_one_class_of_single_characters() {
        let root = parse("a|[bc]|d", Dialect::Python, Flags::default()).unwrap().root;
        assert!(matches!(root.kind, Kind::Set(_)), "{root:?}");
        let root = parse("a|[bc]|d", Dialect::Pcre2, Flags::default()).unwrap().root;
        assert!(matches!(root.kind, Kind::Alternate(_)), "{root:?}");
    }

    #[test]
    fn python_takes_out_what_all_branches_begin_with() {
        let root = parse("abc|abd", Dialect::Python, Flags::default()).unwrap().root;
        let Kind::Concat(nodes) = root.kind else { panic!("not a sequence") };
        assert_eq!(nodes.len(), 3);
    }
}
