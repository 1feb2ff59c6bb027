//! One log message as an event of the engine.

use std::borrow::Cow;

use signatures_event::{
    Event, FieldValue, Value,
    redact::{Redactor, Secrecy},
};

use super::{
    encode::{field_len, put_entry, put_field, put_head},
    event_value::event_value,
    extent::Extent,
    malformed::Malformed,
    reader::{Field, Payload, Reader},
    redaction::{self, beside, redacted},
    value::{Kind, Run},
};

/// A log message, read and changed where it lies.
///
/// Made once and loaded with one message after another, so that a batch costs
/// no allocation per event.
#[derive(Debug, Default)]
pub struct Log<'a> {
    bytes: Cow<'a, [u8]>,
    root: Root,
    entries: Vec<Entry>,
    removed: Vec<Extent>,
    /// New entries, encoded one after the other as they lie in `Log.fields`.
    added_bytes: Vec<u8>,
    added: Vec<Entry>,
    redacted: bool,
    fault: Option<Malformed>,
}

/// What a log is.
#[derive(Clone, Copy, Debug, Default)]
enum Root {
    /// An object, as the entries of `Log.fields`.
    #[default]
    Fields,
    /// An object, as the map in `Log.value`.
    Map { value: Extent, map: Extent },
    /// Something else, in `Log.value`.
    Other(Extent),
}

/// An entry of the object at the root.
#[derive(Clone, Copy, Debug)]
struct Entry {
    extent: Extent,
    key: Extent,
    value: Extent,
    /// Whether its value may hold other values.
    nested: bool,
}

/// How a message is laid out.
enum Layout {
    /// As every encoder writes it.
    Regular(Root),
    /// With pieces that a decoder would merge.
    Scattered,
}

impl<'a> Log<'a> {
    /// Takes up a message in place of the one before.
    ///
    /// # Errors
    /// When the message is malformed, as deep as its fields reach; values
    /// inside a value are looked at by [`Event::redact`].
    pub fn load(&mut self, bytes: impl Into<Cow<'a, [u8]>>) -> Result<(), Malformed> {
        self.bytes = bytes.into();
        self.removed.clear();
        self.added.clear();
        self.added_bytes.clear();
        (self.redacted, self.fault) = (false, None);
        if let Layout::Regular(root) = index(&self.bytes, &mut self.entries)? {
            self.root = root;
            return Ok(());
        }
        self.bytes = Cow::Owned(gathered(&self.bytes)?);
        self.root = match index(&self.bytes, &mut self.entries)? {
            Layout::Regular(root) => root,
            Layout::Scattered => return Err(Malformed::Tag),
        };
        Ok(())
    }

