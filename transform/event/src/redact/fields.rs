//! Secrets out of an event.

use super::redactor::Redactor;
use crate::event::Event;

/// Takes the secrets out of an event, nested ones too: texts and numbers under
/// the names of secrets, and what the redactor finds in other texts. Booleans
/// stay, and counts such as `max_tokens: 512`.
pub fn redact_event(event: &mut impl Event, redactor: &Redactor) {
    event.redact(redactor);
}
