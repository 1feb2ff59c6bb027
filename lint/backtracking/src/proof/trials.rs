//! Runs the attacks that the automaton suggests.

use std::ops::Range;

use super::fidelity::Fidelity;
use super::growth::{Expected, Growth, Harmless, Trial};
use super::suffix::{Suffix, Suffixes, suffixes};
use crate::alphabet::{Alphabet, Symbol};
use crate::ambiguity::{Stretch, Suspect};
use crate::budget::Budget;
use crate::complexity::Complexity;
use crate::matcher::Program;
use crate::nfa::Nfa;

/// What it takes to run attacks.
pub(crate) struct Trials {
    program: Program,
    pub(crate) steps_left: u64,
    subject_limit: usize,
    harmless_seconds: f64,
    fidelity: Fidelity,
    /// The fewest characters that a match takes.
    min_width: usize,
    /// Whether the automaton leaves out turns that some repeat must take.
    pub(crate) folded: bool,
    /// Whether an attack was foretold that did not come true.
    unconfirmed: bool,
    /// Whether there was an ambiguity of which it was not found out whether it is an
    /// attack.
    pub(crate) unsettled: bool,
}

/// Up to this many characters are put after an attack to make it as long as a match.
const FILL_LIMIT: usize = 1_000;
/// So many different characters are tried for that.
const FILLS: usize = 4;

/// What to put in front of an attack: nothing, or a character that keeps what is
/// anchored at the start from matching first.
fn leads(alphabet: &Alphabet) -> Vec<Vec<Symbol>> {
    let strange = alphabet.by_strangeness();
    let newline = alphabet.characters.iter().position(|c| *c == '\n');
    let other = strange.iter().copied().find(|s| Some(usize::from(*s)) != newline);
    let mut leads = vec![vec![]];
    leads.extend(other.map(|symbol| vec![symbol]));
    leads
}

/// An attack that the matcher has confirmed.
pub(crate) struct Proof {
    pub(crate) suspect: Suspect,
    pub(crate) suffix: Vec<Symbol>,
    pub(crate) growth: Growth,
    /// The parts of the pattern concerned.
    pub(crate) spans: Vec<Range<usize>>,
    /// The most repeats that fit into the subject limit, and what they cost.
    pub(crate) most_repeats: usize,
    pub(crate) seconds: f64,
    /// With fewer repeats the text is too short to be tried at all.
    pub(crate) fewest_repeats: usize,
}

impl Proof {
    pub(crate) fn is_exponential(&self) -> bool {
        self.growth.complexity == Complexity::Exponential
    }

    /// Orders proofs by growth; of two polynomials of one degree the one that costs
    /// more is worse.
    fn harm(&self) -> (u32, f64) {
        match self.growth.complexity {
            Complexity::Exponential => (u32::MAX, 0.0),
            Complexity::Polynomial { degree } => (degree, self.seconds),
        }
    }
}

impl Trials {
    /// Trials of a program; `fidelity` says how well the automaton stands for its
    /// pattern, `min_width` how many characters a match takes at least.
    pub(crate) fn new(
        program: Program,
        fidelity: Fidelity,
        min_width: u64,
        budget: &Budget,
    ) -> Trials {
        Trials {
            program,
            steps_left: budget.steps,
            subject_limit: budget.subject_limit,
            harmless_seconds: budget.harmless_seconds,
            fidelity,
            min_width: usize::try_from(min_width).unwrap_or(usize::MAX),
            folded: false,
            unconfirmed: false,
            unsettled: false,
        }
    }

    /// Whether there may be an attack although none was confirmed.
    pub(crate) fn doubtful(&self) -> bool {
        self.unconfirmed && self.fidelity != Fidelity::Exact
    }

    /// The same, as the automaton leaves turns out.
    pub(crate) fn folded_doubt(&self) -> bool {
        self.unconfirmed && self.folded
    }

