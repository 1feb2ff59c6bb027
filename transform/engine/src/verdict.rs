//! From an event to a verdict, and the fields that a verdict writes.

use std::borrow::Cow;

use crate::{
    aggregate::{GENERIC, Observation},
    event::{Event, FieldValue, LogLine},
    fingerprint::Fingerprint,
    level::Level,
    matcher::{Matcher, Scan},
    settings::Settings,
    subject::{Subject, SubjectFields},
    tags,
    taxonomy::{AllowlistEntry, Policy, Severity, Signature, Taxonomy},
};

/// Events that this system itself wrote; to count them would feed it its own
/// alerts.
pub const GUARDED_EVENTS: [&str; 4] = [
    "internal_alert",
    "alert_received",
    "single_error_alert_fallback",
    "log_aggregator_shadow_emit",
];

/// From this level on an event that nothing matches is an error nobody knows.
const GENERIC_LEVEL: Level = Level::Warning;

/// Classifies events by a taxonomy. Immutable: one serves all threads, and a
/// reload makes a new one.
#[derive(Clone, Debug)]
pub struct Classifier {
    taxonomy: Taxonomy,
    matcher: Matcher,
    allowlist_first: bool,
    min_level: Level,
    subject_fields: SubjectFields,
    subject_bytes: usize,
    generic_severity: Severity,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A known error: the index of its signature in the taxonomy.
    Match(usize),
    /// Known noise: the index of its allowlist entry in the taxonomy.
    Noise(usize),
    /// Nothing known.
    Unmatched,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome<'a> {
    /// It passes untouched, not looked at.
    Skipped(Skip),
    /// It was looked at.
    Classified(Classification<'a>),
}

/// Why an event is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Skip {
    /// It says a level below `min_level`.
    BelowMinLevel,
    /// This system wrote it: one of [`GUARDED_EVENTS`].
    LoopGuard,
}

impl Skip {
    pub(crate) fn of(event: &impl Event, level: Option<Level>, min_level: Level) -> Option<Self> {
        let name = event.get("event").and_then(|value| value.into_scalar_text());
        if name.is_some_and(|name| GUARDED_EVENTS.contains(&&*name)) {
            return Some(Self::LoopGuard);
        }
        let below = level.is_some_and(|level| level < min_level);
        below.then_some(Self::BelowMinLevel)
    }

    /// The reason as a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BelowMinLevel => "below_min_level",
            Self::LoopGuard => "loop_guard",
        }
    }
}

/// All that is known of a classified event.
#[derive(Clone, Debug, PartialEq)]
pub struct Classification<'a> {
    /// What it is.
    pub verdict: Verdict,
    /// What it was judged by.
    pub subject: Subject<'a>,
    /// Which errors it is the same as; none for noise, and for what nothing
    /// matches and is not said to be an error.
    pub fingerprint: Option<Fingerprint>,
    /// How many patterns gave up at their step limit.
    pub step_limit_hits: u32,
}

impl Classification<'_> {
    /// The same, free of the event that it was made from.
    #[must_use]
    pub fn into_owned(self) -> Classification<'static> {
        let Self { verdict, subject: Subject { text, cut }, fingerprint, step_limit_hits } = self;
        let subject = Subject { text: Cow::Owned(text.into_owned()), cut };
        Classification { verdict, subject, fingerprint, step_limit_hits }
    }
}

impl Classifier {
    /// A classifier by a taxonomy and the settings that concern it.
    #[must_use]
    pub fn new(taxonomy: Taxonomy, settings: &Settings) -> Self {
        let signatures = taxonomy.signatures.iter().map(|s| s.pattern.clone());
        let noise = taxonomy.noise_allowlist.iter().map(|entry| entry.pattern.clone());
        let patterns = match settings.allowlist_first {
            true => noise.chain(signatures).collect(),
            false => signatures.chain(noise).collect(),
        };
        Self {
            matcher: Matcher::new(patterns),
            taxonomy,
            allowlist_first: settings.allowlist_first,
            min_level: settings.min_level,
            subject_fields: settings.subject_fields.clone(),
            subject_bytes: settings.limits.subject_bytes,
            generic_severity: Severity::default(),
        }
    }

