//! Characters as far as they are told apart where text is looked up.

use signatures_matcher::literals::fold_char;

/// A character with its case folded: ASCII as it is, all others alike.
pub(super) type Folded = u8;

/// Stands for every character beyond ASCII.
pub(super) const BEYOND: Folded = 127;

pub(super) fn fold(c: char) -> Folded {
    u8::try_from(fold_char(c)).ok().filter(u8::is_ascii).unwrap_or(BEYOND)
}

/// A text, folded.
pub(super) fn folded(text: &str) -> Vec<Folded> {
    text.chars().map(fold).collect()
}
