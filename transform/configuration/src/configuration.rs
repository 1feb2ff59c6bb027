//! Both files, compiled.

use signatures_document::{Reading, Unusable, yaml::Source};
use signatures_engine::{Classifier, ClassifierSettings, Taxonomy};

use crate::texts::Texts;

/// What events are judged by, and what the caller compiled beside it: used and
/// replaced as one.
#[derive(Debug)]
pub struct Configuration<S> {
    /// The taxonomy, ready to be searched for.
    pub classifier: Classifier,
    /// What alerts.yml came to.
    pub settings: S,
}

impl<S> Configuration<S> {
    /// Compiles what both files say. `settings` makes of alerts.yml what the
    /// classifier goes by and what is kept beside it. Warnings go to the log.
    ///
    /// # Errors
    /// When a file says what it must not: with all that is wrong with both.
    pub fn compile(
        texts: &Texts,
        settings: impl FnOnce(&Source) -> Result<(ClassifierSettings, S), Unusable>,
    ) -> Result<Self, Unusable> {
        let settings = settings(texts.alerts());
        let source = texts.taxonomy();
        match (usable(read_taxonomy(source), source), settings) {
            (Ok(taxonomy), Ok((classifier, settings))) => {
                Ok(Self { classifier: Classifier::new(taxonomy, &classifier), settings })
            }
            (taxonomy, settings) => {
                let unusable = [taxonomy.err(), settings.err()].into_iter().flatten();
                Err(Unusable { errors: unusable.flat_map(|file| file.errors).collect() })
            }
        }
    }
}

/// What a taxonomy says, and all that is wrong or doubtful in it.
#[must_use]
pub fn read_taxonomy(source: &Source) -> Reading<Taxonomy> {
    let mut reading = Taxonomy::read(source);
    let doubts = reading.value.as_ref().map(Taxonomy::doubts).unwrap_or_default();
    reading.diagnostics.extend(doubts);
    reading
}

/// What was read, after the log has what is doubtful about it: how much, and the
/// worst of it.
///
/// # Errors
/// When the file cannot be used.
pub fn usable<T>(reading: Reading<T>, source: &Source) -> Result<T, Unusable> {
    if let Some(doubts) = reading.doubts(source) {
        tracing::warn!(event = "signatures.doubts", "{doubts}");
    }
    reading.into_result(source)
}
