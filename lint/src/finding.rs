//! A finding: a rule that a file breaks, and where.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use signatures_document::{
    Diagnostic, diagnostic,
    yaml::{Source, Span},
};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// It could not be decided, or is merely worth knowing; never fails a gate.
    Info,
    /// It probably does not do what was meant.
    Warning,
    /// The file cannot be used, or does harm.
    Error,
}

impl Severity {
    /// Its name, as reports print it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
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
    /// The same as an edit, where it can be computed.
    pub(crate) fix: Option<Fix>,
}

/// An edit that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fix {
    /// The bytes of the source to replace.
    pub(crate) span: Span,
    /// By what.
    pub(crate) text: String,
}

impl Finding {
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// The same, for what could not be decided.
    pub(crate) fn undecided(mut self) -> Self {
        self.severity = Severity::Info;
        self
    }

    /// The bytes of the source that it is about.
    pub(crate) fn range(&self, source: &Source) -> Range<usize> {
        let end = self.span.end.min(source.text().len());
        self.span.start.min(end)..end
    }
}

impl From<Diagnostic> for Finding {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            rule: diagnostic.code.name(),
            severity: match diagnostic.code.severity() {
                diagnostic::Severity::Error | diagnostic::Severity::Mistake => Severity::Error,
                diagnostic::Severity::Warning => Severity::Warning,
            },
            message: diagnostic.message,
            span: diagnostic.span,
            help: diagnostic.help,
            fix: None,
        }
    }
}

/// A file and all that was found in it.
#[derive(Debug)]
pub(crate) struct Checked<'s> {
    pub(crate) source: &'s Source,
    pub(crate) findings: &'s [Finding],
}
