//! An exception in the fields of an event.

use super::{
    exception::Exception,
    head::{leading_type_and_message, type_and_message},
    object,
    text::exception_in_text,
};
use crate::{
    event::{Event, Value},
    json_inside::ask_inside,
    names::Names,
};

/// Where an event may have an exception in parts.
struct Parts {
    types: &'static [&'static str],
    messages: &'static [&'static str],
    stacks: &'static [&'static str],
}

/// OpenTelemetry's, ECS's, pino's and bunyan's, log4j2's, and what else is an object.
const PARTS: [Parts; 6] = [
    Parts {
        types: &["exception.type", "exception.name", "exception.class"],
        messages: &["exception.message", "exception.msg"],
        stacks: &["exception.stacktrace", "exception.stack_trace", "exception.stack"],
    },
    Parts {
        types: &["attributes.exception.type"],
        messages: &["attributes.exception.message"],
        stacks: &["attributes.exception.stacktrace"],
    },
    Parts {
        types: &["error.type", "error.name", "error.class", "error.kind"],
        messages: &["error.message", "error.msg"],
        stacks: &["error.stack_trace", "error.stack", "error.stacktrace"],
    },
    Parts {
        types: &["err.type", "err.name"],
        messages: &["err.message", "err.msg"],
        stacks: &["err.stack"],
    },
    Parts {
        types: &["thrown.name", "thrown.type"],
        messages: &["thrown.message", "thrown.localizedMessage"],
        stacks: &["thrown.extendedStackTrace", "thrown.stack"],
    },
    Parts { types: &["errorType"], messages: &["errorMessage"], stacks: &["stackTrace"] },
];

/// Where it may be an object, or a list of them.
const OBJECTS: [&str; 3] = ["exception", "exc_info", "thrown"];

/// Texts that are a whole trace.
const TRACES: [&str; 10] = [
    "stack_trace",
    "stackTrace",
    "stacktrace",
    "stack",
    "exc_info",
    "exc_text",
    "exception",
    "traceback",
    "@x",
    "Exception",
];

const NAMES: Names = Names::of(&[
    &TRACES,
    PARTS[0].types,
    PARTS[0].stacks,
    PARTS[1].types,
    PARTS[1].stacks,
    PARTS[2].types,
    PARTS[2].stacks,
    PARTS[3].types,
    PARTS[3].stacks,
    PARTS[4].types,
    PARTS[4].stacks,
    PARTS[5].types,
    PARTS[5].stacks,
]);

/// The exception that the fields of an event bring, if they do, or those of the JSON
/// that its text is: shippers put what a program wrote into a field.
#[must_use]
pub fn exception_in(event: &impl Event) -> Option<Exception> {
    in_fields(event).or_else(|| ask_inside(event, |inside| in_fields(inside)))
}

fn in_fields(event: &impl Event) -> Option<Exception> {
    if event.as_text().is_some() || !NAMES.may_be_in(event) {
        return None;
    }
    let of_objects = || {
        OBJECTS.iter().find_map(|name| match event.get(name)? {
            Value::Composite(json) => object::parse(&json),
            _ => None,
        })
    };
    of_objects().or_else(|| PARTS.iter().find_map(|parts| parts.read(event))).or_else(|| {
        TRACES.iter().find_map(|name| {
            let text = event.get(name)?;
            let Value::Text(text) = text else { return None };
            exception_in_text(&text).or_else(|| of_one_line(&text))
        })
    })
}

impl Parts {
    fn read(&self, event: &impl Event) -> Option<Exception> {
        let first = |names: &[&str]| {
            names.iter().find_map(|name| {
                let text = match event.get(name)? {
                    // A stack as a list of its lines.
                    Value::Composite(json) => {
                        serde_json::from_str::<Vec<String>>(&json).ok()?.join("\n")
                    }
                    value => value.into_scalar_text()?.into_owned(),
                };
                (!text.trim_ascii().is_empty()).then_some(text)
            })
        };
        let kind = first(self.types);
        let stack = first(self.stacks);
        if kind.is_none() && stack.is_none() {
            return None;
        }
        let message = first(self.messages);
        let told = stack.and_then(|stack| {
            exception_in_text(&stack).or_else(|| {
                // A stack by itself, without the line that names the exception.
                let head = format!("{}: {}", kind.as_deref()?, message.as_deref().unwrap_or(""));
                exception_in_text(&format!("{head}\n{stack}"))
            })
        });
        told.or_else(|| Some(Exception::new(vec![kind?], message.unwrap_or_default(), [])))
    }
}

/// `IOException: disk full`, where it is known that this is an exception.
fn of_one_line(text: &str) -> Option<Exception> {
    let (name, message) = type_and_message(text).or_else(|| {
        leading_type_and_message(text).filter(|(name, _)| name.contains(['.', ':', '\\']))
    })?;
    Some(Exception::new(vec![name.to_owned()], message, []))
}
