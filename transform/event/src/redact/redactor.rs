//! How secrets are taken out of what passes.

use std::{borrow::Cow, sync::LazyLock};

use memchr::{memchr, memchr3, memchr3_iter, memmem};

use super::{
    arguments::{may_be_argument, redact_list},
    broken::{self, JsonRedaction},
    card::is_card_number,
    json::{Rules, is_json, redact_json, redact_json_inside},
    names::Secrecy,
    neighbours::{Part, is_value, named_by},
    prefilter,
    text::{
        MIN_BYTES, may_hold_secret, may_name_secret, redact_named, redact_suspect, redact_text,
    },
};
use crate::{
    bytes::{Few, MAX_SHORT},
    escapes::without_escapes,
};

/// Takes out of events that pass what is not to go on: secrets by the names of
/// fields, and on demand out of every text; escape sequences.
///
/// It is told of names and texts by whoever holds the event, so that each holder
/// walks its own structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redactor {
    names: bool,
    texts: bool,
    escapes: bool,
}

impl Redactor {
    /// One that goes by the names of fields. Of texts it sees only those that
    /// hold JSON, or what is left of it: there are names in them.
    #[must_use]
    pub const fn by_names() -> Self {
        Self { names: true, texts: false, escapes: false }
    }

    /// One that looks at all texts besides, as [`redact_text`](super::redact_text) does.
    #[must_use]
    pub const fn of_texts() -> Self {
        Self { names: true, texts: true, escapes: false }
    }

    /// One that takes out nothing.
    #[must_use]
    pub const fn of_nothing() -> Self {
        Self { names: false, texts: false, escapes: false }
    }

    /// The same, which also takes ANSI escape sequences out of all texts.
    #[must_use]
    pub const fn and_escapes(self) -> Self {
        Self { escapes: true, ..self }
    }

    /// What a field of this name holds.
    #[inline]
    #[must_use]
    pub fn secrecy(&self, name: &str) -> Secrecy {
        if self.names { Secrecy::of(name) } else { Secrecy::Open }
    }

    /// Whether [`text`](Self::text) could find anything in a text of which these
    /// are the bytes, escaped or not. Answers no for nearly all texts at once.
    #[must_use]
    pub fn may_change(&self, bytes: &[u8]) -> bool {
        self.texts && may_hold_secret(bytes)
            || self.names
                && may_hold_json(bytes)
                && (may_name_secret(bytes) || may_hold_arguments(bytes))
            || self.escapes && may_hold_escapes(bytes)
    }

    /// Whether there could be anything to take out of an event, or a part of one,
    /// whose names and texts are among these bytes.
    #[must_use]
    pub fn may_concern(&self, bytes: &[u8]) -> bool {
        self.texts
            || self.names && (may_name_secret(bytes) || may_hold_arguments(bytes))
            || self.escapes && may_hold_escapes(bytes)
    }

    /// As [`may_concern`](Self::may_concern) of an object or list in a line of JSON, if
    /// it is known whether it lies before the [first suspect](Self::first_suspect).
    pub(crate) fn may_concern_json(&self, raw: &[u8], is_before: bool) -> bool {
        // By names alone a list of arguments is no suspect.
        let unknown = !self.texts && raw.starts_with(b"[");
        (!is_before || unknown) && self.may_concern(raw)
    }

    /// Where in a line of JSON the first of its texts may lie that it
    /// [could change](Self::may_change); the quotes and the outermost brace of the
    /// line say nothing.
    pub(crate) fn first_suspect(&self, line: &[u8]) -> Option<usize> {
        if self.escapes {
            return (!line.is_empty()).then_some(0);
        }
        if self.texts {
            // What is escaped may be anything.
            let escaped = memchr(b'\\', line);
            let plain = prefilter::first_suspect(&line[..escaped.unwrap_or(line.len())]);
            return plain.or(escaped);
        }
        Some(1 + memchr3(b'\\', b'\'', b'{', line.get(1..)?)?)
    }

