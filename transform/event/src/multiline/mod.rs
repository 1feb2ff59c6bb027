//! Several lines that are one event: a line that belongs to the one before it is
//! joined to that, for whoever reads one line after another.
//!
//! What belongs together is told by what languages print, each container's
//! lines by themselves. Lines of JSON are events of their own. Nothing
//! is lost, and the order of each container's lines stays.

mod ahead;
mod joiner;
mod json_line;
mod kernel;
mod reports;
mod stream;
mod trace;

pub use ahead::Ahead;
pub use joiner::{MAX_JOINED_LINES, MAX_LINES_BYTES, Multiline};
pub use stream::has_stream;
