//! What is asked of a log event, whatever holds it.
//!
//! An [`Event`] is a bag of named values: a line of JSON here, a protobuf
//! message or Vector's own event elsewhere. On top of its three methods stand
//! the questions that logs answer in many ways: which text says what happened
//! ([`Subject`]), how loud it is ([`Level`]), when it was ([`Moment`]), where it
//! comes from ([`origin`]), which request it belongs to
//! ([`request_id_of`]), whether it is to be looked at at all ([`Skip`]), and
//! which of its values are secrets ([`redact`]).
//!
//! ```
//! use signatures_event::{
//!     JsonEvent, Level, Subject, SubjectFields,
//!     redact::{Redactor, redact_event},
//! };
//!
//! let line = r#"{"level":"error","error":"read ECONNRESET","token":"abc"}"#;
//! let mut event = JsonEvent::parse(line)?;
//! assert_eq!(Level::of(&event), Some(Level::Error));
//! let subject = Subject::of_event(&event, &SubjectFields::default(), 1000);
//! assert_eq!(subject.text, "read ECONNRESET");
//! redact_event(&mut event, &Redactor::by_names());
//! let mut out = Vec::new();
//! event.write_to(&mut out);
//! assert_eq!(out, line.replace("abc", "[REDACTED]").as_bytes());
//! # Ok::<(), signatures_event::InvalidJson>(())
//! ```
//!
//! A line of JSON is taken apart at its top level only, without a copy; what
//! nobody changes leaves byte for byte as it came. No limit is put on an event
//! here: [`MAX_EVENT_BYTES`] is for those who read lines.

mod broken_json;
mod event;
mod json;
mod level;
mod line;
pub mod origin;
pub mod redact;
mod request_id;
mod skip;
mod subject;
mod time;

pub use event::{Event, FieldValue, Metadata, Value};
pub use json::{InvalidJson, JsonEvent};
pub use level::{LEVEL_FIELDS, Level};
pub use line::{LogLine, MAX_EVENT_BYTES};
pub use request_id::{REQUEST_ID_FIELDS, request_id_of};
pub use skip::{GUARDED_EVENTS, Skip};
pub use subject::{Subject, SubjectFields};
pub use time::Moment;
