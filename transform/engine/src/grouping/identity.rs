//! What identifies an error, fields of its event aside.

use std::borrow::Cow;

use signatures_event::{Event, Exception, exception_in, exception_in_text, template_of};

use super::{
    group_id::{SEED_VERSION, VERSION},
    settings::{Canonicalization, Grouping},
};
use crate::{
    canonical::canonical,
    extended::{Buffer, extended_in, has_words},
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

impl Grouping {
    /// The exception that an event brings in its fields, or that its text is, where
    /// exceptions are looked for.
    pub(crate) fn exception_of(&self, event: &impl Event, subject: &str) -> Option<Exception> {
        let of_text = || exception_in_text(subject);
        self.exceptions.then(|| exception_in(event).or_else(of_text)).flatten()
    }

    /// What identifies the error that an event tells of.
    pub(crate) fn identity<'b>(
        &self,
        buffer: &'b mut Buffer,
        event: &'b impl Event,
        subject: &str,
        exception: Option<&Exception>,
    ) -> Identity<'b> {
        if let Some(text) = template_of(event) {
            return Identity { basis: Basis::Template, text };
        }
        let text = exception.map_or(subject, |exception| &exception.message);
        let canonical = match self.canonicalization {
            // Behind its type a message may be nothing but a variable: `KeyError: 'id'`.
            Canonicalization::Extended if exception.is_some() && !has_words(text) => {
                Cow::Borrowed(if text.trim().is_empty() { "" } else { "*" })
            }
            Canonicalization::Extended => extended_in(buffer, text),
            Canonicalization::Seed => Cow::Owned(canonical(text)),
        };
        match (exception, self.canonicalization) {
            (Some(exception), _) => {
                let text = Cow::Owned(identity_of(exception, &canonical));
                Identity { basis: Basis::Exception, text }
            }
            (None, Canonicalization::Extended) => {
                Identity { basis: Basis::Extended, text: canonical }
            }
            (None, Canonicalization::Seed) => Identity { basis: Basis::Seed, text: canonical },
        }
    }

    /// As what the groups of its canonical text are versioned.
    pub(crate) const fn version(&self) -> &'static str {
        match self.canonicalization {
            Canonicalization::Extended => VERSION,
            Canonicalization::Seed => SEED_VERSION,
        }
    }
}

/// `OrderFailed > java.net.ConnectException: connection refused @ Cart.total (Cart.java)`:
/// the chain of types, the root's message, and where it was.
fn identity_of(exception: &Exception, message: &str) -> String {
    let mut text = exception.types.join(" > ");
    if !message.is_empty() {
        text.push_str(": ");
        text.push_str(message);
    }
    for frame in &exception.frames {
        text.push_str(" @ ");
        text.push_str(&frame.to_string());
    }
    text
}
