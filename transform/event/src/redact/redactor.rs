//! How secrets are taken out of what passes.

use memchr::{memchr3, memchr3_iter};

use super::{
    broken::{self, JsonRedaction},
    names::Secrecy,
    text::{names_a_secret, redact_text},
};

/// Takes secrets out of events that pass: by the names of fields, and on demand
/// out of every text.
///
/// It is told of names and texts by whoever holds the event, so that each holder
/// walks its own structure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redactor {
    texts: bool,
}

impl Redactor {
    /// One that goes by the names of fields. Of texts it sees only those that
    /// hold JSON, or what is left of it: there are names in them.
    #[must_use]
    pub const fn by_names() -> Self {
        Self { texts: false }
    }

    /// One that looks at all texts besides, as [`redact_text`] does.
    #[must_use]
    pub const fn of_texts() -> Self {
        Self { texts: true }
    }

    /// What a field of this name holds.
    #[inline]
    #[must_use]
    pub fn secrecy(&self, name: &str) -> Secrecy {
        Secrecy::of(name)
    }

    /// Whether [`text`](Self::text) could find anything in a text of which these
    /// are the bytes, escaped or not. Answers no for nearly all texts at once.
    #[must_use]
    pub fn may_change(&self, bytes: &[u8]) -> bool {
        self.texts || may_hold_json(bytes)
    }

    /// The same of a line of JSON, whose own quotes and outermost brace say nothing.
    #[must_use]
    pub(crate) fn may_change_within(&self, line: &str) -> bool {
        let inner = line.as_bytes().get(1..).unwrap_or_default();
        self.texts || memchr3(b'\\', b'\'', b'{', inner).is_some() || inner.contains(&b'[')
    }

    /// For a line that begins like this and is too long to be held, if there may be
    /// secrets in it. Of those that are known by their form it finds none: a line
    /// so long goes by names only.
    #[must_use]
    pub fn streaming(&self, head: &[u8]) -> Option<JsonRedaction> {
        self.may_change(head).then(JsonRedaction::new)
    }

    /// What is to stand in place of a text that is not under the name of a secret
    /// itself; none when it may stay.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        let held = (may_hold_json(text.as_bytes()) && names_a_secret(text))
            .then(|| broken::redact(text))
            .flatten();
        if !self.texts {
            return held;
        }
        match redact_text(held.as_deref().unwrap_or(text)) {
            std::borrow::Cow::Owned(redacted) => Some(redacted),
            std::borrow::Cow::Borrowed(_) => held,
        }
    }
}

/// Whether there may be JSON in a text, whatever is wrong with it: a brace or
/// bracket at the beginning, a brace, or a quoted name.
fn may_hold_json(bytes: &[u8]) -> bool {
    let first = bytes.trim_ascii_start().first();
    first == Some(&b'[')
        || memchr3_iter(b'{', b'"', b'\'', bytes).any(|at| {
            let rest = bytes[at + 1..].trim_ascii_start();
            bytes[at] == b'{' || matches!(rest.first(), Some(b':' | b'='))
        })
}
