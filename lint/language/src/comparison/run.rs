//! One share of a comparison, done on one thread.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::Range,
};

use super::{
    branch_index::BranchIndex,
    place::Place,
    relations::{PatternIndex, Relations, Touch},
    subject::Subject,
};
use crate::{
    alphabet::Alphabet,
    budget::{OutOfBudget, Steps},
    nfa::Mode,
    places::Automaton,
    positions::Positions,
    questions::Asked,
    subsets::LazySubsets,
};

/// Steps that a question takes before the first.
const QUESTION_COST: isize = 100;

/// The comparison of some patterns with all others.
pub(super) struct Run {
    pub(super) relations: Relations,
    pub(super) budget: Budget,
    /// The patterns that are still to be compared.
    pub(super) open: Range<PatternIndex>,
    /// Those of them that were found to be shadowed.
    pub(super) shadowed: Vec<PatternIndex>,
}

/// How much may still be done; less than nothing when the last was one too many.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    /// Steps that questions to automata may take.
    pub(super) steps: isize,
    /// Checks whether a text can be in another.
    pub(super) checks: isize,
}

impl Budget {
    fn check(&self) -> Result<(), OutOfBudget> {
        if self.steps < 0 || self.checks < 0 { Err(OutOfBudget) } else { Ok(()) }
    }
}

