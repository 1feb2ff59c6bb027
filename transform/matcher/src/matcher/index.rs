//! Many literals, one text: which patterns have one of theirs in it?
//!
//! Each literal is known by one *window*, four bytes of it (less where it has
//! less). [`Marker`] finds where a window may begin. The *key* of such a place
//! is the eight bytes from there on. A filter of one bit for each hash, small
//! enough to stay close to the processor, tells nearly all keys that no literal
//! has; a hash table knows which literals have the others, and a comparison
//! settles the literal.
//!
//! # Choosing windows
//! A literal of twenty bytes has seventeen windows, and which one is chosen
//! decides how often the text is looked at more closely. They are chosen one
//! after another, the literals with least choice first: that window, in that
//! group of the marker, which adds least to the expected number of marks and of
//! comparisons. So
//! few literals get rare windows, and many get windows that share their bytes:
//! what is marked grows much more slowly than the number of literals. That they
//! share windows does no harm, for what comes after is told by their keys.

use std::collections::HashMap;

use arrayvec::ArrayVec;

use super::{
    literal::{byte_frequency, text_frequency},
    vector::{BLOCK, ByteSet, CHUNK, GROUPS, Kernel, Marked, Marker, Marks, Masks, WIDTH},
};
use crate::pattern::Places;

/// The most patterns that one text may put forward.
pub(super) const MAX_CANDIDATES: usize = 24;

/// Literals and the patterns that they stand for.
#[derive(Clone, Debug)]
pub(super) struct Index {
    marker: Marker,
    /// For each length of keys that occurs, the bits of it.
    key_masks: Vec<u64>,
    /// By the first [`Index::filter_bits`] of a key's hash: whether any literal
    /// has such a key.
    filter: Vec<u64>,
    filter_bits: u32,
    /// By the first [`Index::slot_bits`] of it: where its entries begin; one
    /// more at the end.
    slots: Vec<u32>,
    slot_bits: u32,
    entries: Vec<Entry>,
    literals: Vec<Literal>,
}

/// A literal as the hash table knows it: most places with its window do not
/// have its key, and are told without going to where it lies.
#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u64,
    literal: u32,
}

#[derive(Clone, Debug)]
struct Literal {
    bytes: Box<[u8]>,
    /// Where in the literal its window begins.
    window: usize,
    /// In priority order.
    patterns: Box<[u32]>,
}

/// A pattern that a text puts forward, and where its literals begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub(super) pattern: u32,
    pub(super) literals: Places,
}

impl Candidate {
    fn at(pattern: u32, place: usize) -> Self {
        Self { pattern, literals: Places::at(place) }
    }

    /// Forgets where its literals are: that was in another text.
    pub(super) fn misplace(&mut self) {
        self.literals = Places::ANYWHERE;
    }
}

/// The patterns that a text puts forward.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    candidates: ArrayVec<Candidate, MAX_CANDIDATES>,
    /// Whether the text has anything but ASCII.
    pub(super) beyond_ascii: bool,
}

/// A text puts forward more than is worth looking at one by one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

impl Candidates {
    /// Whether the text puts forward none.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// The candidates, in priority order.
    pub(super) fn sorted(&mut self) -> &mut [Candidate] {
        self.candidates.sort_unstable();
        &mut self.candidates
    }

    fn add(&mut self, pattern: u32, at: usize) -> Result<(), TooMany> {
        match self.candidates.iter_mut().find(|candidate| candidate.pattern == pattern) {
            Some(candidate) => candidate.literals.add(at),
            None => {
                self.candidates.try_push(Candidate::at(pattern, at)).map_err(|_| TooMany)?;
            }
        }
        Ok(())
    }
}

impl Index {
    /// Prepares to look for literals, each with a pattern that it stands for.
    /// Literals are folded and not empty; one may come with many patterns.
    pub(super) fn new(pairs: Vec<(Vec<u8>, u32)>) -> Self {
        Self::with_kernel(pairs, Kernel::best())
    }

