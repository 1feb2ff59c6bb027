//! Taking secrets out of a log message where they lie.

use std::borrow::Cow;

use signatures_event::redact::{REDACTED, Redactor, Secrecy};

use super::{
    encode::{put_head, varint_len},
    extent::Extent,
    malformed::{MAX_DEPTH, Malformed},
    reader::{Field, Reader},
};

/// Which message the walk is inside of.
#[derive(Clone, Copy, PartialEq)]
enum Holder {
    Log,
    Entry,
    Value,
    Map,
    Array,
}

/// A message that the walk is inside of.
struct Frame {
    holder: Holder,
    number: u8,
    /// Its tag and length.
    head: Extent,
    end: usize,
    secrecy: Secrecy,
    growth: isize,
}

/// A length-delimited field, or only the head of one, that replaces a stretch.
struct Edit<'a> {
    extent: Extent,
    number: u8,
    length: usize,
    content: Cow<'a, [u8]>,
}

struct Walk<'a> {
    log: &'a [u8],
    frames: Vec<Frame>,
    edits: Vec<Edit<'a>>,
}

/// A log message without its secrets; none when there are none. What later bytes
/// would override goes as well.
pub(super) fn redacted(log: &[u8], redactor: &Redactor) -> Result<Option<Vec<u8>>, Malformed> {
    let root = Frame {
        holder: Holder::Log,
        number: 0,
        head: Extent::default(),
        end: log.len(),
        secrecy: Secrecy::Open,
        growth: 0,
    };
    let mut walk = Walk { log, frames: vec![root], edits: Vec::new() };
    let mut at = 0;
    while let Some(frame) = walk.frames.last() {
        match Reader::from(&log[..frame.end], at).field()? {
            Some(field) => at = walk.visit(field, redactor)?,
            None => walk.leave(),
        }
    }
    Ok(walk.finish())
}

impl<'a> Walk<'a> {
    /// Looks at a field of the innermost message, and says where to go on.
    fn visit(&mut self, field: Field<'a>, redactor: &Redactor) -> Result<usize, Malformed> {
        // `redacted` visits only while there is a frame.
        let Some(frame) = self.frames.last_mut() else { return Ok(field.extent.end) };
        let holder = match (frame.holder, field.number) {
            (Holder::Log | Holder::Map, 1) => Holder::Entry,
            (Holder::Log | Holder::Entry, 2) | (Holder::Array, 1) => Holder::Value,
            (Holder::Value, 7) => Holder::Map,
            (Holder::Value, 8) => Holder::Array,
            (Holder::Value, 1) => {
                let text = field.bytes()?;
                let content = match frame.secrecy {
                    Secrecy::Open if !redactor.may_change(text) => None,
                    Secrecy::Open => redactor
                        .text(&String::from_utf8_lossy(text))
                        .map(|text| Cow::Owned(text.into_bytes())),
                    _ if text == REDACTED.as_bytes() => None,
                    _ => Some(Cow::Borrowed(REDACTED.as_bytes())),
                };
                let end = field.extent.end;
                if let Some(content) = content {
                    self.replace(field.extent, content);
                }
                return Ok(end);
            }
            // An integer or a float.
            (Holder::Value, 4 | 5) if frame.secrecy == Secrecy::Secret => {
                let end = field.extent.end;
                self.replace(field.extent, Cow::Borrowed(REDACTED.as_bytes()));
                return Ok(end);
            }
            _ => return Ok(field.extent.end),
        };
        let bytes = field.bytes()?;
        let own = match holder {
            Holder::Entry => redactor.secrecy(entry_key(bytes)?),
            _ => Secrecy::Open,
        };
        let secrecy = frame.secrecy.max(own);
        // The log itself, the first frame, is the second message inside a request.
        if self.frames.len() + 2 > MAX_DEPTH {
            return Err(Malformed::Depth);
        }
        let content = field.content(bytes);
        self.frames.push(Frame {
            holder,
            number: field.number as u8,
            head: Extent { start: field.extent.start, end: content.start },
            end: content.end,
            secrecy,
            growth: 0,
        });
        Ok(content.start)
    }

    /// Puts a text in place of a field of the innermost message.
    fn replace(&mut self, extent: Extent, content: Cow<'a, [u8]>) {
        let length = content.len();
        if let Some(frame) = self.frames.last_mut() {
            frame.growth += (1 + varint_len(length) + length) as isize - extent.len() as isize;
        }
        self.edits.push(Edit { extent, number: 1, length, content });
    }

    /// Leaves the innermost message; one that grew or shrank gets a new head.
    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let Some(parent) = self.frames.last_mut() else { return };
        if frame.growth == 0 {
            return;
        }
        let length = (frame.end - frame.head.end).saturating_add_signed(frame.growth);
        let head = 1 + varint_len(length);
        parent.growth += frame.growth + head as isize - frame.head.len() as isize;
        self.edits.push(Edit {
            extent: frame.head,
            number: frame.number,
            length,
            content: Cow::Borrowed(&[]),
        });
    }

    fn finish(mut self) -> Option<Vec<u8>> {
        if self.edits.is_empty() {
            return None;
        }
        self.edits.sort_unstable_by_key(|edit| edit.extent.start);
        let (mut out, mut copied) = (Vec::with_capacity(self.log.len()), 0);
        for Edit { extent, number, length, content } in self.edits {
            out.extend_from_slice(&self.log[copied..extent.start]);
            put_head(&mut out, number, length);
            out.extend_from_slice(&content);
            copied = extent.end;
        }
        out.extend_from_slice(&self.log[copied..]);
        Some(out)
    }
}

/// The key of an entry of a map; of several the last.
fn entry_key(entry: &[u8]) -> Result<&str, Malformed> {
    let (mut reader, mut key): (_, &[u8]) = (Reader::new(entry), &[]);
    while let Some(field) = reader.field()? {
        if field.number == 1 {
            key = field.bytes()?;
        }
    }
    std::str::from_utf8(key).map_err(|_| Malformed::Name)
}
