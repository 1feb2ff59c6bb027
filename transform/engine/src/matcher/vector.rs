//! Where in a text may one of many short windows begin? Sixty-four places at
//! a time.
//!
//! # The idea
//! Windows are [`WIDTH`] bytes and sorted into eight groups. For each place in
//! a window and each half of a byte, [`Masks`] says in one bit per group
//! whether some window of the group has such a half there. A byte shuffle
//! looks that up for all bytes of a vector at once; the bits that survive at
//! all places, in both halves, mark where a window of that group may begin.
//! It may mark too much (halves of different windows mix), never too little.
//! Case costs nothing: an upper-case byte shares its low half with the
//! lower-case one, and both high halves get the bit.
//!
//! # Four ways, one answer
//! AVX-512 does 64 bytes at a time, AVX2 twice 32, SSSE3 four times 16, and
//! elsewhere one table lookup per byte moves a shift-and automaton that keeps
//! the same bits. They mark exactly the same places; the tests hold them to it.
//!
//! # Safety
//! This is the only file of the engine with `unsafe` in it, for two reasons:
//! - *A function compiled for a processor feature is called.* A [`Kernel`]
//!   other than the portable one is only ever made by [`Kernel::available`],
//!   which has asked the processor for that feature.
//! - *A vector is loaded from a pointer.* `load` functions take a reference to
//!   an array of the vector's very size, or to a slice whose length masks the
//!   load; and the loads need no alignment.
//!
//! # Sources
//! Teddy, by Geoffrey Langdale for Hyperscan; described in Wang et al.,
//! "Hyperscan: A Fast Multi-pattern Regex Matcher for Modern CPUs" (NSDI 2019)
//! and in `aho-corasick`'s `packed` module. The portable way is the shift-or
//! automaton of Hyperscan's FDR with a domain of one byte.

#![allow(unsafe_code)]

/// The bytes in a window.
pub(super) const WIDTH: usize = 4;

/// How many groups the windows are sorted into: the bits of a byte.
pub(super) const GROUPS: usize = 8;

/// How many bytes of text are marked at a time, at most.
pub(super) const CHUNK: usize = BLOCK * WORDS;

/// The marks of one chunk: a bit per place, lowest first.
pub(super) type Marks = [u64; WORDS];

const WORDS: usize = 8;

/// Places that one step marks.
pub(super) const BLOCK: usize = 64;

/// Bytes that one step looks at: the last place's window sticks out.
const REACH: usize = BLOCK + WIDTH - 1;

/// What came of marking a chunk.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marked {
    /// How many words of marks the chunk took.
    pub(super) words: usize,
    /// Whether there was anything but ASCII.
    pub(super) beyond_ascii: bool,
}

/// What came of one step: the marks, and anything but zero if any of the bytes
/// is beyond ASCII.
type Step = (u64, u64);

/// Which groups accept which byte at which place.
#[derive(Clone, Debug, Default)]
pub(super) struct Masks {
    low: [[u8; 16]; WIDTH],
    high: [[u8; 16]; WIDTH],
}

impl Masks {
    /// Lets a group accept a byte at a place, in either case.
    pub(super) fn accept(&mut self, group: usize, place: usize, byte: u8) {
        self.low[place][usize::from(byte & 0xF)] |= 1 << group;
        for byte in [byte | 0x20, byte & !0x20] {
            self.high[place][usize::from(byte >> 4)] |= 1 << group;
        }
    }

    /// Lets a group accept any byte at a place.
    pub(super) fn accept_any(&mut self, group: usize, place: usize) {
        for half in 0..16 {
            self.low[place][half] |= 1 << group;
            self.high[place][half] |= 1 << group;
        }
    }

    /// The groups that accept a byte, the first place in the lowest eight bits.
    fn accepting(&self, byte: u8) -> u32 {
        let (low, high) = (usize::from(byte & 0xF), usize::from(byte >> 4));
        u32::from_le_bytes(std::array::from_fn(|place| {
            self.low[place][low] & self.high[place][high]
        }))
    }
}

/// How the marking is done on this processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kernel {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Ssse3,
    Portable,
}

impl Kernel {
    /// All that this processor can do, the best first.
    fn available() -> Vec<Self> {
        let mut kernels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512bw") {
                kernels.push(Self::Avx512);
            }
            if is_x86_feature_detected!("avx2") {
                kernels.push(Self::Avx2);
            }
            if is_x86_feature_detected!("ssse3") {
                kernels.push(Self::Ssse3);
            }
        }
        kernels.push(Self::Portable);
        kernels
    }
}

