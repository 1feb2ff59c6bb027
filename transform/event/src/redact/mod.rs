//! Keeping secrets out of what leaves.

mod fields;
mod json;
mod names;
mod text;

pub use fields::redact_event;
pub use json::JsonRedaction;
pub(crate) use json::{redact_json, unquoted};
pub use names::{REDACTED, SECRET_NAMES, is_secret_name};
pub use text::redact_text;
