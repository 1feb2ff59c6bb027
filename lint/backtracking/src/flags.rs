//! What a pattern is compiled with.

/// The flags that a pattern is compiled with. Those that it sets itself, as in
/// `(?i)`, come on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags {
    /// `i`
    pub ignore_case: bool,
    /// `m`
    pub multi_line: bool,
    /// `s`
    pub dot_all: bool,
    /// `x`
    pub extended: bool,
}
