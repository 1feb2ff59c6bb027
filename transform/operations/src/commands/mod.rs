//! What people may ask and do, parsed once for every face.
//!
//! A command line and a chat hand over [words](split), a page and a program named
//! [parameters](Command::from_parameters): both come to the same [`Command`]. Wrong
//! input is refused with the [usage](CommandError); nothing is replaced by a default.

mod command;
mod filters;
mod length;
mod parameters;
mod specification;
mod usage;
mod words;

pub use command::Command;
pub use length::{InvalidLength, Length};
pub use specification::{Access, COMMANDS, Kind, Parameter, Specification};
pub use usage::CommandError;
pub use words::{UnclosedQuote, split};
