//! The flags in force at a place in the pattern.

use crate::flags::Flags;

/// The flags in force; a group may change them for what it holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    pub(super) fold: bool,
    pub(super) multi_line: bool,
    pub(super) dot_all: bool,
    pub(super) extended: bool,
    /// Whether `\d`, `\w` and the like hold ASCII only.
    pub(super) ascii: bool,
    /// Whether a quantifier is lazy unless a `?` follows.
    pub(super) swap_greed: bool,
}

impl Scope {
    /// What is in force where the pattern begins.
    pub(super) fn new(flags: Flags, ascii: bool) -> Scope {
        Scope {
            fold: flags.ignore_case,
            multi_line: flags.multi_line,
            dot_all: flags.dot_all,
            extended: flags.extended,
            ascii,
            swap_greed: false,
        }
    }
}
