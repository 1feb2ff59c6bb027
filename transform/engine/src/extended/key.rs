//! A short word as one number, in lower case.

/// The longest word that has a key, in bytes.
pub(super) const MAX_BYTES: usize = size_of::<Key>();

/// The bytes of a word, ASCII letters in lower case, the first one lowest.
pub(super) type Key = u128;

const EACH: u128 = u128::MAX / 0xff;

/// The key of the symbols from `start` to `end`; none of more than
/// [`MAX_BYTES`] or of no symbol.
#[inline]
pub(super) fn key(symbols: &[u8], start: usize, end: usize) -> Option<Key> {
    let length = end - start;
    if length == 0 || length > MAX_BYTES {
        return None;
    }
    let bytes = if let Some(bytes) = symbols[start..].first_chunk() {
        u128::from_le_bytes(*bytes)
    } else if let Some(bytes) = symbols.last_chunk::<MAX_BYTES>() {
        // The last sixteen, less those before the word.
        u128::from_le_bytes(*bytes) >> (8 * (start + MAX_BYTES - symbols.len()))
    } else {
        fold(&symbols[start..end])
    };
    Some(lower(bytes & (u128::MAX >> (8 * (MAX_BYTES - length)))))
}

/// The key of a word that is lower case already.
pub(super) const fn fold(word: &[u8]) -> Key {
    let (mut key, mut index) = (0, 0);
    while index < word.len() {
        key |= (word[index] as u128) << (8 * index);
        index += 1;
    }
    key
}

/// All bytes at once: those from `A` to `Z` get the bit that lower case has.
#[inline]
const fn lower(bytes: u128) -> u128 {
    let low = bytes & (EACH * 0x7f);
    let from_a = low + EACH * (0x80 - b'A' as u128);
    let past_z = low + EACH * (0x80 - b'Z' as u128 - 1);
    let upper = (from_a ^ past_z) & !bytes & (EACH * 0x80);
    bytes | (upper >> 2)
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
    }
}