    /// The taxonomy it goes by.
    #[must_use]
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// The signature of a match.
    #[must_use]
    pub fn signature(&self, verdict: Verdict) -> Option<&Signature> {
        match verdict {
            Verdict::Match(index) => self.taxonomy.signatures.get(index),
            _ => None,
        }
    }

    /// The allowlist entry of noise.
    #[must_use]
    pub fn allowlist_entry(&self, verdict: Verdict) -> Option<&AllowlistEntry> {
        match verdict {
            Verdict::Noise(index) => self.taxonomy.noise_allowlist.get(index),
            _ => None,
        }
    }

    /// The category of a verdict's group: the signature's, or generic.
    #[must_use]
    pub fn category(&self, verdict: Verdict) -> &str {
        match self.signature(verdict) {
            Some(signature) => &self.taxonomy.category_of(signature).name,
            None => GENERIC,
        }
    }

    /// Judges an event, unless it is one that passes untouched.
    #[must_use]
    pub fn classify<'a>(&self, event: &'a impl Event) -> Outcome<'a> {
        let level = Level::of(event);
        match Skip::of(event, level, self.min_level) {
            Some(skip) => Outcome::Skipped(skip),
            None => Outcome::Classified(self.judge_at(event, || level)),
        }
    }

    /// Judges an event, even one that would pass untouched.
    #[must_use]
    pub fn judge<'a>(&self, event: &'a impl Event) -> Classification<'a> {
        self.judge_at(event, || Level::of(event))
    }

    fn judge_at<'a>(
        &self,
        event: &'a impl Event,
        level: impl Fn() -> Option<Level>,
    ) -> Classification<'a> {
        let subject = Subject::of_event(event, &self.subject_fields, self.subject_bytes);
        self.classify_subject(subject, || level().is_some_and(|level| level >= GENERIC_LEVEL))
    }

    /// Judges a plain line. It says no level, so it is always looked at, and
    /// never an error that nobody knows.
    #[must_use]
    pub fn classify_line<'a>(&self, line: impl Into<Cow<'a, str>>) -> Classification<'a> {
        self.classify_subject(Subject::of_text(line, self.subject_bytes), || false)
    }

    /// Judges a line of a log, whichever of the two it is.
    #[must_use]
    pub fn classify_log_line<'a>(&self, line: &'a LogLine<'_>) -> Outcome<'a> {
        match line {
            LogLine::Json(event) => self.classify(event),
            LogLine::Plain(text) => Outcome::Classified(self.classify_line(*text)),
        }
    }

    /// Why an event passes untouched, if it does.
    #[must_use]
    pub fn skip(&self, event: &impl Event) -> Option<Skip> {
        Skip::of(event, Level::of(event), self.min_level)
    }

    fn classify_subject<'a>(
        &self,
        subject: Subject<'a>,
        is_error: impl Fn() -> bool,
    ) -> Classification<'a> {
        let Scan { first, step_limit_hits } = self.matcher.scan(&subject.text);
        let verdict = self.verdict(first);
        let grouped = match verdict {
            Verdict::Match(_) => true,
            Verdict::Noise(_) => false,
            Verdict::Unmatched => is_error(),
        };
        let fingerprint = grouped.then(|| Fingerprint::of(self.category(verdict), &subject.text));
        Classification { verdict, subject, fingerprint, step_limit_hits }
    }

    /// Signatures and allowlist are one list of patterns; which comes first is
    /// the order of priority.
    fn verdict(&self, first: Option<usize>) -> Verdict {
        let Some(index) = first else { return Verdict::Unmatched };
        let (signatures, noise) =
            (self.taxonomy.signatures.len(), self.taxonomy.noise_allowlist.len());
        match self.allowlist_first {
            true if index < noise => Verdict::Noise(index),
            true => Verdict::Match(index - noise),
            false if index < signatures => Verdict::Match(index),
            false => Verdict::Noise(index - signatures),
        }
    }

    /// What the aggregation needs to know of a classified event; none when it
    /// belongs to no group of errors.
    #[must_use]
    pub fn observation<'a>(
        &'a self,
        classification: &'a Classification<'_>,
        event: Option<&'a impl Event>,
    ) -> Option<Observation<'a>> {
        let fingerprint = classification.fingerprint?;
        let signature = self.signature(classification.verdict);
        Some(Observation {
            fingerprint,
            category: self.category(classification.verdict),
            signature: signature.map(|s| s.id.as_str()),
            policy: signature.map_or(Policy::default(), |s| s.policy),
            severity: signature.map_or(&self.generic_severity, |s| &s.severity),
            summary: signature.and_then(|s| s.summary.as_deref()),
            subject: &classification.subject.text,
            host: event.and_then(host_of),
            service: event.and_then(service_of),
        })
    }

    /// Writes what a verdict says into its event. What the event says already
    /// stays, the fingerprint aside.
    pub fn tag(&self, event: &mut impl Event, verdict: Verdict, fingerprint: Fingerprint) {
        if let Some(signature) = self.signature(verdict) {
            let category = &self.taxonomy.category_of(signature).name;
            write_absent(event, tags::CATEGORY, FieldValue::Text(category));
            write_absent(event, tags::SIGNATURE, FieldValue::Text(&signature.id));
            write_absent(event, tags::POLICY, FieldValue::Text(signature.policy.as_str()));
            write_absent(event, tags::SEVERITY, FieldValue::Text(signature.severity.as_str()));
            if let Some(summary) = &signature.summary {
                write_absent(event, tags::SUMMARY, FieldValue::Text(summary));
            }
            if !signature.metadata.is_empty() {
                write_absent(event, tags::METADATA, FieldValue::Metadata(&signature.metadata));
            }
        }
        event.set(tags::FINGERPRINT, FieldValue::Text(&fingerprint.to_string()));
    }
}

