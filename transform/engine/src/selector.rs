//! `match:` in alerts.yml: which errors an entry is for.

use signatures_document::{
    Reader, one_or_more,
    yaml::{Entry, Node},
};

use crate::{policy::Policy, severity::Severity};

const KEYS: [&str; 4] = ["category", "signature", "policy", "severity"];

/// Which errors an entry of `overrides:` or `routes:` is for: all that is given
/// must hold, and of a list one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selector {
    /// Names of categories.
    pub category: Vec<String>,
    /// Ids of signatures.
    pub signature: Vec<String>,
    /// Policies.
    pub policy: Vec<Policy>,
    /// Severities. What they are held against, the entry says.
    pub severity: Vec<Severity>,
}

impl Selector {
    /// Reads the value of a `match:`.
    pub fn read(reader: &mut Reader, node: &Node) -> Self {
        Self::read_with(reader, node, &[], |_, _| {})
    }

    /// The same of one that has other keys as well, for whoever reads those.
    pub fn read_with(
        reader: &mut Reader,
        node: &Node,
        others: &[&str],
        mut read_other: impl FnMut(&mut Reader, &Entry),
    ) -> Self {
        let mut selector = Self::default();
        for entry in reader.mapping("match", node) {
            let key = entry.key.as_str();
            if one_or_more(&entry.value).is_empty() {
                let message = format!("`{key}` is empty, and would match all");
                reader.schema(entry.value.span, message);
            }
            for item in one_or_more(&entry.value) {
                match key {
                    "category" => selector.category.extend(reader.text(key, item)),
                    "signature" => selector.signature.extend(reader.text(key, item)),
                    "policy" => selector.policy.extend(Policy::read(reader, key, item)),
                    "severity" => selector.severity.extend(Severity::read(reader, key, item)),
                    _ => {}
                }
            }
            if others.contains(&key) {
                read_other(reader, entry);
            } else if !KEYS.contains(&key) {
                // Ignored, it would make the entry apply to more than meant.
                let known: Vec<_> = KEYS.iter().chain(others).copied().collect();
                let message = format!("`match` knows {}, not `{key}`", known.join(", "));
                reader.schema(entry.key_span, message);
            }
        }
        selector
    }

    /// Whether it selects an error of this category, signature and policy, and of
    /// a severity for which the test holds.
    #[must_use]
    pub fn selects(
        &self,
        category: &str,
        signature: Option<&str>,
        policy: Policy,
        severity: impl Fn(&Severity) -> bool,
    ) -> bool {
        fn any<T>(wanted: &[T], is: impl Fn(&T) -> bool) -> bool {
            wanted.is_empty() || wanted.iter().any(is)
        }
        any(&self.category, |wanted| wanted == category)
            && any(&self.signature, |wanted| Some(wanted.as_str()) == signature)
            && any(&self.policy, |wanted| *wanted == policy)
            && any(&self.severity, severity)
    }
}
