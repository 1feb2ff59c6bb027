//! Catastrophic backtracking: whether a pattern has it, and the proof.
//!
//! Engines that backtrack (Python's `re`, PCRE2, JavaScript's, and `fancy-regex`
//! for what the `regex` crate cannot do) try one way of matching after another.
//! When a text can be read in many ways and none of them matches in the end,
//! they try all: the time grows with the square of the text, or its cube, or
//! doubles with every character.
//!
//! [`analyse`] works in three stages:
//! 1. The pattern is read as the engine reads it, and turned into an automaton
//!    whose ambiguity tells where the time may grow, and with which text.
//! 2. A suffix is sought after which that text cannot match.
//! 3. The text is run, longer and longer, on a matcher that counts its steps and
//!    takes the same decisions as CPython's. Only what is seen to grow there is
//!    reported, so there are no false alarms from what the automaton cannot
//!    express.
//!
//! The work is bounded by a [`Budget`] of counted steps, never by the clock:
//! the same pattern always gets the same answer.
//!
//! Literature: Weber and Seidl (1991), Weideman, van der Merwe, Berglund and
//! Watson (CIAA 2016), Wüstholz, Olivo, Heule and Dillig (TACAS 2017), Davis,
//! Coghlan, Servant and Lee (FSE 2018), Takahashi and Minamide's `recheck`.

mod alphabet;
mod ambiguity;
mod attack;
mod automaton;
mod class;
mod growth;
mod matcher;
mod parser;
mod program;
mod suffix;
mod syntax;

use std::ops::Range;

pub use attack::{Attack, Pump};

use alphabet::{Alphabet, Symbol};
use ambiguity::{Examination, Fuel, OutOfFuel, Suspect, Ways};
use automaton::{Automaton, Bounds, TooLarge};
use growth::{Growth, Trial};
use parser::{ParseError, Parsed};
use program::Program;
use syntax::{Kind, Node};

/// A part of a pattern, in bytes.
pub type Span = Range<usize>;

/// The engine that is to run the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Engine {
    /// CPython's `re`, 3.11 and later.
    #[default]
    Python,
    /// PCRE2 without its just-in-time compiler's limits.
    Pcre2,
    /// ECMAScript without the `u` and `v` flags.
    JavaScript,
    /// The `regex` crate, and `fancy-regex` for look-around and
    /// back-references; only the latter can blow up.
    Rust,
}

/// The flags that the pattern is compiled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags {
    /// `i`
    pub ignore_case: bool,
    /// `m`
    pub multi_line: bool,
    /// `s`
    pub dot_all: bool,
    /// `x`
    pub extended: bool,
}

/// How much work one analysis may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Steps of the trial matcher, some nanoseconds each.
    pub steps: u64,
    /// States of automaton products, some tens of nanoseconds each.
    pub states: u64,
    /// The longest text that a match is ever tried on, in characters: what an
    /// attack can cost is told for a text of this length.
    pub subject_limit: usize,
}

impl Default for Budget {
    /// Well under two seconds.
    fn default() -> Self {
        Budget { steps: 30_000_000, states: 2_000_000, subject_limit: 16_384 }
    }
}

/// How the time to match grows with the length of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// With the length, as far as can be told.
    Linear,
    /// With a power of the length.
    Polynomial {
        /// The power, at least 2.
        degree: u32,
    },
    /// By a factor for every few characters more.
    Exponential,
    /// It was not found out.
    Undecided(Reason),
}

