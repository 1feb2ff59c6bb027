//! Where in a text a pattern's literals occur, and so where its matches can be.

use std::ops::Range;

/// Where the literals of a pattern begin in a text: the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Occurrences {
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// Whether each match begins with one of them, rather than just contains one.
    pub(crate) leading: bool,
}

impl Occurrences {
    /// They may begin anywhere.
    pub(crate) const ANYWHERE: Self = Self { first: 0, last: usize::MAX, leading: false };

    /// Where the only one so far begins.
    pub(crate) fn at(place: usize) -> Self {
        Self { first: place, last: place, leading: false }
    }

    /// Takes in one more.
    pub(crate) fn add(&mut self, place: usize) {
        (self.first, self.last) = (self.first.min(place), self.last.max(place));
    }

    /// The part of a text of `length` bytes that holds all matches, which are up
    /// to `longest` bytes long.
    pub(crate) fn region(self, longest: usize, length: usize) -> Range<usize> {
        let begin = if self.leading { self.first } else { self.first.saturating_sub(longest) };
        begin..self.last.saturating_add(longest).min(length)
    }

    /// Whether a match can begin nowhere but where the region does.
    pub(crate) fn are_anchor(self) -> bool {
        self.leading && self.first == self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_lie_no_further_from_the_literals_than_they_are_long() {
        let mut around = Occurrences::at(30);
        around.add(20);
        assert_eq!(around, Occurrences { first: 20, last: 30, leading: false });
        assert_eq!(around.region(8, 100), 12..38);
        assert_eq!(around.region(25, 40), 0..40);
        assert_eq!(around.region(usize::MAX, 40), 0..40);
        let from = Occurrences { leading: true, ..around };
        assert_eq!(from.region(8, 100), 20..38);
        assert!(!from.are_anchor() && !around.are_anchor());
        assert!(Occurrences { leading: true, ..Occurrences::at(3) }.are_anchor());
        assert_eq!(Occurrences::ANYWHERE.region(5, 40), 0..40);
    }
}
