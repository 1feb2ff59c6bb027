//! What a file is for.

use std::{ffi::OsStr, path::Path};

use signatures_delivery::Settings;
use signatures_document::yaml::{Entry, Node, NodeKind, Source};

use super::relay;

/// The keys that a taxonomy has at its top.
pub(super) const TAXONOMY_KEYS: [&str; 2] = ["categories", "noise_allowlist"];

/// Keys of alert settings that files of others have, too, with something else in
/// them.
const COMMON_KEYS: [&str; 10] = [
    "sinks",
    "routes",
    "limits",
    "levels",
    "time",
    "generic",
    "samples",
    "redact",
    "overrides",
    "triggers",
];

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A taxonomy of error signatures.
    Taxonomy,
    /// Settings of the alerts.
    Alerts,
    /// Settings of the relay.
    Relay,
}

impl FileKind {
    /// Tells by the content; where there is none, as in an empty file, by the name,
    /// and never by that of a folder. A file of any other name is a taxonomy, of which
    /// nothing to look for is a mistake.
    pub(crate) fn of(source: &Source) -> Self {
        let name = Path::new(source.name()).file_stem().and_then(OsStr::to_str);
        let name = name.unwrap_or_default().to_lowercase();
        let named = || match () {
            () if name.contains("signature") => Self::Taxonomy,
            () if name.contains("alert") => Self::Alerts,
            () if name == "relay" => Self::Relay,
            () => Self::Taxonomy,
        };
        Self::known(source).unwrap_or_else(named)
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
        let has = |keys: &[&str]| entries.iter().any(|e| keys.contains(&e.key.as_str()));
        match () {
            () if has(&TAXONOMY_KEYS) => Some(Self::Taxonomy),
            // Both have `limits`.
            () if has(&["forward", "listen"])
                && !entries.iter().any(|entry| is_own_setting(&entry.key)) =>
            {
                Some(Self::Relay)
            }
            () if entries.iter().any(is_setting) => Some(Self::Alerts),
            // The legacy form: whatever it is called, its patterns are looked at.
            () if entries.iter().any(is_category) && entries.iter().all(is_list) => {
                Some(Self::Taxonomy)
            }
            () => None,
        }
    }

    /// The same of a file that nobody has named: one of others is none of ours, though
    /// it has a key that ours have.
    pub(super) fn ours(source: &Source) -> Option<Self> {
        let kind = Self::known(source)?;
        let Ok(Some(Node { kind: NodeKind::Mapping(entries), .. })) = source.document() else {
            return None;
        };
        let known = |entry: &Entry| match kind {
            Self::Taxonomy => TAXONOMY_KEYS.contains(&entry.key.as_str()),
            Self::Alerts => Settings::keys().any(|key| key == entry.key),
            Self::Relay => relay::keys().any(|key| key == entry.key),
        };
        let by_itself = |entry: &Entry| match kind {
            Self::Taxonomy => entry.key == "noise_allowlist" || holds_signatures(entry),
            Self::Alerts => is_own_setting(&entry.key),
            Self::Relay => entry.key == "forward" && known(entry),
        };
        let ours = entries.iter().any(by_itself) || entries.iter().all(known);
        (ours && !entries.iter().any(is_of_others)).then_some(kind)
    }
}

/// Whether a key at the top of a file is one that only alert settings have.
pub(super) fn is_own_setting(key: &str) -> bool {
    Settings::keys().any(|known| known == key) && !COMMON_KEYS.contains(&key)
}

/// Whether a category in an entry `categories` has what only signatures have.
fn holds_signatures(entry: &Entry) -> bool {
    let has = |node: &Node, keys: &[&str]| match &node.kind {
        NodeKind::Mapping(entries) => entries.iter().any(|e| keys.contains(&e.key.as_str())),
        _ => false,
    };
    let is_category = |category: &Entry| match &category.value.kind {
        NodeKind::Sequence(items) => {
            items.iter().all(|item| item.as_text().is_some() || has(item, &["pattern", "regex"]))
        }
        _ => has(&category.value, &["signatures", "default_policy", "default_severity"]),
    };
    match &entry.value.kind {
        NodeKind::Mapping(categories) if entry.key == "categories" => {
            categories.iter().any(is_category)
        }
        _ => false,
    }
}

