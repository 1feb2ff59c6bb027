//! A finding: a rule that a file breaks, and where.

use std::ops::Range;

use serde::Serialize;
use signatures_engine::{
    problem::{Problem, Weight},
    yaml::{Source, Span},
};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// The file cannot be used, or does harm.
    Error,
    /// It probably does not do what was meant.
    Warning,
}

/// A rule that a file breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The name of the rule, in kebab case.
    pub(crate) rule: &'static str,
    /// How much it weighs.
    pub(crate) severity: Severity,
    /// What is wrong, in one line.
    pub(crate) message: String,
    /// Where.
    pub(crate) span: Span,
    /// What to write instead.
    pub(crate) help: Option<String>,
}

impl Finding {
    /// The bytes of the source that it is about.
    pub(crate) fn range(&self, source: &Source) -> Range<usize> {
        let end = self.span.end.min(source.text().len());
        self.span.start.min(end)..end
    }
}

impl From<Problem> for Finding {
    fn from(problem: Problem) -> Self {
        Self {
            rule: problem.rule.name(),
            severity: match problem.rule.weight() {
                Weight::Error => Severity::Error,
                Weight::Warning => Severity::Warning,
            },
            message: problem.message,
            span: problem.span,
            help: problem.help,
        }
    }
}

/// A file and all that was found in it.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) source: Source,
    pub(crate) findings: Vec<Finding>,
}
