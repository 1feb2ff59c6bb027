//! A value of a field, by which it can be told from others and not be read.

use crate::short_hash::{HashOfParts, ShortHash};

/// The first 48 bits of the SHA-1 of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ValueHash(pub(crate) ShortHash);

impl ValueHash {
    /// That of a text; none of an empty one, which is no value.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut hash = HashOfParts::new();
        hash.add(text.as_bytes());
        (!text.is_empty()).then(|| Self(hash.finish()))
    }
}
