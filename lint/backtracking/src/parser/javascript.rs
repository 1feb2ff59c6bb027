//! JavaScript without the flags `u` and `v`, after ECMA-262 §22.2 with Annex B.

use super::grammar::{
    BareFlags, Classes, Escape, Escapes, Extension, FlagSet, Grammar, Groups, Quantifiers,
    References,
};
use crate::syntax::{Assertion, Kind, Node};

pub(super) const JAVASCRIPT: Grammar = Grammar {
    alternate: |branches, span| Node::new(Kind::Alternate(branches), span),
    dollar: Assertion::TextEnd,
    line_ends: &['\n', '\r', '\u{2028}', '\u{2029}'],
    ascii: true,
    quantifiers: Quantifiers {
        stack: false,
        pass_over_comments: false,
        possessive: false,
        low_may_lack: false,
        braces_are_reserved: false,
        most: u32::MAX - 1,
        may_repeat: |kind| !matches!(kind, Kind::Assert(_) | Kind::Look { behind: true, .. }),
    },
    groups: Groups {
        extension: |c| (c == '<').then_some(Extension::Named('>')),
        verbs: false,
        name_signs: &['$'],
        fixed_look_behind: false,
        bare_flags: BareFlags::Nowhere,
        set_flag: |_, _, _| FlagSet::Unknown,
    },
    references: References {
        forward: true,
        digits: 9,
        quotes: &[('<', '>')],
        other_conditions: false,
    },
    escapes: Escapes {
        assertion: |_| None,
        unsupported: |_| None,
        character: |c| match c {
            'u' => Some(Escape::Hexadecimal(4)),
            'c' => Some(Escape::Control),
            _ => None,
        },
        lenient: true,
        unicode_space: true,
        braces: false,
        short_hexadecimal: false,
        long_octal: true,
    },
    classes: Classes {
        may_be_empty: true,
        posix: false,
        operators: false,
        dash_beside_class: true,
    },
};
