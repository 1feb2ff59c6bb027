//! The tags of a judged event, and the error that they tell of.
//!
//! Where judging and aggregating are two stages, the tags are all that passes
//! between them.

use std::borrow::Cow;

use signatures_document::{Reader, yaml::Node};
use signatures_event::{Event, Look, is_own};

use crate::{
    guard::carries_own_event,
    observation::{GENERIC, Observation},
    settings::ClassifierSettings,
    severity::Severity,
};

/// What the names of the tags begin with, unless alerts.yml says otherwise.
pub const DEFAULT_PREFIX: &str = "error_";

/// What the tags are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagNames {
    /// The name of the category.
    pub category: String,
    /// The id of the signature.
    pub signature: String,
    /// What is to be done.
    pub policy: String,
    /// How bad it is.
    pub severity: String,
    /// What it means, in words; only where the taxonomy says it.
    pub summary: String,
    /// What else the taxonomy says of it.
    pub metadata: String,
    /// What makes it the same error as another; all that an error has which no
    /// signature knows.
    pub fingerprint: String,
}

impl TagNames {
    /// The names with that before them.
    #[must_use]
    pub fn with_prefix(prefix: &str) -> Self {
        let name = |tag: &str| format!("{prefix}{tag}");
        Self {
            category: name("category"),
            signature: name("signature"),
            policy: name("policy"),
            severity: name("severity"),
            summary: name("summary"),
            metadata: name("metadata"),
            fingerprint: name("fingerprint"),
        }
    }

    /// Reads `tag_prefix` of alerts.yml.
    pub fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Self> {
        let prefix = reader.text(key, node)?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_name = prefix.len() <= MAX_PREFIX_BYTES
            && prefix.bytes().all(fits)
            && !prefix.as_bytes()[0].is_ascii_digit();
        if !is_name {
            return reader.expected(
                key,
                "the beginning of a field's name: letters, digits and `_`, no digit first, \
                 at most 40 of them",
                node,
            );
        }
        Some(Self::with_prefix(&prefix))
    }

    /// All of them, in the order in which they are written.
    #[must_use]
    pub fn all(&self) -> [&str; 7] {
        [
            &self.category,
            &self.signature,
            &self.policy,
            &self.severity,
            &self.summary,
            &self.metadata,
            &self.fingerprint,
        ]
    }
}

impl Default for TagNames {
    fn default() -> Self {
        Self::with_prefix(DEFAULT_PREFIX)
    }
}

/// How long a prefix may be, in bytes.
const MAX_PREFIX_BYTES: usize = 40;

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
    Some(Observation {
        fingerprint,
        category: text(&tags.category).unwrap_or(Cow::Borrowed(GENERIC)),
        signature: text(&tags.signature),
        policy: text(&tags.policy).and_then(|name| name.parse().ok()).unwrap_or_default(),
        severity: Cow::Owned(
            text(&tags.severity).map(|name| Severity::new(&name)).unwrap_or_default(),
        ),
        summary: text(&tags.summary),
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
    use crate::{
        classifier::Classifier,
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
        let _ = classifier.process(&mut tagged, &mut Tally::default(), None);
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
