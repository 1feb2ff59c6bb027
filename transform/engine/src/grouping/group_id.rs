//! The name of a group.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    fingerprint::Fingerprint,
    short_hash::{HashOfParts, InvalidHash, ShortHash},
};

/// The version of the [extended](crate::extended) text and of what is made of it.
/// Another one makes other groups, so that a better identity never mixes with an
/// older one.
pub const VERSION: &str = "g1";

/// The same of the standard canonical text, told apart by fields.
pub(super) const SEED_VERSION: &str = "g0";

/// What stands between the values of fields.
pub(super) const SEPARATOR: &str = "\u{1f}";

/// The name of a group, which is what aggregation, alerts and silences go by: the
/// first 48 bits of `sha1("{version}|{category}|{identity}|{values of by}")`, shown
/// as twelve hex digits; or a fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(ShortHash);

impl GroupId {
    /// The group of an identity, in a version, with the values of the fields that
    /// tell errors apart.
    #[must_use]
    pub fn new(
        version: &str,
        category: &str,
        identity: &str,
        values: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        let mut hash = HashOfParts::new();
        for text in [version, "|", category, "|", identity, "|"] {
            hash.add(text.as_bytes());
        }
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                hash.add(SEPARATOR.as_bytes());
            }
            hash.add(value.as_ref().as_bytes());
        }
        Self(hash.finish())
    }
}

/// Where nothing else is said the fingerprint is the group.
impl From<Fingerprint> for GroupId {
    fn from(fingerprint: Fingerprint) -> Self {
        Self(fingerprint.0)
    }
}

impl FromStr for GroupId {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        text.parse().map(Self)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_the_head_of_the_sha1() {
        // printf 'g1|network_db|read econnreset|checkout\x1feu' | sha1sum
        let group = GroupId::new(VERSION, "network_db", "read econnreset", ["checkout", "eu"]);
        assert_eq!(group.to_string(), "1c20457cdced");
        assert_eq!(group.to_string().parse(), Ok(group));
        // printf 'g1|network_db|read econnreset|' | sha1sum
        let nowhere = GroupId::new(VERSION, "network_db", "read econnreset", [""; 0]);
        assert_eq!(nowhere.to_string(), "6ebb56ea5086");
    }
}