/// Marks the places where a window may begin.
#[derive(Clone, Debug)]
pub(super) struct Marker {
    masks: Masks,
    kernel: Kernel,
    /// [`Masks::accepting`] of every byte, for the portable way.
    accepting: Box<[u32; 256]>,
}

impl Marker {
    /// Prepares the masks for the best way that this processor has.
    pub(super) fn new(masks: Masks) -> Self {
        Self::with_kernel(masks, Kernel::available()[0])
    }

    fn with_kernel(masks: Masks, kernel: Kernel) -> Self {
        let accepting = Box::new(std::array::from_fn(|byte| masks.accepting(byte as u8)));
        Self { masks, kernel, accepting }
    }

    /// Marks the places of up to [`CHUNK`] bytes from `start` on. What follows
    /// the text counts as zeros.
    #[inline]
    pub(super) fn mark(&self, text: &[u8], start: usize, marks: &mut Marks) -> Marked {
        match self.kernel {
            // SAFETY: `Kernel::available` found the feature.
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512 => unsafe { x86::mark_avx512(&self.masks, text, start, marks) },
            // SAFETY: likewise.
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => unsafe { x86::mark_avx2(&self.masks, text, start, marks) },
            // SAFETY: likewise.
            #[cfg(target_arch = "x86_64")]
            Kernel::Ssse3 => unsafe { x86::mark_ssse3(&self.masks, text, start, marks) },
            Kernel::Portable => sweep(text, start, marks, |block| portable(&self.accepting, block)),
        }
    }

    /// The memory that this takes, in bytes, itself included.
    pub(super) fn memory_usage(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.accepting)
    }
}

/// Steps through a chunk block by block; the last ones lie in a copy with
/// zeros after the text.
#[inline(always)]
fn sweep(
    text: &[u8],
    start: usize,
    marks: &mut Marks,
    step: impl Fn(&[u8; REACH]) -> Step,
) -> Marked {
    let mut end = End::default();
    sweep_to_end(text, start, marks, &step, |at| step(end.block(text, at)))
}

/// The same with another way for the blocks that reach beyond the text, which
/// is given where they begin.
#[inline(always)]
fn sweep_to_end(
    text: &[u8],
    start: usize,
    marks: &mut Marks,
    step: impl Fn(&[u8; REACH]) -> Step,
    mut last_step: impl FnMut(usize) -> Step,
) -> Marked {
    let mut beyond = 0;
    let mut at = start;
    for (word, mark) in marks.iter_mut().enumerate() {
        if at >= text.len() {
            return Marked { words: word, beyond_ascii: beyond != 0 };
        }
        let (marked, beyond_ascii) = match text[at..].first_chunk() {
            Some(block) => step(block),
            None => {
                let (marked, beyond_ascii) = last_step(at);
                (marked & within(text.len() - at), beyond_ascii)
            }
        };
        *mark = marked;
        beyond |= beyond_ascii;
        at += BLOCK;
    }
    Marked { words: WORDS, beyond_ascii: beyond != 0 }
}

/// As many bits as there are places left.
#[inline(always)]
fn within(left: usize) -> u64 {
    if left < BLOCK { (1 << left) - 1 } else { u64::MAX }
}

/// The end of a text, with zeros after it.
struct End([u8; BLOCK + REACH]);

impl Default for End {
    fn default() -> Self {
        Self([0; _])
    }
}

impl End {
    /// The block from a place on that is less than [`REACH`] before the end.
    #[inline(always)]
    fn block(&mut self, text: &[u8], at: usize) -> &[u8; REACH] {
        let left = text.len() - at;
        // Copying a fixed size takes a few instructions; any size, a call.
        let begin = match text.last_chunk::<BLOCK>() {
            Some(end) if left <= BLOCK => {
                self.0[..BLOCK].copy_from_slice(end);
                BLOCK - left
            }
            _ => {
                self.0[..left].copy_from_slice(&text[at..]);
                self.0[left..].fill(0);
                0
            }
        };
        self.0[begin..].first_chunk().expect("what is left is no more than a block")
    }
}

