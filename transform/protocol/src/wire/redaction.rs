//! Taking secrets out of a log message where they lie.

use std::borrow::Cow;

use signatures_event::redact::{REDACTED, Redactor, Secrecy};

use super::{
    encode::{put_head, varint_len},
    extent::Extent,
    malformed::{MAX_DEPTH, Malformed},
    reader::{Field, Payload, Reader},
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
    /// What the values hold in it whose names lie beside them, once it was asked.
    beside: Option<Secrecy>,
    /// What is known of the items of an array.
    list: List,
    /// What is to stand in place of a text or number, if its list says so.
    replacement: Option<String>,
}

/// The items of an array.
#[derive(Default)]
struct List {
    /// How many have been passed.
    passed: usize,
    /// What the second one holds, as the first says.
    second: Secrecy,
    /// What is to stand in place of some, the last one first.
    replacements: Vec<(usize, String)>,
}

impl Frame {
    fn of(holder: Holder, number: u8, head: Extent, end: usize, secrecy: Secrecy) -> Self {
        let (growth, beside, list, replacement) = (0, None, List::default(), None);
        Self { holder, number, head, end, secrecy, growth, beside, list, replacement }
    }
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
    let root = Frame::of(Holder::Log, 0, Extent::default(), log.len(), Secrecy::Open);
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
            (Holder::Entry, 1) => {
                let name = std::str::from_utf8(field.bytes()?).map_err(|_| Malformed::Name)?;
                let end = field.extent.end;
                if let Some(name) = redactor.name(name) {
                    self.replace(field.extent, Cow::Owned(name.into_bytes()));
                }
                return Ok(end);
            }
            (Holder::Value, 1) => {
                let text = field.bytes()?;
                let content = match frame.secrecy {
                    Secrecy::Open if frame.replacement.is_some() => {
                        frame.replacement.take().map(|text| Cow::Owned(text.into_bytes()))
                    }
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
            (Holder::Value, 4 | 5)
                if frame.secrecy == Secrecy::Secret
                    || frame.replacement.is_some()
                    || is_secret_integer(&field, redactor) =>
            {
                let end = field.extent.end;
                self.replace(field.extent, Cow::Borrowed(REDACTED.as_bytes()));
                return Ok(end);
            }
            _ => return Ok(field.extent.end),
        };
        let bytes = field.bytes()?;
        let (own, replacement) = match (frame.holder, holder) {
            (_, Holder::Entry) => (self.entry_secrecy(bytes, redactor)?, None),
            (Holder::Array, _) => frame.list.next(),
            _ => (Secrecy::Open, None),
        };
        let in_array = self.lies_in_array();
        let Some(frame) = self.frames.last() else { return Ok(field.extent.end) };
        let secrecy = frame.secrecy.max(own);
        // The log itself, the first frame, is the second message inside a request.
        if self.frames.len() + 2 > MAX_DEPTH {
            return Err(Malformed::Depth);
        }
        let content = field.content(bytes);
        let head = Extent { start: field.extent.start, end: content.start };
        let mut inner = Frame::of(holder, field.number as u8, head, content.end, secrecy);
        inner.replacement = replacement;
        if holder == Holder::Array && secrecy == Secrecy::Open {
            inner.list = List::of(bytes, in_array, redactor)?;
        }
        self.frames.push(inner);
        Ok(content.start)
    }

    /// Whether the innermost value is an item of an array.
    fn lies_in_array(&self) -> bool {
        matches!(&self.frames[..], [.., array, _] if array.holder == Holder::Array)
    }

    /// What an entry of the innermost map holds, as its key says, or what it names beside.
    fn entry_secrecy(&mut self, entry: &[u8], redactor: &Redactor) -> Result<Secrecy, Malformed> {
        let key = entry_key(entry)?;
        let own = redactor.secrecy(key);
        let Some(map) = self.frames.last_mut().filter(|_| redactor.is_named_beside(key)) else {
            return Ok(own);
        };
        let beside = match map.beside {
            Some(beside) => beside,
            None => beside(&self.log[map.head.end..map.end], redactor)?,
        };
        map.beside = Some(beside);
        Ok(own.max(beside))
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

impl List {
    /// Of the content of an array, which may be an item of another.
    fn of(array: &[u8], in_array: bool, redactor: &Redactor) -> Result<Self, Malformed> {
        let (mut reader, mut items, mut index) = (Reader::new(array), Vec::new(), 0);
        while let Some(field) = reader.field()? {
            if field.number == 1 {
                items.extend(shown(field.bytes()?)?.map(|item| (index, item)));
                index += 1;
            }
        }
        let first = items.first().filter(|(index, _)| in_array && *index == 0);
        let second = first.map_or(Secrecy::Open, |(_, first)| redactor.second_of(first));
        let mut list = Self { second, ..Self::default() };
        if items.iter().any(|(_, item)| redactor.may_be_argument(item)) {
            let (places, texts): (Vec<usize>, Vec<_>) = items.into_iter().unzip();
            let replaced = redactor.list(&texts).into_iter().rev();
            list.replacements = replaced.map(|(index, text)| (places[index], text)).collect();
        }
        Ok(list)
    }

    /// What the next item holds, and what is to stand in its place.
    fn next(&mut self) -> (Secrecy, Option<String>) {
        let index = self.passed;
        self.passed += 1;
        let secrecy = if index == 1 { self.second } else { Secrecy::Open };
        let is_next = self.replacements.last().is_some_and(|(place, _)| *place == index);
        let replacement = self.replacements.pop_if(|_| is_next);
        (secrecy, replacement.map(|(_, text)| text))
    }
}

/// What the values of a map hold that are named by others in it.
pub(super) fn beside(map: &[u8], redactor: &Redactor) -> Result<Secrecy, Malformed> {
    let (mut reader, mut fields) = (Reader::new(map), Vec::new());
    while let Some(field) = reader.field()? {
        if field.number == 1 {
            let entry = field.bytes()?;
            let text = shown(entry_value(entry)?)?;
            fields.extend(text.map(|text| entry_key(entry).map(|key| (key, text))).transpose()?);
        }
    }
    Ok(redactor.beside(fields.into_iter()))
}

/// A value that is a text or an integer, as people write it.
pub(super) fn shown(value: &[u8]) -> Result<Option<Cow<'_, str>>, Malformed> {
    let mut reader = Reader::new(value);
    Ok(match reader.field()? {
        Some(Field { number: 1, payload: Payload::Bytes(text), .. }) => {
            Some(String::from_utf8_lossy(text))
        }
        Some(Field { number: 4, payload: Payload::Varint(number), .. }) => {
            Some(Cow::Owned(number.cast_signed().to_string()))
        }
        _ => None,
    })
}

/// Whether a field of a value is an integer that is a secret by its form.
pub(super) fn is_secret_integer(field: &Field<'_>, redactor: &Redactor) -> bool {
    match (field.number, field.payload) {
        (4, Payload::Varint(integer)) => redactor.is_secret_integer(integer),
        _ => false,
    }
}

/// The value of an entry of a map; of several the last.
fn entry_value(entry: &[u8]) -> Result<&[u8], Malformed> {
    let (mut reader, mut value): (_, &[u8]) = (Reader::new(entry), &[]);
    while let Some(field) = reader.field()? {
        if field.number == 2 {
            value = field.bytes()?;
        }
    }
    Ok(value)
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