    /// Runs the attack that the suspect amounts to, and keeps it if it works and
    /// is worse than the worst so far. Returns the growth that was seen.
    pub(crate) fn confirm(
        &mut self,
        alphabet: &Alphabet,
        nfa: &Nfa,
        mut suspect: Suspect,
        worst: &mut Option<Proof>,
    ) -> Option<Complexity> {
        let bound = suspect.looping.iter().filter_map(|state| nfa.bounded.get(state)).max();
        let prefix = suspect.stretches[0].prefix.clone();
        for lead in leads(alphabet) {
            suspect.stretches[0].prefix = [&lead[..], &prefix].concat();
            let Suffixes { found: suffixes, cut } =
                suffixes(nfa, alphabet, &suspect, &mut self.steps_left);
            self.unconfirmed |=
                lead.is_empty() && (!suffixes.is_empty() || self.fidelity == Fidelity::Approximate);
            self.unsettled |= cut && suffixes.is_empty();
            for Suffix { word: suffix, fails_search } in self.with_all(alphabet, suffixes) {
                let most_repeats = self.most_repeats(&suspect, &suffix);
                let expected = Expected {
                    complexity: suspect.complexity,
                    bound: bound.copied(),
                    harmless: Some(Harmless {
                        repeats: most_repeats,
                        seconds: self.harmless_seconds,
                    }),
                    certain: fails_search && bound.is_none() && self.fidelity == Fidelity::Exact,
                };
                let growth = self.growth(alphabet, &suspect.stretches, &suffix, expected);
                let Some(growth) = growth else {
                    self.unsettled |= expected.certain;
                    continue;
                };
                let spans = suspect.looping.iter().map(|s| nfa.states[*s].span.clone()).collect();
                let seconds = growth.seconds_at(most_repeats);
                let suffix = self.filled_up(alphabet, &suspect.stretches, suffix, &growth);
                let fewest_repeats = self.fewest_repeats(&suspect.stretches, &suffix);
                let proof =
                    Proof { suspect, suffix, growth, spans, most_repeats, seconds, fewest_repeats };
                if worst.as_ref().is_none_or(|worst| proof.harm() > worst.harm()) {
                    *worst = Some(proof);
                }
                return Some(growth.complexity);
            }
        }
        None
    }

    pub(crate) fn growth(
        &mut self,
        alphabet: &Alphabet,
        stretches: &[Stretch],
        suffix: &[Symbol],
        expected: Expected,
    ) -> Option<Growth> {
        let (program, steps_left) = (&self.program, &mut self.steps_left);
        Trial { program, alphabet, stretches, suffix, steps_left, expected }.growth()
    }

    /// The suffix, made longer where the attack would otherwise be too short to be
    /// tried at all, and the matcher takes as long for it.
    fn filled_up(
        &mut self,
        alphabet: &Alphabet,
        stretches: &[Stretch],
        suffix: Vec<Symbol>,
        growth: &Growth,
    ) -> Vec<Symbol> {
        let repeats = growth.repeats;
        if self.fewest_repeats(stretches, &suffix) <= repeats || self.min_width > FILL_LIMIT {
            return suffix;
        }
        let fills = suffix.last().copied().into_iter().chain(alphabet.by_strangeness());
        let as_before = growth.nanoseconds / 10 * 9;
        for fill in fills.take(FILLS) {
            let mut longer = suffix.clone();
            longer.resize(suffix.len() + self.min_width, fill);
            let (program, steps_left) = (&self.program, &mut self.steps_left);
            let expected = Expected::of(growth.complexity);
            let mut trial =
                Trial { program, alphabet, stretches, suffix: &longer, steps_left, expected };
            let effort = trial.run(repeats, u64::MAX);
            if !effort.matched && effort.nanoseconds >= as_before {
                return longer;
            }
        }
        suffix
    }

    /// How many repeats it takes for the text to be as long as a match.
    fn fewest_repeats(&self, stretches: &[Stretch], suffix: &[Symbol]) -> usize {
        let pumped: usize = stretches.iter().map(|s| s.pump.len()).sum();
        let fixed: usize = stretches.iter().map(|s| s.prefix.len()).sum();
        self.min_width.saturating_sub(fixed + suffix.len()).div_ceil(pumped)
    }

    /// How many repeats fit into the subject limit.
    fn most_repeats(&self, suspect: &Suspect, suffix: &[Symbol]) -> usize {
        let pumped: usize = suspect.stretches.iter().map(|s| s.pump.len()).sum();
        let fixed: usize = suspect.stretches.iter().map(|s| s.prefix.len()).sum();
        (self.subject_limit.saturating_sub(fixed + suffix.len()) / pumped).max(1)
    }

    /// The suffixes, and where the automaton is inexact some more: look-ahead may
    /// ask for any character, so suffixes of all characters are offered.
    fn with_all(&self, alphabet: &Alphabet, mut suffixes: Vec<Suffix>) -> Vec<Suffix> {
        if self.fidelity != Fidelity::Exact {
            let all: Vec<Symbol> = (0..).take(alphabet.characters.len()).collect();
            let reversed = all.iter().rev().copied().collect();
            for more in [vec![], all, reversed] {
                if !suffixes.iter().any(|known| known.word == more) {
                    suffixes.push(Suffix { word: more, fails_search: false });
                }
            }
        }
        suffixes
    }
}
