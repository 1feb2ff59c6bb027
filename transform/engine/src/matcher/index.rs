//! Many literals, one text: which patterns have one of theirs in it?
//!
//! Each literal is known by one *window*, four bytes of it (less where it has
//! less). [`Marker`] finds where a window may begin. A filter of one bit for
//! each hash, small enough to stay close to the processor, tells nearly all
//! that are none; a hash table knows which literals have the others, and a
//! comparison settles the literal.
//!
//! # Choosing windows
//! A literal of twenty bytes has seventeen windows, and which one is chosen
//! decides how often the text is looked at more closely. They are chosen one
//! after another, the literals with least choice first: that window, in that
//! group of the marker, which adds least to the expected number of marks. So
//! few literals get rare windows, and many get windows that share their bytes:
//! what is marked grows much more slowly than the number of literals.

use std::collections::HashMap;

use super::{
    literal::byte_frequency,
    vector::{BLOCK, CHUNK, GROUPS, Marked, Marker, Marks, Masks, WIDTH},
};

/// The most patterns that one text may put forward.
pub(super) const MAX_CANDIDATES: usize = 24;

/// Literals and the patterns that they stand for.
#[derive(Clone, Debug)]
pub(super) struct Index {
    marker: Marker,
    /// For each length of windows that occurs, the bytes of it.
    key_masks: Vec<u32>,
    /// By the first [`Index::filter_bits`] of a window's hash: whether any
    /// literal has such a window.
    filter: Vec<u64>,
    filter_bits: u32,
    /// By the first [`Index::slot_bits`] of it: where its entries begin; one
    /// more at the end.
    slots: Vec<u32>,
    slot_bits: u32,
    entries: Vec<Entry>,
    literals: Vec<Literal>,
}

/// A literal as the hash table knows it. Most texts that have a literal's
/// window do not have the literal, and most of those are told by eight bytes of
/// it, without going to where it lies.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The piece of the literal that is compared first, and which of its bytes
    /// count: all, unless the literal is shorter.
    piece: u64,
    piece_mask: u64,
    /// How far before the window the piece begins.
    back: u32,
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

/// A marked window that some literals have, or nearly so.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    at: usize,
    hash: u32,
}

/// The patterns that a text puts forward.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    patterns: [u32; MAX_CANDIDATES],
    count: usize,
    /// Whether the text has anything but ASCII.
    pub(super) beyond_ascii: bool,
}

/// A text puts forward more than is worth looking at one by one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

impl Candidates {
    /// How many patterns the text puts forward.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The patterns, in priority order.
    pub(super) fn sorted(&mut self) -> &[u32] {
        let patterns = &mut self.patterns[..self.count];
        patterns.sort_unstable();
        patterns
    }

    fn add(&mut self, pattern: u32) -> Result<(), TooMany> {
        if !self.patterns[..self.count].contains(&pattern) {
            *self.patterns.get_mut(self.count).ok_or(TooMany)? = pattern;
            self.count += 1;
        }
        Ok(())
    }
}

