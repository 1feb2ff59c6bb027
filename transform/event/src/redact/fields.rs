//! Secrets out of an event, by the names of its fields.

use super::names::{REDACTED, is_secret_name};
use crate::event::Event;

/// Replaces the text of every secret field, nested ones too; numbers and
/// booleans stay, since `max_tokens: 512` is no secret.
pub fn redact_event(event: &mut impl Event) {
    event.redact(&is_secret_name, REDACTED);
}
