//! The tags of a judged event, and the error that they tell of.
//!
//! Where judging and aggregating are two stages, the tags are all that passes
//! between them.

use std::borrow::Cow;

use signatures_event::{Event, Look, is_own};

use crate::{
    guard::carries_own_event,
    observation::{GENERIC, Observation},
    settings::ClassifierSettings,
    severity::Severity,
};

/// The name of the category.
pub const CATEGORY: &str = "error_category";
/// The id of the signature.
pub const SIGNATURE: &str = "error_signature";
/// What is to be done.
pub const POLICY: &str = "error_policy";
/// How bad it is.
pub const SEVERITY: &str = "error_severity";
/// What it means, in words; only where the taxonomy says it.
pub const SUMMARY: &str = "error_summary";
/// What else the taxonomy says of it.
pub const METADATA: &str = "error_metadata";
/// What makes it the same error as another; all that an error has which no
/// signature knows.
pub const FINGERPRINT: &str = "error_fingerprint";

/// All tags, in the order in which they are written.
pub const ALL: [&str; 7] = [CATEGORY, SIGNATURE, POLICY, SEVERITY, SUMMARY, METADATA, FINGERPRINT];

/// The error that an event bears; none when it bears no fingerprint, or is one
/// that is passed by untouched.
#[must_use]
pub fn read<'a>(event: &'a impl Event, settings: &ClassifierSettings) -> Option<Observation<'a>> {
    let text = |name: &str| event.get(name).and_then(|value| value.into_scalar_text());
    let fingerprint = text(FINGERPRINT)?.parse().ok()?;
    if is_own(event) || carries_own_event(event) {
        return None;
    }
    let look = Look::from_level(event, &settings.looking(), settings.min_level)?;
    if look.is_own {
        return None;
    }
    Some(Observation {
        fingerprint,
        category: text(CATEGORY).unwrap_or(Cow::Borrowed(GENERIC)),
        signature: text(SIGNATURE),
        policy: text(POLICY).and_then(|name| name.parse().ok()).unwrap_or_default(),
        severity: Cow::Owned(text(SEVERITY).map(|name| Severity::new(&name)).unwrap_or_default()),
        summary: text(SUMMARY),
        subject: look.subject.text,
        host: settings.origin_fields.host_of(event),
        service: settings.origin_fields.service_of(event),
    })
}

#[cfg(test)]
mod tests {
    use signatures_document::yaml::Source;
    use signatures_event::JsonEvent;

    use super::*;
    use crate::{classifier::Classifier, taxonomy::Taxonomy, verdict::Outcome};

    const TAXONOMY: &str = r#"
categories:
  db:
    default_policy: retry
    signatures:
      - {id: RESET, pattern: ECONNRESET, summary: Lost, severity: High, owner: db}
  app: [boom]
"#;

    /// Judges a line, writes the tags, and reads them back.
    fn assert_told_alike(line: &str) {
        let settings = ClassifierSettings::default();
        let source = Source::new("t", TAXONOMY);
        let taxonomy = Taxonomy::read(&source).into_result(&source).unwrap();
        let classifier = Classifier::new(taxonomy, &settings);
        let event = JsonEvent::parse(line).unwrap();
        let Outcome::Classified(classification) = classifier.classify(&event) else { panic!() };
        let mut tagged = event.clone();
        if let Some(fingerprint) = classification.fingerprint {
            classifier.tag(&mut tagged, classification.verdict, fingerprint);
        }
        let judged = classifier.observation(&classification, &event);
        assert_eq!(read(&tagged, &settings), judged, "{line}");
    }

    #[test]
    fn tags_tell_what_the_verdict_told() {
        for line in [
            r#"{"message":"read ECONNRESET","host":"a","service":"s"}"#,
            r#"{"error":"boom 17","error_code":504}"#,
            r#"{"level":"error","message":"never seen"}"#,
            r#"{"message":"all is well"}"#,
        ] {
            assert_told_alike(line);
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
