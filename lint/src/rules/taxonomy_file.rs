//! A taxonomy, and what rules ask of it.

use std::sync::OnceLock;

use sigcheck_language::{Comparison, Relations};
use signatures_delivery::Settings;
use signatures_document::yaml::{Source, Span};
use signatures_engine::Taxonomy;
use signatures_matcher::Pattern;

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
            let patterns: Vec<&Pattern> = signatures.chain(entries).collect();
            let texts: Vec<&str> = patterns.iter().map(|pattern| pattern.as_str()).collect();
            // So many of the last come before the first.
            let turned = match self.settings.engine.classifier.allowlist_first {
                true => self.taxonomy.noise_allowlist.len(),
                false => 0,
            };
            let turn = |index| (index + turned) % texts.len();
            self.config.cache.relations(&texts, turned, || compared(&patterns, turn))
        })
    }

    /// What keeps a signature from ever giving the verdict.
    pub(super) fn shadow(&self, index: usize) -> Option<&Shadow> {
        let all = self.shadows.get_or_init(|| {
            shadows(self.taxonomy, self.relations(), |other, index| self.comes_first(other, index))
        });
        all.get(index)?.as_ref()
    }

    /// Whether a pattern is asked before a signature.
    pub(super) fn comes_first(&self, other: usize, index: usize) -> bool {
        match other < self.taxonomy.signatures.len() {
            true => other < index,
            false => self.settings.engine.classifier.allowlist_first,
        }
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

/// Compares patterns, each of which is asked in its turn.
fn compared(patterns: &[&Pattern], turn: impl Fn(usize) -> usize) -> Relations {
    let comparison = Comparison::in_turn(patterns.iter().copied(), turn);
    let shares: Vec<_> = comparison.shares().collect();
    let shadowed = parallel::map(&shares, |share| comparison.shadowed(share.clone()));
    let comparison = comparison.without(shadowed);
    comparison.finish(parallel::map(&shares, |share| comparison.compare(share.clone())))
}
