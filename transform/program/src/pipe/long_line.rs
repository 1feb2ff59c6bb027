//! A line too long to be held: it streams through as `{"message": …}`.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use signatures_event::{
    Event, FieldValue, JsonEvent, Value,
    redact::{JsonRedaction, Redactor},
};

/// A long line on its way.
pub(super) struct LongLine {
    /// The fields to write after the message, each with a comma before it; none
    /// when the line is dropped.
    fields: Option<Vec<u8>>,
    /// None when it is no JSON, or secrets may pass.
    redaction: Option<JsonRedaction>,
    started: bool,
    /// The first bytes of a character whose last bytes have not come yet.
    partial: Vec<u8>,
}

impl LongLine {
    /// A line that is dropped as it comes.
    pub(super) fn dropped() -> Self {
        Self { fields: None, redaction: None, started: false, partial: Vec::new() }
    }

    /// A line that passes, and gets fields.
    pub(super) fn passing(fields: Vec<u8>, redaction: Option<JsonRedaction>) -> Self {
        Self { fields: Some(fields), redaction, started: false, partial: Vec::new() }
    }

    /// Writes the next bytes of the message.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        if self.fields.is_none() {
            return Ok(());
        }
        match &mut self.redaction {
            Some(redaction) => {
                let redacted = redaction.push(bytes);
                self.write(&redacted, out)
            }
            None => self.write(bytes, out),
        }
    }

    fn write(&mut self, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        if !self.started {
            out.write_all(b"{\"message\":\"")?;
            self.started = true;
        }
        let joined;
        let mut rest = if self.partial.is_empty() {
            bytes
        } else {
            joined = [&self.partial, bytes].concat();
            &joined
        };
        self.partial = Vec::new();
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => return write_escaped(text, out),
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    write_escaped(&String::from_utf8_lossy(valid), out)?;
                    let Some(invalid) = error.error_len() else {
                        self.partial = after.to_vec();
                        return Ok(());
                    };
                    out.write_all("\u{fffd}".as_bytes())?;
                    rest = &after[invalid..];
                }
            }
        }
    }

    /// Ends the line.
    pub(super) fn end(mut self, out: &mut impl Write) -> io::Result<()> {
        if let Some(redaction) = self.redaction.take() {
            self.write(&redaction.finish(), out)?;
        }
        let Some(fields) = self.fields else { return Ok(()) };
        if !self.partial.is_empty() {
            out.write_all("\u{fffd}".as_bytes())?;
        }
        out.write_all(b"\"")?;
        out.write_all(&fields)?;
        out.write_all(b"}\n")
    }
}

/// The beginning of a long line: an event in which only that is seen, and whose
/// new fields go behind the message.
pub(super) struct Head<'a> {
    text: &'a str,
    fields: JsonEvent<'a>,
}

impl<'a> Head<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, fields: JsonEvent::empty() }
    }

    /// What was written into it, each field with a comma before it.
    pub(super) fn into_fields(self) -> Vec<u8> {
        let mut object = Vec::new();
        self.fields.write_to(&mut object);
        match &object[1..object.len() - 1] {
            [] => Vec::new(),
            fields => [b",", fields].concat(),
        }
    }
}

impl Event for Head<'_> {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "message" => Some(Value::Text(Cow::Borrowed(self.text))),
            _ => self.fields.get(name),
        }
    }

    fn as_text(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.text))
    }

    fn set(&mut self, name: &str, value: FieldValue<'_>) {
        self.fields.set(name, value);
    }

    // The message is redacted while it streams.
    fn redact(&mut self, _: &Redactor) {}
}

/// A text as it stands between the quotes of a JSON string.
fn write_escaped(text: &str, out: &mut impl Write) -> io::Result<()> {
    let quoted = serde_json::to_string(text)?;
    out.write_all(&quoted.as_bytes()[1..quoted.len() - 1])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_message_is_the_same_however_the_bytes_come(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(0xc3), Just(0xa9)], 0..40),
            cuts in prop::collection::vec(0usize..40, 0..5),
        ) {
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let mut line = LongLine::passing(b",\"a\":1".to_vec(), None);
            let mut out = Vec::new();
            for pair in cuts.windows(2) {
                line.push(&bytes[pair[0]..pair[1]], &mut out).unwrap();
            }
            line.end(&mut out).unwrap();
            let found: serde_json::Value = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(
                found,
                serde_json::json!({"message": String::from_utf8_lossy(&bytes), "a": 1})
            );
        }
    }
}
