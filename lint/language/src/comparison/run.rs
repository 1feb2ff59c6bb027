//! One share of a comparison, done on one thread.

use std::{cell::OnceCell, collections::HashMap, ops::Range};

use regex_syntax::hir::Hir;

use super::{
    branch_index::BranchIndex,
    relations::{PatternIndex, Relations, Touch},
    subject::Subject,
};
use crate::{
    alphabet::Alphabet,
    budget::{OutOfBudget, Steps},
    gaps::without_gaps,
    nfa::Mode,
    places::Automaton,
    positions::Positions,
    questions::Asked,
    subsets::LazySubsets,
    texts::texts,
};

/// Steps that a question takes before the first.
const QUESTION_COST: isize = 100;

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
    /// Steps that questions to automata may take.
    pub(super) steps: isize,
    /// Checks whether a text can be in another.
    pub(super) checks: isize,
}

/// What all patterns are compared with.
#[derive(Clone, Copy)]
pub(super) struct Against<'c> {
    pub(super) subjects: &'c [Subject<'c>],
    pub(super) index: &'c BranchIndex,
    pub(super) alphabet: &'c Alphabet,
    pub(super) finders: &'c [Option<Automaton>],
}

/// A branch whose text others are sought in.
struct Place<'h> {
    text_of: PatternIndex,
    branch: usize,
    branches: usize,
    hir: &'h Hir,
    /// What the branch spells out, as one text from end to end.
    own: Option<Automaton>,
    /// Whether that is all that it matches: it has no gaps.
    is_spelled_out: bool,
    /// The branch itself, as one text from end to end, and anywhere in a text.
    whole: OnceCell<Option<Automaton>>,
    anywhere: OnceCell<Option<Automaton>>,
}

impl Place<'_> {
    fn automaton(&self, mode: Mode, alphabet: &Alphabet) -> Option<&Automaton> {
        let kept = match mode {
            Mode::Whole => &self.whole,
            Mode::Search => &self.anywhere,
        };
        kept.get_or_init(|| Automaton::new(self.hir, mode, alphabet).ok()).as_ref()
    }

    /// Whether a pattern is found in all texts of the branch, where they are listed in
    /// full and no automaton need be asked.
    fn listed(
        &self,
        found: PatternIndex,
        texts: Option<&[String]>,
        against: Against<'_>,
    ) -> Option<bool> {
        let (one, other) = (&against.subjects[self.text_of], &against.subjects[found]);
        let in_full = self.is_spelled_out && one.exact && other.exact;
        let plain = !one.knows_case() && !other.knows_case() && !self.looks(found, against);
        let texts = texts.filter(|_| in_full && plain)?;
        Some(texts.iter().all(|text| other.finds(text)))
    }

    /// Whether look-around matters to the question.
    fn looks(&self, found: PatternIndex, against: Against<'_>) -> bool {
        !self.hir.properties().look_set().is_empty()
            || against.finders[found].as_ref().is_none_or(|finder| finder.looks)
    }

    fn touch(
        &self,
        found: PatternIndex,
        always: Option<bool>,
        special: bool,
        witness: String,
    ) -> Touch {
        let &Place { text_of, branch, branches, .. } = self;
        Touch { text_of, branch, branches, found, always, special, witness }
    }
}

/// What a thread has found out about the patterns that it has asked about.
#[derive(Default)]
struct Memory<'c> {
    subsets: HashMap<PatternIndex, LazySubsets<'c>>,
    asked: usize,
}

/// After so many questions a thread forgets, so as not to need ever more memory.
const QUESTIONS_REMEMBERED: usize = 512;

impl<'c> Memory<'c> {
    fn subsets(
        &mut self,
        found: PatternIndex,
        finder: &'c Automaton,
        alphabet: &'c Alphabet,
    ) -> &mut LazySubsets<'c> {
        self.asked += 1;
        if self.asked.is_multiple_of(QUESTIONS_REMEMBERED) {
            self.subsets.clear();
        }
        self.subsets.entry(found).or_insert_with(|| LazySubsets::new(finder, alphabet))
    }
}

impl Run {
    /// Compares the patterns that are open, as far as the budget goes.
    pub(super) fn go(&mut self, against: Against<'_>) {
        let mut memory = Memory::default();
        while let Some(text_of) = self.open.clone().next() {
            let known = (self.relations.touches.len(), self.relations.undecided.len());
            if self.compare(text_of, against, &mut memory).is_err() {
                // Once more from the start, if there is budget left.
                self.relations.touches.truncate(known.0);
                self.relations.undecided.truncate(known.1);
                return;
            }
            self.open.next();
        }
    }

