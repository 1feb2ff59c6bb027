//! Looking for bytes in short texts, without the calls that longer ones are worth, and
//! how all that look at many at once come by them.
//!
//! # Safety
//! A function is called that is compiled for AVX2, once the processor was asked for
//! it; and 32 bytes are loaded from a reference to as many, which needs no alignment.

#![allow(unsafe_code)]

/// Up to how many bytes a text is short.
pub(crate) const MAX_SHORT: usize = 512;

/// A few bytes of ASCII that differ in their lower halves.
#[derive(Clone, Copy)]
pub(crate) struct Few {
    /// By the lower half of a byte: the one that has it, or one that has another.
    by_half: [u8; 16],
}

impl Few {
    /// These bytes. Panics, which is at compile time, if they are not as they have
    /// to be.
    pub(crate) const fn of(bytes: &[u8]) -> Self {
        // Neither 0 nor 1 are told by the first two then.
        let mut by_half = [0; 16];
        by_half[0] = 1;
        let mut index = 0;
        while index < bytes.len() {
            let (byte, half) = (bytes[index], (bytes[index] & 0xf) as usize);
            assert!(byte > 1 && byte < 0x80 && by_half[half] <= 1);
            by_half[half] = byte;
            index += 1;
        }
        Self { by_half }
    }

    /// Whether one of them is in a text.
    #[inline]
    pub(crate) fn is_any_in(&self, text: &[u8]) -> bool {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { x86::is_any_in(self, text) };
        }
        self.is_any_one_by_one(text)
    }

    fn is_any_one_by_one(&self, text: &[u8]) -> bool {
        text.iter().any(|byte| self.by_half[usize::from(byte & 0xf)] == *byte)
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) mod x86 {
    use std::arch::x86_64::*;

    use super::Few;

    /// Thirty-two bytes, wherever they lie.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn load256(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: thirty-two bytes behind a reference; the load needs no alignment.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn is_any_in(few: &Few, text: &[u8]) -> bool {
        // SAFETY: sixteen bytes behind a reference; the load needs no alignment.
        let by_half = unsafe { _mm_loadu_si128(few.by_half.as_ptr().cast()) };
        let by_half = _mm256_broadcastsi128_si256(by_half);
        // Of what is not ASCII the shuffle says 0.
        let equal = |chunk: &[u8; 32]| {
            let chunk = load256(chunk);
            _mm256_cmpeq_epi8(chunk, _mm256_shuffle_epi8(by_half, chunk))
        };
        let Some(last) = text.last_chunk() else { return few.is_any_one_by_one(text) };
        let mut found = equal(last);
        for chunk in text.as_chunks().0 {
            found = _mm256_or_si256(found, equal(chunk));
        }
        _mm256_movemask_epi8(found) != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIGNS: Few = Few::of(b"{\"'");

    proptest! {
        #[test]
        fn a_byte_is_found_wherever_it_is(
            bytes in prop::collection::vec(any::<u8>(), 0..100),
            at in 0_usize..100,
        ) {
            let other = |byte: &u8| !b"{\"'".contains(byte);
            let mut bytes: Vec<u8> = bytes.into_iter().filter(other).collect();
            prop_assert!(!SIGNS.is_any_in(&bytes) && !SIGNS.is_any_one_by_one(&bytes));
            if let Some(byte) = bytes.get_mut(at) {
                *byte = b'"';
                prop_assert!(SIGNS.is_any_in(&bytes) && SIGNS.is_any_one_by_one(&bytes));
            }
        }
    }
}
