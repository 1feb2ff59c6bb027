//! PCRE2, after its manual `pcre2pattern`.

use super::grammar::{
    BareFlags, Classes, Escape, Escapes, Extension, FlagSet, Grammar, Groups, Quantifiers,
    References,
};
use crate::syntax::{Assertion, Kind, Named, Node};

pub(super) const PCRE2: Grammar = Grammar {
    alternate: |branches, span| Node::new(Kind::Alternate(branches), span),
    dollar: Assertion::TextEndOrFinalNewline,
    line_ends: &['\n'],
    ascii: true,
    quantifiers: Quantifiers {
        stack: true,
        pass_over_comments: false,
        possessive: true,
        low_may_lack: false,
        braces_are_reserved: false,
        most: 65_535,
        may_repeat: |_| true,
    },
    groups: Groups {
        extension: |c| match c {
            '#' => Some(Extension::Comment),
            '<' => Some(Extension::Named('>')),
            '\'' => Some(Extension::Named('\'')),
            'P' => Some(Extension::AsInPython { recursion: true }),
            '>' => Some(Extension::Atomic),
            '(' => Some(Extension::Conditional),
            '|' => Some(Extension::Unsupported("branch reset groups")),
            'R' | '&' | '+' | 'C' | '0'..='9' => {
                Some(Extension::Unsupported("recursion and callouts"))
            }
            _ => None,
        },
        verbs: true,
        name_signs: &[],
        fixed_look_behind: false,
        bare_flags: BareFlags::Anywhere,
        set_flag: |letter, on, scope| {
            match letter {
                'x' => scope.extended = on,
                'U' => scope.swap_greed = on,
                'J' | 'n' => return FlagSet::Unsupported("the flags J and n"),
                _ => return FlagSet::Unknown,
            }
            FlagSet::Done
        },
    },
    references: References {
        forward: true,
        digits: 9,
        quotes: &[('<', '>'), ('{', '}'), ('\'', '\'')],
        other_conditions: true,
    },
    escapes: Escapes {
        assertion: |text| match text.chars().next()? {
            'A' => Some((Assertion::TextStart, 1)),
            'Z' => Some((Assertion::TextEndOrFinalNewline, 1)),
            'z' => Some((Assertion::TextEnd, 1)),
            _ => None,
        },
        unsupported: |c| match c {
            'g' => Some("\\g references"),
            'G' | 'K' | 'X' | 'R' | 'C' | 'Q' => Some("this escape"),
            _ => None,
        },
        character: |c| match c {
            'h' => Some(Escape::Class(Named::HorizontalSpace)),
            'H' => Some(Escape::NotClass(Named::HorizontalSpace)),
            'v' => Some(Escape::Class(Named::VerticalSpace)),
            'V' => Some(Escape::NotClass(Named::VerticalSpace)),
            'N' => Some(Escape::NotNewline),
            'p' | 'P' => Some(Escape::Property(c == 'P')),
            'a' => Some(Escape::Character('\u{7}')),
            'e' => Some(Escape::Character('\u{1b}')),
            'c' => Some(Escape::Control),
            _ => None,
        },
        lenient: false,
        unicode_space: false,
        braces: true,
        short_hexadecimal: true,
        long_octal: true,
    },
    classes: Classes {
        may_be_empty: false,
        posix: true,
        operators: false,
        dash_beside_class: true,
    },
};
