//! `vector-signatures pipe`: lines in, tagged lines out, alerts to the side.
//!
//! One thread reads, one judges, one writes, with short queues between them, so
//! memory stays the same however long the input and however slow the output. What
//! is written waits until the disk has what it raised; judging goes on meanwhile.

mod args;
mod command;
mod input;
mod line_times;
mod lines;
mod long_line;
mod output;
mod pretty;
mod shape;
mod stage;
mod status;

pub(crate) use args::Args;
pub(crate) use command::run;
