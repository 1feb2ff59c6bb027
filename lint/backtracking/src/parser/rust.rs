//! The `regex` and `fancy-regex` crates, after their documentation.

use super::grammar::{
    BareFlags, Classes, Escape, Escapes, Extension, FlagSet, Grammar, Groups, Quantifiers,
    References,
};
use crate::syntax::{Assertion, Kind, Named, Node};

pub(super) const RUST: Grammar = Grammar {
    alternate: |branches, span| Node::new(Kind::Alternate(branches), span),
    dollar: Assertion::TextEnd,
    line_ends: &['\n'],
    ascii: false,
    quantifiers: Quantifiers {
        stack: true,
        pass_over_comments: false,
        possessive: true,
        low_may_lack: false,
        braces_are_reserved: true,
        most: u32::MAX - 1,
        may_repeat: |_| true,
    },
    groups: Groups {
        extension: |c| match c {
            '#' => Some(Extension::Comment),
            '<' => Some(Extension::Named('>')),
            'P' => Some(Extension::AsInPython { recursion: false }),
            '>' => Some(Extension::Atomic),
            '(' => Some(Extension::Conditional),
            _ => None,
        },
        verbs: false,
        name_signs: &['.', '[', ']'],
        fixed_look_behind: false,
        bare_flags: BareFlags::Anywhere,
        set_flag: |letter, on, scope| {
            match letter {
                'x' => scope.extended = on,
                'u' => scope.ascii = !on,
                'U' => scope.swap_greed = on,
                'R' => {}
                _ => return FlagSet::Unknown,
            }
            FlagSet::Done
        },
    },
    references: References {
        forward: true,
        digits: 9,
        quotes: &[('<', '>')],
        other_conditions: true,
    },
    escapes: Escapes {
        assertion,
        unsupported: |c| matches!(c, 'G' | 'K').then_some("this escape"),
        character: |c| match c {
            'h' => Some(Escape::Class(Named::HexDigit)),
            'H' => Some(Escape::NotClass(Named::HexDigit)),
            'p' | 'P' => Some(Escape::Property(c == 'P')),
            'a' => Some(Escape::Character('\u{7}')),
            'e' => Some(Escape::Character('\u{1b}')),
            'u' => Some(Escape::Hexadecimal(4)),
            'U' => Some(Escape::Hexadecimal(8)),
            _ => None,
        },
        lenient: false,
        unicode_space: false,
        braces: true,
        short_hexadecimal: false,
        long_octal: true,
    },
    classes: Classes {
        may_be_empty: false,
        posix: true,
        operators: true,
        dash_beside_class: false,
    },
};

fn assertion(text: &str) -> Option<(Assertion, usize)> {
    let known = [
        ("b{start}", Assertion::WordStart),
        ("b{end}", Assertion::WordEnd),
        ("<", Assertion::WordStart),
        (">", Assertion::WordEnd),
        ("A", Assertion::TextStart),
        ("Z", Assertion::TextEndOrFinalNewline),
        ("z", Assertion::TextEnd),
    ];
    let (written, assertion) = known.into_iter().find(|(written, _)| text.starts_with(written))?;
    Some((assertion, written.len()))
}
