//! What is said beside the output.

use std::fmt::Display;

use signatures_alerts::legible::lines;

/// Says a line, or some, as it may be read on a terminal: names of files, parts of
/// them and of logs stand in it.
pub(crate) fn tell(what: impl Display) {
    anstream::eprintln!("{}", lines(&what.to_string()));
}
