//! The services that take alerts: one folder each, all of one shape.
//!
//! A folder holds what alerts.yml says of its kind of sink (`settings`), what
//! the service is sent (`message`), and how (`sender`). Waiting, retrying and
//! recording are the stages around it. A sink of another kind is one more
//! folder, two lines here (the module, and its place in the list), and its keys
//! in `schemas/alerts.schema.json`.

pub mod alertmanager;
mod console;
mod fields;
mod kind;
mod pace;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(feature = "send")]
pub(crate) mod sender;
mod settings;
#[cfg(feature = "send")]
mod setup;
pub mod slack;
pub mod telegram;
mod vector;
mod webhook;

#[cfg(feature = "send")]
pub use sender::Accepted;
#[cfg(feature = "send")]
pub(crate) use {
    kind::Target,
    pace::{DefaultPace, SinkPace},
    sender::{Batching, Sender},
    settings::fallback,
    setup::{LookedUp, Setup},
};
pub(crate) use {
    kind::{EnvironmentSink, Kind},
    settings::{SinkSettings, common_keys, read},
};

/// Every kind of sink there is, in the order in which they are told.
pub(crate) static KINDS: [&Kind; 6] = [
    &slack::KIND,
    &telegram::KIND,
    &alertmanager::KIND,
    &webhook::KIND,
    &vector::KIND,
    &console::KIND,
];

/// The kinds that the environment may add, each with how; a route may name them.
pub(crate) fn in_environment() -> impl Iterator<Item = (&'static Kind, &'static EnvironmentSink)> {
    KINDS.into_iter().filter_map(|kind| Some((kind, kind.environment.as_ref()?)))
}

/// What a sink of that kind is called that the environment adds: as its kind,
/// unless the file calls one of its own so.
pub(crate) fn name_in_environment(kind: &Kind, in_file: &[SinkSettings]) -> String {
    let mut name = kind.name.to_owned();
    while in_file.iter().any(|sink| sink.name == name) {
        name.push_str("-environment");
    }
    name
}
