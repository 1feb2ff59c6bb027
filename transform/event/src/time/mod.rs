//! When was this written? The time that an event tells.

mod calendar_names;
mod epoch;
mod fields;
mod moment;
mod place;
mod scan;
mod told;

pub use fields::TIME_FIELDS;
pub use moment::Moment;
