//! A file as far as it can be read.

use signatures_delivery::Settings;
use signatures_document::{Diagnostic, yaml::Source};
use signatures_engine::Taxonomy;

use crate::{
    files::{FileKind, read_relay},
    finding::Finding,
};

/// A file as far as it could be read: once, however many rules look at it.
pub(crate) struct ReadFile {
    pub(crate) source: Source,
    pub(super) content: Content,
    /// Whether all of it could be read.
    pub(super) complete: bool,
    /// What is wrong with the rest.
    pub(super) problems: Vec<Finding>,
}

/// What a file says.
pub(super) enum Content {
    Taxonomy(Taxonomy),
    Alerts(Box<Settings>),
    /// That of the relay: nothing but what reading it finds.
    Relay,
}

impl ReadFile {
    /// Reads a file.
    pub(crate) fn new(source: Source) -> Self {
        Self::after(&Taxonomy::default(), FileKind::of(&source), source)
    }

    /// Reads a file that is used as one of a kind.
    pub(crate) fn used_as(kind: FileKind, source: Source) -> Self {
        Self::after(&Taxonomy::default(), kind, source)
    }

    /// Reads the file as it is after an edit: only patterns that are not in it
    /// yet are compiled.
    pub(super) fn edited(&self, source: Source) -> Self {
        match &self.content {
            Content::Taxonomy(before) => Self::after(before, FileKind::Taxonomy, source),
            Content::Alerts(_) => Self::used_as(FileKind::Alerts, source),
            Content::Relay => Self::used_as(FileKind::Relay, source),
        }
    }

    fn after(before: &Taxonomy, kind: FileKind, source: Source) -> Self {
        let (content, diagnostics) = match kind {
            FileKind::Taxonomy => {
                let reading = Taxonomy::read_again(&source, before);
                let taxonomy = reading.value.or(reading.salvaged).unwrap_or_default();
                (Content::Taxonomy(taxonomy), reading.diagnostics)
            }
            FileKind::Alerts => {
                let reading = Settings::read(&source);
                let settings = reading.value.or(reading.salvaged).unwrap_or_default();
                (Content::Alerts(Box::new(settings)), reading.diagnostics)
            }
            FileKind::Relay => (Content::Relay, read_relay(&source).diagnostics),
        };
        let complete = !diagnostics.iter().any(Diagnostic::is_error);
        let problems = diagnostics.into_iter().map(Finding::from).collect();
        Self { source, content, complete, problems }
    }
}
