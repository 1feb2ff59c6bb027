//! Which request an event belongs to.

use std::borrow::Cow;

use crate::{event::Event, names::Names};

/// The fields that may say which request an event belongs to, in the order they
/// are asked: what names the request itself, then what ties several together.
///
/// Names with dots are also looked for as paths: `req.id` is pino's,
/// `http.request.id` and `trace.id` are ECS's.
pub const REQUEST_ID_FIELDS: [&str; 13] = [
    "request_id",
    "requestId",
    "req_id",
    "reqId",
    "req.id",
    "http.request.id",
    "x_request_id",
    "x-request-id",
    "correlation_id",
    "correlationId",
    "trace_id",
    "traceId",
    "trace.id",
];

const NAMES: Names = Names::of(&[&REQUEST_ID_FIELDS]);

/// The longest id that is one, in bytes.
const MAX_BYTES: usize = 256;

/// The id of the request that an event names: a text or number that is not
/// blank, of at most 256 bytes.
#[must_use]
pub fn request_id_of(event: &impl Event) -> Option<Cow<'_, str>> {
    if event.as_text().is_some() || !NAMES.may_be_in(event) {
        return None;
    }
    let is_one = |id: &Cow<'_, str>| !id.trim().is_empty() && id.len() <= MAX_BYTES;
    REQUEST_ID_FIELDS.iter().find_map(|name| event.get(name)?.into_scalar_text().filter(is_one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonEvent;

    #[test]
    fn an_event_without_one_is_asked_for_none() {
        for name in "timestamp @timestamp level host service logger message time ts source_type \
                     file stream kubernetes severity thread user hostname pod container labels \
                     event type code operation url client method status path duration"
            .split_ascii_whitespace()
        {
            assert!(!NAMES.may_hold(name), "{name}");
        }
    }

    #[test]
    fn the_first_field_that_holds_an_id_names_the_request() {
        let long = format!(r#"{{"request_id":"{}","traceId":"t"}}"#, "x".repeat(257));
        for (line, id) in [
            (r#"{"request_id":"r-1","trace_id":"t"}"#, Some("r-1")),
            (r#"{"trace_id":"t","requestId":"r-2"}"#, Some("r-2")),
            (r#"{"req":{"id":17,"method":"GET"}}"#, Some("17")),
            (r#"{"http":{"request":{"id":"r-3"}}}"#, Some("r-3")),
            (r#"{"trace.id":"t"}"#, Some("t")),
            (r#"{"trace":{"id":"t"}}"#, Some("t")),
            (r#"{"request_id":" ","reqId":null,"correlationId":"c"}"#, Some("c")),
            (r#"{"request_id":{"a":1}}"#, None),
            (r#"{"message":"request_id=5"}"#, None),
            (&long, Some("t")),
        ] {
            let event = JsonEvent::parse(line).unwrap();
            assert_eq!(request_id_of(&event).as_deref(), id, "{line}");
        }
        for name in REQUEST_ID_FIELDS {
            let line = format!(r#"{{"{name}":"r"}}"#);
            let event = JsonEvent::parse(&line).unwrap();
            assert_eq!(request_id_of(&event).as_deref(), Some("r"), "{name}");
        }
    }
}