    /// Whether writing it gives anything else than what was loaded.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.redacted || !self.added.is_empty() || !self.removed.is_empty()
    }

    /// What a redaction found malformed.
    ///
    /// # Errors
    /// The fault, when there is one.
    pub fn check(&self) -> Result<(), Malformed> {
        self.fault.map_or(Ok(()), Err)
    }

    /// Appends the message as it is now.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        match self.root {
            Root::Map { value, map } => {
                let length = self.rewritten_len(map);
                out.extend_from_slice(&self.bytes[..value.start]);
                put_head(out, 2, field_len(length));
                put_head(out, 7, length);
                self.write_entries(map, out);
                out.extend_from_slice(&self.bytes[value.end..]);
            }
            Root::Fields | Root::Other(_) => self.write_entries(self.whole(), out),
        }
    }

    /// How many bytes [`Log::write_to`] appends.
    #[must_use]
    pub fn written_len(&self) -> usize {
        match self.root {
            Root::Map { value, map } => {
                self.bytes.len() - value.len() + field_len(field_len(self.rewritten_len(map)))
            }
            Root::Fields | Root::Other(_) => self.rewritten_len(self.whole()),
        }
    }

    fn whole(&self) -> Extent {
        Extent { start: 0, end: self.bytes.len() }
    }

    fn rewritten_len(&self, extent: Extent) -> usize {
        let removed: usize = self.removed.iter().map(|extent| extent.len()).sum();
        extent.len() - removed + self.added_bytes.len()
    }

    fn write_entries(&self, extent: Extent, out: &mut Vec<u8>) {
        let mut copied = extent.start;
        for removed in &self.removed {
            out.extend_from_slice(&self.bytes[copied..removed.start]);
            copied = removed.end;
        }
        out.extend_from_slice(&self.bytes[copied..extent.end]);
        out.extend_from_slice(&self.added_bytes);
    }

    /// The value of a field at the root.
    fn find(&self, name: &str) -> Option<&[u8]> {
        find(&self.added, &self.added_bytes, name)
            .or_else(|| find(&self.entries, &self.bytes, name))
    }

    /// Takes the entries of a name out of the original ones and the new ones.
    fn remove(&mut self, name: &str) {
        let (bytes, removed) = (&self.bytes, &mut self.removed);
        self.entries.retain(|entry| {
            let other = entry.key.of(bytes) != name.as_bytes();
            if !other {
                removed.push(entry.extent);
            }
            other
        });
        removed.sort_unstable_by_key(|extent| extent.start);
        if find(&self.added, &self.added_bytes, name).is_some() {
            let mut kept = Vec::with_capacity(self.added_bytes.len());
            for entry in &self.added {
                if entry.key.of(&self.added_bytes) != name.as_bytes() {
                    kept.extend_from_slice(entry.extent.of(&self.added_bytes));
                }
            }
            self.added_bytes = kept;
            self.index_added();
        }
    }

    fn index_added(&mut self) {
        // Our own encoding is always regular.
        if let Err(fault) = index(&self.added_bytes, &mut self.added) {
            self.fault = Some(fault);
        }
    }

    /// Whether there is nothing that redaction could take out.
    fn is_harmless(&self, redactor: &Redactor) -> bool {
        matches!(self.root, Root::Fields)
            && are_harmless(&self.entries, &self.bytes, redactor)
            && are_harmless(&self.added, &self.added_bytes, redactor)
    }

    fn try_redact(&mut self, redactor: &Redactor) -> Result<(), Malformed> {
        if let Some(bytes) = redacted(&self.added_bytes, redactor)? {
            self.added_bytes = bytes;
            self.index_added();
        }
        if !self.removed.is_empty() {
            // What is removed must not come back with the new bytes.
            let (mut bytes, added) = (Vec::new(), std::mem::take(&mut self.added_bytes));
            self.write_to(&mut bytes);
            (self.bytes, self.added_bytes, self.redacted) = (bytes.into(), added, true);
            self.removed.clear();
        }
        if let Some(bytes) = redacted(&self.bytes, redactor)? {
            (self.bytes, self.redacted) = (bytes.into(), true);
        }
        if self.redacted
            && let Layout::Regular(root) = index(&self.bytes, &mut self.entries)?
        {
            self.root = root;
        }
        Ok(())
    }
}

/// Whether there is nothing in these entries that redaction could take out.
fn are_harmless(entries: &[Entry], bytes: &[u8], redactor: &Redactor) -> bool {
    let mut is_named = None;
    // A fault is found by who looks closer.
    let mut is_named =
        || *is_named.get_or_insert_with(|| beside(bytes, redactor) != Ok(Secrecy::Open));
    entries.iter().all(|entry| {
        let name = std::str::from_utf8(entry.key.of(bytes)).unwrap_or_default();
        let value = entry.value.of(bytes);
        !entry.nested
            && redactor.secrecy(name) == Secrecy::Open
            && (!redactor.is_named_beside(name) || !is_named())
            && !redactor.may_change(value)
            && redactor.name(name).is_none()
            && !is_secret_integer(value, redactor)
    })
}

/// Whether a value is an integer that is a secret by its form.
fn is_secret_integer(value: &[u8], redactor: &Redactor) -> bool {
    const INTEGER: u8 = 4 << 3;
    value.first() == Some(&INTEGER)
        && matches!(Reader::new(value).field(),
            Ok(Some(field)) if redaction::is_secret_integer(&field, redactor))
}

