//! The fields of one message, one after the other.

use super::{
    extent::Extent,
    malformed::{MAX_DEPTH, Malformed},
};

/// Reads a message field by field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A field, and where in its message it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) number: u32,
    pub(super) payload: Payload<'a>,
    pub(super) extent: Extent,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Payload<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    /// Of a wire type that no known field has.
    Foreign,
}

impl<'a> Field<'a> {
    /// The bytes of a field that is known to be length-delimited.
    pub(super) fn bytes(&self) -> Result<&'a [u8], Malformed> {
        match self.payload {
            Payload::Bytes(bytes) => Ok(bytes),
            _ => Err(Malformed::WireType(self.number)),
        }
    }

    pub(super) fn varint(&self) -> Result<u64, Malformed> {
        match self.payload {
            Payload::Varint(value) => Ok(value),
            _ => Err(Malformed::WireType(self.number)),
        }
    }

    /// Where the content of a length-delimited field lies.
    pub(super) fn content(&self, content: &[u8]) -> Extent {
        Extent { start: self.extent.end - content.len(), end: self.extent.end }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Goes on from an offset.
    pub(super) fn from(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The next field; none at the end of the message.
    #[inline]
    pub(super) fn field(&mut self) -> Result<Option<Field<'a>>, Malformed> {
        if self.at_end() {
            return Ok(None);
        }
        let start = self.at;
        let (number, wire_type) = self.tag()?;
        let payload = match wire_type {
            0 => Payload::Varint(self.varint()?),
            1 => Payload::Fixed64(self.fixed64()?),
            2 => {
                let length = self.varint()?;
                Payload::Bytes(self.take(length)?)
            }
            3 => self.group(number)?,
            5 => {
                self.take(4)?;
                Payload::Foreign
            }
            4 => return Err(Malformed::Group),
            _ => return Err(Malformed::Tag),
        };
        Ok(Some(Field { number, payload, extent: Extent { start, end: self.at } }))
    }

    #[inline]
    fn tag(&mut self) -> Result<(u32, u8), Malformed> {
        let tag = u32::try_from(self.varint()?).map_err(|_| Malformed::Tag)?;
        match tag >> 3 {
            0 => Err(Malformed::Tag),
            number => Ok((number, (tag & 7) as u8)),
        }
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        match self.bytes.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(u64::from(byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for index in 0..10 {
            let byte = *self.bytes.get(self.at).ok_or(Malformed::Truncated)?;
            self.at += 1;
            if index == 9 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed::Varint)
    }

    fn fixed64(&mut self) -> Result<u64, Malformed> {
        let mut value = [0; 8];
        value.copy_from_slice(self.take(8)?);
        Ok(u64::from_le_bytes(value))
    }

    #[inline]
    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let rest = &self.bytes[self.at..];
        let length = usize::try_from(length).map_err(|_| Malformed::Truncated)?;
        let taken = rest.get(..length).ok_or(Malformed::Truncated)?;
        self.at += length;
        Ok(taken)
    }

    /// Passes by a group, which proto3 no longer has and decoders skip.
    fn group(&mut self, number: u32) -> Result<Payload<'a>, Malformed> {
        let mut open = vec![number];
        while let Some(innermost) = open.last().copied() {
            if self.at_end() {
                return Err(Malformed::Truncated);
            }
            let (number, wire_type) = self.tag()?;
            match wire_type {
                0 => drop(self.varint()?),
                1 => drop(self.take(8)?),
                2 => {
                    let length = self.varint()?;
                    self.take(length)?;
                }
                3 if open.len() == MAX_DEPTH => return Err(Malformed::Depth),
                3 => open.push(number),
                4 if number == innermost => drop(open.pop()),
                4 => return Err(Malformed::Group),
                5 => drop(self.take(4)?),
                _ => return Err(Malformed::Tag),
            }
        }
        Ok(Payload::Foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(bytes: &[u8]) -> Result<Vec<(u32, Payload<'_>, Extent)>, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut fields = Vec::new();
        while let Some(field) = reader.field()? {
            fields.push((field.number, field.payload, field.extent));
        }
        Ok(fields)
    }

    #[test]
    fn every_wire_type_is_read_or_passed_by() {
        let bytes =
            b"\x08\x96\x01\x11\x01\0\0\0\0\0\0\0\x1a\x02ab\x25abcd\x2b\x08\x01\x2c\x8a\x00\x01c";
        assert_eq!(
            fields(bytes),
            Ok(vec![
                (1, Payload::Varint(150), Extent { start: 0, end: 3 }),
                (2, Payload::Fixed64(1), Extent { start: 3, end: 12 }),
                (3, Payload::Bytes(b"ab"), Extent { start: 12, end: 16 }),
                (4, Payload::Foreign, Extent { start: 16, end: 21 }),
                (5, Payload::Foreign, Extent { start: 21, end: 25 }),
                (1, Payload::Bytes(b"c"), Extent { start: 25, end: 29 }),
            ])
        );
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        let deep = [0x0b].repeat(MAX_DEPTH + 1);
        let cases: [(&[u8], Malformed); 12] = [
            (b"\x0a", Malformed::Truncated),
            (b"\x0a\x05ab", Malformed::Truncated),
            (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", Malformed::Truncated),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", Malformed::Varint),
            (b"\x08\x80", Malformed::Truncated),
            (b"\x00", Malformed::Tag),
            (b"\x0e", Malformed::Tag),
            (b"\xff\xff\xff\xff\xff\x01", Malformed::Tag),
            (b"\x0c", Malformed::Group),
            (b"\x0b\x14", Malformed::Group),
            (b"\x0b", Malformed::Truncated),
            (&deep, Malformed::Depth),
        ];
        for (bytes, error) in cases {
            assert_eq!(fields(bytes).map(drop), Err(error), "{bytes:?}");
        }
    }
}
