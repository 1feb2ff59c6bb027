//! The first 48 bits of a SHA-1, shown as twelve hex digits: long enough to tell
//! the errors of a company apart, short enough for a message.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha1::{Digest, Sha1};

/// The first 48 bits of a SHA-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ShortHash([u8; 6]);

/// The hash of some parts, one after the other.
pub(crate) struct HashOfParts(Sha1);

impl HashOfParts {
    pub(crate) fn new() -> Self {
        Self(Sha1::new())
    }

    pub(crate) fn add(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    pub(crate) fn finish(self) -> ShortHash {
        let digest = self.0.finalize();
        let mut head = [0; 6];
        head.copy_from_slice(&digest[..6]);
        ShortHash(head)
    }
}

/// The text is not twelve hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of an error is twelve hex digits")]
pub struct InvalidHash;

impl FromStr for ShortHash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidHash);
        }
        let mut head = [0; 6];
        for (index, byte) in head.iter_mut().enumerate() {
            *byte =
                u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| InvalidHash)?;
        }
        Ok(Self(head))
    }
}

impl fmt::Display for ShortHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 12];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for ShortHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ShortHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_twelve_hex_digits_are_read() {
        for text in
            ["", "0123456789a", "0123456789abc", "0123456789ag", "+12345678901", "é1234567890"]
        {
            assert_eq!(text.parse::<ShortHash>(), Err(InvalidHash), "{text}");
        }
    }
}
