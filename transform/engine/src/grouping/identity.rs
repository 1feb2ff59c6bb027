//! What identifies an error, fields of its event aside.

use std::borrow::Cow;

use signatures_event::{Event, template_of};

use super::{
    group_id::{SEED_VERSION, VERSION},
    settings::{Canonicalization, Grouping},
};
use crate::{
    canonical::{self, canonical_in},
    extended::{self, extended_in},
};

/// What identifies an error, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// What the text is.
    pub basis: Basis,
    /// The text that is hashed.
    pub text: Cow<'a, str>,
}

/// By what an error is identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The template that its logger or a processor names (`log.record.template`).
    Template,
    /// The types, the root's message and the frames of an exception.
    Exception,
    /// Its [extended](crate::extended) text.
    Extended,
    /// Its canonical text.
    Seed,
}

impl Basis {
    /// What it is called.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Exception => "exception",
            Self::Extended => "extended text",
            Self::Seed => "canonical text",
        }
    }
}

/// Room for the text of an identity.
pub(crate) struct Buffers {
    seed: canonical::Buffer,
    extended: extended::Buffer,
}

impl Buffers {
    pub(crate) fn new() -> Self {
        Self { seed: canonical::Buffer::new(), extended: extended::Buffer::new() }
    }
}

impl Grouping {
    /// What identifies the error that an event tells of, by its text.
    pub(crate) fn identity<'b>(
        &self,
        buffers: &'b mut Buffers,
        event: &'b impl Event,
        subject: &str,
    ) -> Identity<'b> {
        if let Some(text) = template_of(event) {
            return Identity { basis: Basis::Template, text };
        }
        let (basis, text) = match self.canonicalization {
            Canonicalization::Extended => {
                (Basis::Extended, extended_in(&mut buffers.extended, subject))
            }
            Canonicalization::Seed => (Basis::Seed, canonical_in(&mut buffers.seed, subject)),
        };
        Identity { basis, text }
    }

    /// As what the groups of its canonical text are versioned.
    pub(crate) const fn version(&self) -> &'static str {
        match self.canonicalization {
            Canonicalization::Extended => VERSION,
            Canonicalization::Seed => SEED_VERSION,
        }
    }
}
