//! What the files say.

use signatures_document::yaml::Source;

use crate::{
    built_in::{built_in_alerts, built_in_taxonomy},
    contents::Contents,
    defaults::DEFAULT_ALERTS,
    files::{Files, Place},
    source::{Unreadable, source_of_bytes},
};

/// What both files say, before anybody has made sense of it.
#[derive(Clone, Debug)]
pub struct Texts {
    taxonomy: Source,
    alerts: Source,
}

impl Texts {
    /// Reads both files, of which note is taken, whatever they hold.
    ///
    /// # Errors
    /// When one cannot be read, is no regular file, too long, or no UTF-8.
    pub(crate) fn read(files: &Files, contents: &mut Contents) -> Result<Self, Unreadable> {
        let mut text = |place: &Place, built_in: fn() -> Source| {
            let Place::File(path) = place else { return Ok(built_in()) };
            let bytes = contents.read(path)?;
            source_of_bytes(&path.display().to_string(), bytes)
                .map_err(|error| Unreadable { path: path.clone(), error })
        };
        let taxonomy = text(&files.taxonomy, built_in_taxonomy);
        let alerts = match &files.alerts {
            Some(alerts) => text(alerts, built_in_alerts),
            None => Ok(Source::new(DEFAULT_ALERTS, "")),
        };
        Ok(Self { taxonomy: taxonomy?, alerts: alerts? })
    }

    /// The taxonomy, to be read.
    #[must_use]
    pub fn taxonomy(&self) -> &Source {
        &self.taxonomy
    }

    /// The alert settings, to be read; an empty text where there is no file.
    #[must_use]
    pub fn alerts(&self) -> &Source {
        &self.alerts
    }
}
