//! `vector-signatures pipe`: lines in, tagged lines out, alerts to the side.
//!
//! One thread reads, one judges and writes, with a short queue between them, so
//! memory stays the same however long the input and however slow the output.

mod args;
mod command;
mod input;
mod line_times;
mod lines;
mod long_line;
mod stage;

pub(crate) use args::Args;
pub(crate) use command::run;