/// Why there is no verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The engine refuses the pattern.
    #[error("the engine does not accept the pattern: {message}")]
    Rejected {
        /// Where in the pattern, in bytes.
        at: usize,
        /// What it would say.
        message: String,
    },
    /// The engine accepts what this analysis does not know.
    #[error("the analysis does not cover {feature}")]
    Unsupported {
        /// Where in the pattern, in bytes.
        at: usize,
        /// What is not covered.
        feature: &'static str,
    },
    /// The automaton would be too large.
    #[error("the pattern is too large to analyse")]
    TooLarge,
    /// The [`Budget`] is used up.
    #[error("the analysis ran out of its budget")]
    OutOfBudget,
    /// The approximation of look-around, back-references or atomic groups is
    /// ambiguous, and no attack could be confirmed.
    #[error("look-around, back-references or atomic groups may hide an attack, none was confirmed")]
    Unconfirmed,
}

/// What an attack costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Estimated seconds of CPython for the worst text within the subject
    /// limit; infinite when beyond all measure.
    pub seconds: f64,
}

/// What [`analyse`] found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// How the time grows.
    pub verdict: Verdict,
    /// The proof, for [`Verdict::Polynomial`] and [`Verdict::Exponential`].
    pub attack: Option<Attack>,
    /// The part of the pattern to blame, likewise.
    pub culprit: Option<Span>,
    /// What the attack costs, likewise.
    pub cost: Option<Cost>,
}

impl Analysis {
    fn of(verdict: Verdict) -> Analysis {
        Analysis { verdict, attack: None, culprit: None, cost: None }
    }
}

/// Finds out how the time to search for `pattern` grows with the text.
pub fn analyse(pattern: &str, engine: Engine, flags: Flags, budget: &Budget) -> Analysis {
    let parsed = match parser::parse(pattern, engine, flags) {
        Ok(parsed) => parsed,
        Err(error) => return Analysis::of(Verdict::Undecided(error.into())),
    };
    if engine == Engine::Rust && !needs_backtracking(&parsed.root) || !has_repeats(&parsed.root) {
        return Analysis::of(Verdict::Linear);
    }
    match Case::new(&parsed, engine, budget) {
        Some(mut case) => case.analysis(&parsed.root),
        None => Analysis::of(Verdict::Undecided(Reason::TooLarge)),
    }
}

/// One pattern under analysis.
struct Case {
    alphabet: Alphabet,
    program: Program,
    steps_left: u64,
    fuel: Fuel,
    subject_limit: usize,
    /// Whether the automaton says all that the pattern does.
    exact: bool,
    /// Whether an ambiguity was found that no attack confirmed.
    unconfirmed: bool,
}

/// An attack that the matcher has confirmed.
struct Proof {
    suspect: Suspect,
    suffix: Vec<Symbol>,
    growth: Growth,
    spans: Vec<Span>,
}

/// Why no verdict can be given.
enum Stop {
    TooLarge,
    OutOfBudget,
}

impl From<OutOfFuel> for Stop {
    fn from(_: OutOfFuel) -> Self {
        Stop::OutOfBudget
    }
}

impl From<TooLarge> for Stop {
    fn from(_: TooLarge) -> Self {
        Stop::TooLarge
    }
}

impl From<Stop> for Reason {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::TooLarge => Reason::TooLarge,
            Stop::OutOfBudget => Reason::OutOfBudget,
        }
    }
}

impl From<ParseError> for Reason {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Rejected { at, message } => Reason::Rejected { at, message },
            ParseError::Unsupported { at, feature } => Reason::Unsupported { at, feature },
        }
    }
}

impl Case {
    fn new(parsed: &Parsed, engine: Engine, budget: &Budget) -> Option<Case> {
        let alphabet = Alphabet::new(&parsed.root)?;
        let javascript = engine == Engine::JavaScript;
        let program = Program::new(&parsed.root, parsed.groups, &alphabet, javascript);
        Some(Case {
            alphabet,
            program,
            steps_left: budget.steps,
            fuel: Fuel(budget.states),
            subject_limit: budget.subject_limit,
            exact: !needs_backtracking(&parsed.root),
            unconfirmed: false,
        })
    }