impl Event for Log<'_> {
    /// A log that is no object has its value as `message`.
    fn get(&self, name: &str) -> Option<Value<'_>> {
        let value = match self.root {
            Root::Other(value) if name == "message" => value.of(&self.bytes),
            _ => match self.find(name) {
                Some(value) => value,
                None => {
                    let (parent, path) = name.split_once('.')?;
                    nested(self.find(parent)?, path)?
                }
            },
        };
        event_value(Kind::of(value).ok()?)
    }

    fn any_name(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let mut any = |entries: &[Entry], bytes: &[u8]| {
            entries.iter().any(|entry| str::from_utf8(entry.key.of(bytes)).is_ok_and(&mut *test))
        };
        any(&self.entries, &self.bytes) || any(&self.added, &self.added_bytes)
    }

    /// Does nothing to a log that is no object: it can hold no fields.
    fn set(&mut self, name: &str, value: FieldValue<'_>) {
        if matches!(self.root, Root::Other(_)) {
            return;
        }
        if self.find(name).is_some() {
            self.remove(name);
        }
        let start = self.added_bytes.len();
        put_entry(&mut self.added_bytes, name, value);
        let mut reader = Reader::from(&self.added_bytes, start);
        match reader
            .field()
            .and_then(|field| field.map(|f| Entry::read(&self.added_bytes, &f)).transpose())
        {
            Ok(entry) => self.added.extend(entry.map(|(entry, _)| entry)),
            Err(fault) => self.fault = Some(fault),
        }
    }

    fn redact(&mut self, redactor: &Redactor) {
        if self.is_harmless(redactor) {
            return;
        }
        if let Err(fault) = self.try_redact(redactor) {
            self.fault = Some(fault);
        }
    }
}

impl Entry {
    /// Reads an entry, and whether its value comes in pieces.
    #[inline]
    fn read(bytes: &[u8], field: &Field<'_>) -> Result<(Self, bool), Malformed> {
        let content = field.content(field.bytes()?);
        let empty = Extent { start: content.end, end: content.end };
        let mut entry = Self { extent: field.extent, key: empty, value: empty, nested: false };
        let (mut values, mut reader) = (0, Reader::from(&bytes[..content.end], content.start));
        while let Some(field) = reader.field()? {
            match field.number {
                1 => entry.key = field.content(field.bytes()?),
                2 => {
                    entry.value = field.content(field.bytes()?);
                    values += 1;
                }
                _ => {}
            }
        }
        let key = entry.key.of(bytes);
        if !key.is_ascii() && std::str::from_utf8(key).is_err() {
            return Err(Malformed::Name);
        }
        entry.nested = may_nest(entry.value.of(bytes))?;
        Ok((entry, values > 1))
    }
}

/// Whether a value may hold others: it is no single text or number.
#[inline]
fn may_nest(value: &[u8]) -> Result<bool, Malformed> {
    let mut reader = Reader::new(value);
    let first = reader.field()?;
    if reader.at_end() && matches!(first, Some(Field { number: 1, payload: Payload::Bytes(_), .. }))
    {
        return Ok(false);
    }
    let kind = Kind::of(value)?;
    Ok(!reader.at_end() || matches!(kind, Kind::Map(_) | Kind::Array(_)))
}

