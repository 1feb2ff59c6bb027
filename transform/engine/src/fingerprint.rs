//! The fingerprint: a short stable name for "the same error again".

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha1::{Digest, Sha1};

use crate::canonical::{Buffer, canonical_in};

/// The first 48 bits of `sha1("{category}|{canonical}")`, shown as twelve hex
/// digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 6]);

impl Fingerprint {
    /// The fingerprint of a text in a category, by its canonical text.
    #[must_use]
    pub fn of(category: &str, subject: &str) -> Self {
        Self::of_bytes(category, &canonical_in(&mut Buffer::new(), subject))
    }

    /// The fingerprint of a category and a [canonical](crate::canonical) text.
    #[must_use]
    pub fn new(category: &str, canonical: &str) -> Self {
        Self::of_bytes(category, canonical.as_bytes())
    }

    fn of_bytes(category: &str, canonical: &[u8]) -> Self {
        let mut hash = Sha1::new();
        hash.update(category);
        hash.update("|");
        hash.update(canonical);
        let digest = hash.finalize();
        let mut head = [0; 6];
        head.copy_from_slice(&digest[..6]);
        Self(head)
    }
}

/// The text is not twelve hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is twelve hex digits")]
pub struct InvalidFingerprint;

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidFingerprint);
        }
        let mut head = [0; 6];
        for (index, byte) in head.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16)
                .map_err(|_| InvalidFingerprint)?;
        }
        Ok(Self(head))
    }
}

impl fmt::Display for Fingerprint {
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

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_head_of_the_sha1() {
        // printf 'network_db|econnreset' | sha1sum
        let fingerprint = Fingerprint::new("network_db", "econnreset");
        assert_eq!(fingerprint.to_string(), "ff526c105fa8");
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
    }

    #[test]
    fn only_twelve_hex_digits_are_read() {
        for text in
            ["", "0123456789a", "0123456789abc", "0123456789ag", "+12345678901", "é1234567890"]
        {
            assert_eq!(text.parse::<Fingerprint>(), Err(InvalidFingerprint), "{text}");
        }
    }
}
