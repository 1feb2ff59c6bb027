//! What is asked of a log event, whatever holds it.
//!
//! An [`Event`] is a bag of named values: a line of JSON here, a protobuf
//! message or Vector's own event elsewhere. On top of its three methods stand
//! the questions that logs answer in many ways: which text says what happened
//! ([`Subject`]) and how loud it is ([`Level`]), which one [`Look`] tells; when it
//! was ([`Moment`]), where it comes from ([`OriginFields`]), which request it
//! belongs to ([`request_id_of`]), whether it is to be looked at at all ([`Skip`]),
//! and which of its values are secrets ([`redact`]).
//!
//! ```
//! use signatures_event::{
//!     Event, JsonEvent, Level, LevelNames, Look, Looking, SubjectFields, redact::Redactor,
//! };
//!
//! let line = r#"{"lvl":"EROR","error":"read ECONNRESET\r","token":"abc"}"#;
//! let mut event = JsonEvent::parse(line)?;
//! let (fields, levels) = (SubjectFields::default(), LevelNames::default());
//! let look = Look::at(&event, &Looking { fields: &fields, levels: &levels, subject_bytes: 1000 });
//! assert_eq!(look.level, Some(Level::Error));
//! assert_eq!(look.subject.text, "read ECONNRESET");
//! event.redact(&Redactor::by_names());
//! let mut out = Vec::new();
//! event.write_to(&mut out);
//! assert_eq!(out, line.replace("abc", "[REDACTED]").as_bytes());
//! # Ok::<(), signatures_event::InvalidJson>(())
//! ```
//!
//! A line of JSON is taken apart at its top level only, without a copy; what
//! nobody changes leaves byte for byte as it came. No limit is put on an event
//! here: [`MAX_EVENT_BYTES`] is for those who read lines.

mod bare_text;
mod broken_json;
mod bytes;
pub mod canonical_value;
mod docker_record;
mod escapes;
mod event;
mod exception;
mod json;
mod json_fields;
mod json_inside;
mod json_string;
mod level;
mod line;
mod logfmt;
mod look;
mod multiline;
mod names;
mod origin;
mod parts;
pub mod redact;
mod request_id;
mod skip;
mod subject;
mod syslog;
mod template;
mod thrown;
mod time;
mod wrapper;

pub use escapes::without_escapes;
pub use event::{Event, FieldValue, Metadata, Value, field_names};
pub use exception::EXCEPTION_FIELDS;
pub use json::{InvalidJson, JsonEvent};
pub use json_inside::ask_inside;
pub use level::{Level, LevelNames, level_fields};
pub use line::{LogLine, MAX_EVENT_BYTES};
pub use look::{Look, Looking, any_text};
pub use multiline::{Ahead, MAX_JOINED_LINES, MAX_LINES_BYTES, Multiline, has_stream};
pub use origin::{HOST_FIELDS, OriginFields, SERVICE_FIELDS};
pub use parts::{MAX_JOINED_BYTES, Parts};
pub use request_id::{REQUEST_ID_FIELDS, request_id_of};
pub use skip::{GUARDED_EVENTS, GUARDED_PREFIX, Skip, is_own, own_event_pattern};
pub use subject::{MESSAGE_FIELDS, Subject, SubjectFields};
pub use template::{TEMPLATE_FIELDS, template_of};
pub use thrown::{Exception, Frame, MAX_FRAMES, exception_in, exception_in_text, is_error_name};
pub use time::{Moment, TIME_FIELDS};
pub use wrapper::WRAPPERS;
