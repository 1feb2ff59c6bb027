//! Keeping secrets out of what leaves.

mod broken;
mod forms;
mod json;
mod names;
mod prefilter;
mod redactor;
mod text;
mod walk;

pub use broken::JsonRedaction;
pub use forms::secret_in;
pub(crate) use json::redact_json;
pub use names::{REDACTED, SECRET_NAMES, Secrecy, is_secret_name};
pub use redactor::Redactor;
pub use text::redact_text;
