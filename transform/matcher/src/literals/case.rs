//! One spelling for texts that differ in case only.

use std::borrow::Cow;

/// The text in which folded literals are to be looked for.
///
/// Upper and lower case of ASCII need no folding here: whoever compares does
/// that. What remains are the two other characters that Unicode takes for
/// ASCII letters: U+017F (long s) and U+212A (Kelvin sign).
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    let special = memchr::memchr2_iter(0xC5, 0xE2, text.as_bytes())
        .any(|at| text[at..].starts_with(['\u{17F}', '\u{212A}']));
    if special {
        Cow::Owned(text.replace('\u{17F}', "s").replace('\u{212A}', "k"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text in the spelling that literals have: each character folded, see
/// [`fold_char`].
#[must_use]
pub fn folded(text: &str) -> String {
    fold(text).to_ascii_lowercase()
}

/// The character with its case folded as far as ASCII goes.
///
/// What is an ASCII letter to Unicode becomes that letter in lower case: so do
/// U+017F (long s) and U+212A (Kelvin sign). Any other character is left alone.
#[must_use]
pub fn fold_char(c: char) -> char {
    match c {
        '\u{17F}' => 's',
        '\u{212A}' => 'k',
        c => c.to_ascii_lowercase(),
    }
}

/// All characters that [`fold_char`] maps to this one.
pub(super) fn unfold(c: char) -> impl Iterator<Item = char> {
    let other = match c {
        's' => Some('\u{17F}'),
        'k' => Some('\u{212A}'),
        _ => None,
    };
    [c, c.to_ascii_uppercase()].into_iter().chain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_s_and_kelvin_sign_fold_to_letters() {
        assert_eq!(fold("a \u{17F}oc\u{212A}et"), "a socket");
        assert!(matches!(fold("naïve Łódź … ∑"), Cow::Borrowed(_)));
        assert_eq!(folded("A \u{17F}oc\u{212A}ET, É"), "a socket, É");
        assert!(unfold('k').chain(unfold('s')).all(|c| matches!(fold_char(c), 'k' | 's')));
    }
}
