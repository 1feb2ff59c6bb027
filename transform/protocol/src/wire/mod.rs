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
mod event_value;
mod extent;
mod json;
mod log;
mod malformed;
mod reader;
mod redaction;
mod value;

pub use batch::{Batch, Counts, Fate};
pub use encode::log_request;
pub use log::Log;
pub use malformed::{MAX_DEPTH, Malformed};