    /// For a line that begins like this and is too long to be held, if there may be
    /// secrets in it. Of those that are known by their form it finds none: a line
    /// so long goes by names only.
    #[must_use]
    pub fn streaming(&self, head: &[u8]) -> Option<JsonRedaction> {
        (self.names && may_hold_json(head)).then(JsonRedaction::new)
    }

    /// What is to stand in place of a text that is not under the name of a secret
    /// itself; none when it may stay.
    // Inlined up to its quick no, since every plain line is asked about.
    #[inline]
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        // Where texts are looked at that knows all names of secrets, too.
        let is_suspect = match self.texts {
            true => prefilter::first_suspect(text.as_bytes()).is_some(),
            false => self.names && may_hold_json(text.as_bytes()),
        };
        if is_suspect || self.escapes { self.suspect_text(text, is_suspect) } else { None }
    }

    fn suspect_text(&self, text: &str, mut is_suspect: bool) -> Option<String> {
        let mut text = Cow::Borrowed(text);
        if self.escapes {
            text = without_escapes(text);
            // What they stood between is together now.
            is_suspect |= matches!(text, Cow::Owned(_));
        }
        let bytes = text.as_bytes();
        if self.names
            && is_suspect
            && may_hold_json(bytes)
            && (self.texts || may_name_secret(bytes) || may_hold_arguments(bytes))
            && let Some(held) = self.json(&text)
        {
            text = Cow::Owned(held);
        }
        if self.texts
            && is_suspect
            && let Cow::Owned(redacted) = redact_suspect(&text)
        {
            text = Cow::Owned(redacted);
        }
        match text {
            Cow::Owned(text) => Some(text),
            Cow::Borrowed(_) => None,
        }
    }
}

impl Redactor {
    /// A text without the secrets of the JSON in it, and of what is left of such.
    fn json(&self, text: &str) -> Option<String> {
        if is_json(text) {
            return redact_json(text, Secrecy::Open, &Inside(self));
        }
        let valid = redact_json_inside(text, &Inside(self));
        let held = valid.as_deref().unwrap_or(text);
        let named = may_name_secret(held.as_bytes()).then(|| broken::redact(held));
        named.flatten().or(valid)
    }

    /// What the values hold that lie in an object beside the texts of these fields, one
    /// of which may name them: `{"name": "Cookie", "value": "…"}`.
    #[must_use]
    pub fn beside<'t>(&self, fields: impl Iterator<Item = (&'t str, Cow<'t, str>)>) -> Secrecy {
        let named = |(key, text): (&str, Cow<'_, str>)| match Part::of(key) {
            Part::Name => named_by(&text),
            Part::Value | Part::Other => Secrecy::Open,
        };
        if self.names { fields.map(named).max().unwrap_or_default() } else { Secrecy::Open }
    }

    /// Whether the field of this name is one of those whose secrecy is told
    /// [beside](Self::beside) it.
    #[inline]
    #[must_use]
    pub fn is_named_beside(&self, name: &str) -> bool {
        self.names && is_value(name)
    }

    /// What the second element of a list holds that lies in a list, as the first
    /// says: `[["password", "…"]]`.
    #[must_use]
    pub fn second_of(&self, first: &str) -> Secrecy {
        if self.names { named_by(first) } else { Secrecy::Open }
    }

    /// Whether a text says that the list in which it is has to be shown to
    /// [`list`](Self::list).
    #[must_use]
    pub fn may_be_argument(&self, text: &str) -> bool {
        self.names && may_be_argument(text)
    }

    /// What is to stand in place of the texts and numbers of a list that are the
    /// arguments of a command, or each a name with its value, by their places.
    #[must_use]
    pub fn list(&self, items: &[Cow<'_, str>]) -> Vec<(usize, String)> {
        let redacted = redact_list(items).into_iter();
        redacted.map(|(index, text)| (index, self.text(&text).unwrap_or(text))).collect()
    }

    /// What is to stand in place of a name that is a secret by its form; none when it
    /// may stay.
    #[must_use]
    pub fn name(&self, name: &str) -> Option<String> {
        /// No form is shorter.
        const SHORTEST: usize = 13;
        if !self.texts || name.len() < SHORTEST {
            return None;
        }
        match redact_text(name) {
            Cow::Owned(name) => Some(name),
            Cow::Borrowed(_) => None,
        }
    }

    /// Whether an integer is a secret by its form: the number of a card.
    #[must_use]
    pub fn is_secret_integer(&self, integer: u64) -> bool {
        /// The least one with as many digits as cards have, and a first one that they have.
        const LEAST: u64 = 2_000_000_000_000;
        self.texts && integer >= LEAST && is_card_number(&integer.to_string())
    }

    /// As [`is_secret_integer`](Self::is_secret_integer) of a number of JSON.
    pub(crate) fn is_secret_number(&self, number: &str) -> bool {
        self.texts && is_card_number(number)
    }
}

