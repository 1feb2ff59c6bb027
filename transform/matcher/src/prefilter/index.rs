//! Many literals, one text: which patterns have one of theirs in it?
//!
//! Each literal is known by one *window*, four bytes of it (less where it has
//! less). [`Marker`] finds where a window may begin. The *key* of such a place
//! is the eight bytes from there on. A filter of one bit for each hash, small
//! enough to stay close to the processor, tells nearly all keys that no literal
//! has; a hash table knows which literals have the others, and a comparison
//! settles the literal.

use super::{
    candidates::{Candidate, Candidates, TooMany},
    literal::{Literal, key_at},
    marker::{BLOCK, CHUNK, Kernel, Marked, Marker, Marks},
    windows::choose_windows,
};

/// Literals and the patterns that they stand for.
#[derive(Clone, Debug)]
pub(crate) struct Index {
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

impl Index {
    /// Prepares to look for literals, each with a pattern that it stands for.
    /// Literals are folded and not empty; one may come with many patterns.
    pub(crate) fn new(pairs: Vec<(Vec<u8>, u32)>) -> Self {
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
    /// When there are more than [`MAX_CANDIDATES`](super::candidates::MAX_CANDIDATES), or the text is so full of
    /// near misses that it takes too long to tell.
    #[inline]
    pub(crate) fn candidates(&self, text: &[u8], found: &mut Candidates) -> Result<(), TooMany> {
        let beyond_ascii =
            self.search(text, 1024 + 2 * text.len(), |pattern, at| found.add(pattern, at))?;
        found.beyond_ascii |= beyond_ascii;
        Ok(())
    }

    /// The same without bounds, in priority order. Takes, at worst, a time in
    /// proportion to the literals times the text.
    pub(crate) fn every_candidate(&self, text: &str) -> Vec<Candidate> {
        let last = self.literals.iter().flat_map(|literal| literal.patterns.last()).max();
        let mut found = vec![None::<Candidate>; last.map_or(0, |&last| last as usize + 1)];
        let add = |pattern, at| {
            let candidate = &mut found[pattern as usize];
            candidate.get_or_insert(Candidate::at(pattern, at)).occurrences.add(at);
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
    pub(crate) fn memory_usage(&self) -> usize {
        let literal = |l: &Literal| size_of_val(l) + l.bytes.len() + size_of_val(&*l.patterns);
        self.marker.memory_usage()
            + size_of_val(&*self.key_masks)
            + size_of_val(&*self.filter)
            + size_of_val(&*self.slots)
            + size_of_val(&*self.entries)
            + self.literals.iter().map(literal).sum::<usize>()
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

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{
        occurrences::Occurrences,
        prefilter::{candidates::MAX_CANDIDATES, literal::KEY, windows::MAX_CHOICES},
    };

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
        let at = |pattern, first, last| {
            let occurrences = Occurrences { first, last, leading: false };
            Candidate { pattern, occurrences }
        };
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
