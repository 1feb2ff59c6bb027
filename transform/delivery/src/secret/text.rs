//! A value that may be a secret, as alerts.yml has it.

use std::fmt;

use signatures_document::{Code, yaml::Span};

/// A secret that stands in the file in clear.
pub const PLAIN_SECRET: Code = Code::warning("plain-secret");

/// A secret that cannot be had: the variable is not set, or the file not
/// readable.
pub const MISSING_SECRET: Code = Code::error("missing-secret");

/// A value that may be a secret, as the file has it. Two are equal wherever they
/// stand.
#[derive(Clone)]
pub(crate) enum SecretText {
    /// A text in which `${NAME}` stands for an environment variable.
    Inline {
        /// The text.
        text: String,
        /// Where it stands.
        span: Span,
    },
    /// The content of a file, without blanks around it.
    File {
        /// Its path, in which `${NAME}` stands for an environment variable.
        path: String,
        /// Where it stands.
        span: Span,
    },
}

impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        let is_file = |text: &Self| matches!(text, Self::File { .. });
        is_file(self) == is_file(other) && self.written() == other.written()
    }
}

impl Eq for SecretText {}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inline { .. } => f.write_str("Inline"),
            Self::File { path, .. } => f.debug_tuple("File").field(path).finish(),
        }
    }
}

impl SecretText {
    /// An environment variable as a whole.
    pub(crate) fn variable(name: &str) -> Self {
        Self::Inline { text: format!("${{{name}}}"), span: Span::default() }
    }

    /// Where it stands.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Inline { span, .. } | Self::File { span, .. } => *span,
        }
    }

    /// The text or the path, as it is written.
    pub(crate) fn written(&self) -> &str {
        match self {
            Self::Inline { text, .. } => text,
            Self::File { path, .. } => path,
        }
    }
}
