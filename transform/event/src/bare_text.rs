//! A text without what is no part of what it says: the end of its line, leading
//! NULs (a file that was truncated while somebody wrote to it) and byte-order marks
//! (files that were put together), and escape sequences.

use std::borrow::Cow;

use crate::escapes::{holds_escape, without_escapes};

/// Whether a text is bare as it lies, and not longer than the limit.
#[inline]
pub(crate) fn is_bare(text: &str, limit: usize) -> bool {
    let bytes = text.as_bytes();
    let [first, .., last] = bytes else { return false };
    !matches!(first, 0 | 0xef)
        && !matches!(last, b'\r' | b'\n')
        && bytes.len() <= limit
        && !holds_escape(bytes)
}

/// The bare text of at most the first `limit` bytes, and whether more were left
/// out. Nothing is copied but what has escape sequences.
#[inline]
pub(crate) fn bare(text: Cow<'_, str>, limit: usize) -> (Cow<'_, str>, bool) {
    if is_bare(&text, limit) {
        return (text, false);
    }
    let text = match text.as_bytes().first() {
        // A byte-order mark begins as some other characters do.
        Some(0 | 0xef) => part(text, |text| text.trim_start_matches(['\0', '\u{feff}'])),
        _ => text,
    };
    let cut = text.len() > limit && text.trim_end_matches(['\r', '\n']).len() > limit;
    let text = match cut {
        true => part(text, |text| &text[..text.floor_char_boundary(limit)]),
        false => without_line_end(text),
    };
    match without_escapes(text) {
        // What was before a reset may be the end of the line.
        Cow::Owned(text) => (without_line_end(Cow::Owned(text)), cut),
        text => (text, cut),
    }
}

#[inline]
fn without_line_end(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.as_bytes().last() {
        Some(b'\r' | b'\n') => part(text, |text| text.trim_end_matches(['\r', '\n'])),
        _ => text,
    }
}

/// A part of a text, borrowed where the text is.
pub(crate) fn part<'a>(text: Cow<'a, str>, of: impl Fn(&str) -> &str) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(of(text)),
        Cow::Owned(text) => {
            let part = of(&text);
            if part.len() == text.len() { Cow::Owned(text) } else { Cow::Owned(part.to_owned()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_nulls_marks_and_escapes_are_no_part_of_a_text() {
        let cases = [
            ("boom\r", "boom"),
            ("boom\r\n", "boom"),
            ("boom\n", "boom"),
            ("a\rb", "a\rb"),
            ("\0\0a\0b", "a\0b"),
            ("\u{feff}\0\u{feff}a\u{feff}b", "a\u{feff}b"),
            ("（a）", "（a）"),
            ("\u{1b}[31mboom\r\u{1b}[0m", "boom"),
            ("\r\n", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(bare(text.into(), 100), (expected.into(), false), "{text:?}");
        }
        assert!(matches!(bare("\0a\r".into(), 100).0, Cow::Borrowed("a")));
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(bare("aéb".into(), 2), ("a".into(), true));
        assert_eq!(bare("aéb".into(), 4), ("aéb".into(), false));
        assert_eq!(bare("ab\r\n".into(), 2), ("ab".into(), false));
    }
}
