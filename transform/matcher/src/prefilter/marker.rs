//! Where in a text may one of many short windows begin? Sixty-four places at
//! a time.
//!
//! # The idea
//! Windows are [`WIDTH`] bytes and sorted into eight groups. For each place in
//! a window and each byte, [`Masks`] says in one bit per group whether some
//! window of the group has that byte there. A byte shuffle looks that up for
//! all bytes of a vector at once; the bits that survive at all places mark
//! where a window of that group may begin. Case costs nothing: both cases of a
//! letter have the same bits.
//!
//! # Four ways
//! AVX-512 with VBMI does 64 bytes at a time, in a table of 128; AVX2 twice 32
//! and SSSE3 four times 16, in one table for each half of a byte; elsewhere one
//! table lookup per byte moves a shift-and automaton that keeps the same bits.
//! So some tell bytes apart that others do not ([`Kernel::widen`]): they mark
//! too much, never too little. Whoever chooses windows should know.
//!
//! # Safety
//! This is the only file of the crate with `unsafe` in it, for two reasons:
//! - *A function compiled for a processor feature is called.* The [`Tables`]
//!   for a feature are made from its [`Kernel`] only, and that, since what it
//!   wraps is private, only by [`Kernel::available`], which has asked the
//!   processor for the feature.
//! - *A vector is loaded from a pointer.* `load` functions take a reference to
//!   an array of the vector's very size, or to a slice whose length masks the
//!   load; and the loads need no alignment.
//!
//! # Sources
//! Teddy, by Geoffrey Langdale for Hyperscan; described in Wang et al.,
//! "Hyperscan: A Fast Multi-pattern Regex Matcher for Modern CPUs" (NSDI 2019)
//! and in `aho-corasick`'s `packed` module. Where `vpermi2b` is there, it looks
//! up both halves of a byte at once. The portable way is the shift-or automaton
//! of Hyperscan's FDR with a domain of one byte.

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

/// Bytes, upper and lower case taken for one.
///
/// The bits of a byte but the one that tells the case, 0x20, are its number in
/// the set: so the lowest four are its low half, the others its high one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByteSet(u128);

impl ByteSet {
    /// Every byte.
    pub(super) const ALL: Self = Self(u128::MAX);

    fn number(byte: u8) -> u8 {
        byte >> 6 << 5 | byte & 0x1F
    }

    /// The set with one more byte.
    #[must_use]
    pub(super) fn with(self, byte: u8) -> Self {
        Self(self.0 | 1 << Self::number(byte))
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the byte is in the set.
    pub(super) fn contains(self, byte: u8) -> bool {
        self.0 >> Self::number(byte) & 1 == 1
    }

    /// The bytes in lower case, by number.
    pub(super) fn iter(self) -> impl Iterator<Item = u8> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let number = (left != 0).then_some(left.trailing_zeros() as u8)?;
            left &= left - 1;
            Some(number >> 5 << 6 | 0x20 | number & 0x1F)
        })
    }
}

/// Which groups accept which byte at which place.
#[derive(Clone, Debug)]
pub(super) struct Masks {
    places: [[u8; 256]; WIDTH],
}

impl Default for Masks {
    fn default() -> Self {
        Self { places: [[0; 256]; WIDTH] }
    }
}

impl Masks {
    /// Lets a group accept bytes at a place.
    pub(super) fn accept(&mut self, group: usize, place: usize, bytes: ByteSet) {
        for byte in (0..=u8::MAX).filter(|&byte| bytes.contains(byte)) {
            self.places[place][usize::from(byte)] |= 1 << group;
        }
    }
}

/// A way of marking that this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kernel(Way);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Ssse3,
    Portable,
}

impl Kernel {
    /// The best that this processor can do.
    pub(super) fn best() -> Self {
        Self::available()[0]
    }

