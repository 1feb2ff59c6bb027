//! What makes bytes no message of the protocol.

/// How many messages may lie inside one another, a request included: the limit
/// of the decoder that Vector uses.
pub const MAX_DEPTH: usize = 100;

/// The bytes are not a message of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A field says that it is longer than the message it lies in.
    #[error("a field reaches past the end of its message")]
    Truncated,
    /// A number of more than 64 bits.
    #[error("a varint is longer than 64 bits")]
    Varint,
    /// A field number that is none, or a wire type that does not exist.
    #[error("a field has an invalid tag")]
    Tag,
    /// The end of a group that did not begin.
    #[error("a group ends that did not begin")]
    Group,
    /// A known field of another wire type than its own.
    #[error("field {0} has the wrong wire type")]
    WireType(u32),
    /// The name of a field is not UTF-8.
    #[error("a field name is not UTF-8")]
    Name,
    /// More than [`MAX_DEPTH`] messages inside one another.
    #[error("messages are nested deeper than {MAX_DEPTH}")]
    Depth,
}
