//! A short word as a number, in lower case. Symbols are read eight at a time.

/// The longest word that has a key, in bytes.
pub(super) const MAX_BYTES: usize = size_of::<Key>();

/// The bytes of a word, ASCII letters in lower case, the first one lowest.
pub(super) type Key = [u64; 2];

const HALF: usize = size_of::<u64>();
const EACH: u64 = u64::MAX / 0xff;
const HIGH_BITS: u64 = EACH * 0x80;

/// The key of the symbols from `start` to `end`; none of more than
/// [`MAX_BYTES`] or of no symbol.
#[inline]
pub(super) fn key(symbols: &[u8], start: usize, end: usize) -> Option<Key> {
    let length = end - start;
    if length == 0 || length > MAX_BYTES {
        return None;
    }
    let half = |start, length| {
        let bytes = eight(symbols, start);
        first(bytes | are_between(bytes, b'A', b'Z') >> 2, length)
    };
    Some([half(start, length.min(HALF)), half(start + HALF, length.saturating_sub(HALF))])
}

/// How many letters begin there, at most [`MAX_BYTES`], and their key.
#[inline]
pub(super) fn letters(symbols: &[u8], start: usize) -> (usize, Key) {
    let half = |start| {
        let bytes = eight(symbols, start);
        // The bit that lower case has sets nothing else apart from a letter.
        let are = are_between(bytes | EACH * 0x20, b'a', b'z');
        let not = are ^ HIGH_BITS;
        let before = ((not & not.wrapping_neg()) >> 7).wrapping_sub(1);
        (not.trailing_zeros() as usize / 8, (bytes | are >> 2) & before)
    };
    match half(start) {
        (HALF, low) => {
            let (more, high) = half(start + HALF);
            (HALF + more, [low, high])
        }
        (length, low) => (length, [low, 0]),
    }
}

/// The key of a word that is lower case already.
pub(super) const fn fold(word: &[u8]) -> Key {
    let (mut key, mut index) = ([0; 2], 0);
    while index < word.len() {
        key[index / HALF] |= (word[index] as u64) << (8 * (index % HALF));
        index += 1;
    }
    key
}

/// Eight symbols, the first one lowest, and 0 for each past the end.
#[inline]
fn eight(symbols: &[u8], start: usize) -> u64 {
    let after = symbols.get(start..).unwrap_or_default();
    if let Some(bytes) = after.first_chunk() {
        return u64::from_le_bytes(*bytes);
    }
    match symbols.last_chunk() {
        // The last eight, without those before.
        Some(bytes) if !after.is_empty() => {
            u64::from_le_bytes(*bytes) >> (8 * (HALF - after.len()))
        }
        _ => fold(after)[0],
    }
}

/// The first so many of eight bytes.
#[inline]
fn first(bytes: u64, length: usize) -> u64 {
    bytes & u64::MAX.checked_shr(8 * (HALF - length) as u32).unwrap_or(0)
}

/// The highest bit of each byte that is of ASCII and between two others.
#[inline]
const fn are_between(bytes: u64, low: u8, high: u8) -> u64 {
    let ascii = bytes & !HIGH_BITS;
    let from_low = ascii + EACH * (0x80 - low as u64);
    let past_high = ascii + EACH * (0x7f - high as u64);
    (from_low ^ past_high) & !bytes & HIGH_BITS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_is_the_word_in_lower_case(bytes in proptest::collection::vec(any::<u8>(), 0..40), start in 0usize..20, length in 1usize..=16) {
            if let Some(word) = bytes.get(start..start + length) {
                prop_assert_eq!(key(&bytes, start, start + length), Some(fold(&word.to_ascii_lowercase())));
            }
        }

        #[test]
        fn letters_are_read_up_to_what_is_none(text in "[a-zA-Z]{0,20}[@\\[`{\u{0}-\u{7f}é]?[a-zA-Z]{0,9}", start in 0usize..40) {
            if let Some(after) = text.as_bytes().get(start..) {
                let length = after.iter().take(MAX_BYTES).take_while(|byte| byte.is_ascii_alphabetic()).count();
                let key = fold(&after[..length].to_ascii_lowercase());
                prop_assert_eq!(letters(text.as_bytes(), start), (length, key));
            }
        }
    }
}
