//! Tests of alert settings: events with relative times, and the alerts that must come.

mod read;
mod run;

pub(crate) use read::AlertTests;
pub(crate) use run::failures;
