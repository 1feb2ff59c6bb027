//! The taxonomy: what a team knows about its errors.
//!
//! Categories hold signatures, signatures hold a pattern and what to do about
//! a match, the allowlist holds patterns of known noise. File order is kept,
//! because the first signature that matches wins.

mod read;

use std::{fmt, str::FromStr};

use serde::Serialize;

use crate::{
    pattern::Pattern,
    problem::Reading,
    yaml::{Node, ScalarStyle, Source, Span},
};

/// Extra keys of a signature, which travel with every match.
pub type Metadata = serde_json::Map<String, serde_json::Value>;

/// Categories, signatures and allowlist, in file order.
#[derive(Clone, Debug, Default)]
pub struct Taxonomy {
    /// The categories.
    pub categories: Vec<Category>,
    /// The signatures of all categories, which is the order of their priority.
    pub signatures: Vec<Signature>,
    /// Known noise.
    pub noise_allowlist: Vec<AllowlistEntry>,
}

/// A family of errors.
#[derive(Clone, Debug)]
pub struct Category {
    /// Its name, the key in the file.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// The policy of its signatures that name none.
    pub default_policy: Policy,
    /// The severity of its signatures that name none.
    pub default_severity: Severity,
    /// Where the default severity stands, when the file names one.
    pub default_severity_at: Option<Located>,
    /// Where its name stands.
    pub span: Span,
}

/// One known error.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Unique in the taxonomy: a repeat got `_1`, `_2`, … added.
    pub id: String,
    /// The id as the file has it, when it has one.
    pub declared_id: Option<DeclaredId>,
    /// The index of its category in [`Taxonomy::categories`].
    pub category: usize,
    /// What it looks for.
    pub pattern: Pattern,
    /// Where and how the pattern is written.
    pub pattern_at: Located,
    /// What is to be done about a match.
    pub policy: Policy,
    /// How bad a match is.
    pub severity: Severity,
    /// Where the severity stands, when the signature has its own.
    pub severity_at: Option<Located>,
    /// What a match means, in words.
    pub summary: Option<String>,
    /// Lines that must match.
    pub examples: Vec<Example>,
    /// Lines that must not match.
    pub counterexamples: Vec<Example>,
    /// Every other key.
    pub metadata: Metadata,
    /// Where all of it stands.
    pub span: Span,
}

/// The id that the file gives a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredId {
    /// The id, which others may have too.
    pub text: String,
    /// Where it stands.
    pub at: Located,
}

/// A pattern of known noise.
#[derive(Clone, Debug)]
pub struct AllowlistEntry {
    /// What it looks for.
    pub pattern: Pattern,
    /// Where and how it is written.
    pub pattern_at: Located,
}

/// A line that a signature's author wrote down to be tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The line.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A scalar's place and manner of writing, to point into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// Where it stands, quotes included.
    pub span: Span,
    /// How it is quoted.
    pub style: ScalarStyle,
}

/// What is to be done about a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// It heals itself when tried again.
    Retry,
    /// Somebody should know.
    Notify,
    /// Somebody must act.
    #[default]
    Escalate,
}

/// How bad a match is: one of the known severities, or as the file has it.
///
/// Compared without regard to case.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Severity(String);

impl Taxonomy {
    /// Reads a taxonomy in YAML or JSON, structured or legacy form, with every
    /// problem in it, and compiles its patterns.
    #[must_use]
    pub fn read(source: &Source) -> Reading<Self> {
        read::taxonomy(source)
    }

    /// The category of a signature.
    #[must_use]
    pub fn category_of(&self, signature: &Signature) -> &Category {
        &self.categories[signature.category]
    }
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Retry, Self::Notify, Self::Escalate];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Notify => "notify",
            Self::Escalate => "escalate",
        }
    }
}

impl FromStr for Policy {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|p| p.as_str().eq_ignore_ascii_case(name)).ok_or(())
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Severity {
    /// The severities that have a meaning, mildest first.
    pub const KNOWN: [&str; 7] =
        ["info", "low", "warning", "medium", "anomaly", "high", "critical"];

    /// A severity by its name; a known one is put in lower case.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        Self(known.unwrap_or(name).to_owned())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is one of [`Severity::KNOWN`].
    #[must_use]
    pub fn is_known(&self) -> bool {
        Self::KNOWN.contains(&self.0.as_str())
    }

    /// Its place among the known ones, mildest first; an unknown one has that of
    /// `anomaly`.
    pub(crate) fn rank(&self) -> u8 {
        let place = |name: &str| Self::KNOWN.iter().position(|known| *known == name);
        let place = place(&self.0).or_else(|| place("anomaly"));
        place.and_then(|place| u8::try_from(place).ok()).unwrap_or_default()
    }

    /// Whether it is `critical`, which makes every match an alert at once.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.0 == "critical"
    }
}

impl Default for Severity {
    fn default() -> Self {
        Self::new("anomaly")
    }
}

impl PartialEq for Severity {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Severity {}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Located {
    fn of(node: &Node) -> Option<Self> {
        match node.kind {
            crate::yaml::NodeKind::Scalar { style, .. } => Some(Self { span: node.span, style }),
            _ => None,
        }
    }
}