    fn analysis(&mut self, root: &Node) -> Analysis {
        match self.proof(root) {
            Ok(Some(proof)) => self.report(&proof),
            Ok(None) if self.steps_left == 0 => {
                Analysis::of(Verdict::Undecided(Reason::OutOfBudget))
            }
            Ok(None) if self.unconfirmed && !self.exact => {
                Analysis::of(Verdict::Undecided(Reason::Unconfirmed))
            }
            Ok(None) => Analysis::of(Verdict::Linear),
            Err(stop) => Analysis::of(Verdict::Undecided(stop.into())),
        }
    }

    /// The worst attack that can be confirmed.
    fn proof(&mut self, root: &Node) -> Result<Option<Proof>, Stop> {
        let exact = Automaton::new(root, &self.alphabet, Bounds::Exact)?;
        if let Some(proof) = self.exponential(&exact)? {
            return Ok(Some(proof));
        }
        if has_high_bounds(root) {
            let dropped = Automaton::new(root, &self.alphabet, Bounds::Dropped)?;
            if let Some(proof) = self.exponential(&dropped)? {
                return Ok(Some(proof));
            }
        }
        self.polynomial(&exact)
    }

    fn exponential(&mut self, automaton: &Automaton) -> Result<Option<Proof>, Stop> {
        let suspects = {
            let examination = Examination::new(automaton, &self.alphabet);
            examination.exponential(&mut self.fuel)?
        };
        let mut best: Option<Proof> = None;
        for suspect in suspects {
            let Some(proof) = self.confirm(automaton, suspect) else { continue };
            if proof.growth.ways == Ways::Exponential {
                return Ok(Some(proof));
            }
            best = best.or(Some(proof));
        }
        Ok(best)
    }

    fn polynomial(&mut self, automaton: &Automaton) -> Result<Option<Proof>, Stop> {
        let mut pairs = {
            let examination = Examination::new(automaton, &self.alphabet);
            examination.pairs(&mut self.fuel)?
        };
        if let Some(proof) = self.chain(automaton, &pairs)? {
            return Ok(Some(proof));
        }
        // Some pair in the chain cannot be attacked: find those that can.
        let mut singles = Vec::new();
        let mut index = 0;
        while index < pairs.len() {
            let suspect = {
                let examination = Examination::new(automaton, &self.alphabet);
                examination.single(&pairs[index], &mut self.fuel)?
            };
            match suspect.and_then(|suspect| self.confirm(automaton, suspect)) {
                Some(proof) => {
                    singles.push(proof);
                    index += 1;
                }
                None => _ = pairs.remove(index),
            }
        }
        if pairs.len() > 1
            && let Some(proof) = self.chain(automaton, &pairs)?
        {
            return Ok(Some(proof));
        }
        Ok(singles.into_iter().next())
    }

    fn chain(
        &mut self,
        automaton: &Automaton,
        pairs: &[ambiguity::Pair],
    ) -> Result<Option<Proof>, Stop> {
        let suspect = {
            let examination = Examination::new(automaton, &self.alphabet);
            examination.chain(pairs, &mut self.fuel)?
        };
        Ok(suspect.and_then(|suspect| self.confirm(automaton, suspect)))
    }

    /// Runs the attack that the suspect amounts to, with one suffix after the
    /// other.
    fn confirm(&mut self, automaton: &Automaton, suspect: Suspect) -> Option<Proof> {
        let bound = suspect.hot.iter().filter_map(|state| automaton.bounded.get(state)).max();
        for suffix in self.suffixes(automaton, &suspect) {
            let mut trial = Trial {
                program: &self.program,
                alphabet: &self.alphabet,
                stretches: &suspect.stretches,
                suffix: &suffix,
                steps_left: &mut self.steps_left,
            };
            if let Some(growth) = trial.growth(suspect.ways, bound.copied()) {
                let spans = suspect.hot.iter().map(|s| automaton.states[*s].span.clone());
                return Some(Proof { spans: spans.collect(), suspect, suffix, growth });
            }
        }
        self.unconfirmed = true;
        None
    }