    /// Finds all patterns that are found in the text of one.
    fn compare<'c>(
        &mut self,
        text_of: PatternIndex,
        against: Against<'c>,
        memory: &mut Memory<'c>,
    ) -> Result<(), OutOfBudget> {
        let all = against.subjects[text_of].branches();
        for (branch, hir) in all.iter().enumerate() {
            let spelled_out = without_gaps(hir);
            let own = Automaton::new(&spelled_out, Mode::Whole, against.alphabet).ok();
            let is_spelled_out = spelled_out == *hir;
            let place = Place {
                text_of,
                branch,
                branches: all.len(),
                hir,
                own,
                is_spelled_out,
                whole: OnceCell::new(),
                anywhere: OnceCell::new(),
            };
            let texts = texts(&spelled_out);
            let mut checks = 0;
            let (subjects, index) = (against.subjects, against.index);
            let mut candidates = match &texts {
                Some(texts) => index.within_texts(texts, subjects, &mut checks),
                None => match Positions::new(&spelled_out) {
                    Some(positions) => index.within_positions(&positions, subjects, &mut checks),
                    None => index.all(&mut checks),
                },
            };
            self.budget.checks -= checks as isize;
            candidates.extend(index.anywhere());
            candidates.remove(&text_of);
            for found in candidates {
                if let Some(witness) = self.witness(&place, found, texts.as_deref(), against) {
                    let touch = match place.listed(found, texts.as_deref(), against) {
                        Some(always) => place.touch(found, Some(always), always, witness),
                        None => self.describe(&place, found, witness, against, memory),
                    };
                    self.relations.touches.push(touch);
                }
                if self.budget.steps < 0 || self.budget.checks < 0 {
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
        let witness = match (&place.own, &against.finders[found]) {
            (Some(own), Some(finder)) => {
                let asked = Asked { alphabet: against.alphabet, one: own, other: finder };
                self.ask(|steps| asked.taken_by_both(steps, both))
            }
            _ => Err(OutOfBudget),
        };
        witness.unwrap_or_else(|OutOfBudget| {
            self.relations.undecided.push((place.text_of, found));
            None
        })
    }

    /// Finds out what it means that a pattern is found in a branch's own text.
    fn describe<'c>(
        &mut self,
        place: &Place<'_>,
        found: PatternIndex,
        witness: String,
        against: Against<'c>,
        memory: &mut Memory<'c>,
    ) -> Touch {
        let (one, other) = (&against.subjects[place.text_of], &against.subjects[found]);
        let missed_in_match = self.missed(place, found, Mode::Whole, against, memory);
        // Without look-around, what is around a match changes nothing.
        let missed = match place.looks(found, against) {
            true => self.missed(place, found, Mode::Search, against, memory),
            false => missed_in_match.clone(),
        };
        let always = match missed {
            // A wider language than the pattern's proves less.
            Ok(Some(text)) if one.exact || one.finds(&text) => Some(false),
            Ok(None) if other.exact => Some(true),
            _ => None,
        };
        let special = always == Some(true) || matches!(missed_in_match, Ok(None));
        place.touch(found, always, special, witness)
    }

    /// A text that a branch takes, and in which a pattern is not found.
    fn missed<'c>(
        &mut self,
        place: &Place<'_>,
        found: PatternIndex,
        mode: Mode,
        against: Against<'c>,
        memory: &mut Memory<'c>,
    ) -> Result<Option<String>, OutOfBudget> {
        let finder = against.finders[found].as_ref().ok_or(OutOfBudget)?;
        let branch = place.automaton(mode, against.alphabet).ok_or(OutOfBudget)?;
        let asked = Asked { alphabet: against.alphabet, one: branch, other: finder };
        let subsets = memory.subsets(found, finder, against.alphabet);
        self.ask(|steps| asked.missed(subsets, steps))
    }

    /// Asks a question, and takes what it costs from the budget.
    fn ask<Answer>(&mut self, question: impl FnOnce(&mut Steps) -> Answer) -> Answer {
        let mut steps = Steps::default();
        let answer = question(&mut steps);
        self.budget.steps -= steps.taken() as isize + QUESTION_COST;
        answer
    }
}
