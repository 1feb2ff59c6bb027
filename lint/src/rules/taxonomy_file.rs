//! A taxonomy, and what rules ask of it.

use std::sync::OnceLock;

use sigcheck_language::{Comparison, Relations};
use signatures_delivery::Settings;
use signatures_document::yaml::{Source, Span};
use signatures_engine::Taxonomy;

use super::shadow::{Shadow, shadows};
use crate::{config::Config, parallel};

/// A taxonomy to be looked at.
pub(crate) struct TaxonomyFile<'a> {
    /// Its text.
    pub(crate) source: &'a Source,
    /// What it says, as far as it could be read.
    pub(crate) taxonomy: &'a Taxonomy,
    /// Whether all of it could be read.
    pub(crate) complete: bool,
    /// The alert settings that go with it.
    pub(crate) settings: &'a Settings,
    /// What the team has chosen.
    pub(crate) config: &'a Config,
    relations: OnceLock<Relations>,
    shadows: OnceLock<Vec<Option<Shadow>>>,
}

impl<'a> TaxonomyFile<'a> {
    pub(crate) fn new(
        source: &'a Source,
        taxonomy: &'a Taxonomy,
        complete: bool,
        settings: &'a Settings,
        config: &'a Config,
    ) -> Self {
        Self {
            source,
            taxonomy,
            complete,
            settings,
            config,
            relations: OnceLock::new(),
            shadows: OnceLock::new(),
        }
    }

    /// How its patterns get in each other's way.
    pub(super) fn relations(&self) -> &Relations {
        self.relations.get_or_init(|| {
            let signatures = self.taxonomy.signatures.iter().map(|s| &s.pattern);
            let entries = self.taxonomy.noise_allowlist.iter().map(|e| &e.pattern);
            let comparison = Comparison::of(signatures.chain(entries));
            let shares: Vec<_> = comparison.shares().collect();
            comparison.finish(parallel::map(&shares, |share| comparison.compare(share.clone())))
        })
    }

    /// What keeps a signature from ever giving the verdict.
    pub(super) fn shadow(&self, index: usize) -> Option<&Shadow> {
        let all = self.shadows.get_or_init(|| {
            let allowlist_first = self.settings.engine.classifier.allowlist_first;
            shadows(self.taxonomy, self.relations(), allowlist_first)
        });
        all.get(index)?.as_ref()
    }

    /// What a pattern may be called in a message.
    pub(super) fn name(&self, index: usize) -> String {
        match self.taxonomy.signatures.get(index) {
            Some(signature) => signature.id.clone(),
            None => {
                let entry = &self.taxonomy.noise_allowlist[index - self.taxonomy.signatures.len()];
                format!("the allowlist's `{}`", entry.pattern.as_str())
            }
        }
    }

    /// Where the pattern of a signature, or of an entry of the allowlist, stands.
    pub(super) fn pattern_span(&self, index: usize) -> Span {
        match self.taxonomy.signatures.get(index) {
            Some(signature) => signature.pattern_at.span,
            None => {
                let entry = index - self.taxonomy.signatures.len();
                self.taxonomy.noise_allowlist[entry].pattern_at.span
            }
        }
    }
}