    fn suffixes(&self, automaton: &Automaton, suspect: &Suspect) -> Vec<Vec<Symbol>> {
        let mut suffixes = suffix::suffixes(automaton, &self.alphabet, suspect);
        if !self.exact {
            // Look-ahead may ask for something anywhere: offer all there is.
            let all: Vec<Symbol> = (0..).take(self.alphabet.characters.len()).collect();
            let reversed = all.iter().rev().copied().collect();
            for more in [vec![], all, reversed] {
                if !suffixes.contains(&more) {
                    suffixes.push(more);
                }
            }
        }
        suffixes
    }

    fn report(&self, proof: &Proof) -> Analysis {
        let verdict = match proof.growth.ways {
            Ways::Exponential => Verdict::Exponential,
            Ways::Polynomial(degree) => Verdict::Polynomial { degree },
        };
        let pumps = proof.suspect.stretches.iter().map(|stretch| Pump {
            prefix: self.alphabet.text(&stretch.prefix),
            text: self.alphabet.text(&stretch.pump),
        });
        let mut attack = Attack {
            pumps: pumps.collect(),
            suffix: self.alphabet.text(&proof.suffix),
            repeats: 0,
        };
        let pumped: usize = proof.suspect.stretches.iter().map(|s| s.pump.len()).sum();
        let fixed: usize = proof.suspect.stretches.iter().map(|s| s.prefix.len()).sum::<usize>()
            + proof.suffix.len();
        let most = (self.subject_limit.saturating_sub(fixed) / pumped).max(1);
        attack.repeats = proof.growth.repeats_for(TELLING_SECONDS).min(most);
        let cost = Cost { seconds: proof.growth.seconds_at(most) };
        let start = proof.spans.iter().map(|span| span.start).min();
        let end = proof.spans.iter().map(|span| span.end).max();
        let culprit = start.zip(end).map(|(start, end)| start..end);
        Analysis { verdict, attack: Some(attack), culprit, cost: Some(cost) }
    }
}

/// The time that the attack in a report should take.
const TELLING_SECONDS: f64 = 5.0;

impl Growth {
    /// Estimated seconds of CPython with so many repeats.
    fn seconds_at(&self, repeats: usize) -> f64 {
        let known = self.nanoseconds as f64 / 1e9;
        let more = repeats as f64 - self.repeats as f64;
        match self.ways {
            Ways::Exponential => known * self.factor.powf(more),
            Ways::Polynomial(degree) => {
                known * (repeats as f64 / self.repeats as f64).powi(degree as i32)
            }
        }
    }

    /// The repeats that take so many seconds.
    fn repeats_for(&self, seconds: f64) -> usize {
        let times = seconds / (self.nanoseconds.max(1) as f64 / 1e9);
        let repeats = match self.ways {
            Ways::Exponential => self.repeats as f64 + times.ln() / self.factor.ln(),
            Ways::Polynomial(degree) => {
                self.repeats as f64 * times.powf(1.0 / f64::from(degree))
            }
        };
        repeats.ceil() as usize
    }
}

/// Whether the pattern has what no automaton can express.
fn needs_backtracking(root: &Node) -> bool {
    root.any(&|node| match &node.kind {
        Kind::Look { .. }
        | Kind::Backreference { .. }
        | Kind::Atomic(_)
        | Kind::Conditional { .. } => true,
        Kind::Repeat { mode, .. } => *mode == syntax::Mode::Possessive,
        _ => false,
    })
}

fn has_repeats(root: &Node) -> bool {
    root.any(&|node| matches!(&node.kind, Kind::Repeat { max, .. } if max.is_none_or(|m| m > 2)))
}

/// Whether some counted repeat may turn often enough to be as bad as one
/// without a bound.
fn has_high_bounds(root: &Node) -> bool {
    root.any(&|node| matches!(&node.kind, Kind::Repeat { max: Some(max), .. } if *max >= 8))
}