/// Finds the entries of a log.
fn index(bytes: &[u8], entries: &mut Vec<Entry>) -> Result<Layout, Malformed> {
    entries.clear();
    let (mut values, mut value, mut scattered) = (0, Extent::default(), false);
    let mut value_content = Extent::default();
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.field()? {
        match field.number {
            1 => {
                let (entry, in_pieces) = Entry::read(bytes, &field)?;
                entries.push(entry);
                scattered |= in_pieces;
            }
            2 => {
                (value, value_content) = (field.extent, field.content(field.bytes()?));
                values += 1;
            }
            _ => {}
        }
    }
    if scattered || values > 1 {
        return Ok(Layout::Scattered);
    }
    if values == 0 {
        return Ok(Layout::Regular(Root::Fields));
    }
    entries.clear();
    if !matches!(Kind::of(value_content.of(bytes))?, Kind::Map(_)) {
        return Ok(Layout::Regular(Root::Other(value_content)));
    }
    let mut reader = Reader::from(&bytes[..value_content.end], value_content.start);
    let map = match reader.field()? {
        Some(field) if field.number == 7 && reader.at_end() => field.content(field.bytes()?),
        _ => return Ok(Layout::Scattered),
    };
    let mut reader = Reader::from(&bytes[..map.end], map.start);
    while let Some(field) = reader.field()? {
        if field.number == 1 {
            let (entry, in_pieces) = Entry::read(bytes, &field)?;
            entries.push(entry);
            scattered |= in_pieces;
        }
    }
    Ok(if scattered { Layout::Scattered } else { Layout::Regular(Root::Map { value, map }) })
}

/// The same log with its pieces put together, as a decoder would merge them.
fn gathered(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut value = None;
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.field()? {
        match field.number {
            1 => put_gathered_entry(&mut out, field.bytes()?)?,
            2 => value.get_or_insert_with(Vec::new).extend_from_slice(field.bytes()?),
            _ => out.extend_from_slice(field.extent.of(bytes)),
        }
    }
    let Some(value) = value else { return Ok(out) };
    let Kind::Map(mut run) = Kind::of(&value)? else {
        put_field(&mut out, 2, &value);
        return Ok(out);
    };
    let mut map = Vec::with_capacity(value.len());
    while let Some(piece) = run.piece()? {
        let mut reader = Reader::new(piece);
        while let Some(field) = reader.field()? {
            match field.number {
                1 => put_gathered_entry(&mut map, field.bytes()?)?,
                _ => map.extend_from_slice(field.extent.of(piece)),
            }
        }
    }
    put_head(&mut out, 2, field_len(map.len()));
    put_field(&mut out, 7, &map);
    Ok(out)
}

fn put_gathered_entry(out: &mut Vec<u8>, entry: &[u8]) -> Result<(), Malformed> {
    let (mut rest, mut value) = (Vec::with_capacity(entry.len()), Vec::new());
    let mut reader = Reader::new(entry);
    while let Some(field) = reader.field()? {
        match field.number {
            2 => value.extend_from_slice(field.bytes()?),
            _ => rest.extend_from_slice(field.extent.of(entry)),
        }
    }
    put_head(out, 1, rest.len() + field_len(value.len()));
    out.extend_from_slice(&rest);
    put_field(out, 2, &value);
    Ok(())
}

/// The value of the last entry of a name, as decoders have it.
#[inline]
fn find<'b>(entries: &[Entry], bytes: &'b [u8], name: &str) -> Option<&'b [u8]> {
    let found = entries
        .iter()
        .rev()
        .find(|entry| entry.key.len() == name.len() && entry.key.of(bytes) == name.as_bytes());
    found.map(|entry| entry.value.of(bytes))
}

/// The value at a path inside an object.
fn nested<'b>(value: &'b [u8], path: &str) -> Option<&'b [u8]> {
    let Kind::Map(run) = Kind::of(value).ok()? else { return None };
    find_in_map(run, path).or_else(|| {
        let (parent, rest) = path.split_once('.')?;
        nested(find_in_map(run, parent)?, rest)
    })
}

fn find_in_map<'b>(mut run: Run<'b>, name: &str) -> Option<&'b [u8]> {
    let mut found = None;
    while let Some(piece) = run.piece().ok()? {
        let mut reader = Reader::new(piece);
        while let Some(field) = reader.field().ok()? {
            if field.number == 1 {
                let (entry, _) = Entry::read(piece, &field).ok()?;
                if entry.key.of(piece) == name.as_bytes() {
                    found = Some(entry.value.of(piece));
                }
            }
        }
    }
    found
}