/// The host that an event names.
#[must_use]
pub fn host_of(event: &impl Event) -> Option<Cow<'_, str>> {
    first_text(event, ["host", "hostname"])
}

/// The service that an event names.
#[must_use]
pub fn service_of(event: &impl Event) -> Option<Cow<'_, str>> {
    first_text(event, ["service", "service.name"])
}

fn first_text<'a>(event: &'a impl Event, names: [&str; 2]) -> Option<Cow<'a, str>> {
    names.iter().find_map(|name| event.get(name)?.into_scalar_text())
}

fn write_absent(event: &mut impl Event, name: &str, value: FieldValue<'_>) {
    if event.get(name).is_none() {
        event.set(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::JsonEvent, yaml::Source};

    const TAXONOMY: &str = r#"
noise_allowlist: ["context canceled", "health"]
categories:
  db:
    default_policy: retry
    signatures:
      - {id: RESET, pattern: ECONNRESET, summary: Lost, severity: medium, owner: db}
      - {id: SLOW, pattern: "timeout (?!ok)"}
  app: [boom]
"#;

    fn classifier(settings: &Settings) -> Classifier {
        let source = Source::new("t", TAXONOMY);
        Classifier::new(Taxonomy::read(&source).into_result(&source).unwrap(), settings)
    }

    fn verdict(line: &str) -> Verdict {
        classifier(&Settings::default()).classify_line(line).verdict
    }

    fn tagged(line: &str) -> String {
        let classifier = classifier(&Settings::default());
        let mut event = JsonEvent::parse(line).unwrap();
        let tags = match classifier.classify(&event) {
            Outcome::Classified(Classification { verdict, fingerprint: Some(fp), .. }) => {
                Some((verdict, fp))
            }
            _ => None,
        };
        if let Some((verdict, fingerprint)) = tags {
            classifier.tag(&mut event, verdict, fingerprint);
        }
        let mut out = Vec::new();
        event.write_to(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_first_signature_that_matches_wins_then_the_allowlist() {
        assert_eq!(verdict("econnreset timeout !"), Verdict::Match(0));
        assert_eq!(verdict("boom timeout x"), Verdict::Match(1));
        assert_eq!(verdict("boom timeout ok"), Verdict::Match(2));
        assert_eq!(verdict("boom: context canceled"), Verdict::Match(2));
        assert_eq!(verdict("GET /health"), Verdict::Noise(1));
        assert_eq!(verdict("fine"), Verdict::Unmatched);
    }

    #[test]
    fn allowlist_first_turns_the_order_round() {
        let classifier = classifier(&Settings { allowlist_first: true, ..Settings::default() });
        let verdict = |line| classifier.classify_line(line).verdict;
        assert_eq!(verdict("boom: context canceled"), Verdict::Noise(0));
        assert_eq!(verdict("boom"), Verdict::Match(2));
        assert_eq!(verdict("fine"), Verdict::Unmatched);
    }

    #[test]
    fn a_match_writes_its_fields() {
        let fingerprint = Fingerprint::new("db", "econnreset");
        assert_eq!(
            tagged(r#"{"message":"read ECONNRESET"}"#),
            format!(
                r#"{{"message":"read ECONNRESET","error_category":"db","error_signature":"RESET","error_policy":"retry","error_severity":"medium","error_summary":"Lost","error_metadata":{{"owner":"db"}},"error_fingerprint":"{fingerprint}"}}"#
            )
        );
    }

    #[test]
    fn fields_that_are_there_stay_but_the_fingerprint() {
        let fingerprint = Fingerprint::new("app", "boom");
        assert_eq!(
            tagged(
                r#"{"message":"boom","error_category":"mine","error_severity":"mild","error_fingerprint":"old"}"#
            ),
            format!(
                r#"{{"message":"boom","error_category":"mine","error_severity":"mild","error_fingerprint":"{fingerprint}","error_signature":"app_0","error_policy":"escalate"}}"#
            )
        );
    }

    #[test]
    fn an_unknown_error_gets_a_fingerprint_only() {
        let fingerprint = Fingerprint::new(GENERIC, "odd #");
        assert_eq!(
            tagged(r#"{"level":"error","message":"odd 5"}"#),
            format!(r#"{{"level":"error","message":"odd 5","error_fingerprint":"{fingerprint}"}}"#)
        );
    }

    #[test]
    fn what_is_no_error_passes_untouched() {
        for line in [
            r#"{"message":"odd 5"}"#,
            r#"{"level":"info","message":"boom"}"#,
            r#"{"level":30,"message":"boom"}"#,
            r#"{"event":"internal_alert","message":"boom"}"#,
            r#"{"event":"log_aggregator_shadow_emit","level":"error","message":"boom"}"#,
        ] {
            assert_eq!(tagged(line), line);
        }
    }

    #[test]
    fn min_level_decides_what_is_looked_at() {
        let event = JsonEvent::parse(r#"{"level":"warning","message":"boom"}"#).unwrap();
        let strict = Settings { min_level: Level::Error, ..Settings::default() };
        assert_eq!(classifier(&strict).classify(&event), Outcome::Skipped(Skip::BelowMinLevel));
        let Outcome::Classified(found) = classifier(&Settings::default()).classify(&event) else {
            panic!("looked at by default")
        };
        assert_eq!(found.verdict, Verdict::Match(2));
    }

    #[test]
    fn a_pattern_past_its_step_limit_is_no_match_and_counted() {
        let source = Source::new("t", "a: ['(x+x+)+\\1!z', 'plain']");
        let taxonomy = Taxonomy::read(&source).into_result(&source).unwrap();
        let classifier = Classifier::new(taxonomy, &Settings::default());
        let hostile = "x".repeat(40) + "y!z plain";
        let found = classifier.classify_line(hostile.as_str());
        assert_eq!((found.verdict, found.step_limit_hits), (Verdict::Match(1), 1));
    }

    #[test]
    fn an_observation_names_host_and_service() {
        let classifier = classifier(&Settings::default());
        let event =
            JsonEvent::parse(r#"{"message":"boom","hostname":"h1","service":{"name":"api"}}"#)
                .unwrap();
        let Outcome::Classified(found) = classifier.classify(&event) else { panic!() };
        let observation = classifier.observation(&found, Some(&event)).unwrap();
        assert_eq!(observation.host.as_deref(), Some("h1"));
        assert_eq!(observation.service.as_deref(), Some("api"));
        assert_eq!((observation.category, observation.subject), ("app", "boom"));
    }
}
