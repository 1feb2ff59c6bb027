//! So much of a text as a message may quote.

use std::borrow::Cow;

/// The most characters that are quoted.
const MOST: usize = 100;

/// A text, or the beginning of a long one.
pub(crate) fn excerpt(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_of_a_long_text_is_quoted() {
        let short = "é".repeat(MOST);
        assert_eq!(excerpt(&short), short);
        assert_eq!(excerpt(&"é".repeat(MOST + 1)), short + "…");
    }
}
