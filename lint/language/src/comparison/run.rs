//! One share of a comparison, done on one thread.

use std::ops::Range;

use regex_syntax::hir::Hir;

use super::{
    branch_index::BranchIndex,
    relations::{PatternIndex, Relations, Touch},
    subject::Subject,
};
use crate::{
    branches::branches,
    budget::OutOfBudget,
    gaps::without_gaps,
    nfa::Mode,
    positions::Positions,
    questions::{match_within, missed_by},
    texts::texts,
};

/// The comparison of some patterns with all others.
pub(super) struct Run {
    pub(super) relations: Relations,
    pub(super) budget: Budget,
    /// The patterns that are still to be compared.
    pub(super) open: Range<PatternIndex>,
}

/// How much may still be done; less than nothing when the last was one too many.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    /// Questions that are put to automata.
    pub(super) questions: isize,
    /// Checks whether a text can be in another.
    pub(super) checks: isize,
}

/// What all patterns are compared with.
#[derive(Clone, Copy)]
pub(super) struct Against<'c> {
    pub(super) subjects: &'c [Subject<'c>],
    pub(super) index: &'c BranchIndex,
}

/// A branch whose text others are sought in.
struct Place<'h> {
    text_of: PatternIndex,
    branch: usize,
    branches: usize,
    hir: &'h Hir,
}

impl Run {
    /// Compares the patterns that are open, as far as the budget goes.
    pub(super) fn go(&mut self, against: Against<'_>) {
        while let Some(text_of) = self.open.clone().next() {
            let known = (self.relations.touches.len(), self.relations.undecided.len());
            if self.compare(text_of, against).is_err() {
                // Once more from the start, if there is budget left.
                self.relations.touches.truncate(known.0);
                self.relations.undecided.truncate(known.1);
                return;
            }
            self.open.next();
        }
    }

    /// Finds all patterns that are found in the text of one.
    fn compare(&mut self, text_of: PatternIndex, against: Against<'_>) -> Result<(), OutOfBudget> {
        let Some(hir) = against.subjects[text_of].pattern.overapproximate() else { return Ok(()) };
        let all = branches(&hir);
        for (branch, hir) in all.iter().enumerate() {
            let place = Place { text_of, branch, branches: all.len(), hir };
            let own = without_gaps(hir);
            let texts = texts(&own);
            let mut checks = 0;
            let (subjects, index) = (against.subjects, against.index);
            let mut candidates = match &texts {
                Some(texts) => index.within_texts(texts, subjects, &mut checks),
                None => match Positions::new(&own) {
                    Some(positions) => index.within_positions(&positions, subjects, &mut checks),
                    None => index.all(&mut checks),
                },
            };
            self.budget.checks -= checks as isize;
            candidates.extend(index.anywhere());
            candidates.remove(&text_of);
            for found in candidates {
                if let Some(witness) = self.witness(&place, found, &own, texts.as_deref(), against)
                {
                    self.describe(&place, found, witness, against);
                }
                if self.budget.questions < 0 || self.budget.checks < 0 {
                    return Err(OutOfBudget);
                }
            }
        }
        Ok(())
    }

    /// A text that a branch spells out, and in which another pattern is found.
    fn witness(
        &mut self,
        place: &Place<'_>,
        found: PatternIndex,
        own: &Hir,
        texts: Option<&[String]>,
        against: Against<'_>,
    ) -> Option<String> {
        let (one, other) = (&against.subjects[place.text_of], &against.subjects[found]);
        let both = |text: &str| one.finds(text) && other.finds(text);
        if let Some(texts) = texts.filter(|_| !other.knows_case()) {
            // A thousand times cheaper than a question.
            self.budget.checks -= 200 * texts.len() as isize;
            return texts.iter().find(|text| both(text)).cloned();
        }
        let finder = other.pattern.overapproximate()?;
        self.budget.questions -= 1;
        match match_within(own, &finder) {
            Ok(None) => None,
            Ok(Some(witness)) if both(&witness) => Some(witness),
            Ok(Some(_)) | Err(OutOfBudget) => {
                self.relations.undecided.push((place.text_of, found));
                None
            }
        }
    }

    /// Finds out what it means that a pattern is found in a branch's own text.
    fn describe(
        &mut self,
        place: &Place<'_>,
        found: PatternIndex,
        witness: String,
        against: Against<'_>,
    ) {
        let &Place { text_of, branch, branches, hir } = place;
        let (one, other) = (&against.subjects[text_of], &against.subjects[found]);
        let Some(finder) = other.pattern.overapproximate() else { return };
        self.budget.questions -= 2;
        let always = match missed_by(&finder, hir, Mode::Search) {
            // A wider language than the pattern's proves less.
            Ok(Some(text)) if one.exact || one.finds(&text) => Some(false),
            Ok(None) if other.exact => Some(true),
            _ => None,
        };
        let special =
            always == Some(true) || matches!(missed_by(&finder, hir, Mode::Whole), Ok(None));
        let touch = Touch { text_of, branch, branches, found, always, special, witness };
        self.relations.touches.push(touch);
    }
}
