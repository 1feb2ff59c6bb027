//! The template of a message: what a logger or a processor says is the same in all
//! messages of its kind.

use std::borrow::Cow;

use crate::{event::Event, json_inside::ask_inside, names::Names};

/// The fields that may hold one, in the order asked: the name of OpenTelemetry's
/// drain processor, and where exporters and shippers put its attributes.
pub const TEMPLATE_FIELDS: [&str; 3] =
    ["log.record.template", "attributes.log.record.template", "log_record_template"];

const NAMES: Names = Names::of(&[&TEMPLATE_FIELDS]);

/// The template that an event names, or that the event does which lies in it as JSON:
/// a text that is not blank.
#[must_use]
pub fn template_of(event: &impl Event) -> Option<Cow<'_, str>> {
    let inside = || ask_inside(event, |inside| Some(in_fields(inside)?.into_owned()));
    in_fields(event).or_else(|| inside().map(Cow::Owned))
}

fn in_fields(event: &impl Event) -> Option<Cow<'_, str>> {
    if event.as_text().is_some() || !NAMES.may_be_in(event) {
        return None;
    }
    let is_one = |text: &Cow<'_, str>| !text.trim_ascii().is_empty();
    TEMPLATE_FIELDS.iter().find_map(|name| event.get(name)?.into_scalar_text().filter(is_one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonEvent;

    #[test]
    fn a_template_is_found_as_a_name_and_as_a_path() {
        for (line, template) in [
            (r#"{"log.record.template":"user <*> left"}"#, Some("user <*> left")),
            (r#"{"attributes":{"log.record.template":"user <*> left"}}"#, Some("user <*> left")),
            (r#"{"log":{"record":{"template":"user <*> left"}}}"#, Some("user <*> left")),
            (r#"{"log_record_template":"user <*> left"}"#, Some("user <*> left")),
            (
                r#"{"log":"{\"log.record.template\":\"user <*> left\"}\n","stream":"stderr"}"#,
                Some("user <*> left"),
            ),
            (r#"{"log.record.template":" "}"#, None),
            (r#"{"log":"m","template":"t"}"#, None),
        ] {
            let event = JsonEvent::parse(line).unwrap();
            assert_eq!(template_of(&event).as_deref(), template, "{line}");
        }
    }
}
