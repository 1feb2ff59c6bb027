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
    /// Why it cannot be made in this file, where it can be computed.
    pub(crate) hindrance: Option<&'static str>,
}

/// An edit that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fix {
    /// The bytes of the source to replace.
    pub(crate) span: Span,
    /// By what.
    pub(crate) text: String,
    /// What becomes of a value by that; none where all values stay as they are.
    pub(crate) value: Option<ValueEdit>,
    /// Whether all that goes by the file goes on as before.
    pub(crate) is_safe: bool,
}

/// What an edit makes of the value of a scalar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueEdit {
    /// Where the scalar stands.
    pub(crate) scalar: Span,
    /// The bytes of its value to replace.
    pub(crate) part: Range<usize>,
    /// By what.
    pub(crate) text: String,
}

impl Fix {
    /// An edit of a comment, or of blanks.
    pub(crate) fn beside_values(span: Span, text: String) -> Self {
        Self { span, text, value: None, is_safe: true }
    }
}

impl Finding {
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with an edit that mends it, or why none can.
    pub(crate) fn fix(mut self, fix: Result<Fix, &'static str>) -> Self {
        match fix {
            Ok(fix) => self.fix = Some(fix),
            Err(hindrance) => self.hindrance = Some(hindrance),
        }
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
            hindrance: None,
        }
    }
}

/// A file and all that was found in it.
#[derive(Debug)]
pub(crate) struct Checked<'s> {
    pub(crate) source: &'s Source,
    pub(crate) findings: &'s [Finding],
}
