//! Spans of time, as settings say them.

use jiff::SignedDuration;
use signatures_document::{Reader, yaml::Node};

/// The longest of them, in minutes: a year.
pub const MAX_MINUTES: f64 = 527_040.0;

/// In which unit a key says a span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    name: &'static str,
    minutes: f64,
}

pub(super) const MINUTES: Unit = Unit { name: "minutes", minutes: 1.0 };
pub(super) const HOURS: Unit = Unit { name: "hours", minutes: 60.0 };
pub(super) const DAYS: Unit = Unit { name: "days", minutes: 24.0 * 60.0 };

/// Reads a span of at most a year. `zero`: whether none at all will do.
pub(super) fn read_span(
    reader: &mut Reader,
    key: &str,
    node: &Node,
    unit: Unit,
    zero: bool,
) -> Option<SignedDuration> {
    let (from, most) = (if zero { "from 0" } else { "above 0" }, MAX_MINUTES / unit.minutes);
    let expected = format!("{}, {from} up to {most}", unit.name);
    reader.number(key, &expected, node, |number| {
        let number = number.as_f64()?;
        let fits = (number > 0.0 || (zero && number == 0.0)) && number <= most;
        let seconds = number * unit.minutes * 60.0;
        fits.then(|| SignedDuration::try_from_secs_f64(seconds).ok())?
    })
}
