//! What a file is for.

use std::{ffi::OsStr, path::Path};

use signatures_delivery::Settings;
use signatures_document::yaml::{Entry, Node, NodeKind, Source};

/// The keys that only a taxonomy has.
pub(super) const TAXONOMY_KEYS: [&str; 2] = ["categories", "noise_allowlist"];

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A taxonomy of error signatures.
    Taxonomy,
    /// Settings of the alerts.
    Alerts,
}

impl FileKind {
    /// Tells by the content; where that says nothing, as in an empty file, by the
    /// name. A file of any other name is a taxonomy, of which nothing to look for
    /// is a mistake.
    pub(crate) fn of(source: &Source) -> Self {
        let name = Path::new(source.name()).file_stem().and_then(OsStr::to_str);
        let name = name.unwrap_or_default().to_lowercase();
        let named_alerts = name.contains("alert") && !name.contains("signature");
        Self::known(source).unwrap_or(if named_alerts { Self::Alerts } else { Self::Taxonomy })
    }

    /// Tells by the content; where that says nothing, it is what it is used for.
    pub(crate) fn used_as(self, source: &Source) -> Self {
        Self::known(source).unwrap_or(self)
    }

    /// Whether nothing stands in a file but comments.
    pub(super) fn is_empty(source: &Source) -> bool {
        matches!(source.document(), Ok(document) if document.is_none_or(Node::is_null))
    }

    /// Tells by the content alone.
    pub(super) fn known(source: &Source) -> Option<Self> {
        let Ok(Some(Node { kind: NodeKind::Mapping(entries), .. })) = source.document() else {
            return None;
        };
        // A legacy category may be called like a setting, but is a list of texts.
        let texts = |node: &Node| match &node.kind {
            NodeKind::Sequence(items) => items.iter().all(|item| item.as_text().is_some()),
            _ => false,
        };
        let lists = ["immediate_categories", "subject_fields"];
        let is_setting = |entry: &Entry| {
            let key = entry.key.as_str();
            Settings::keys().any(|known| known == key)
                && (lists.contains(&key) || !texts(&entry.value))
        };
        if entries.iter().any(|e| TAXONOMY_KEYS.contains(&e.key.as_str())) {
            Some(Self::Taxonomy)
        } else {
            entries.iter().any(is_setting).then_some(Self::Alerts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_content_then_by_name() {
        for (name, text, kind) in [
            ("x", "categories: {}", FileKind::Taxonomy),
            ("alerts.yml", "categories: {}", FileKind::Taxonomy),
            ("x", "window_minutes: 5", FileKind::Alerts),
            ("x", "critical: [OOM]", FileKind::Taxonomy),
            ("x", "{critical: [OOM], limits: [quota exceeded]}", FileKind::Taxonomy),
            ("x", "immediate_categories: [fatal]", FileKind::Alerts),
            ("x", "overrides: [{match: {category: x}}]", FileKind::Alerts),
            ("Alerts.yml", "# nothing yet", FileKind::Alerts),
            ("config/alerts.yml", "", FileKind::Alerts),
            ("alerts.prod.yml", "---\n# nothing\n", FileKind::Alerts),
            ("team_alerts.json", "{}", FileKind::Alerts),
            ("error_signatures.yml", "", FileKind::Taxonomy),
            ("alerts/error_signatures.yml", "# nothing", FileKind::Taxonomy),
            ("alert_signatures.yml", "~", FileKind::Taxonomy),
            ("x", "", FileKind::Taxonomy),
            ("x", "[", FileKind::Taxonomy),
        ] {
            assert_eq!(FileKind::of(&Source::new(name, text)), kind, "{name}: {text}");
        }
    }

    #[test]
    fn what_a_file_is_used_as_goes_over_its_name_and_not_over_its_content() {
        for (name, text, used_as, kind) in [
            ("grouping.yml", "# nothing", FileKind::Alerts, FileKind::Alerts),
            ("alerts.yml", "", FileKind::Taxonomy, FileKind::Taxonomy),
            ("x", "categories: {}", FileKind::Alerts, FileKind::Taxonomy),
            ("x", "window_minutes: 5", FileKind::Taxonomy, FileKind::Alerts),
        ] {
            assert_eq!(used_as.used_as(&Source::new(name, text)), kind, "{name}: {text}");
        }
    }
}
