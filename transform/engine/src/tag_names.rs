//! What the tags are called.

use signatures_document::{Reader, yaml::Node};

/// What the names of the tags begin with, unless alerts.yml says otherwise.
const DEFAULT_PREFIX: &str = "error_";

/// What the tags are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagNames {
    /// The name of the category.
    pub category: String,
    /// The id of the signature.
    pub signature: String,
    /// What is to be done.
    pub policy: String,
    /// How bad it is.
    pub severity: String,
    /// What it means, in words; only where the taxonomy says it.
    pub summary: String,
    /// What else the taxonomy says of it.
    pub metadata: String,
    /// What makes it the same error as another; all that an error has which no
    /// signature knows.
    pub fingerprint: String,
    /// The group that it counts for.
    pub group: String,
}

impl TagNames {
    /// The names with that before them.
    #[must_use]
    pub fn with_prefix(prefix: &str) -> Self {
        let name = |tag: &str| format!("{prefix}{tag}");
        Self {
            category: name("category"),
            signature: name("signature"),
            policy: name("policy"),
            severity: name("severity"),
            summary: name("summary"),
            metadata: name("metadata"),
            fingerprint: name("fingerprint"),
            group: name("group"),
        }
    }

    /// Reads `tag_prefix` of alerts.yml.
    pub fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Self> {
        let prefix = match node.as_bool() {
            Some(_) => return reader.expected(key, "a text", node),
            None => reader.text(key, node)?,
        };
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_name = prefix.len() <= MAX_PREFIX_BYTES
            && prefix.bytes().all(fits)
            && !prefix.as_bytes()[0].is_ascii_digit();
        if !is_name {
            return reader.expected(
                key,
                "the beginning of a field's name: letters, digits and `_`, no digit first, \
                 at most 40 of them",
                node,
            );
        }
        Some(Self::with_prefix(&prefix))
    }

    /// All of them, in the order in which they are written.
    #[must_use]
    pub fn all(&self) -> [&str; 8] {
        [
            &self.category,
            &self.signature,
            &self.policy,
            &self.severity,
            &self.summary,
            &self.metadata,
            &self.fingerprint,
            &self.group,
        ]
    }
}

impl Default for TagNames {
    fn default() -> Self {
        Self::with_prefix(DEFAULT_PREFIX)
    }
}

/// How long a prefix may be, in bytes.
const MAX_PREFIX_BYTES: usize = 40;