impl Index {
    /// Prepares to look for literals, each with a pattern that it stands for.
    /// Literals are folded and not empty; one may come with many patterns.
    pub(super) fn new(mut pairs: Vec<(Vec<u8>, u32)>) -> Self {
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
        let marker = Marker::new(choose_windows(&mut literals));

        let mut key_masks: Vec<u32> = literals.iter().map(Literal::key_mask).collect();
        key_masks.sort_unstable();
        key_masks.dedup();
        let bits = |count: usize| count.next_power_of_two().trailing_zeros();
        let (slot_bits, filter_bits) =
            (bits(8 * literals.len()).max(6), bits(16 * literals.len()).max(12));
        let mut filter = vec![0; 1 << filter_bits >> 6];
        let mut hashed: Vec<(u32, Entry)> = Vec::with_capacity(literals.len());
        for (index, literal) in (0..).zip(&literals) {
            let hash = hash(literal.key());
            let bit = first_bits(hash, filter_bits);
            filter[bit >> 6] |= 1 << (bit & 63);
            hashed.push((hash, Entry::new(literal, index)));
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
            self.search(text, 1024 + 2 * text.len(), |pattern| found.add(pattern))?;
        found.beyond_ascii |= beyond_ascii;
        Ok(())
    }

    /// The same without bounds, in priority order. Takes, at worst, a time in
    /// proportion to the literals times the text.
    pub(super) fn every_candidate(&self, text: &str) -> Vec<u32> {
        let last = self.literals.iter().flat_map(|literal| literal.patterns.last()).max();
        let mut is_one = vec![false; last.map_or(0, |&last| last as usize + 1)];
        let add = |pattern: u32| {
            is_one[pattern as usize] = true;
            Ok(())
        };
        self.search(text.as_bytes(), usize::MAX, add).expect("nothing is too many");
        (0..).zip(is_one).filter(|&(_, is_one)| is_one).map(|(pattern, _)| pattern).collect()
    }

    /// Tells each pattern of each literal that occurs in the folded text, and
    /// at the end whether there was anything but ASCII.
    #[inline]
    fn search(
        &self,
        text: &[u8],
        mut patience: usize,
        mut found: impl FnMut(u32) -> Result<(), TooMany>,
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

    /// Looks up the marked windows. Whether one is known is as good as random,
    /// so it is found out without branching; then those that are are gone
    /// through.
    fn look_closer(
        &self,
        text: &[u8],
        start: usize,
        marks: &[u64],
        patience: &mut usize,
        found: &mut impl FnMut(u32) -> Result<(), TooMany>,
    ) -> Result<(), TooMany> {
        const ROOM: usize = 32;
        let mut known = [Known::default(); ROOM];
        let mut count = 0;
        for (word, &bits) in marks.iter().enumerate() {
            let mut bits = bits;
            while bits != 0 {
                let at = start + BLOCK * word + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let key = key_at(text, at);
                for mask in &self.key_masks {
                    let hash = hash(key & mask);
                    let bit = first_bits(hash, self.filter_bits);
                    known[count % ROOM] = Known { at, hash };
                    count += (self.filter[bit >> 6] >> (bit & 63) & 1) as usize;
                    if count == ROOM {
                        self.compare(text, &known, patience, found)?;
                        count = 0;
                    }
                }
            }
        }
        self.compare(text, &known[..count], patience, found)
    }

    fn compare(
        &self,
        text: &[u8],
        known: &[Known],
        patience: &mut usize,
        found: &mut impl FnMut(u32) -> Result<(), TooMany>,
    ) -> Result<(), TooMany> {
        for &Known { at, hash } in known {
            let slot = first_bits(hash, self.slot_bits);
            let (begin, end) = (self.slots[slot] as usize, self.slots[slot + 1] as usize);
            for entry in &self.entries[begin..end] {
                *patience = patience.checked_sub(1).ok_or(TooMany)?;
                if entry.may_be_at(text, at) {
                    let literal = &self.literals[entry.literal as usize];
                    if literal.is_at(text, at) {
                        literal.patterns.iter().try_for_each(|&pattern| found(pattern))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The memory that this takes, in bytes, itself excluded.
    pub(super) fn memory_usage(&self) -> usize {
        let literal = |l: &Literal| size_of_val(l) + l.bytes.len() + size_of_val(&*l.patterns);
        self.marker.memory_usage()
            + size_of_val(&*self.filter)
            + size_of_val(&*self.slots)
            + size_of_val(&*self.entries)
            + self.literals.iter().map(literal).sum::<usize>()
    }
}

impl Entry {
    fn new(literal: &Literal, index: u32) -> Self {
        let bytes = &literal.bytes;
        let last = literal.window.min(bytes.len().saturating_sub(PIECE));
        let first = literal.window.saturating_sub(PIECE - WIDTH).min(last);
        let rarity = |&begin: &usize| frequency(&bytes[begin..(begin + PIECE).min(bytes.len())]);
        let begin = (first..=last).min_by(|a, b| rarity(a).total_cmp(&rarity(b))).unwrap_or(last);
        let piece_mask = u64::MAX >> (8 * PIECE.saturating_sub(bytes.len()));
        Self {
            piece: u64::from_le_bytes(chunk_at(bytes, begin)) & piece_mask,
            piece_mask,
            back: (literal.window - begin) as u32,
            literal: index,
        }
    }

    #[inline]
    fn may_be_at(&self, text: &[u8], at: usize) -> bool {
        at.checked_sub(self.back as usize).is_some_and(|begin| {
            u64::from_le_bytes(chunk_at(text, begin)) & self.piece_mask == self.piece
        })
    }
}

impl Literal {
    fn key_mask(&self) -> u32 {
        u32::MAX >> (8 * WIDTH.saturating_sub(self.bytes.len()))
    }

    fn key(&self) -> u32 {
        key_at(&self.bytes, self.window) & self.key_mask()
    }

    /// Whether the text holds the literal, its window being at `at`.
    #[inline]
    fn is_at(&self, text: &[u8], at: usize) -> bool {
        let Some(begin) = at.checked_sub(self.window) else { return false };
        text.get(begin..begin + self.bytes.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(&self.bytes))
    }
}

/// The bytes in the piece of a literal that is compared first.
const PIECE: usize = 8;

/// The bytes from a place on, with the bit set that tells lower from upper
/// case; beyond the end like spaces.
#[inline]
fn chunk_at<const N: usize>(text: &[u8], at: usize) -> [u8; N] {
    let mut bytes = text[at..].first_chunk().copied().unwrap_or_else(|| {
        let mut padded = [0; N];
        padded[..text.len() - at].copy_from_slice(&text[at..]);
        padded
    });
    bytes.iter_mut().for_each(|byte| *byte |= 0x20);
    bytes
}

#[inline]
fn key_at(text: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(chunk_at::<WIDTH>(text, at))
}

/// About how often, per byte of an ordinary log, these bytes begin.
fn frequency(bytes: &[u8]) -> f64 {
    bytes.iter().map(|&byte| byte_frequency(byte)).product()
}

#[inline]
fn hash(key: u32) -> u32 {
    key.wrapping_mul(0x9E37_79B1)
}

#[inline]
fn first_bits(hash: u32, bits: u32) -> usize {
    (hash >> (u32::BITS - bits)) as usize
}

/// Chooses each literal's window, and tells what the marker has to accept.
fn choose_windows(literals: &mut [Literal]) -> Masks {
    let frequencies = Frequencies::new();
    let mut groups: [Group; GROUPS] = Default::default();
    let common = Common::new(literals);
    let mut sharing: HashMap<u32, u32> = HashMap::new();
    let mut order: Vec<&mut Literal> = literals.iter_mut().collect();
    order.sort_by_key(|literal| literal.bytes.len());
    for literal in order {
        let width = literal.bytes.len().min(WIDTH);
        let windows = literal.bytes.windows(width).take(MAX_CHOICES).enumerate();
        let choices = windows.flat_map(|(at, bytes)| {
            let compared = 1 + sharing.get(&key_at(bytes, 0)).copied().unwrap_or(0);
            let compare = COMPARE * common.frequency(bytes) * f64::from(compared);
            let groups = groups.iter().enumerate();
            let cost = |group: &Group| group.growth(bytes, &frequencies) + compare;
            groups.map(|(index, group)| (cost(group), at, index)).collect::<Vec<_>>()
        });
        let Some((_, window, group)) = choices.min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
        let bytes = &literal.bytes[window..window + width];
        groups[group].accept(bytes, &frequencies);
        *sharing.entry(key_at(bytes, 0)).or_default() += 1;
        literal.window = window;
    }
    masks(&groups)
}

/// The most windows of one literal that are weighed against each other.
const MAX_CHOICES: usize = 64;

/// What comparing a literal costs, in looks at the hash table.
const COMPARE: f64 = 1.0;

/// How often windows occur, going by the literals themselves.
///
/// ` for` and `tion` are far more frequent than their letters are one by one.
/// Literals are made of the same words as the logs that they are from, and the
/// more of them there are, the better they tell which windows are such.
struct Common {
    counts: HashMap<u32, u32>,
    total: f64,
}

impl Common {
    fn new(literals: &[Literal]) -> Self {
        let mut counts = HashMap::new();
        for window in literals.iter().flat_map(|literal| literal.bytes.windows(WIDTH)) {
            *counts.entry(key_at(window, 0)).or_default() += 1;
        }
        Self { total: counts.values().sum::<u32>().into(), counts }
    }

    fn frequency(&self, window: &[u8]) -> f64 {
        let others = self.counts.get(&key_at(window, 0)).map_or(0, |count| count - 1);
        frequency(window).max(f64::from(others) / self.total).max(FLOOR)
    }
}

/// No window is taken to be rarer than this.
const FLOOR: f64 = 1e-5;

fn masks(groups: &[Group; GROUPS]) -> Masks {
    let mut masks = Masks::default();
    for (index, group) in groups.iter().enumerate() {
        for (place, accepted) in group.places.iter().enumerate() {
            match accepted {
                Accepted::Any => masks.accept_any(index, place),
                Accepted::Halves { low, high, .. } => {
                    for byte in (0..=u8::MAX).filter(|b| {
                        b & 0x20 != 0 && low >> (b & 0xF) & 1 == 1 && high >> (b >> 4) & 1 == 1
                    }) {
                        masks.accept(index, place, byte);
                    }
                }
            }
        }
    }
    masks
}

/// How often a byte of an ordinary log has these halves, case aside.
struct Frequencies([[f64; 16]; 16]);

impl Frequencies {
    fn new() -> Self {
        let mut frequencies = [[0.0; 16]; 16];
        for byte in (0..=u8::MAX).filter(|byte| byte & 0x20 != 0) {
            frequencies[usize::from(byte >> 4)][usize::from(byte & 0xF)] = byte_frequency(byte);
        }
        Self(frequencies)
    }

    fn of(&self, low: u16, high: u16) -> f64 {
        let lows = |row: &[f64; 16]| -> f64 {
            row.iter().enumerate().filter(|(l, _)| low >> l & 1 == 1).map(|(_, f)| f).sum()
        };
        self.0
            .iter()
            .enumerate()
            .filter(|(h, _)| high >> h & 1 == 1)
            .map(|(_, row)| lows(row))
            .sum()
    }
}

/// What a group of windows accepts so far.
#[derive(Clone, Debug, Default)]
struct Group {
    places: [Accepted; WIDTH],
    /// How often a place in a text is marked for it.
    frequency: f64,
}

#[derive(Clone, Debug)]
enum Accepted {
    Halves { low: u16, high: u16, frequency: f64 },
    Any,
}

impl Default for Accepted {
    fn default() -> Self {
        Self::Halves { low: 0, high: 0, frequency: 0.0 }
    }
}

impl Accepted {
    fn frequency(&self) -> f64 {
        match self {
            Self::Halves { frequency, .. } => *frequency,
            Self::Any => 1.0,
        }
    }

    fn with(&self, byte: Option<&u8>, frequencies: &Frequencies) -> Self {
        let (Some(byte), Self::Halves { low, high, .. }) = (byte, self) else { return Self::Any };
        let byte = byte | 0x20;
        let (more_low, more_high) = (low | 1 << (byte & 0xF), high | 1 << (byte >> 4));
        if (more_low, more_high) == (*low, *high) {
            return self.clone();
        }
        let frequency = frequencies.of(more_low, more_high);
        Self::Halves { low: more_low, high: more_high, frequency }
    }
}

impl Group {
    /// How many more marks a window would bring, per byte of text.
    fn growth(&self, window: &[u8], frequencies: &Frequencies) -> f64 {
        let places = self.places.iter().enumerate();
        let grown: f64 = places
            .map(|(place, accepted)| accepted.with(window.get(place), frequencies).frequency())
            .product();
        grown - self.frequency
    }

    fn accept(&mut self, window: &[u8], frequencies: &Frequencies) {
        for (place, accepted) in self.places.iter_mut().enumerate() {
            *accepted = accepted.with(window.get(place), frequencies);
        }
        self.frequency = self.places.iter().map(Accepted::frequency).product();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(literals: &[&str]) -> Index {
        Index::new((0..).zip(literals).map(|(i, l)| (l.as_bytes().to_vec(), i)).collect())
    }

    fn found(index: &Index, text: &str) -> Result<Vec<u32>, TooMany> {
        let mut candidates = Candidates::default();
        index.candidates(text.as_bytes(), &mut candidates)?;
        Ok(candidates.sorted().to_vec())
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
        let prefix = "a".repeat(MAX_CHOICES + WIDTH);
        let literals: Vec<String> = (0..2_000).map(|i| format!("{prefix}{i}")).collect();
        let index = self::index(&literals.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(found(&index, &"a".repeat(2_000)), Err(TooMany));
    }

    #[test]
    fn no_literal_finds_nothing() {
        assert_eq!(found(&index(&[]), "anything"), Ok(vec![]));
    }
}
