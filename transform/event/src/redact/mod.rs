//! Keeping secrets out of what leaves.

mod arguments;
mod block;
mod broken;
mod card;
mod forms;
mod held;
mod json;
mod names;
mod neighbours;
mod prefilter;
mod redactor;
mod standing;
mod text;
mod walk;

pub use broken::JsonRedaction;
pub use forms::secret_in;
pub(crate) use json::redact_json;
pub use names::{REDACTED, SECRET_NAMES, Secrecy, is_secret_name};
pub use redactor::Redactor;
pub use text::redact_text;
