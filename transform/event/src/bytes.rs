//! Looking for bytes in short texts, without the calls that longer ones are worth.
//!
//! # Safety
//! A function is called that is compiled for AVX2, once the processor was asked for
//! it; and 32 bytes are loaded from a reference to as many, which needs no alignment.

#![allow(unsafe_code)]

/// Up to how many bytes a text is short.
pub(crate) const MAX_SHORT: usize = 512;

/// Whether one of a few bytes is among others, which are few as well.
#[inline]
pub(crate) fn holds_any<const N: usize>(bytes: &[u8], wanted: [u8; N]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { x86::holds_any(bytes, wanted) };
    }
    one_by_one(bytes, wanted)
}

fn one_by_one<const N: usize>(bytes: &[u8], wanted: [u8; N]) -> bool {
    bytes.iter().any(|byte| wanted.contains(byte))
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx2")]
    fn load256(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: thirty-two bytes behind a reference; the load needs no alignment.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn holds_any<const N: usize>(bytes: &[u8], wanted: [u8; N]) -> bool {
        let each = wanted.map(|byte| _mm256_set1_epi8(byte.cast_signed()));
        let any = |chunk: &[u8; 32]| {
            let chunk = load256(chunk);
            let equal = each.iter().map(|byte| _mm256_cmpeq_epi8(chunk, *byte));
            let found =
                equal.fold(_mm256_setzero_si256(), |any, equal| _mm256_or_si256(any, equal));
            _mm256_movemask_epi8(found) != 0
        };
        match bytes.last_chunk() {
            Some(last) => bytes.as_chunks().0.iter().any(any) || any(last),
            None => super::one_by_one(bytes, wanted),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_byte_is_found_wherever_it_is(
            bytes in prop::collection::vec(b'a'..b'z', 0..100),
            at in 0_usize..100,
        ) {
            let (mut bytes, wanted) = (bytes, *b"{\"'");
            prop_assert!(!holds_any(&bytes, wanted));
            if let Some(byte) = bytes.get_mut(at) {
                *byte = b'"';
                prop_assert!(holds_any(&bytes, wanted));
            }
        }
    }
}
