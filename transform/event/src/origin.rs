//! Where an event comes from.

use std::borrow::Cow;

use crate::event::Event;

/// The host that an event names.
#[must_use]
pub fn host_of(event: &impl Event) -> Option<Cow<'_, str>> {
    first_text(event, ["host", "hostname"])
}

/// The service that an event names.
#[must_use]
pub fn service_of(event: &impl Event) -> Option<Cow<'_, str>> {
    first_text(event, ["service", "service.name"])
}

fn first_text<'a>(event: &'a impl Event, names: [&str; 2]) -> Option<Cow<'a, str>> {
    names.iter().find_map(|name| event.get(name)?.into_scalar_text())
}
