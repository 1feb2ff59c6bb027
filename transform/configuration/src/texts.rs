//! What the files say.

use std::path::Path;

use signatures_document::yaml::Source;

use crate::{
    contents::Contents,
    defaults::DEFAULT_ALERTS,
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
    pub(crate) fn read(
        taxonomy: &Path,
        alerts: Option<&Path>,
        contents: &mut Contents,
    ) -> Result<Self, Unreadable> {
        let mut text = |path: &Path| {
            let bytes = contents.read(path)?;
            source_of_bytes(&path.display().to_string(), bytes)
                .map_err(|error| Unreadable { path: path.to_owned(), error })
        };
        let taxonomy = text(taxonomy);
        let alerts = alerts.map_or_else(|| Ok(Source::new(DEFAULT_ALERTS, "")), text);
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
