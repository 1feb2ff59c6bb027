//! Every kind of sink there is.

use super::{
    alertmanager, console,
    kind::{EnvironmentSink, Kind},
    slack, telegram, vector, webhook,
};

/// In the order in which they are told.
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