/// Whether an entry is the beginning of a configuration of Vector, which has sinks,
/// too, or of Compose.
fn is_of_others(entry: &Entry) -> bool {
    let has_inputs = |sink: &Entry| match &sink.value.kind {
        NodeKind::Mapping(keys) => keys.iter().any(|key| key.key == "inputs"),
        _ => false,
    };
    match (entry.key.as_str(), &entry.value.kind) {
        ("sources" | "transforms" | "services", NodeKind::Mapping(_)) => true,
        ("sinks", NodeKind::Mapping(sinks)) => sinks.iter().any(has_inputs),
        _ => false,
    }
}

/// Whether an entry at the top of a file is a setting of alerts. A legacy category may
/// be called like one, but is a list of signatures.
fn is_setting(entry: &Entry) -> bool {
    let key = entry.key.as_str();
    let lists = ["immediate_categories", "subject_fields", "host_fields", "service_fields"];
    Settings::keys().any(|known| known == key)
        && (lists.contains(&key) || !is_list(entry) || !is_of_signatures(entry))
}

/// Whether an entry at the top of a file can be a category of the legacy form.
fn is_category(entry: &Entry) -> bool {
    matches!(&entry.value.kind, NodeKind::Sequence(items) if !items.is_empty())
        && is_of_signatures(entry)
}

const fn is_list(entry: &Entry) -> bool {
    matches!(entry.value.kind, NodeKind::Sequence(_))
}

/// Whether all in a list are texts, or mappings with what a signature has.
fn is_of_signatures(entry: &Entry) -> bool {
    let is_signature = |item: &Node| match &item.kind {
        NodeKind::Scalar { .. } => true,
        NodeKind::Mapping(fields) => {
            fields.iter().any(|field| ["pattern", "regex"].contains(&field.key.as_str()))
        }
        NodeKind::Sequence(_) => false,
    };
    match &entry.value.kind {
        NodeKind::Sequence(items) => items.iter().all(is_signature),
        _ => false,
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
            ("x", "forward: {url: x}", FileKind::Relay),
            ("relay.yml", "# nothing", FileKind::Relay),
            ("x", "{critical: [OOM], limits: [quota exceeded]}", FileKind::Taxonomy),
            ("x", "generic: [{id: A, pattern: x}]", FileKind::Taxonomy),
            ("x", "{routes: [{regex: x}], sinks: [y]}", FileKind::Taxonomy),
            ("alerts.yml", "critical: ['OOM(Killed']", FileKind::Taxonomy),
            ("alerting/error_signatures.yml", "critical: ['OOM(Killed']", FileKind::Taxonomy),
            ("signatures/alerts.yml", "overrides: []", FileKind::Alerts),
            ("x", "routes: [{match: {category: a}, sinks: [b]}]", FileKind::Alerts),
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
    fn of_files_that_nobody_named_those_of_others_are_passed_over() {
        for (text, kind) in [
            ("sources: {}\nsinks: {out: {type: console, inputs: [in]}}", None),
            ("sinks: {out: {type: console, inputs: [in]}}", None),
            ("data_dir: /x\nsources: {in: {type: stdin}}\nsinks: {}", None),
            ("services: {app: {image: x}}\nlimits: {cpu: 1}", None),
            ("title: blog\ncategories: {tech: {title: Tech}}", None),
            ("categories: [tech, life]\ntheme: x", None),
            ("routes: {a: b}\nhost: x", None),
            ("listen: 80\nserver_name: x", None),
            ("sinks: {chat: {type: slack, webhook_url: x}}", Some(FileKind::Alerts)),
            ("window_minutes: 5\nteam: x", Some(FileKind::Alerts)),
            ("categories: {a: {signatures: []}}\nowner: x", Some(FileKind::Taxonomy)),
            ("categories: {a: [x]}", Some(FileKind::Taxonomy)),
            ("categories: nothing", Some(FileKind::Taxonomy)),
            ("noise_allowlist: [x]\nx: [y]", Some(FileKind::Taxonomy)),
            ("listen: 127.0.0.1:6100\nshadow: true", Some(FileKind::Relay)),
            ("forward: {url: x}\nlisten_on: 1", Some(FileKind::Relay)),
        ] {
            assert_eq!(FileKind::ours(&Source::new("x.yml", text)), kind, "{text}");
        }
    }
}
