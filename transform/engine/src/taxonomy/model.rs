//! What a taxonomy holds.

use signatures_document::yaml::{Node, NodeKind, ScalarStyle, Span};
use signatures_event::Metadata;
use signatures_matcher::Pattern;

use crate::{policy::Policy, severity::Severity};

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

impl Taxonomy {
    /// The category of a signature.
    #[must_use]
    pub fn category_of(&self, signature: &Signature) -> &Category {
        &self.categories[signature.category]
    }
}

impl Located {
    /// Of a scalar; other nodes have none.
    pub(super) fn of(node: &Node) -> Option<Self> {
        match node.kind {
            NodeKind::Scalar { style, .. } => Some(Self { span: node.span, style }),
            _ => None,
        }
    }
}
