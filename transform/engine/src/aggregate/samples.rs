//! The texts by which people recognise an error.

use signatures_event::redact::Redactor;

/// How many samples an alert carries at most.
pub const MAX_SAMPLES: usize = 5;

/// How long a sample is at most, in Unicode scalar values.
pub const MAX_SAMPLE_CHARS: usize = 512;

/// How many events after an alert are looked at for samples that differ, so that
/// a flood of the same costs nothing.
pub(super) const SAMPLE_ATTEMPTS: u8 = 16;

/// A text as an alert may show it: without secrets, and cut.
#[must_use]
pub fn sample(text: &str) -> String {
    let redacted = Redactor::of_texts().text(text);
    redacted.as_deref().unwrap_or(text).chars().take(MAX_SAMPLE_CHARS).collect()
}
