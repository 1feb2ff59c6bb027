//! Alert settings, and what rules ask of them.

use signatures_delivery::Settings;
use signatures_document::yaml::{Node, NodeKind};
use signatures_engine::{Taxonomy, aggregate::Override};

/// Alert settings to be looked at.
pub(crate) struct AlertsFile<'a> {
    /// The tree of the file.
    pub(crate) root: &'a Node,
    /// What it says, as far as it could be read.
    pub(crate) settings: &'a Settings,
    /// The taxonomies that it goes with; none when none was given.
    pub(crate) taxonomies: &'a [&'a Taxonomy],
}

impl<'a> AlertsFile<'a> {
    /// The value of a key at the top.
    pub(super) fn value(&self, key: &str) -> Option<&'a Node> {
        match &self.root.kind {
            NodeKind::Mapping(entries) => {
                entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
            }
            _ => None,
        }
    }

    /// The overrides, and where they stand; none unless all could be read.
    pub(super) fn overrides(&self) -> Vec<(&'a Node, &'a Override)> {
        let items = match self.value("overrides").map(|node| &node.kind) {
            Some(NodeKind::Sequence(items)) => items.as_slice(),
            _ => &[],
        };
        match items.len() == self.settings.engine.aggregation.overrides.len() {
            true => items.iter().zip(&self.settings.engine.aggregation.overrides).collect(),
            false => Vec::new(),
        }
    }
}
