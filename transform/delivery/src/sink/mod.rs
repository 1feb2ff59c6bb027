//! The services that take alerts: one folder each, all of one shape.
//!
//! A folder holds what alerts.yml says of its kind of sink (`settings`), what
//! the service is sent (`message`), and how (`sender`). Waiting, retrying and
//! recording are the stages around it. A sink of another kind is one more
//! folder, one line in `kinds.rs`, and its keys in `schemas/alerts.schema.json`.

pub mod alertmanager;
mod console;
mod fields;
mod kind;
mod kinds;
mod pace;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(feature = "send")]
mod sender;
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
    kind::EnvironmentSink,
    pace::{DefaultPace, SinkPace},
    sender::{Batching, Sender},
    settings::fallback,
    setup::Setup,
};
pub(crate) use {
    kinds::{KINDS, in_environment},
    settings::{SinkSettings, common_keys, read},
};