fn portable(accepting: &[u32; 256], block: &[u8; REACH]) -> Step {
    let (mut marks, mut alive, mut beyond) = (0, 0, 0);
    for (end, &byte) in block.iter().enumerate() {
        alive = (alive << 8 | 0xFF) & accepting[usize::from(byte)];
        if end >= WIDTH - 1 && alive >> (8 * (WIDTH - 1)) != 0 {
            marks |= 1 << (end + 1 - WIDTH);
        }
    }
    for byte in &block[..BLOCK] {
        beyond |= byte & 0x80;
    }
    (marks, beyond.into())
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Marked, Marks, Masks, REACH, WIDTH, sweep, sweep_to_end, within};

    fn load128(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: sixteen bytes behind a reference; the load needs no alignment.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx")]
    fn load256(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: thirty-two bytes behind a reference; the load needs no alignment.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    /// The `N` bytes at an offset that the caller knows to be inside.
    #[inline(always)]
    fn part<const N: usize>(block: &[u8; REACH], at: usize) -> &[u8; N] {
        block[at..].first_chunk().expect("all offsets used here leave N bytes")
    }

    #[target_feature(enable = "avx512f")]
    fn load512(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: sixty-four bytes behind a reference; the load needs no alignment.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    /// The first 64 bytes of a text that may have less, with zeros after it.
    #[target_feature(enable = "avx512bw")]
    fn load512_within(bytes: &[u8]) -> __m512i {
        let mask = within(bytes.len());
        // SAFETY: what the mask leaves out, all beyond the slice, is not read.
        unsafe { _mm512_maskz_loadu_epi8(mask, bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx512bw")]
    pub(super) fn mark_avx512(
        masks: &Masks,
        text: &[u8],
        start: usize,
        marks: &mut Marks,
    ) -> Marked {
        const ALL_THREE: i32 = 0x80;
        let four = |table: &[u8; 16]| _mm512_broadcast_i32x4(load128(table));
        let low: [_; WIDTH] = std::array::from_fn(|place| four(&masks.low[place]));
        let high: [_; WIDTH] = std::array::from_fn(|place| four(&masks.high[place]));
        let half = _mm512_set1_epi8(0xF);
        let accept = |bytes: [__m512i; WIDTH]| {
            let beyond = _mm512_movepi8_mask(bytes[0]);
            let mut alive = _mm512_set1_epi8(-1);
            for place in 0..WIDTH {
                let lows = _mm512_shuffle_epi8(low[place], _mm512_and_si512(bytes[place], half));
                let halves = _mm512_and_si512(_mm512_srli_epi16::<4>(bytes[place]), half);
                let highs = _mm512_shuffle_epi8(high[place], halves);
                alive = _mm512_ternarylogic_epi64::<ALL_THREE>(alive, lows, highs);
            }
            (_mm512_test_epi8_mask(alive, alive), beyond)
        };
        sweep_to_end(
            text,
            start,
            marks,
            |block| {
                let bytes = |place| load512(part(block, place));
                accept([bytes(0), bytes(1), bytes(2), bytes(3)])
            },
            |at| {
                let bytes = |place| load512_within(text.get(at + place..).unwrap_or_default());
                accept([bytes(0), bytes(1), bytes(2), bytes(3)])
            },
        )
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn mark_avx2(masks: &Masks, text: &[u8], start: usize, marks: &mut Marks) -> Marked {
        let both = |table: &[u8; 16]| _mm256_broadcastsi128_si256(load128(table));
        let low: [_; WIDTH] = std::array::from_fn(|place| both(&masks.low[place]));
        let high: [_; WIDTH] = std::array::from_fn(|place| both(&masks.high[place]));
        let half = _mm256_set1_epi8(0xF);
        sweep(text, start, marks, |block| {
            let (mut all, mut beyond) = (0, 0);
            for offset in [0, 32] {
                let mut alive = _mm256_set1_epi8(-1);
                for place in 0..WIDTH {
                    let bytes = load256(part(block, offset + place));
                    let lows = _mm256_shuffle_epi8(low[place], _mm256_and_si256(bytes, half));
                    let halves = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half);
                    let highs = _mm256_shuffle_epi8(high[place], halves);
                    alive = _mm256_and_si256(alive, _mm256_and_si256(lows, highs));
                }
                let dead = _mm256_cmpeq_epi8(alive, _mm256_setzero_si256());
                all |= u64::from(!_mm256_movemask_epi8(dead) as u32) << offset;
                beyond |= _mm256_movemask_epi8(load256(part(block, offset))) as u32;
            }
            (all, beyond.into())
        })
    }

    #[target_feature(enable = "ssse3")]
    pub(super) fn mark_ssse3(
        masks: &Masks,
        text: &[u8],
        start: usize,
        marks: &mut Marks,
    ) -> Marked {
        let low: [_; WIDTH] = std::array::from_fn(|place| load128(&masks.low[place]));
        let high: [_; WIDTH] = std::array::from_fn(|place| load128(&masks.high[place]));
        let half = _mm_set1_epi8(0xF);
        sweep(text, start, marks, |block| {
            let (mut all, mut beyond) = (0, 0);
            for offset in [0, 16, 32, 48] {
                let mut alive = _mm_set1_epi8(-1);
                for place in 0..WIDTH {
                    let bytes = load128(part(block, offset + place));
                    let lows = _mm_shuffle_epi8(low[place], _mm_and_si128(bytes, half));
                    let halves = _mm_and_si128(_mm_srli_epi16::<4>(bytes), half);
                    let highs = _mm_shuffle_epi8(high[place], halves);
                    alive = _mm_and_si128(alive, _mm_and_si128(lows, highs));
                }
                let dead = _mm_cmpeq_epi8(alive, _mm_setzero_si128());
                all |= u64::from(!_mm_movemask_epi8(dead) as u16) << offset;
                beyond |= _mm_movemask_epi8(load128(part(block, offset))) as u32;
            }
            (all, beyond.into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks(windows: &[&[u8]]) -> Masks {
        let mut masks = Masks::default();
        for (index, window) in windows.iter().enumerate() {
            for place in 0..WIDTH {
                match window.get(place) {
                    Some(&byte) => masks.accept(index % GROUPS, place, byte),
                    None => masks.accept_any(index % GROUPS, place),
                }
            }
        }
        masks
    }

    fn marked(marker: &Marker, text: &[u8]) -> Vec<usize> {
        let mut places = Vec::new();
        for start in (0..text.len()).step_by(CHUNK) {
            let mut marks = [0; WORDS];
            let Marked { words, beyond_ascii } = marker.mark(text, start, &mut marks);
            assert_eq!(beyond_ascii, !text[start..text.len().min(start + CHUNK)].is_ascii());
            for (word, bits) in marks[..words].iter().enumerate() {
                let bit = |bit| (bits >> bit & 1 == 1).then_some(start + word * BLOCK + bit);
                places.extend((0..BLOCK).filter_map(bit));
            }
        }
        places
    }

    /// What the marks mean, said the slow way.
    fn expected(masks: &Masks, text: &[u8]) -> Vec<usize> {
        let alive = |at: usize| {
            (0..WIDTH).fold(0xFF, |alive, place| {
                let byte = text.get(at + place).copied().unwrap_or(0);
                alive & masks.accepting(byte).to_le_bytes()[place]
            })
        };
        (0..text.len()).filter(|&at| alive(at) != 0).collect()
    }

    #[test]
    fn windows_are_marked_in_either_case_and_at_the_very_end() {
        let masks = masks(&[b"fail", b"499"]);
        for kernel in Kernel::available() {
            let marker = Marker::with_kernel(masks.clone(), kernel);
            assert_eq!(marked(&marker, b"FaIL then 499"), [0, 10], "{kernel:?}");
        }
    }

    #[test]
    fn every_kernel_marks_exactly_the_same_places() {
        let masks = masks(&[b"ab", b"qu", b"xyz", b"zzzz", b"\xE2\x82\xAC", b"a", b"0x20"]);
        let mut random = 1_u32;
        let mut byte = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"abquxyzABQUXYZ0 2\xE2\x82\xAC\x00\xFF"[(random >> 16) as usize % 22]
        };
        let chunks = [CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 66, 2 * CHUNK + 3];
        // Miri takes its time.
        let lengths: Vec<usize> = if cfg!(miri) {
            vec![0, 1, 63, 64, 66, 67, 68, 131]
        } else {
            (0..200).chain(chunks).collect()
        };
        for length in lengths {
            let text: Vec<u8> = (0..length).map(|_| byte()).collect();
            let expected = expected(&masks, &text);
            for kernel in Kernel::available() {
                let marker = Marker::with_kernel(masks.clone(), kernel);
                assert_eq!(marked(&marker, &text), expected, "{kernel:?}, {length} bytes");
            }
        }
    }
}
