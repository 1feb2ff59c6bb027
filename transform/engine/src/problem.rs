//! What is wrong with a file that a user wrote, said so that it can be mended.

use std::fmt;

use crate::yaml::{Source, Span, YamlError};

/// One finding in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which rule it breaks.
    pub rule: Rule,
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

/// The rules that reading a file enforces by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The text is no YAML document.
    InvalidYaml,
    /// A value has the wrong shape or type, or is missing.
    Schema,
    /// A pattern is no regular expression.
    InvalidRegex,
    /// A pattern would compile to more memory than it may.
    RegexTooLarge,
    /// A policy is none of `retry`, `notify` and `escalate`.
    UnknownPolicy,
    /// A key that nothing reads.
    UnknownKey,
    /// A route leads to a sink that is not there.
    UnknownSink,
    /// A sink that no route leads to.
    UnroutedSink,
    /// A secret that stands in the file in clear.
    PlainSecret,
    /// A secret that cannot be had: the variable is not set, or the file not
    /// readable.
    MissingSecret,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The file cannot be used.
    Error,
    /// It can be used, and probably does not do what was meant.
    Warning,
}

impl Rule {
    /// The name of the rule, as reports print it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidYaml => "invalid-yaml",
            Self::Schema => "schema",
            Self::InvalidRegex => "invalid-regex",
            Self::RegexTooLarge => "regex-too-large",
            Self::UnknownPolicy => "unknown-policy",
            Self::UnknownKey => "unknown-key",
            Self::UnknownSink => "unknown-sink",
            Self::UnroutedSink => "unrouted-sink",
            Self::PlainSecret => "plain-secret",
            Self::MissingSecret => "missing-secret",
        }
    }

    /// What breaking it means for the file.
    #[must_use]
    pub const fn weight(self) -> Weight {
        match self {
            Self::UnknownKey | Self::UnroutedSink | Self::PlainSecret => Weight::Warning,
            _ => Weight::Error,
        }
    }
}

impl Problem {
    pub(crate) fn schema(span: Span, message: impl Into<String>) -> Self {
        Self { rule: Rule::Schema, message: message.into(), span, help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether the file cannot be used because of it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.rule.weight() == Weight::Error
    }
}

impl From<YamlError> for Problem {
    fn from(error: YamlError) -> Self {
        Self { rule: Rule::InvalidYaml, message: error.message, span: error.span, help: None }
    }
}

/// What reading a file came to: all its problems, and the value unless one of
/// them is an error.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    /// What was read; none when any problem is an error.
    pub value: Option<T>,
    /// What could be made of a file with errors, for those who look for more
    /// of them; none when there is a value.
    pub salvaged: Option<T>,
    /// Every problem, in file order.
    pub problems: Vec<Problem>,
}

impl<T> Reading<T> {
    pub(crate) fn new(value: T, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
        let broken = problems.iter().any(Problem::is_error);
        let (value, salvaged) = if broken { (None, Some(value)) } else { (Some(value), None) };
        Self { value, salvaged, problems }
    }

    /// The value, or all the errors as one.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn into_result(self, source: &Source) -> Result<T, Unusable> {
        self.value.ok_or_else(|| {
            let errors = self.problems.iter().filter(|problem| problem.is_error());
            Unusable { errors: errors.map(|p| p.located(source)).collect() }
        })
    }
}

/// A file that cannot be used: every error in it, with file, line and column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", errors.join("\n"))]
pub struct Unusable {
    /// One line for each error.
    pub errors: Vec<String>,
}

impl Problem {
    /// `file:line:column: message (rule); help`, as compilers print it.
    #[must_use]
    pub fn located(&self, source: &Source) -> String {
        let at = source.position(self.span.start);
        let (file, rule) = (source.name(), self.rule.name());
        let help = self.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
        format!("{file}:{}:{}: {} [{rule}]{help}", at.line, at.column, self.message)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
