//! One member of packed data: what `gzip` or another has written in one go.

use std::io::Read;

use crate::peek::Peek;

/// Where the bytes come from.
pub(crate) type Source = Peek<Box<dyn Read + Send>>;

/// Unpacks one member, and leaves what lies behind it.
pub(crate) trait Member: Read + Send {
    /// What it read from, once it has ended.
    fn into_source(self: Box<Self>) -> Source;
}
