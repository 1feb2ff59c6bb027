//! Texts as strings of JSON.
//!
//! # Safety
//! A function is called that is compiled for AVX2, once the processor was asked for
//! it.

#![allow(unsafe_code)]

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
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { x86::plain_bytes(bytes) };
    }
    portable(bytes)
}

/// Eight bytes at a time.
fn portable(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES * 0x80;
    let (eights, rest) = bytes.as_chunks();
    for (index, eight) in eights.iter().enumerate() {
        let word = u64::from_le_bytes(*eight);
        // The high bit of each byte that is 0, or under 0x20; of those above the
        // first, of some others too.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let quote = zero(word ^ (ONES * b'"' as u64));
        let backslash = zero(word ^ (ONES * b'\\' as u64));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (quote | backslash | control) & HIGH;
        if found != 0 {
            return 8 * index + (found.trailing_zeros() / 8) as usize;
        }
    }
    let special = |byte: u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    8 * eights.len() + rest.iter().take_while(|byte| !special(**byte)).count()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use crate::bytes::x86::load256;

    #[target_feature(enable = "avx2")]
    pub(super) fn plain_bytes(bytes: &[u8]) -> usize {
        let (chunks, rest) = bytes.as_chunks::<32>();
        for (index, chunk) in chunks.iter().enumerate() {
            let bytes = load256(chunk);
            let is = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()));
            let control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
            let special = _mm256_or_si256(control, _mm256_or_si256(is(b'"'), is(b'\\')));
            let found = _mm256_movemask_epi8(special);
            if found != 0 {
                return 32 * index + found.trailing_zeros() as usize;
            }
        }
        32 * chunks.len() + super::portable(rest)
    }
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
        fn plain_bytes_end_at_the_first_that_is_not(text in "(?s)([a-z é\u{7f}\u{80}]{0,40}[\"\\\\\u{1f}]?){0,3}") {
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
            let bytes = text.as_bytes();
            let end = bytes.iter().position(special).unwrap_or(bytes.len());
            prop_assert_eq!([plain_bytes(bytes), portable(bytes)], [end, end]);
        }
    }
}
