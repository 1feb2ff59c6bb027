//! The exception that an event brings beside its message: what type it is of, and
//! what it says.

use std::borrow::Cow;

use crate::{
    canonical_value::canonical_json,
    event::{Event, Value},
};

/// The fields that hold one, as objects or as text, in the order asked.
pub const EXCEPTION_FIELDS: [&str; 18] = [
    "err",
    "exception",
    "thrown",
    "exc_info",
    "exc_text",
    "errorMessage",
    "error_message",
    "ErrorMessage",
    "error.message",
    "exception.message",
    "attributes.exception.message",
    "stack_trace",
    "stackTrace",
    "stack",
    "error.stack_trace",
    "@x",
    "Exception",
    "jsonPayload.error",
];

/// The parts of an object that name the type, and that say what happened.
const TYPES: [&str; 5] = ["type", "name", "class", "className", "@type"];
const MESSAGES: [&str; 5] = ["message", "msg", "Message", "localizedMessage", "error"];

/// The text of the first exception that an event brings, and of none that
/// `taken` names.
pub(crate) fn exception_of<'a>(event: &'a impl Event, taken: &str) -> Option<Cow<'a, str>> {
    EXCEPTION_FIELDS.iter().find_map(|name| {
        let inside_of_taken = name.strip_prefix(taken).is_some_and(|rest| rest.starts_with('.'));
        if *name == taken || inside_of_taken && !taken.is_empty() {
            return None;
        }
        text_of(event, name)
    })
}

/// What a field says of an exception.
fn text_of<'a>(event: &'a impl Event, name: &str) -> Option<Cow<'a, str>> {
    let value = event.get(name)?;
    if let Value::Composite(json) = value {
        return of_object(event, name).map(Cow::Owned).or_else(|| {
            // Frames by themselves say nothing that a pattern looks for.
            (json.starts_with('{') && json.len() > 2).then(|| canonical_json(json))
        });
    }
    let text = heading(value.into_subject_text()?);
    // ECS and OpenTelemetry have the type beside the message.
    let typed = name.strip_suffix("message").and_then(|parent| {
        event.get(&format!("{parent}type"))?.into_scalar_text().map(Cow::into_owned)
    });
    Some(match typed {
        Some(kind) if !text.starts_with(&*kind) => Cow::Owned(format!("{kind}: {text}")),
        _ => text,
    })
}

/// `TypeError: x is undefined`, of an object with both.
fn of_object(event: &impl Event, name: &str) -> Option<String> {
    let part = |names: &[&str]| {
        names.iter().find_map(|part| {
            let text = event.get(&format!("{name}.{part}"))?.into_scalar_text()?;
            (!text.trim().is_empty()).then(|| text.into_owned())
        })
    };
    match (part(&TYPES), part(&MESSAGES)) {
        (Some(kind), Some(message)) if message.starts_with(&kind) => Some(message),
        (Some(kind), Some(message)) => Some(format!("{kind}: {message}")),
        (kind, message) => message.or(kind),
    }
}

/// A stack trace without its frames: the lines that are not set in, and the last
/// one, which Python says it all in.
fn heading(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('\n') {
        return text;
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.len().saturating_sub(1);
    let is_frame = |line: &str| {
        let line = line.trim_start();
        line.starts_with("at ") || line.starts_with("... ") || line.starts_with("File \"")
    };
    let said = lines.iter().enumerate().filter(|(index, line)| {
        let set_in = line.starts_with([' ', '\t']);
        (!set_in || *index == last) && !is_frame(line)
    });
    let said: Vec<&str> = said.map(|(_, line)| line.trim()).collect();
    Cow::Owned(said.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonEvent;

    #[test]
    fn type_and_message_are_found_in_any_form() {
        let cases = [
            (
                r#"{"err":{"type":"Error","message":"read ECONNRESET","stack":"Error: read\n at x"}}"#,
                "Error: read ECONNRESET",
            ),
            (r#"{"err":"context deadline exceeded"}"#, "context deadline exceeded"),
            (
                r#"{"thrown":{"name":"java.lang.OutOfMemoryError","message":"Java heap space"}}"#,
                "java.lang.OutOfMemoryError: Java heap space",
            ),
            (
                r#"{"error.message":"read ECONNRESET","error.type":"IOException"}"#,
                "IOException: read ECONNRESET",
            ),
            (
                r#"{"exception":"Traceback (most recent call last):\n  File \"x\", line 1\n    f()\nKeyError: 'a'"}"#,
                "Traceback (most recent call last):\nKeyError: 'a'",
            ),
            (
                r#"{"stack_trace":"java.io.IOException: x\n\tat a.B(C.java)\nCaused by: y\n\t... 7 more"}"#,
                "java.io.IOException: x\nCaused by: y",
            ),
            (r#"{"err":{"code":57}}"#, r#"{"code":57}"#),
            (r#"{"err":{"message":"m"}}"#, "m"),
        ];
        for (line, expected) in cases {
            let event = JsonEvent::parse(line).unwrap();
            assert_eq!(exception_of(&event, "").as_deref(), Some(expected), "{line}");
        }
        for line in [r#"{"message":"x"}"#, r#"{"err":{}}"#, r#"{"err":true}"#, r#"{"stack":[1]}"#] {
            assert_eq!(exception_of(&JsonEvent::parse(line).unwrap(), ""), None, "{line}");
        }
    }

    #[test]
    fn what_is_the_subject_is_not_told_twice() {
        let event = JsonEvent::parse(r#"{"error":{"message":"m"}}"#).unwrap();
        assert_eq!(exception_of(&event, "error"), None);
        let event = JsonEvent::parse(r#"{"err":"m"}"#).unwrap();
        assert_eq!(exception_of(&event, "err"), None);
    }
}
