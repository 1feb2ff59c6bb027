//! What is found out about a pattern.

use std::ops::Range;

use crate::{attack::Attack, budget::Budget, complexity::Complexity};

/// What [`analyse`](crate::analyse) found out about a pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum Analysis {
    /// The time to match grows with the length of the text, as far as can be
    /// told.
    Linear,
    /// There is an attack.
    Vulnerable(Vulnerability),
    /// It was not found out.
    Undecided(Undecided),
}

impl Analysis {
    /// The vulnerability, if one was found.
    #[must_use]
    pub fn vulnerability(&self) -> Option<&Vulnerability> {
        match self {
            Analysis::Vulnerable(vulnerability) => Some(vulnerability),
            Analysis::Linear | Analysis::Undecided(_) => None,
        }
    }
}

/// A pattern's weakness, and the proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Vulnerability {
    /// How the time grows with the attack.
    pub complexity: Complexity,
    /// The text on which it does.
    pub attack: Attack,
    /// The part of the pattern to blame, in bytes.
    pub culprit: Range<usize>,
    /// Estimated seconds of CPython for the worst text within
    /// [`Budget::subject_limit`]; infinite when beyond all measure.
    pub seconds: f64,
}

impl Vulnerability {
    /// Whether the growth is squared and costs less than the budget calls
    /// harmless.
    #[must_use]
    pub fn is_harmless(&self, budget: &Budget) -> bool {
        self.complexity == Complexity::Polynomial { degree: 2 }
            && self.seconds < budget.harmless_seconds
    }
}

/// Why nothing was found out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
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
    /// A repeat must take more turns than the automaton can show, the approximation is
    /// ambiguous, and no attack could be confirmed.
    #[error("a counted repeat takes too many turns, and may hide an attack")]
    ManyTurns,
    /// Some texts can be read in many ways, and no attack could be made of that nor
    /// excluded.
    #[error("a text can be read in many ways, and whether a match can fail on it is open")]
    Ambiguous,
    /// The [`Budget`] is used up.
    #[error("the analysis ran out of its budget")]
    OutOfBudget,
    /// The approximation of look-around, back-references or atomic groups is
    /// ambiguous, and no attack could be confirmed.
    #[error("look-around, back-references or atomic groups may hide an attack, none was confirmed")]
    Unconfirmed,
}
