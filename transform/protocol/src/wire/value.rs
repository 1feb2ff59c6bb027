//! One `Value`: which kind it is of.

use jiff::Timestamp;

use super::{
    malformed::Malformed,
    reader::{Payload, Reader},
};

/// The kind that a decoder would find: of several the last one counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind<'a> {
    Bytes(&'a [u8]),
    Timestamp(Run<'a>),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Map(Run<'a>),
    Array(Run<'a>),
    Null,
    /// None that is known.
    Unset,
}

/// A message in pieces: a decoder merges those that follow one another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    number: u32,
    reader: Reader<'a>,
}

impl<'a> Run<'a> {
    pub(super) fn piece(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        while let Some(field) = self.reader.field()? {
            if field.number == self.number {
                return field.bytes().map(Some);
            }
        }
        Ok(None)
    }
}

impl<'a> Kind<'a> {
    /// Reads the kind of a value, not what lies inside it.
    #[inline]
    pub(super) fn of(value: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(value);
        let (mut kind, mut kind_number) = (Self::Unset, 0);
        while let Some(field) = reader.field()? {
            let run = Run { number: field.number, reader: Reader::from(value, field.extent.start) };
            let found = match field.number {
                1 => Self::Bytes(field.bytes()?),
                4 => Self::Integer(field.varint()? as i64),
                5 => match field.payload {
                    Payload::Fixed64(bits) => Self::Float(f64::from_bits(bits)),
                    _ => return Err(Malformed::WireType(5)),
                },
                6 => Self::Boolean(field.varint()? != 0),
                9 => field.varint().map(|_| Self::Null)?,
                2 | 7 | 8 => {
                    field.bytes()?;
                    if kind_number == field.number {
                        continue;
                    }
                    match field.number {
                        2 => Self::Timestamp(run),
                        7 => Self::Map(run),
                        _ => Self::Array(run),
                    }
                }
                _ => continue,
            };
            (kind, kind_number) = (found, field.number);
        }
        Ok(kind)
    }
}

/// A `google.protobuf.Timestamp`; none when there is no such time.
pub(super) fn timestamp(mut run: Run<'_>) -> Option<Timestamp> {
    let (mut seconds, mut nanos) = (0, 0);
    while let Some(piece) = run.piece().ok()? {
        let mut reader = Reader::new(piece);
        while let Some(field) = reader.field().ok()? {
            match field.number {
                1 => seconds = field.varint().ok()? as i64,
                2 => nanos = field.varint().ok()? as i32,
                _ => {}
            }
        }
    }
    Timestamp::new(seconds, nanos).ok()
}