impl Rules for Redactor {
    fn go_by_names(&self) -> bool {
        self.names
    }

    fn secrecy(&self, name: &str) -> Secrecy {
        self.secrecy(name)
    }

    fn name(&self, name: &str) -> Option<String> {
        self.name(name)
    }

    fn is_secret_number(&self, number: &str) -> bool {
        self.is_secret_number(number)
    }

    fn may_change(&self, written: &[u8]) -> bool {
        self.may_change(written)
    }

    fn text(&self, text: &str) -> Option<String> {
        self.text(text)
    }
}

/// What is a secret in JSON that is a text itself: there names in texts count as well.
struct Inside<'r>(&'r Redactor);

impl Rules for Inside<'_> {
    fn go_by_names(&self) -> bool {
        self.0.names
    }

    fn secrecy(&self, name: &str) -> Secrecy {
        self.0.secrecy(name)
    }

    fn name(&self, name: &str) -> Option<String> {
        self.0.name(name)
    }

    fn is_secret_number(&self, number: &str) -> bool {
        self.0.is_secret_number(number)
    }

    fn may_change(&self, written: &[u8]) -> bool {
        may_name_secret(written) || self.0.may_change(written)
    }

    fn text(&self, text: &str) -> Option<String> {
        let redacted = self.0.text(text);
        match redact_named(redacted.as_deref().unwrap_or(text)) {
            Cow::Owned(named) => Some(named),
            Cow::Borrowed(_) => redacted,
        }
    }
}

/// Whether there may be the options of a command in a list of JSON.
fn may_hold_arguments(bytes: &[u8]) -> bool {
    static OPTION: LazyLock<memmem::Finder<'static>> =
        LazyLock::new(|| memmem::Finder::new(b"\"-"));
    OPTION.find(bytes).is_some()
}

/// Whether there may be an escape sequence in a text, escaped as in JSON or not.
fn may_hold_escapes(bytes: &[u8]) -> bool {
    memchr(0x1b, bytes).is_some() || memmem::find(bytes, br"\u001").is_some()
}

/// Whether there may be a name and a value of JSON in a text, whatever is wrong
/// with it: a brace, a quoted name, or a list of texts.
#[inline]
fn may_hold_json(bytes: &[u8]) -> bool {
    bytes.len() >= MIN_BYTES
        && (bytes.len() > MAX_SHORT || const { Few::of(b"{\"'") }.is_any_in(bytes))
        && memchr3_iter(b'{', b'"', b'\'', bytes).any(|at| {
            let rest = bytes[at + 1..].trim_ascii_start();
            bytes[at] == b'{' || matches!(rest.first(), Some(b':' | b'=')) || opens_list(bytes, at)
        })
}

/// Whether a quote is that of the first text of a list, or one like it.
fn opens_list(bytes: &[u8], quote: usize) -> bool {
    let before = bytes[..quote].iter().rev().find(|byte| !matches!(byte, b' ' | b'\\' | b'\n'));
    before == Some(&b'[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_text_that_holds_a_secret_loses_it() {
        for text in ["pwd=x", "{pwd:x}", "pwd: 1"] {
            let redacted = Redactor::of_texts().text(text).unwrap();
            assert!(redacted.contains("[REDACTED]"), "{redacted}");
        }
        assert!(Redactor::by_names().may_change(b"{pwd:x}"));
    }
}