    fn with_kernel(mut pairs: Vec<(Vec<u8>, u32)>, kernel: Kernel) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut literals: Vec<Literal> = pairs
            .chunk_by(|a, b| a.0 == b.0)
            .map(|same| Literal {
                bytes: same[0].0.as_slice().into(),
                window: 0,
                patterns: same.iter().map(|&(_, pattern)| pattern).collect(),
            })
            .collect();
        let marker = Marker::new(&choose_windows(&mut literals, kernel), kernel);

        let mut key_masks: Vec<u64> = literals.iter().map(Literal::key_mask).collect();
        key_masks.sort_unstable();
        key_masks.dedup();
        let bits = |count: usize| count.next_power_of_two().trailing_zeros();
        let (slot_bits, filter_bits) =
            (bits(8 * literals.len()).max(6), bits(32 * literals.len()).max(12));
        let mut filter = vec![0; 1 << filter_bits >> 6];
        let mut hashed: Vec<(u64, Entry)> = Vec::with_capacity(literals.len());
        for (index, literal) in (0..).zip(&literals) {
            let key = literal.key();
            let bit = first_bits(hash(key), filter_bits);
            filter[bit >> 6] |= 1 << (bit & 63);
            hashed.push((hash(key), Entry { key, literal: index }));
        }
        hashed.sort_by_key(|&(hash, _)| hash);
        let before = |slot| hashed.partition_point(|&(hash, _)| first_bits(hash, slot_bits) < slot);
        let slots = (0..=1 << slot_bits).map(|slot| before(slot) as u32).collect();
        let entries = hashed.into_iter().map(|(_, entry)| entry).collect();
        Self { marker, key_masks, filter, filter_bits, slots, slot_bits, entries, literals }
    }

    /// Finds the patterns of all literals that occur in the folded text.
    ///
    /// # Errors
    /// When there are more than [`MAX_CANDIDATES`], or the text is so full of
    /// near misses that it takes too long to tell.
    #[inline]
    pub(super) fn candidates(&self, text: &[u8], found: &mut Candidates) -> Result<(), TooMany> {
        let beyond_ascii =
            self.search(text, 1024 + 2 * text.len(), |pattern, at| found.add(pattern, at))?;
        found.beyond_ascii |= beyond_ascii;
        Ok(())
    }

    /// The same without bounds, in priority order. Takes, at worst, a time in
    /// proportion to the literals times the text.
    pub(super) fn every_candidate(&self, text: &str) -> Vec<Candidate> {
        let last = self.literals.iter().flat_map(|literal| literal.patterns.last()).max();
        let mut found = vec![None::<Candidate>; last.map_or(0, |&last| last as usize + 1)];
        let add = |pattern, at| {
            let candidate = &mut found[pattern as usize];
            candidate.get_or_insert(Candidate::at(pattern, at)).literals.add(at);
            Ok(())
        };
        self.search(text.as_bytes(), usize::MAX, add).expect("nothing is too many");
        found.into_iter().flatten().collect()
    }

    /// Tells each pattern of each literal that occurs in the folded text and
    /// where it begins, and at the end whether there was anything but ASCII.
    #[inline]
    fn search(
        &self,
        text: &[u8],
        mut patience: usize,
        mut found: impl FnMut(u32, usize) -> Result<(), TooMany>,
    ) -> Result<bool, TooMany> {
        let mut beyond = false;
        let mut marks: Marks = [0; _];
        for start in (0..text.len()).step_by(CHUNK) {
            let Marked { words, beyond_ascii } = self.marker.mark(text, start, &mut marks);
            beyond |= beyond_ascii;
            let marks = &marks[..words];
            if marks.iter().any(|&bits| bits != 0) {
                self.look_closer(text, start, marks, &mut patience, &mut found)?;
            }
        }
        Ok(beyond)
    }

    /// Looks up the keys of the marked places.
    fn look_closer(
        &self,
        text: &[u8],
        start: usize,
        marks: &[u64],
        patience: &mut usize,
        found: &mut impl FnMut(u32, usize) -> Result<(), TooMany>,
    ) -> Result<(), TooMany> {
        for (word, &bits) in marks.iter().enumerate() {
            let mut bits = bits;
            while bits != 0 {
                let at = start + BLOCK * word + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let key = key_at(text, at);
                for mask in &self.key_masks {
                    let key = key & mask;
                    let bit = first_bits(hash(key), self.filter_bits);
                    if self.filter[bit >> 6] >> (bit & 63) & 1 == 1 {
                        self.compare(text, at, key, patience, found)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Compares the literals that have this key.
    #[inline(never)]
    fn compare(
        &self,
        text: &[u8],
        at: usize,
        key: u64,
        patience: &mut usize,
        found: &mut impl FnMut(u32, usize) -> Result<(), TooMany>,
    ) -> Result<(), TooMany> {
        let slot = first_bits(hash(key), self.slot_bits);
        let (begin, end) = (self.slots[slot] as usize, self.slots[slot + 1] as usize);
        for entry in &self.entries[begin..end] {
            *patience = patience.checked_sub(1).ok_or(TooMany)?;
            if entry.key == key {
                let literal = &self.literals[entry.literal as usize];
                if let Some(begin) = literal.begin(text, at) {
                    literal.patterns.iter().try_for_each(|&pattern| found(pattern, begin))?;
                }
            }
        }
        Ok(())
    }

    /// The memory that this takes, in bytes, itself excluded.
    pub(super) fn memory_usage(&self) -> usize {
        let literal = |l: &Literal| size_of_val(l) + l.bytes.len() + size_of_val(&*l.patterns);
        self.marker.memory_usage()
            + size_of_val(&*self.key_masks)
            + size_of_val(&*self.filter)
            + size_of_val(&*self.slots)
            + size_of_val(&*self.entries)
            + self.literals.iter().map(literal).sum::<usize>()
    }
}

impl Literal {
    fn key_mask(&self) -> u64 {
        key_mask(self.bytes.len() - self.window)
    }

    fn key(&self) -> u64 {
        self.key_of(self.window)
    }

    /// The key that it has if its window is this one.
    fn key_of(&self, window: usize) -> u64 {
        key_at(&self.bytes, window) & key_mask(self.bytes.len() - window)
    }

    /// Where the literal begins, if the text holds it, its window being at `at`.
    #[inline]
    fn begin(&self, text: &[u8], at: usize) -> Option<usize> {
        let begin = at.checked_sub(self.window)?;
        let there = text.get(begin..begin + self.bytes.len())?;
        there.eq_ignore_ascii_case(&self.bytes).then_some(begin)
    }
}

/// The bytes in a key, unless it is cut short by the end of its literal.
const KEY: usize = 8;

/// The bits of the key of a literal that goes on for so many bytes. To have few
/// lengths, each of which is looked up, some bytes are left out.
fn key_mask(bytes: usize) -> u64 {
    let length = if bytes < KEY { bytes.min(WIDTH) } else { KEY };
    u64::MAX >> (8 * (KEY - length))
}

/// The bytes from a place on, with the bit set that tells lower from upper
/// case; zeros, which no literal has, beyond the end.
#[inline]
fn key_at(text: &[u8], at: usize) -> u64 {
    const LOWER: u64 = u64::from_le_bytes([0x20; KEY]);
    let load = |bytes: &[u8; KEY]| u64::from_le_bytes(*bytes) | LOWER;
    match text.last_chunk() {
        // What would stick out is shifted out of the last bytes.
        Some(last) => match text[at..].first_chunk() {
            Some(bytes) => load(bytes),
            None => load(last) >> (8 * (at + KEY - text.len())),
        },
        None => {
            let mut padded = [0; KEY];
            padded[..text.len() - at].copy_from_slice(&text[at..]);
            padded[..text.len() - at].iter_mut().for_each(|byte| *byte |= 0x20);
            u64::from_le_bytes(padded)
        }
    }
}

#[inline]
fn hash(key: u64) -> u64 {
    key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[inline]
fn first_bits(hash: u64, bits: u32) -> usize {
    (hash >> (u64::BITS - bits)) as usize
}

/// Chooses each literal's window, and tells what the marker has to accept.
fn choose_windows(literals: &mut [Literal], kernel: Kernel) -> Masks {
    let mut groups: [Group; GROUPS] = Default::default();
    let common = Common::new(literals);
    let mut sharing: HashMap<u64, u32> = HashMap::new();
    let mut order: Vec<&mut Literal> = literals.iter_mut().collect();
    order.sort_by_key(|literal| literal.bytes.len());
    for literal in order {
        let width = literal.bytes.len().min(WIDTH);
        let windows = literal.bytes.windows(width).take(MAX_CHOICES).enumerate();
        let choices = windows.flat_map(|(at, window)| {
            let key = literal.key_of(at);
            let compared = 1 + sharing.get(&key).copied().unwrap_or(0);
            let compare = common.frequency(key) * f64::from(compared);
            let cost = |group: &Group| group.growth(window, kernel) + compare;
            groups
                .iter()
                .map(cost)
                .enumerate()
                .map(move |(group, cost)| (cost, at, group))
                .collect::<Vec<_>>()
        });
        let Some((_, window, group)) = choices.min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
        groups[group].accept(&literal.bytes[window..window + width], kernel);
        literal.window = window;
        *sharing.entry(literal.key()).or_default() += 1;
    }
    let mut masks = Masks::default();
    for (index, group) in groups.iter().enumerate() {
        for (place, accepted) in group.places.iter().enumerate() {
            masks.accept(index, place, accepted.bytes);
        }
    }
    masks
}

/// The most windows of one literal that are weighed against each other.
const MAX_CHOICES: usize = 64;

/// How often keys occur, going by the literals themselves.
///
/// ` for` and `tion` are far more frequent than their letters are one by one.
/// Literals are made of the same words as the logs that they are from, and the
/// more of them there are, the better they tell which keys are such.
struct Common {
    counts: HashMap<u64, u32>,
    total: f64,
}

impl Common {
    fn new(literals: &[Literal]) -> Self {
        let mut counts = HashMap::new();
        let places = |literal: &Literal| 0..=literal.bytes.len().saturating_sub(WIDTH);
        for literal in literals {
            for at in places(literal) {
                *counts.entry(literal.key_of(at)).or_default() += 1;
            }
        }
        Self { total: counts.values().sum::<u32>().into(), counts }
    }

    fn frequency(&self, key: u64) -> f64 {
        let others = self.counts.get(&key).map_or(0, |count| count - 1);
        let length = KEY - key.leading_zeros() as usize / 8;
        text_frequency(&key.to_le_bytes()[..length]).max(f64::from(others) / self.total)
    }
}

/// What a group of windows accepts so far.
#[derive(Clone, Debug, Default)]
struct Group {
    places: [Accepted; WIDTH],
    /// How often a place in a text is marked for it.
    frequency: f64,
}

/// What a group accepts at one place, and how often that is there.
#[derive(Clone, Copy, Debug, Default)]
struct Accepted {
    bytes: ByteSet,
    frequency: f64,
}

impl Accepted {
    fn with(self, byte: Option<&u8>, kernel: Kernel) -> Self {
        let Some(&byte) = byte else { return Self { bytes: ByteSet::ALL, frequency: 1.0 } };
        if self.bytes.contains(byte) {
            return self;
        }
        let bytes = kernel.widen(self.bytes.with(byte));
        let more: f64 = bytes.without(self.bytes).iter().map(byte_frequency).sum();
        Self { bytes, frequency: self.frequency + more }
    }
}

impl Group {
    /// How many more marks a window would bring, per byte of text.
    fn growth(&self, window: &[u8], kernel: Kernel) -> f64 {
        let places = self.places.iter().enumerate();
        let grown: f64 = places
            .map(|(place, accepted)| accepted.with(window.get(place), kernel).frequency)
            .product();
        grown - self.frequency
    }

    fn accept(&mut self, window: &[u8], kernel: Kernel) {
        for (place, accepted) in self.places.iter_mut().enumerate() {
            *accepted = accepted.with(window.get(place), kernel);
        }
        self.frequency = self.places.iter().map(|accepted| accepted.frequency).product();
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn index(literals: &[&str]) -> Index {
        Index::new((0..).zip(literals).map(|(i, l)| (l.as_bytes().to_vec(), i)).collect())
    }

    fn found(index: &Index, text: &str) -> Result<Vec<u32>, TooMany> {
        let mut candidates = Candidates::default();
        index.candidates(text.as_bytes(), &mut candidates)?;
        Ok(candidates.sorted().iter().map(|candidate| candidate.pattern).collect())
    }

    #[test]
    fn literals_are_found_in_any_case_wherever_they_are() {
        let index = index(&["socket hang up", "499", "x", "econnreset"]);
        assert_eq!(found(&index, "GET / 499"), Ok(vec![1]));
        assert_eq!(found(&index, "EConnReset: Socket HANG up"), Ok(vec![0, 3]));
        assert_eq!(found(&index, "X"), Ok(vec![2]));
        assert_eq!(found(&index, "socket hang u"), Ok(vec![]));
        assert_eq!(found(&index, ""), Ok(vec![]));
    }

    #[test]
    fn candidates_know_where_their_literals_begin() {
        let index = index(&["connection refused", "tea"]);
        let at = |pattern, first, last| Candidate { pattern, literals: Places { first, last } };
        let text = "tea: Connection refused, more tea";
        assert_eq!(index.every_candidate(text), [at(0, 5, 5), at(1, 0, 30)]);
        let mut candidates = Candidates::default();
        index.candidates(text.as_bytes(), &mut candidates).unwrap();
        assert_eq!(candidates.sorted(), [at(0, 5, 5), at(1, 0, 30)]);
    }

    #[test]
    fn bytes_that_only_look_alike_without_the_case_bit_are_told_apart() {
        let index = index(&["[a]@", "_x_x"]);
        assert_eq!(found(&index, "{a}` \x7fx\x7fx"), Ok(vec![]));
        assert_eq!(found(&index, "[A]@ _X_x"), Ok(vec![0, 1]));
    }

    #[test]
    fn too_many_candidates_and_too_many_near_misses_are_refused() {
        let index =
            Index::new((0..=MAX_CANDIDATES as u32).map(|i| (b"shared".to_vec(), i)).collect());
        assert_eq!(found(&index, "shared"), Err(TooMany));
        let prefix = "a".repeat(MAX_CHOICES + KEY);
        let literals: Vec<String> = (0..2_000).map(|i| format!("{prefix}{i}")).collect();
        let index = self::index(&literals.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(found(&index, &"a".repeat(2_000)), Err(TooMany));
    }

    proptest! {
        #[test]
        fn every_kernel_finds_the_same(
            literals in vec("[a-d]{1,12}|[ -@\\[-`{-~]{1,3}|[a-cé\\[{@`]{1,10}", 1..60),
            text in "[a-dA-Dé\\[{@`-~ ]{0,90}",
        ) {
            let holds = |literal: &String| text.to_ascii_lowercase().contains(literal);
            let expected: Vec<u32> =
                (0..).zip(&literals).filter(|(_, l)| holds(l)).map(|(i, _)| i).collect();
            let pairs: Vec<_> = literals.iter().map(|l| l.clone().into_bytes()).zip(0..).collect();
            for kernel in Kernel::available() {
                let found = Index::with_kernel(pairs.clone(), kernel).every_candidate(&text);
                let found: Vec<u32> = found.iter().map(|candidate| candidate.pattern).collect();
                prop_assert_eq!(&found, &expected, "{:?}", kernel);
            }
        }
    }

    #[test]
    fn no_literal_finds_nothing() {
        assert_eq!(found(&index(&[]), "anything"), Ok(vec![]));
    }
}
