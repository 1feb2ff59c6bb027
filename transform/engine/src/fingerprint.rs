//! The fingerprint: a short stable name for "the same error again".

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    canonical::{Buffer, canonical_in},
    short_hash::{HashOfParts, InvalidHash, ShortHash},
};

/// The first 48 bits of `sha1("{category}|{canonical}")`, shown as twelve hex
/// digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub(crate) ShortHash);

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
        let mut hash = HashOfParts::new();
        for part in [category.as_bytes(), b"|", canonical] {
            hash.add(part);
        }
        Self(hash.finish())
    }
}

impl FromStr for Fingerprint {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
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
}
