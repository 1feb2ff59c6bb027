//! Vector's native protocol, as it lies on the wire.
//!
//! A request is never decoded into objects: it is walked, the fields that the
//! engine asks for are read where they lie, and the few events that change get
//! new bytes spliced in. All else is copied, unknown fields included. Whatever
//! the bytes, the answer is a result: nothing here panics or recurses, and
//! memory is bounded by the length of the message.
//!
//! Field numbers are those of Vector's `event.proto` and `vector.proto`:
//!
//! ```text
//! PushEventsRequest { events = 1: EventWrapper* }
//! EventWrapper      { oneof: log = 1, metric = 2, trace = 3 }
//! Log               { fields = 1: map<string, Value>, value = 2: Value, … }
//! Value             { oneof: raw_bytes = 1, timestamp = 2, integer = 4, float = 5,
//!                            boolean = 6, map = 7: ValueMap, array = 8: ValueArray, null = 9 }
//! ValueMap          { fields = 1: map<string, Value> }
//! ValueArray        { items = 1: Value* }
//! ```
//!
//! A log is its `value` when it has one, or else its `fields`: senders before
//! 0.24 knew only `fields`, and senders since use `value` for a log that is no
//! object.

mod batch;
mod encode;
mod json;
mod log;
mod reader;
mod redaction;
mod value;

pub use batch::{Batch, Counts, Fate};
pub use encode::log_request;
pub use log::Log;

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
