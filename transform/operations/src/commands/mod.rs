//! What people may ask and do, parsed once for every face.
//!
//! A command line and a chat hand over [words](split), a page and a program named
//! [parameters](Command::from_parameters): both come to the same [`Command`]. Wrong
//! input is refused with the [usage](CommandError); nothing is replaced by a default.

mod command;
mod error_filter;
mod length;
mod parameters;
mod silence_matchers;
mod specification;
mod usage;
mod words;

pub use command::{AlertState, Command};
pub use error_filter::ErrorFilter;
pub use length::{InvalidLength, Length};
pub use silence_matchers::{Field, InvalidMatchers, Matcher, SilenceMatchers};
pub use specification::{Access, COMMANDS, Kind, Parameter, Specification};
pub use usage::CommandError;
pub use words::{UnclosedQuote, split};
