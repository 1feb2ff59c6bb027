//! Where words begin and end in a text, and which have digits in them, sixty-four
//! bytes at a time: most of what stands before a level is passed over.
//!
//! # Safety
//! A function is called that is compiled for AVX2, once the processor was asked for
//! it.

#![allow(unsafe_code)]

/// How many bytes are looked at together.
pub(super) const BLOCK: usize = 64;

/// A bit for each byte of a block, the first one lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// What ends a word, as does the end of the text.
    pub(super) blanks: u64,
    pub(super) digits: u64,
    /// `=`
    pub(super) equals: u64,
}

impl Marks {
    /// Of the block that some bytes begin with.
    #[inline]
    pub(super) fn of(bytes: &[u8]) -> Self {
        match bytes.first_chunk() {
            Some(block) => of_block(block),
            None => {
                let mut block = [b' '; BLOCK];
                block[..bytes.len()].copy_from_slice(bytes);
                of_block(&block)
            }
        }
    }

    /// The first byte of each word, if one begins where the block does.
    #[inline]
    pub(super) fn starts(self) -> u64 {
        !self.blanks & (self.blanks << 1 | 1)
    }
}

#[inline]
fn of_block(block: &[u8; BLOCK]) -> Marks {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { with_avx2(block) };
    }
    portable(block)
}

fn portable(block: &[u8; BLOCK]) -> Marks {
    // Eight bytes that are 0 or 1, as the bits of one.
    const PACK: u64 = 0x0102_0408_1020_4080;
    let bits = |is: fn(u8) -> bool| {
        let (eights, _) = block.as_chunks::<8>();
        let pack = |eight: &[u8; 8]| u64::from_le_bytes(eight.map(|byte| is(byte).into()));
        let packed = eights.iter().map(|eight| pack(eight).wrapping_mul(PACK) >> 56);
        packed.rev().fold(0, |bits, byte| bits << 8 | byte)
    };
    Marks {
        blanks: bits(|byte| matches!(byte, b' ' | b'\t' | b'|')),
        digits: bits(|byte| byte.is_ascii_digit()),
        equals: bits(|byte| byte == b'='),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(block: &[u8; BLOCK]) -> Marks {
    use std::arch::x86_64::{
        _mm256_cmpeq_epi8, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm256_sub_epi8,
    };

    use crate::bytes::x86::load256;

    let mut marks = Marks::default();
    let (parts, _) = block.as_chunks::<32>();
    for (index, part) in parts.iter().enumerate() {
        let bytes = load256(part);
        let is = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()));
        let bits = |found| u64::from(_mm256_movemask_epi8(found) as u32) << (32 * index);
        let blank = _mm256_or_si256(is(b' '), _mm256_or_si256(is(b'\t'), is(b'|')));
        let above_zero = _mm256_sub_epi8(bytes, _mm256_set1_epi8(b'0'.cast_signed()));
        let digit = _mm256_cmpeq_epi8(_mm256_min_epu8(above_zero, _mm256_set1_epi8(9)), above_zero);
        marks.blanks |= bits(blank);
        marks.digits |= bits(digit);
        marks.equals |= bits(is(b'='));
    }
    marks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one_by_one(bytes: &[u8]) -> Marks {
        let bits = |is: fn(u8) -> bool, behind: bool| {
            let at = |index| bytes.get(index).map_or(behind, |byte| is(*byte));
            (0..BLOCK).fold(0, |bits, index| bits | u64::from(at(index)) << index)
        };
        Marks {
            blanks: bits(|byte| b" \t|".contains(&byte), true),
            digits: bits(|byte| byte.is_ascii_digit(), false),
            equals: bits(|byte| byte == b'=', false),
        }
    }

    proptest! {
        #[test]
        fn every_byte_has_its_bits(
            bytes in prop::collection::vec(
                prop_oneof![any::<u8>(), prop::sample::select(&b" \t|=/059:<>{az"[..])],
                0..80,
            )
        ) {
            let expected = one_by_one(&bytes);
            prop_assert_eq!(Marks::of(&bytes), expected);
            if let Some(block) = bytes.first_chunk() {
                prop_assert_eq!(portable(block), expected);
            }
        }
    }
}