/// What all patterns are compared with.
#[derive(Clone, Copy)]
pub(super) struct Against<'c> {
    pub(super) subjects: &'c [Subject<'c>],
    pub(super) index: &'c BranchIndex,
    pub(super) alphabet: &'c Alphabet,
    /// When each is asked.
    pub(super) turns: &'c [usize],
    /// Those that never have the word.
    pub(super) shadowed: &'c HashSet<PatternIndex>,
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
    /// Finds the patterns, of those that are open, that an earlier one shadows, as far
    /// as the budget goes.
    pub(super) fn find_shadowed(&mut self, against: Against<'_>) {
        let mut memory = Memory::default();
        for text_of in self.open.clone() {
            if self.find_shadow(text_of, against, &mut memory).is_err() {
                return;
            }
        }
    }

    /// Looks for an earlier pattern that is found in whatever a pattern is found in.
    fn find_shadow<'c>(
        &mut self,
        text_of: PatternIndex,
        against: Against<'c>,
        memory: &mut Memory<'c>,
    ) -> Result<(), OutOfBudget> {
        let places = Place::all(text_of, against);
        let Some((first, rest)) = places.split_first() else { return Ok(()) };
        let mut earlier = self.candidates(first, against);
        earlier.retain(|found| against.turns[*found] < against.turns[text_of]);
        for place in rest {
            let candidates = self.candidates(place, against);
            earlier.retain(|found| candidates.contains(found));
        }
        let mut earlier: Vec<_> = earlier.into_iter().collect();
        earlier.sort_by_key(|found| against.turns[*found]);
        for found in earlier {
            let touches: Option<Vec<Touch>> = places
                .iter()
                .map(|place| {
                    let witness = self.listed_witness(place, found, against)??;
                    let always = self.always(place, found, against, memory);
                    (always == Some(true)).then(|| place.touch(found, always, true, witness))
                })
                .collect();
            if let Some(touches) = touches {
                self.relations.touches.extend(touches);
                self.shadowed.push(text_of);
                return Ok(());
            }
            self.budget.check()?;
        }
        Ok(())
    }

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
        if against.shadowed.contains(&text_of) {
            return Ok(());
        }
        for place in Place::all(text_of, against) {
            let candidates = self.candidates(&place, against);
            for found in candidates.into_iter().filter(|found| !against.shadowed.contains(found)) {
                if let Some(witness) = self.witness(&place, found, against) {
                    let touch = self.describe(&place, found, witness, against, memory);
                    self.relations.touches.push(touch);
                }
                self.budget.check()?;
            }
        }
        Ok(())
    }

    /// The patterns that may be found in what a branch spells out, by what they require.
    fn candidates(&mut self, place: &Place<'_>, against: Against<'_>) -> BTreeSet<PatternIndex> {
        let mut checks = 0;
        let (subjects, index) = (against.subjects, against.index);
        let mut candidates = match &place.listed {
            Some(texts) => index.within_texts(texts, subjects, &mut checks),
            None => match Positions::new(&place.spelled_out) {
                Some(positions) => index.within_positions(&positions, subjects, &mut checks),
                None => index.all(&mut checks),
            },
        };
        self.budget.checks -= checks as isize;
        candidates.extend(index.anywhere());
        candidates.remove(&place.text_of);
        candidates
    }

    /// A text that a branch spells out, and in which another pattern is found.
    fn witness(
        &mut self,
        place: &Place<'_>,
        found: PatternIndex,
        against: Against<'_>,
    ) -> Option<String> {
        if let Some(known) = self.listed_witness(place, found, against) {
            return known;
        }
        let (one, other) = (&against.subjects[place.text_of], &against.subjects[found]);
        let both = |text: &str| one.finds(text) && other.finds(text);
        let witness = match (&place.own, other.finder(against.alphabet)) {
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

    /// The same by trying texts; no answer if none of them is such a text, and there may
    /// be others. A thousand times cheaper than a question.
    fn listed_witness(
        &mut self,
        place: &Place<'_>,
        found: PatternIndex,
        against: Against<'_>,
    ) -> Option<Option<String>> {
        let other = &against.subjects[found];
        let listed = place.listed.as_ref().filter(|_| !other.knows_case());
        let texts = listed.unwrap_or(&place.samples);
        self.budget.checks -= other.search_cost() * texts.len() as isize;
        let witness = texts.iter().find(|text| other.finds(text)).cloned();
        (witness.is_some() || listed.is_some()).then_some(witness)
    }

    /// Finds out what it means that a pattern is found in a branch's own text.
    fn describe<'c>(
        &mut self,
        place: &Place<'c>,
        found: PatternIndex,
        witness: String,
        against: Against<'c>,
        memory: &mut Memory<'c>,
    ) -> Touch {
        let always = self.always(place, found, against, memory);
        let special = match always {
            Some(true) => true,
            // Without look-around, what is around a match changes nothing.
            Some(false) if !place.looks(found, against) => false,
            _ => self.missed(place, found, Mode::Whole, against, memory) == Ok(None),
        };
        place.touch(found, always, special, witness)
    }

    /// Whether a pattern is found in every text that a branch is found in.
    fn always<'c>(
        &mut self,
        place: &Place<'c>,
        found: PatternIndex,
        against: Against<'c>,
        memory: &mut Memory<'c>,
    ) -> Option<bool> {
        let (one, other) = (&against.subjects[place.text_of], &against.subjects[found]);
        if one.is_same(other) {
            return Some(true);
        }
        if let Some(always) = place.found_in_all(found, against) {
            return Some(always);
        }
        match self.missed(place, found, Mode::Search, against, memory) {
            // A wider language than the pattern's proves less.
            Ok(Some(text)) if one.exact || one.finds(&text) => Some(false),
            Ok(None) if other.exact => Some(true),
            Ok(None) => self.surely(place, found, against),
            _ => None,
        }
    }

    /// The same of a pattern that is not exact, by what is certain of it.
    fn surely(
        &mut self,
        place: &Place<'_>,
        found: PatternIndex,
        against: Against<'_>,
    ) -> Option<bool> {
        let (one, other) = (&against.subjects[place.text_of], &against.subjects[found]);
        let sure = other.sure_finder(against.alphabet)?;
        let branch = place.automaton(Mode::Search, against.alphabet)?;
        let asked = Asked { alphabet: against.alphabet, one: branch, other: sure };
        let mut subsets = LazySubsets::new(sure, against.alphabet);
        match self.ask(|steps| asked.missed(&mut subsets, steps)) {
            Ok(None) => Some(true),
            Ok(Some(text)) if one.finds(&text) && other.misses(&text) => Some(false),
            _ => None,
        }
    }

    /// A text that a branch takes, and in which a pattern is not found.
    fn missed<'c>(
        &mut self,
        place: &Place<'c>,
        found: PatternIndex,
        mode: Mode,
        against: Against<'c>,
        memory: &mut Memory<'c>,
    ) -> Result<Option<String>, OutOfBudget> {
        let other = &against.subjects[found];
        self.budget.checks -= other.search_cost() * place.samples.len() as isize;
        if let Some(text) = place.sample_without(found, against) {
            return Ok(Some(text.to_owned()));
        }
        let mode = if place.looks(found, against) { mode } else { Mode::Whole };
        let finder = other.finder(against.alphabet).ok_or(OutOfBudget)?;
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
