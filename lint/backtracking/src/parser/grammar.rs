//! In what the dialects differ.

use std::ops::Range;

use super::scope::Scope;
use crate::syntax::{Assertion, Kind, Named, Node};

/// A dialect, as far as it has anything that others have not.
pub(super) struct Grammar {
    /// The node that an alternation of these branches amounts to.
    pub(super) alternate: fn(Vec<Node>, Range<usize>) -> Node,
    /// What `$` asserts, lines aside.
    pub(super) dollar: Assertion,
    /// The characters that `.` does not match.
    pub(super) line_ends: &'static [char],
    /// Whether `\d`, `\w` and the like hold ASCII only, flags aside.
    pub(super) ascii: bool,
    pub(super) quantifiers: Quantifiers,
    pub(super) groups: Groups,
    pub(super) references: References,
    pub(super) escapes: Escapes,
    pub(super) classes: Classes,
}

/// What may be repeated, and how that is written.
pub(super) struct Quantifiers {
    /// Whether a repeat can be repeated, as in `a**`.
    pub(super) stack: bool,
    /// Whether one that follows a comment or flags repeats what stands before them.
    pub(super) pass_over_comments: bool,
    /// Whether a `+` after one makes it possessive.
    pub(super) possessive: bool,
    /// Whether `{,3}` counts from none.
    pub(super) low_may_lack: bool,
    /// Whether a `{` after something to repeat must begin one, rather than stand
    /// for itself.
    pub(super) braces_are_reserved: bool,
    /// The largest count.
    pub(super) most: u32,
    /// Whether such a node can be repeated.
    pub(super) may_repeat: fn(&Kind) -> bool,
}

/// What may follow a parenthesis.
pub(super) struct Groups {
    /// What `(?` and this character begin, if it is not what begins the same in
    /// all dialects.
    pub(super) extension: fn(char) -> Option<Extension>,
    /// Whether there are verbs, such as `(*ACCEPT)`.
    pub(super) verbs: bool,
    /// What names may hold but letters, digits and `_`.
    pub(super) name_signs: &'static [char],
    /// Whether what is looked back at must always be as wide.
    pub(super) fixed_look_behind: bool,
    /// Where `(?i)` may stand.
    pub(super) bare_flags: BareFlags,
    /// Sets a flag that not all dialects have, `on` or off.
    pub(super) set_flag: fn(letter: char, on: bool, scope: &mut Scope) -> FlagSet,
}

/// A group that not all dialects have.
#[derive(Clone, Copy)]
pub(super) enum Extension {
    /// `(?#…)`
    Comment,
    /// `(?<name>…)`, and what ends the name.
    Named(char),
    /// `(?P<name>…)`, `(?P=name)`; `(?P>name)` where there is `recursion`.
    AsInPython { recursion: bool },
    /// `(?>…)`
    Atomic,
    /// `(?(1)…|…)`
    Conditional,
    /// Not modelled here.
    Unsupported(&'static str),
}

/// Where flags may stand that are not those of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BareFlags {
    Nowhere,
    AtTheStart,
    Anywhere,
}

/// What became of a flag.
pub(super) enum FlagSet {
    Done,
    /// The dialect has no such flag.
    Unknown,
    /// Not modelled here.
    Unsupported(&'static str),
}

/// References to groups.
pub(super) struct References {
    /// Whether one may stand before the end of its group, or before it begins.
    pub(super) forward: bool,
    /// Digits of a group's number that are read.
    pub(super) digits: usize,
    /// What the name after `\k` may stand between.
    pub(super) quotes: &'static [(char, char)],
    /// Whether a condition may ask for more than whether a group has matched.
    pub(super) other_conditions: bool,
}

/// What may follow a backslash.
pub(super) struct Escapes {
    /// What the text after the backslash asserts, and how long that is. `\b` and
    /// `\B` are the same in all dialects.
    pub(super) assertion: fn(&str) -> Option<(Assertion, usize)>,
    /// What is not modelled here, outside of classes.
    pub(super) unsupported: fn(char) -> Option<&'static str>,
    /// What a letter stands for, if it is not what it stands for in all dialects.
    pub(super) character: fn(char) -> Option<Escape>,
    /// Whether what is no escape stands for itself (Annex B of ECMA-262): an
    /// unknown letter, a number that is no group's, an incomplete `\x4`.
    pub(super) lenient: bool,
    /// Whether `\s` holds more than ASCII even where `\d` and `\w` do not.
    pub(super) unicode_space: bool,
    /// Whether `\x{41}` is known.
    pub(super) braces: bool,
    /// Whether `\x4` is complete.
    pub(super) short_hexadecimal: bool,
    /// Whether `\400` is known, inside a class.
    pub(super) long_octal: bool,
}

/// What an escape stands for.
#[derive(Clone, Copy)]
pub(super) enum Escape {
    Character(char),
    Class(Named),
    NotClass(Named),
    NotNewline,
    /// So many hexadecimal digits follow.
    Hexadecimal(usize),
    /// `\p{L}`, or with `true` `\P{L}`.
    Property(bool),
    /// `\cA`
    Control,
    /// Not modelled here.
    Unsupported(&'static str),
}

/// What may stand in brackets.
pub(super) struct Classes {
    /// Whether `[]` is a class, which nothing is in.
    pub(super) may_be_empty: bool,
    /// Whether `[:alpha:]` is known.
    pub(super) posix: bool,
    /// Whether there are classes in classes, `&&`, `--` and `~~`.
    pub(super) operators: bool,
    /// Whether a `-` beside a class, as in `[\w-.]`, stands for itself.
    pub(super) dash_beside_class: bool,
}
