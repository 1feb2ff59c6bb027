//! What the files say.

use std::path::Path;

use signatures_document::yaml::Source;

use crate::{
    defaults::DEFAULT_ALERTS,
    source::{Unreadable, source_of},
};

/// What both files say, before anybody has made sense of it. Two are equal when
/// nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    pub(crate) taxonomy: Text,
    pub(crate) alerts: Option<Text>,
}

/// A text, and what messages call it: of a [`Source`] what is worth keeping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    name: String,
    text: String,
}

impl Texts {
    /// The taxonomy, to be read.
    #[must_use]
    pub fn taxonomy(&self) -> Source {
        self.taxonomy.source()
    }

    /// The alert settings, to be read; an empty text where there is no file.
    #[must_use]
    pub fn alerts(&self) -> Source {
        self.alerts.as_ref().map_or_else(|| Source::new(DEFAULT_ALERTS, ""), Text::source)
    }
}

impl Text {
    pub(crate) fn read(path: &Path) -> Result<Self, Unreadable> {
        let source = source_of(path)?;
        Ok(Self { name: source.name().to_owned(), text: source.text().to_owned() })
    }

    fn source(&self) -> Source {
        Source::new(&*self.name, &*self.text)
    }
}
