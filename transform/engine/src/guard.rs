//! The loop guard: our own alerts, however they come back.

use std::sync::LazyLock;

use memchr::memmem;
use signatures_event::{Event, any_text, own_event_pattern};
use signatures_matcher::{Pattern, Search};

static OWN_EVENT: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::compile(&own_event_pattern()).expect("the pattern is fixed, and tests use it")
});

/// The pattern of an own event inside a text, to be searched for with others.
pub(crate) fn own_event() -> Pattern {
    OWN_EVENT.clone()
}

/// Whether a text of an event, or all of it, holds an event of this system.
pub(crate) fn carries_own_event(event: &impl Event) -> bool {
    let is_open = |source: &str| {
        let source = source.as_bytes();
        may_name_event(source) || memmem::find(source, br"\u00").is_some()
    };
    if event.source().is_some_and(|source| !is_open(source)) {
        return false;
    }
    any_text(event, |text| {
        may_name_event(text.as_bytes()) && OWN_EVENT.search(text) == Search::Found
    })
}

/// Whether the key may be in a text: most have it not, and that is quick to see.
fn may_name_event(text: &[u8]) -> bool {
    static KEYS: LazyLock<[memmem::Finder<'static>; 2]> =
        LazyLock::new(|| [memmem::Finder::new("vent"), memmem::Finder::new("VENT")]);
    KEYS.iter().any(|key| key.find(text).is_some())
}