    /// All that this processor can do, the best first.
    pub(super) fn available() -> Vec<Self> {
        let mut kernels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vbmi") {
                kernels.push(Self(Way::Avx512));
            }
            if is_x86_feature_detected!("avx2") {
                kernels.push(Self(Way::Avx2));
            }
            if is_x86_feature_detected!("ssse3") {
                kernels.push(Self(Way::Ssse3));
            }
        }
        kernels.push(Self(Way::Portable));
        kernels
    }

    /// What a group that is to accept these bytes at a place accepts there.
    pub(super) fn widen(self, bytes: ByteSet) -> ByteSet {
        let ByteSet(bits) = bytes;
        match self.0 {
            // The table has no place for a byte's highest bit.
            #[cfg(target_arch = "x86_64")]
            Way::Avx512 => ByteSet(bits | bits.rotate_left(64)),
            // Any low half goes with any high one.
            #[cfg(target_arch = "x86_64")]
            Way::Avx2 | Way::Ssse3 => {
                const LOW: u128 = 0xFFFF;
                let rows = (0..8).map(|high| (high, bits >> (16 * high) & LOW));
                let low = rows.clone().fold(0, |low, (_, row)| low | row);
                let widened = rows.filter(|&(_, row)| row != 0).map(|(high, _)| low << (16 * high));
                ByteSet(widened.fold(0, |all, row| all | row))
            }
            Way::Portable => bytes,
        }
    }
}

/// Marks the places where a window may begin.
#[derive(Clone, Debug)]
pub(super) struct Marker(Tables);

/// [`Masks`] as each way reads them.
#[derive(Clone, Debug)]
enum Tables {
    #[cfg(target_arch = "x86_64")]
    Avx512(Box<[[u8; 128]; WIDTH]>),
    #[cfg(target_arch = "x86_64")]
    Avx2(Box<Halves>),
    #[cfg(target_arch = "x86_64")]
    Ssse3(Box<Halves>),
    /// The groups that accept a byte, the first place in the lowest eight bits.
    Portable(Box<[u32; 256]>),
}

#[cfg(target_arch = "x86_64")]
#[derive(Clone, Debug)]
struct Halves {
    low: [[u8; 16]; WIDTH],
    high: [[u8; 16]; WIDTH],
}

#[cfg(target_arch = "x86_64")]
impl Halves {
    fn new(masks: &Masks) -> Self {
        let accepting = |place: usize, has_half: &dyn Fn(usize) -> bool| {
            let bytes = masks.places[place].iter().enumerate();
            bytes.filter(|&(byte, _)| has_half(byte)).fold(0, |groups, (_, more)| groups | more)
        };
        let table = |shift: usize| -> [[u8; 16]; WIDTH] {
            std::array::from_fn(|place| {
                std::array::from_fn(|half| accepting(place, &|byte| byte >> shift & 0xF == half))
            })
        };
        Self { low: table(0), high: table(4) }
    }
}

impl Marker {
    /// Prepares the masks for a way that this processor has.
    pub(super) fn new(masks: &Masks, kernel: Kernel) -> Self {
        Self(match kernel.0 {
            #[cfg(target_arch = "x86_64")]
            Way::Avx512 => {
                let table = |places: &[u8; 256]| {
                    std::array::from_fn(|byte| places[byte] | places[byte | 0x80])
                };
                Tables::Avx512(Box::new(masks.places.each_ref().map(table)))
            }
            #[cfg(target_arch = "x86_64")]
            Way::Avx2 => Tables::Avx2(Box::new(Halves::new(masks))),
            #[cfg(target_arch = "x86_64")]
            Way::Ssse3 => Tables::Ssse3(Box::new(Halves::new(masks))),
            Way::Portable => Tables::Portable(Box::new(std::array::from_fn(|byte| {
                u32::from_le_bytes(masks.places.each_ref().map(|place| place[byte]))
            }))),
        })
    }

    /// Marks the places of up to [`CHUNK`] bytes from `start` on. What follows
    /// the text counts as zeros.
    #[inline]
    pub(super) fn mark(&self, text: &[u8], start: usize, marks: &mut Marks) -> Marked {
        match &self.0 {
            // SAFETY: whoever had the kernel for these tables has the feature.
            #[cfg(target_arch = "x86_64")]
            Tables::Avx512(tables) => unsafe { x86::mark_avx512(tables, text, start, marks) },
            // SAFETY: likewise.
            #[cfg(target_arch = "x86_64")]
            Tables::Avx2(halves) => unsafe { x86::mark_avx2(halves, text, start, marks) },
            // SAFETY: likewise.
            #[cfg(target_arch = "x86_64")]
            Tables::Ssse3(halves) => unsafe { x86::mark_ssse3(halves, text, start, marks) },
            Tables::Portable(accepting) => {
                sweep(text, start, marks, |block| portable(accepting, block))
            }
        }
    }

