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
mod culprit;
mod edges;
mod growth;
mod matcher;
mod parser;
mod program;
mod proof;
mod rewrite;
mod suffix;
mod syntax;

use std::ops::Range;

pub use attack::{Attack, Pump};
pub use rewrite::{Rewrite, rewrite};

use proof::Case;

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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Steps of the trial matcher, some nanoseconds each.
    pub steps: u64,
    /// States of automaton products, some tens of nanoseconds each.
    pub states: u64,
    /// The longest text that a match is ever tried on, in characters: what an
    /// attack can cost is told for a text of this length.
    pub subject_limit: usize,
    /// Seconds: squared growth that costs less on such a text is told, but not
    /// looked into any further.
    pub harmless_seconds: f64,
}

impl Default for Budget {
    /// About half a second at most.
    fn default() -> Self {
        Budget {
            steps: 20_000_000,
            states: 1_500_000,
            subject_limit: 16_384,
            harmless_seconds: 1.0,
        }
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

    /// Whether the growth is squared and costs less than the budget calls
    /// harmless.
    pub fn is_harmless(&self, budget: &Budget) -> bool {
        self.verdict == Verdict::Polynomial { degree: 2 }
            && self.cost.is_some_and(|cost| cost.seconds < budget.harmless_seconds)
    }
}

/// Finds out how the time to search for `pattern` grows with the text.
///
/// When case is ignored, an attack is preferred that works either way.
pub fn analyse(pattern: &str, engine: Engine, flags: Flags, budget: &Budget) -> Analysis {
    let mut case = match Case::new(pattern, engine, flags, budget) {
        Ok(case) => case,
        Err(verdict) => return Analysis::of(verdict),
    };
    let analysis = case.analysis();
    if !flags.ignore_case || analysis.attack.is_none() || analysis.is_harmless(budget) {
        return analysis;
    }
    let minding_case = Flags { ignore_case: false, ..flags };
    let narrower = match Case::new(pattern, engine, minding_case, budget) {
        Ok(mut case) => case.analysis(),
        Err(verdict) => Analysis::of(verdict),
    };
    let as_bad = narrower.verdict == analysis.verdict;
    if as_bad && case.succumbs_to(&narrower) { narrower } else { analysis }
}
