//! Texts as strings of JSON.

use std::borrow::Cow;

/// A text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    if plain_bytes(text.as_bytes()) < text.len() {
        return serde_json::to_string(text).expect("a text always serialises");
    }
    // As it stands, which is nearly always so.
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    quoted.push_str(text);
    quoted.push('"');
    quoted
}

/// What a JSON string says.
pub(crate) fn unquoted(raw: &str) -> Cow<'_, str> {
    let inner = &raw[1..raw.len() - 1];
    if memchr::memchr(b'\\', inner.as_bytes()).is_some() {
        // Lone surrogates are grammatical and no text: shown as they stand.
        serde_json::from_str(raw).map_or(Cow::Borrowed(inner), Cow::Owned)
    } else {
        Cow::Borrowed(inner)
    }
}

/// How many bytes come before a quote, a backslash or a control character.
#[inline]
pub(crate) fn plain_bytes(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES * 0x80;
    let special = |byte: u8| (byte == b'"') | (byte == b'\\') | (byte < 0x20);
    // Sixteen at a time, which compilers have instructions for; then where among them.
    let (sixteens, _) = bytes.as_chunks::<16>();
    let any = |bytes: &&[u8; 16]| bytes.iter().fold(false, |any, byte| any | special(*byte));
    let mut at = 16 * sixteens.iter().take_while(|bytes| !any(bytes)).count();
    let (eights, rest) = bytes[at..].as_chunks();
    for eight in eights {
        let word = u64::from_le_bytes(*eight);
        // The high bit of each byte that is 0, or under 0x20; of those above the
        // first, of some others too.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let quote = zero(word ^ (ONES * b'"' as u64));
        let backslash = zero(word ^ (ONES * b'\\' as u64));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (quote | backslash | control) & HIGH;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    at + rest.iter().take_while(|byte| !special(**byte)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_quoted_as_serde_json_does(text in "(?s)([a-z é]|\\PC|.){0,40}") {
            let quoted = quoted(&text);
            prop_assert_eq!(&quoted, &serde_json::to_string(&text).unwrap());
            prop_assert_eq!(unquoted(&quoted), text);
        }

        #[test]
        fn plain_bytes_end_at_the_first_that_is_not(text in "(?s)[a-z é\u{7f}\"\\\\\u{1f}\u{80}]{0,40}") {
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
            let bytes = text.as_bytes();
            let end = bytes.iter().position(special).unwrap_or(bytes.len());
            prop_assert_eq!(plain_bytes(bytes), end);
        }
    }
}
