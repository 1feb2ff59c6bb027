//! What is wrong with a file that a user wrote, said so that it can be mended.

use std::fmt;

use crate::yaml::{Source, Span, YamlError};

/// One finding in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule it breaks.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

/// The rule that a diagnostic is about: its name, and what breaking it means.
///
/// Whoever reads a part of a file brings the codes of that part as constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    name: &'static str,
    severity: Severity,
}

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// It can be used, and something in it cannot mean what it says.
    Mistake,
    /// It can be used, and probably does not do what was meant.
    Warning,
}

/// The text is no YAML document.
pub const INVALID_YAML: Code = Code::error("invalid-yaml");

/// A value has the wrong shape or type, or is missing.
pub const SCHEMA: Code = Code::error("schema");

/// A key that nothing reads.
pub const UNKNOWN_KEY: Code = Code::warning("unknown-key");

impl Code {
    /// The code of what makes a file unusable. The name is in kebab case.
    #[must_use]
    pub const fn error(name: &'static str) -> Self {
        Self { name, severity: Severity::Error }
    }

    /// The code of what leaves a file usable, and cannot be meant. The name is in
    /// kebab case.
    #[must_use]
    pub const fn mistake(name: &'static str) -> Self {
        Self { name, severity: Severity::Mistake }
    }

    /// The code of what leaves a file usable. The name is in kebab case.
    #[must_use]
    pub const fn warning(name: &'static str) -> Self {
        Self { name, severity: Severity::Warning }
    }

    /// The name, as reports print it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What breaking the rule means for the file.
    #[must_use]
    pub const fn severity(self) -> Severity {
        self.severity
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Diagnostic {
    /// A diagnostic without help.
    #[must_use]
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span, help: None }
    }

    /// One of code [`SCHEMA`].
    #[must_use]
    pub fn schema(span: Span, message: impl Into<String>) -> Self {
        Self::new(SCHEMA, span, message)
    }

    /// The same with a word on what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether the file cannot be used because of it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.code.severity == Severity::Error
    }

    /// `file:line:column: message [code]; help`, as compilers print it.
    #[must_use]
    pub fn located(&self, source: &Source) -> String {
        let at = source.position(self.span.start);
        let (file, code) = (source.name(), self.code);
        let help = self.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
        format!("{file}:{}:{}: {} [{code}]{help}", at.line, at.column, self.message)
    }
}

impl From<YamlError> for Diagnostic {
    fn from(error: YamlError) -> Self {
        Self { help: error.help, ..Self::new(INVALID_YAML, error.span, error.message) }
    }
}
