//! The patterns that a text puts forward.

use arrayvec::ArrayVec;

use crate::occurrences::Occurrences;

/// The most patterns that one text may put forward.
pub(crate) const MAX_CANDIDATES: usize = 24;

/// A pattern that a text puts forward, and where its literals occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    pub(crate) pattern: u32,
    pub(crate) occurrences: Occurrences,
}

impl Candidate {
    pub(super) fn at(pattern: u32, place: usize) -> Self {
        Self { pattern, occurrences: Occurrences::at(place) }
    }

    /// Forgets where its literals occur: that was in another text.
    pub(crate) fn forget_occurrences(&mut self) {
        self.occurrences = Occurrences::ANYWHERE;
    }
}

/// The patterns that a text puts forward.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    candidates: ArrayVec<Candidate, MAX_CANDIDATES>,
    /// Whether the text has anything but ASCII.
    pub(crate) beyond_ascii: bool,
}

/// A text puts forward more than is worth looking at one by one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Candidates {
    /// Whether the text puts forward none.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// The candidates, in priority order.
    pub(crate) fn sorted(&mut self) -> &mut [Candidate] {
        self.candidates.sort_unstable();
        &mut self.candidates
    }

    pub(super) fn add(&mut self, pattern: u32, at: usize) -> Result<(), TooMany> {
        match self.candidates.iter_mut().find(|candidate| candidate.pattern == pattern) {
            Some(candidate) => candidate.occurrences.add(at),
            None => {
                self.candidates.try_push(Candidate::at(pattern, at)).map_err(|_| TooMany)?;
            }
        }
        Ok(())
    }
}