    /// The memory that this takes, in bytes, itself included.
    pub(super) fn memory_usage(&self) -> usize {
        let tables = match &self.0 {
            #[cfg(target_arch = "x86_64")]
            Tables::Avx512(tables) => size_of_val(&**tables),
            #[cfg(target_arch = "x86_64")]
            Tables::Avx2(halves) | Tables::Ssse3(halves) => size_of_val(&**halves),
            Tables::Portable(accepting) => size_of_val(&**accepting),
        };
        size_of::<Self>() + tables
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
                self.0[BLOCK..].fill(0);
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

    use super::{Halves, Marked, Marks, REACH, WIDTH, sweep, sweep_to_end, within};

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

    #[target_feature(enable = "avx512bw,avx512vbmi")]
    pub(super) fn mark_avx512(
        tables: &[[u8; 128]; WIDTH],
        text: &[u8],
        start: usize,
        marks: &mut Marks,
    ) -> Marked {
        const ALL_THREE: i32 = 0x80;
        let half = |place: usize, at| load512(tables[place][at..].first_chunk().expect("a half"));
        let first: [_; WIDTH] = std::array::from_fn(|place| half(place, 0));
        let second: [_; WIDTH] = std::array::from_fn(|place| half(place, 64));
        let accept = |bytes: [__m512i; WIDTH]| {
            let groups =
                |place: usize| _mm512_permutex2var_epi8(first[place], bytes[place], second[place]);
            let alive = _mm512_ternarylogic_epi64::<ALL_THREE>(groups(0), groups(1), groups(2));
            let beyond = _mm512_movepi8_mask(bytes[0]);
            (_mm512_test_epi8_mask(alive, groups(3)), beyond)
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
    pub(super) fn mark_avx2(
        halves: &Halves,
        text: &[u8],
        start: usize,
        marks: &mut Marks,
    ) -> Marked {
        let both = |table: &[u8; 16]| _mm256_broadcastsi128_si256(load128(table));
        let low: [_; WIDTH] = std::array::from_fn(|place| both(&halves.low[place]));
        let high: [_; WIDTH] = std::array::from_fn(|place| both(&halves.high[place]));
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
        halves: &Halves,
        text: &[u8],
        start: usize,
        marks: &mut Marks,
    ) -> Marked {
        let low: [_; WIDTH] = std::array::from_fn(|place| load128(&halves.low[place]));
        let high: [_; WIDTH] = std::array::from_fn(|place| load128(&halves.high[place]));
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
                let one = |&byte: &u8| ByteSet::default().with(byte);
                let bytes = window.get(place).map_or(ByteSet::ALL, one);
                masks.accept(index % GROUPS, place, bytes);
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

    /// What each group accepts at each place, going by a kernel.
    fn accepted(masks: &Masks, kernel: Kernel) -> [[ByteSet; WIDTH]; GROUPS] {
        let asked = |group: usize, place: usize| {
            let bytes =
                (0..=u8::MAX).filter(|&b| masks.places[place][b as usize] >> group & 1 == 1);
            bytes.fold(ByteSet::default(), ByteSet::with)
        };
        std::array::from_fn(|group| std::array::from_fn(|place| kernel.widen(asked(group, place))))
    }

    /// What the marks mean, said the slow way.
    fn expected(accepted: &[[ByteSet; WIDTH]; GROUPS], text: &[u8]) -> Vec<usize> {
        let byte = |at: usize| text.get(at).copied().unwrap_or(0);
        let begins = |at: usize, group: &[ByteSet; WIDTH]| {
            group.iter().enumerate().all(|(place, bytes)| bytes.contains(byte(at + place)))
        };
        (0..text.len()).filter(|&at| accepted.iter().any(|group| begins(at, group))).collect()
    }

    #[test]
    fn windows_are_marked_in_either_case_and_at_the_very_end() {
        let masks = masks(&[b"fail", b"499"]);
        for kernel in Kernel::available() {
            let marker = Marker::new(&masks, kernel);
            assert_eq!(marked(&marker, b"FaIL then 499"), [0, 10], "{kernel:?}");
        }
    }

    #[test]
    fn every_kernel_marks_exactly_the_places_that_it_should() {
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
        let kernels = Kernel::available().into_iter();
        let kernels: Vec<_> = kernels
            .map(|kernel| (kernel, accepted(&masks, kernel), Marker::new(&masks, kernel)))
            .collect();
        for length in lengths {
            // A window that the text ends in the midst of is none.
            let text: Vec<u8> = (0..length).map(|_| byte()).chain(*b"zz").collect();
            for (kernel, accepted, marker) in &kernels {
                let expected = expected(accepted, &text);
                assert_eq!(marked(marker, &text), expected, "{kernel:?}, {length} bytes");
            }
        }
    }
}
