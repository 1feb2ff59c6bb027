//! The tags of a judged event, and the error that they tell of.
//!
//! Where judging and aggregating are two stages, the tags are all that passes
//! between them.

use std::borrow::Cow;

use signatures_event::{Event, Look, is_own, request_id_of};

use crate::{
    extended::Buffer,
    grouping::{GroupId, hashed_category, ungrouped, values},
    guard::carries_own_event,
    observation::{GENERIC, Observation},
    presence::{Known, Present},
    settings::ClassifierSettings,
    severity::Severity,
};

/// The error that an event bears; none when it bears no fingerprint, or is one
/// that is passed by untouched.
#[must_use]
pub fn read<'a>(event: &'a impl Event, settings: &ClassifierSettings) -> Option<Observation<'a>> {
    let text = |name: &str| event.get(name).and_then(|value| value.into_scalar_text());
    let tags = &settings.tags;
    let fingerprint = text(&tags.fingerprint)?.parse().ok()?;
    if is_own(event) || carries_own_event(event) {
        return None;
    }
    let look = Look::from_level(event, &settings.looking(), settings.min_level)?;
    if look.is_own {
        return None;
    }
    let own = look.subject.own();
    let grouping = settings.grouping.as_ref();
    let exception = grouping.and_then(|g| g.exception_of(event, own));
    let category = text(&tags.category).unwrap_or(Cow::Borrowed(GENERIC));
    let signature = text(&tags.signature);
    let service = settings.origin_fields.service_of(event);
    let joined = grouping.filter(|grouping| grouping.collapse_above.is_some()).and_then(|g| {
        let mut buffer = Buffer::new();
        let identity = g.identity(&mut buffer, event, own, exception.as_ref());
        let category = hashed_category(&category, signature.is_some());
        let values = values(event, &g.by, &settings.origin_fields, service.as_deref());
        g.joined(category, &identity.text, values).map(Cow::Owned)
    });
    let group = match grouping {
        // An earlier version, or an application, wrote none.
        Some(_) => text(&tags.group).and_then(|group| group.parse().ok()),
        // Whatever others wrote: errors are to be told apart by their fingerprints.
        None => Some(ungrouped(fingerprint, &category, signature.is_some(), own)),
    };
    let distinct = settings.distinct_values(event, service.as_deref());
    Some(Observation {
        fingerprint,
        group: group.unwrap_or_else(|| GroupId::from(fingerprint)),
        joined,
        category,
        signature,
        policy: text(&tags.policy).and_then(|name| name.parse().ok()).unwrap_or_default(),
        severity: Cow::Owned(
            text(&tags.severity).map(|name| Severity::new(&name)).unwrap_or_default(),
        ),
        summary: text(&tags.summary),
        subject: look.subject.text,
        exception: exception.map(Cow::Owned),
        level: look.level,
        distinct,
        host: settings.origin_fields.host_of(event),
        service,
        time: settings.time_of(event),
        request_id: request_id_of(event),
    })
}

/// Of what is to be heard of, what a judged event is. What was dropped as noise is not
/// among what comes here.
#[must_use]
pub fn present(event: &impl Event, settings: &ClassifierSettings) -> Present {
    if settings.watches.is_empty() || is_own(event) {
        return Present::default();
    }
    let text = |name: &str| event.get(name).and_then(|value| value.into_scalar_text());
    let (tags, category) = (&settings.tags, text(&settings.tags.category));
    let signature = text(&tags.signature);
    let policy = text(&tags.policy).and_then(|name| name.parse().ok()).unwrap_or_default();
    let severity = text(&tags.severity).map(|name| Severity::new(&name)).unwrap_or_default();
    let found = category.as_deref().zip(signature.as_deref());
    let found = found.map(|(category, id)| Known { category, id, policy, severity: &severity });
    Present::of(&settings.watches, event, &settings.origin_fields, found)
}

#[cfg(test)]
mod tests {
    use signatures_document::yaml::Source;
    use signatures_event::JsonEvent;

    use super::*;
    use crate::{
        classifier::Classifier,
        grouping::Grouping,
        taxonomy::Taxonomy,
        verdict::{Outcome, Tally},
    };

    const TAXONOMY: &str = r#"
categories:
  db:
    default_policy: retry
    signatures:
      - {id: RESET, pattern: ECONNRESET, summary: Lost, severity: High, owner: db}
  app: [boom]
  generic: [kaboom]
"#;

    /// Judges a line, writes the tags, and reads them back.
    fn assert_told_alike(line: &str, grouping: Option<Grouping>) {
        let settings = ClassifierSettings { grouping, ..ClassifierSettings::default() };
        let source = Source::new("t", TAXONOMY);
        let taxonomy = Taxonomy::read(&source).into_result(&source).unwrap();
        let classifier = Classifier::new(taxonomy, &settings);
        let event = JsonEvent::parse(line).unwrap();
        let Outcome::Classified(classification) = classifier.classify(&event) else { panic!() };
        let mut tagged = event.clone();
        let _ = classifier.process(&mut tagged, &mut Tally::default(), None);
        let judged = classifier.observation(&classification, &event);
        assert_eq!(read(&tagged, &settings), judged, "{line}");
    }

    #[test]
    fn tags_tell_what_the_verdict_told() {
        for line in [
            r#"{"message":"read ECONNRESET","host":"a","service":"s","trace_id":"t"}"#,
            r#"{"error":"boom 17","error_code":504}"#,
            r#"{"level":"error","message":"never seen"}"#,
            r#"{"message":"all is well"}"#,
            r#"{"message":"kaboom 5"}"#,
            r#"{"log":"{\"message\":\"boom\",\"service\":\"s\"}","stream":"stderr"}"#,
        ] {
            assert_told_alike(line, None);
            assert_told_alike(line, Some(Grouping::default()));
            let collapse_above = Some(5);
            assert_told_alike(line, Some(Grouping { collapse_above, ..Grouping::default() }));
        }
    }

    #[test]
    fn where_no_group_is_written_or_asked_for_it_is_the_fingerprint() {
        let group = |line: &str, grouping: Option<Grouping>| {
            let event = JsonEvent::parse(line).unwrap();
            let settings = ClassifierSettings { grouping, ..ClassifierSettings::default() };
            read(&event, &settings).unwrap().group.to_string()
        };
        let line = |written: &str| {
            format!(r#"{{"error_fingerprint":"0123456789ab","error_group":"{written}"}}"#)
        };
        for (line, with_grouping) in [
            (r#"{"error_fingerprint":"0123456789ab"}"#.to_owned(), "0123456789ab"),
            (line("ba9876543210"), "ba9876543210"),
            (line("none"), "0123456789ab"),
        ] {
            assert_eq!(group(&line, Some(Grouping::default())), with_grouping, "{line}");
            assert_eq!(group(&line, None), "0123456789ab", "{line}");
        }
    }

    #[test]
    fn what_is_passed_by_untouched_is_no_error() {
        let of = |line: &str| {
            let event = JsonEvent::parse(line).unwrap();
            read(&event, &ClassifierSettings::default()).is_some()
        };
        assert!(of(r#"{"error_fingerprint":"0123456789ab"}"#));
        assert!(!of(r#"{"error_fingerprint":"0123456789ab","level":"info"}"#));
        assert!(!of(r#"{"error_fingerprint":"0123456789ab","event":"internal_alert"}"#));
        assert!(!of(r#"{"error_fingerprint":"not one"}"#));
        assert!(!of(r#"{"error_category":"db"}"#));
    }
}
