//! From an event to a verdict, and what a verdict does to its event.

use std::borrow::Cow;

use signatures_event::{
    Event, FieldValue, Level, Look, Skip, Subject, Value, is_own, request_id_of,
};
use signatures_matcher::{Matcher, Scan};

use crate::{
    extended::Buffer,
    fingerprint::Fingerprint,
    grouping::{GroupId, GroupSteps, hashed_category, ungrouped, values},
    guard::{carries_own_event, own_event},
    observation::{GENERIC, Observation},
    policy::Policy,
    presence::{Known, Present},
    settings::ClassifierSettings,
    severity::Severity,
    tag_names::TagNames,
    taxonomy::{AllowlistEntry, Signature, Taxonomy},
    verdict::{Classification, Outcome, Tally, Verdict},
};

/// From this level on an event that nothing matches is an error nobody knows.
const GENERIC_LEVEL: Level = Level::Warning;

/// Classifies events by a taxonomy. Immutable: one serves all threads, and a
/// reload makes a new one.
#[derive(Clone, Debug)]
pub struct Classifier {
    taxonomy: Taxonomy,
    matcher: Matcher,
    settings: ClassifierSettings,
    generic_severity: Severity,
}

/// Who is told of the errors that are found.
pub type Observer<'o> = &'o mut dyn FnMut(&Observation<'_>);

impl Classifier {
    /// A classifier by a taxonomy and the settings that concern it.
    #[must_use]
    pub fn new(taxonomy: Taxonomy, settings: &ClassifierSettings) -> Self {
        let signatures = taxonomy.signatures.iter().map(|s| s.pattern.clone());
        let noise = taxonomy.noise_allowlist.iter().map(|entry| entry.pattern.clone());
        let mut patterns: Vec<_> = match settings.allowlist_first {
            true => noise.chain(signatures).collect(),
            false => signatures.chain(noise).collect(),
        };
        // Last, so that it is what is found where nothing else is.
        patterns.push(own_event());
        Self {
            matcher: Matcher::new(patterns),
            taxonomy,
            settings: settings.clone(),
            generic_severity: Severity::default(),
        }
    }

    /// The level from which on it looks at events that say one.
    #[must_use]
    pub fn min_level(&self) -> Level {
        self.settings.min_level
    }

    /// The level that an event says, as it is looked at.
    #[must_use]
    pub fn level(&self, event: &impl Event) -> Option<Level> {
        Look::at(event, &self.settings.looking()).level
    }

    /// The taxonomy it goes by.
    #[must_use]
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// What the tags are called that it writes.
    #[must_use]
    pub fn tag_names(&self) -> &TagNames {
        &self.settings.tags
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

    /// Does all that is done to an event: judges it, counts it, tells the observer
    /// of an error, and unless it is noise takes secrets out of it and writes the
    /// tags. Noise is left as it is, for the caller to drop.
    ///
    /// # Errors
    /// Why it was not looked at, if it was not; it passes all the same.
    pub fn process(
        &self,
        event: &mut impl Event,
        tally: &mut Tally,
        observer: Option<Observer<'_>>,
    ) -> Result<Verdict, Skip> {
        let outcome = self.inspect(event, tally, observer);
        let judged = match outcome {
            Outcome::Skipped(skip) => Err(skip),
            Outcome::Classified(Classification { verdict, fingerprint, group, .. }) => {
                Ok((verdict, fingerprint.zip(group)))
            }
        };
        let verdict = judged.map(|(verdict, _)| verdict);
        if verdict.is_ok_and(Verdict::is_noise) {
            return verdict;
        }
        self.redact(event);
        if let Ok((verdict, Some(names))) = judged {
            self.tag(event, verdict, names, tally);
        }
        verdict
    }

    /// Takes secrets out of an event, as the settings say; for noise that is not
    /// dropped.
    pub fn redact(&self, event: &mut impl Event) {
        if let Some(redactor) = &self.settings.redactor {
            event.redact(redactor);
        }
    }

    /// As [`Classifier::process`], and leaves the event alone.
    pub fn inspect<'a>(
        &self,
        event: &'a impl Event,
        tally: &mut Tally,
        observer: Option<Observer<'_>>,
    ) -> Outcome<'a> {
        let outcome = self.classify(event);
        tally.count(event, &outcome);
        if !self.settings.watches.is_empty() {
            tally.present |= self.present(&outcome, event);
        }
        if let (Outcome::Classified(classification), Some(observer)) = (&outcome, observer)
            && let Some(observation) = self.observation(classification, event)
        {
            observer(&observation);
        }
        outcome
    }

    /// Of what is to be heard of, what an event is: also noise, and what is not looked
    /// at.
    fn present(&self, outcome: &Outcome<'_>, event: &impl Event) -> Present {
        let found = match outcome {
            Outcome::Skipped(Skip::LoopGuard) => return Present::default(),
            Outcome::Skipped(_) => None,
            Outcome::Classified(classification) => self.signature(classification.verdict),
        };
        let found = found.map(|found| Known {
            category: &self.taxonomy.category_of(found).name,
            id: &found.id,
            policy: found.policy,
            severity: &found.severity,
        });
        Present::of(&self.settings.watches, event, &self.settings.origin_fields, found)
    }

    /// Judges an event, unless it is one that passes untouched.
    #[must_use]
    pub fn classify<'a>(&self, event: &'a impl Event) -> Outcome<'a> {
        if is_own(event) {
            return Outcome::Skipped(Skip::LoopGuard);
        }
        let (how, min_level) = (self.settings.looking(), self.settings.min_level);
        let Some(look) = Look::from_level(event, &how, min_level) else {
            return Outcome::Skipped(Skip::BelowMinLevel);
        };
        if look.is_own {
            return Outcome::Skipped(Skip::LoopGuard);
        }
        let (mut classification, own) = self.judge_look(look);
        let counts = classification.verdict != Verdict::Unmatched;
        if own || (counts || classification.fingerprint.is_some()) && carries_own_event(event) {
            return Outcome::Skipped(Skip::LoopGuard);
        }
        self.find_group(&mut classification, event);
        Outcome::Classified(classification)
    }

    /// Judges an event, even one that would pass untouched.
    #[must_use]
    pub fn judge<'a>(&self, event: &'a impl Event) -> Classification<'a> {
        let (mut classification, _) = self.judge_look(Look::at(event, &self.settings.looking()));
        self.find_group(&mut classification, event);
        classification
    }

    /// Why an event passes untouched, if it does.
    #[must_use]
    pub fn skip(&self, event: &impl Event) -> Option<Skip> {
        match self.classify(event) {
            Outcome::Skipped(skip) => Some(skip),
            Outcome::Classified(_) => None,
        }
    }

    /// Judges what was seen of an event, and tells whether it holds one of our own
    /// where nothing else matches.
    fn judge_look<'a>(&self, look: Look<'a>) -> (Classification<'a>, bool) {
        let Look { subject, level, .. } = look;
        if !subject.is_found() {
            return (Self::unnamed(Verdict::Unmatched, subject, level, None, 0), false);
        }
        let Scan { first, step_limit_hits } = self.matcher.scan(&subject.text);
        let own = self.taxonomy.signatures.len() + self.taxonomy.noise_allowlist.len();
        let verdict = self.verdict(first.filter(|index| *index < own));
        let fingerprint = self.fingerprint(verdict, &subject, level);
        let classification = Self::unnamed(verdict, subject, level, fingerprint, step_limit_hits);
        (classification, first == Some(own))
    }

    /// A classification whose group is not found yet.
    fn unnamed(
        verdict: Verdict,
        subject: Subject<'_>,
        level: Option<Level>,
        fingerprint: Option<Fingerprint>,
        step_limit_hits: u32,
    ) -> Classification<'_> {
        Classification {
            verdict,
            subject,
            level,
            fingerprint,
            group: None,
            joined: None,
            service: None,
            exception: None,
            step_limit_hits,
        }
    }

    /// Which errors it is the same as, if it is one: what matches, and what is
    /// said to be one.
    fn fingerprint(
        &self,
        verdict: Verdict,
        subject: &Subject<'_>,
        level: Option<Level>,
    ) -> Option<Fingerprint> {
        let grouped = match verdict {
            Verdict::Match(_) => true,
            Verdict::Noise(_) => false,
            Verdict::Unmatched => level.is_some_and(|level| level >= GENERIC_LEVEL),
        };
        let blank = || subject.own().trim_ascii().is_empty();
        (grouped && !blank()).then(|| Fingerprint::of(self.category(verdict), subject.own()))
    }

    /// Finds the group that a classified event counts for, if it is an error.
    fn find_group<'a>(&self, classification: &mut Classification<'a>, event: &'a impl Event) {
        let Some(fingerprint) = classification.fingerprint else { return };
        let own = classification.subject.own();
        let (category, is_known) = self.category_and_whether_known(classification.verdict);
        let origin = &self.settings.origin_fields;
        let service = origin.service_of(event);
        if let Some(grouping) = &self.settings.grouping {
            let exception = grouping.exception_of(event, own);
            let mut buffer = Buffer::new();
            let identity = grouping.identity(&mut buffer, event, own, exception.as_ref());
            let category = hashed_category(category, is_known);
            let values = || values(event, &grouping.by, origin, service.as_deref());
            let group = GroupId::new(grouping.version(), category, &identity.text, values());
            let joined = grouping.joined(category, &identity.text, values());
            classification.group = Some(group);
            classification.joined = joined.map(Box::new);
            classification.exception = exception.map(Box::new);
        } else {
            classification.group = Some(ungrouped(fingerprint, category, is_known, own));
        }
        classification.service = service;
    }

    /// The category of a verdict's group, and whether a signature knows it.
    fn category_and_whether_known(&self, verdict: Verdict) -> (&str, bool) {
        (self.category(verdict), matches!(verdict, Verdict::Match(_)))
    }

    /// How the group of a text of an event comes about, were it an error of that
    /// verdict.
    #[must_use]
    pub fn group_steps(&self, verdict: Verdict, subject: &str, event: &impl Event) -> GroupSteps {
        let (category, is_known) = self.category_and_whether_known(verdict);
        let (category, settings) = (hashed_category(category, is_known), &self.settings);
        GroupSteps::of(settings.grouping.as_ref(), category, subject, event, |by| {
            let service = settings.origin_fields.service_of(event);
            let values = values(event, by, &settings.origin_fields, service.as_deref());
            values.map(Cow::into_owned).collect()
        })
    }

    /// Signatures and allowlist are one list of patterns; which comes first is
    /// the order of priority.
    fn verdict(&self, first: Option<usize>) -> Verdict {
        let Some(index) = first else { return Verdict::Unmatched };
        let (signatures, noise) =
            (self.taxonomy.signatures.len(), self.taxonomy.noise_allowlist.len());
        match self.settings.allowlist_first {
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
        event: &'a impl Event,
    ) -> Option<Observation<'a>> {
        let (fingerprint, group) = classification.fingerprint.zip(classification.group)?;
        let signature = self.signature(classification.verdict);
        Some(Observation {
            fingerprint,
            group,
            joined: classification.joined.as_deref().map(Cow::Borrowed),
            category: Cow::Borrowed(self.category(classification.verdict)),
            signature: signature.map(|s| Cow::Borrowed(s.id.as_str())),
            policy: signature.map_or(Policy::default(), |s| s.policy),
            severity: Cow::Borrowed(signature.map_or(&self.generic_severity, |s| &s.severity)),
            summary: signature.and_then(|s| s.summary.as_deref()).map(Cow::Borrowed),
            subject: Cow::Borrowed(&*classification.subject.text),
            exception: classification.exception.as_deref().map(Cow::Borrowed),
            level: classification.level,
            distinct: self.settings.distinct_values(event, classification.service.as_deref()),
            host: self.settings.origin_fields.host_of(event),
            service: classification.service.as_deref().map(Cow::Borrowed),
            time: self.settings.time_of(event),
            request_id: request_id_of(event),
        })
    }

    /// Writes what a verdict says into its event. What the event says already
    /// stays, fingerprint and group aside, and is counted where it says something else.
    fn tag(
        &self,
        event: &mut impl Event,
        verdict: Verdict,
        (fingerprint, group): (Fingerprint, GroupId),
        tally: &mut Tally,
    ) {
        let tags = &self.settings.tags;
        if let Some(signature) = self.signature(verdict) {
            let category = &self.taxonomy.category_of(signature).name;
            let mut write = |name: &str, text: &str| {
                let Some(found) = event.get(name).map(Value::into_scalar_text) else {
                    return event.set(name, FieldValue::Text(text));
                };
                // The same is there where another of us judged it before.
                if found.is_none_or(|found| found != text) {
                    tally.foreign += 1;
                    tally.peculiar.see_foreign(name);
                }
            };
            write(&tags.category, category);
            write(&tags.signature, &signature.id);
            write(&tags.policy, signature.policy.as_str());
            write(&tags.severity, signature.severity.as_str());
            if let Some(summary) = &signature.summary {
                write(&tags.summary, summary);
            }
            if !signature.metadata.is_empty() && event.get(&tags.metadata).is_none() {
                event.set(&tags.metadata, FieldValue::Metadata(&signature.metadata));
            }
        }
        event.set(&tags.fingerprint, FieldValue::Text(&fingerprint.to_string()));
        // Also where it is the fingerprint: whoever counts events by it need not know
        // whether errors are told apart otherwise.
        event.set(&tags.group, FieldValue::Text(&group.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use signatures_document::yaml::Source;
    use signatures_event::{JsonEvent, LogLine};

    use super::*;
    use crate::{
        extended::{Shape, Step},
        grouping::{Basis, Canonicalization, Grouping},
    };

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

    fn classifier(settings: &ClassifierSettings) -> Classifier {
        let source = Source::new("t", TAXONOMY);
        Classifier::new(Taxonomy::read(&source).into_result(&source).unwrap(), settings)
    }

    fn verdict(line: &str) -> Verdict {
        classifier(&ClassifierSettings::default()).judge(&LogLine::plain(line)).verdict
    }

    fn tagged(line: &str) -> String {
        let classifier = classifier(&ClassifierSettings::default());
        let mut event = JsonEvent::parse(line).unwrap();
        let _ = classifier.process(&mut event, &mut Tally::default(), None);
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
        let classifier = classifier(&ClassifierSettings {
            allowlist_first: true,
            ..ClassifierSettings::default()
        });
        let verdict = |line| classifier.judge(&LogLine::plain(line)).verdict;
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
                r#"{{"message":"read ECONNRESET","error_category":"db","error_signature":"RESET","error_policy":"retry","error_severity":"medium","error_summary":"Lost","error_metadata":{{"owner":"db"}},"error_fingerprint":"{fingerprint}","error_group":"{fingerprint}"}}"#
            )
        );
    }

    #[test]
    fn fields_that_are_there_stay_but_fingerprint_and_group() {
        let fingerprint = Fingerprint::new("app", "boom");
        assert_eq!(
            tagged(
                r#"{"message":"boom","error_category":"mine","error_severity":"mild","error_fingerprint":"old"}"#
            ),
            format!(
                r#"{{"message":"boom","error_category":"mine","error_severity":"mild","error_fingerprint":"{fingerprint}","error_signature":"app_0","error_policy":"escalate","error_group":"{fingerprint}"}}"#
            )
        );
    }

    #[test]
    fn an_unknown_error_gets_fingerprint_and_group_only() {
        let fingerprint = Fingerprint::new(GENERIC, "odd #");
        assert_eq!(
            tagged(r#"{"level":"error","message":"odd 5"}"#),
            format!(
                r#"{{"level":"error","message":"odd 5","error_fingerprint":"{fingerprint}","error_group":"{fingerprint}"}}"#
            )
        );
    }

    fn group(classifier: &Classifier, line: &str) -> GroupId {
        let event = LogLine::parse(line);
        classifier.judge(&event).group.unwrap()
    }

    fn grouped(grouping: Option<Grouping>) -> Classifier {
        classifier(&ClassifierSettings { grouping, ..ClassifierSettings::default() })
    }

    #[test]
    fn with_grouping_the_group_is_written_over_what_is_there() {
        let classifier = grouped(Some(Grouping::default()));
        for line in [
            r#"{"message":"boom 5","error_group":"mine"}"#,
            r#"{"message":"odd 5","level":"error"}"#,
        ] {
            let mut event = JsonEvent::parse(line).unwrap();
            let group = classifier.judge(&event).group.unwrap().to_string();
            let mut tally = Tally::default();
            let _ = classifier.process(&mut event, &mut tally, None);
            let written = event.get("error_group").and_then(Value::into_scalar_text);
            assert_eq!((written.as_deref(), tally.foreign), (Some(&*group), 0));
        }
    }

    #[test]
    fn without_grouping_the_group_is_the_fingerprint() {
        let classifier = grouped(None);
        for line in ["read ECONNRESET 7", r#"{"level":"error","message":"odd 5","service":"a"}"#] {
            let event = LogLine::parse(line);
            let found = classifier.judge(&event);
            assert_eq!(found.group, found.fingerprint.map(GroupId::from), "{line}");
        }
    }

    #[test]
    fn the_group_is_of_category_identity_and_service() {
        let classifier = grouped(Some(Grouping::default()));
        let event = |service: &str, id: &str| {
            format!(r#"{{"message":"boom in {id}","service":{{"name":"{service}"}}}}"#)
        };
        let checkout = GroupId::new("g1", "app", "boom in *", ["checkout"]);
        assert_eq!(group(&classifier, &event("checkout", "job-17")), checkout);
        assert_eq!(group(&classifier, &event("checkout", "10.0.0.7:80")), checkout);
        let billing = GroupId::new("g1", "app", "boom in *", ["billing"]);
        assert_eq!(group(&classifier, &event("billing", "job-17")), billing);
        let nowhere = GroupId::new("g1", "app", "boom in *", [""]);
        assert_eq!(group(&classifier, "boom in job-17"), nowhere);
        // A pod is no service.
        let pod =
            r#"{"message":"boom in job-17","kubernetes":{"pod_name":"shop-7d9f"},"host":"h"}"#;
        assert_eq!(group(&classifier, pod), nowhere);
    }

    #[test]
    fn any_fields_may_tell_errors_apart() {
        let by = ["host", "k8s.ns", "retry", "attempt", "none"].map(str::to_owned).to_vec();
        let classifier = grouped(Some(Grouping {
            canonicalization: Canonicalization::Seed,
            by,
            exceptions: false,
            collapse_above: None,
        }));
        let long = "é".repeat(200);
        let event = format!(
            r#"{{"message":"boom 5","hostname":"h","k8s":{{"ns":"{long}"}},"retry":true,"attempt":2.0}}"#
        );
        let expected = GroupId::new("g0", "app", "boom #", ["h", &long[..256], "true", "2", ""]);
        assert_eq!(group(&classifier, &event), expected);
    }

    #[test]
    fn json_in_a_wrapper_says_what_tells_errors_apart() {
        let by = ["service", "tenant"].map(str::to_owned).to_vec();
        let classifier = grouped(Some(Grouping { by, ..Grouping::default() }));
        let inside = r#"{"message":"boom","service":"checkout","tenant":5}"#;
        let expected = GroupId::new("g1", "app", "boom", ["checkout", "5"]);
        for line in [
            inside.to_owned(),
            format!("2026-03-14T09:00:00.1Z stderr F {inside}"),
            serde_json::json!({"log": format!("{inside}\n"), "stream": "stderr"}).to_string(),
        ] {
            assert_eq!(group(&classifier, &line), expected, "{line}");
            let event = LogLine::parse(&line);
            let found = classifier.judge(&event);
            let observation = classifier.observation(&found, &event).unwrap();
            assert_eq!(observation.service.as_deref(), Some("checkout"), "{line}");
        }
    }

    #[test]
    fn a_template_identifies_the_error() {
        let classifier = grouped(Some(Grouping::default()));
        let event = r#"{"message":"boom of 5","log.record.template":"boom of <*>"}"#;
        let expected = GroupId::new("g1", "app", "boom of <*>", [""]);
        assert_eq!(group(&classifier, event), expected);
    }

    #[test]
    fn an_exception_is_identified_by_types_root_message_and_frames() {
        let classifier = grouped(Some(Grouping::default()));
        let event = |line: u32, port: u32| {
            format!(
                r#"{{"message":"boom","err":{{"type":"TypeError","message":"no route to 10.0.0.7:{port}","stack":"TypeError: no route to 10.0.0.7:{port}\n    at total (/app/cart.js:{line}:1)"}}}}"#
            )
        };
        let expected =
            GroupId::new("g1", "app", "TypeError: no route to * @ total (cart.js)", [""]);
        for (line, port) in [(14, 80), (99, 443)] {
            assert_eq!(group(&classifier, &event(line, port)), expected);
        }
        let key = |key: &str| format!(r#"{{"message":"boom","exception":"KeyError: '{key}'"}}"#);
        let expected_key = GroupId::new("g1", "app", "KeyError: *", [""]);
        for name in ["user", "session"] {
            assert_eq!(group(&classifier, &key(name)), expected_key);
        }
        let steps = {
            let line = event(14, 80);
            let event = LogLine::parse(&line);
            classifier.group_steps(Verdict::Match(2), "boom", &event)
        };
        assert_eq!((steps.basis, steps.group), (Basis::Exception, expected));
        // What is not to be looked at is not.
        let without = grouped(Some(Grouping { exceptions: false, ..Grouping::default() }));
        assert_eq!(group(&without, &event(14, 80)), GroupId::new("g1", "app", "boom", [""]));
        // The fingerprint is made of the subject without the exception, as ever.
        let line = event(14, 80);
        let event = LogLine::parse(&line);
        let found = classifier.judge(&event);
        assert_eq!(found.fingerprint, Some(Fingerprint::new("app", "boom")));
        let observation = classifier.observation(&found, &event).unwrap();
        assert_eq!(observation.exception.unwrap().root_type(), "TypeError");
    }

    #[test]
    fn what_is_matched_and_what_is_not_never_share_a_group() {
        let source = Source::new("t", "{generic: [kaboom]}");
        let taxonomy = Taxonomy::read(&source).into_result(&source).unwrap();
        for grouping in [None, Some(Grouping::default())] {
            let settings = ClassifierSettings { grouping, ..ClassifierSettings::default() };
            let classifier = Classifier::new(taxonomy.clone(), &settings);
            let of = |verdict| {
                let steps = classifier.group_steps(verdict, "kaboom", &LogLine::plain("kaboom"));
                steps.group
            };
            assert_ne!(of(Verdict::Match(0)), of(Verdict::Unmatched));
            assert_eq!(group(&classifier, "kaboom"), of(Verdict::Match(0)));
            let unmatched = r#"{"level":"error","message":"pow"}"#;
            let steps =
                classifier.group_steps(Verdict::Unmatched, "pow", &LogLine::parse(unmatched));
            assert_eq!(group(&classifier, unmatched), steps.group);
        }
    }

    #[test]
    fn a_group_comes_about_step_by_step() {
        let classifier = grouped(Some(Grouping::default()));
        let line = r#"{"message":"boom in job-17","service":"checkout"}"#;
        let event = LogLine::parse(line);
        let found = classifier.judge(&event);
        assert_eq!(
            classifier.group_steps(found.verdict, found.subject.own(), &event),
            GroupSteps {
                basis: Basis::Extended,
                taken: vec![Step { shape: Shape::Variable, text: "job-17".to_owned() }],
                identity: "boom in *".to_owned(),
                values: vec![("service".to_owned(), "checkout".to_owned())],
                hashed: "g1|app|boom in *|checkout".to_owned(),
                group: found.group.unwrap(),
            }
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
        let strict =
            ClassifierSettings { min_level: Level::Error, ..ClassifierSettings::default() };
        assert_eq!(classifier(&strict).classify(&event), Outcome::Skipped(Skip::BelowMinLevel));
        let Outcome::Classified(found) =
            classifier(&ClassifierSettings::default()).classify(&event)
        else {
            panic!("looked at by default")
        };
        assert_eq!(found.verdict, Verdict::Match(2));
    }

    #[test]
    fn a_pattern_past_its_step_limit_is_no_match_and_counted() {
        let source = Source::new("t", "a: ['(x+x+)+\\1!z', 'plain']");
        let taxonomy = Taxonomy::read(&source).into_result(&source).unwrap();
        let classifier = Classifier::new(taxonomy, &ClassifierSettings::default());
        let hostile = "x".repeat(40) + "y!z plain";
        let line = LogLine::plain(&hostile);
        let found = classifier.judge(&line);
        assert_eq!((found.verdict, found.step_limit_hits), (Verdict::Match(1), 1));
    }

    #[test]
    fn an_observation_names_host_service_and_request() {
        let classifier = classifier(&ClassifierSettings::default());
        let event = JsonEvent::parse(
            r#"{"message":"boom","hostname":"h1","service":{"name":"api"},"req":{"id":"r1"}}"#,
        )
        .unwrap();
        let Outcome::Classified(found) = classifier.classify(&event) else { panic!() };
        let observation = classifier.observation(&found, &event).unwrap();
        assert_eq!(observation.host.as_deref(), Some("h1"));
        assert_eq!(observation.service.as_deref(), Some("api"));
        assert_eq!(observation.request_id.as_deref(), Some("r1"));
        assert_eq!((&*observation.category, &*observation.subject), ("app", "boom"));
    }

    #[test]
    fn what_is_done_to_an_event_is_counted_and_told() {
        let classifier = classifier(&ClassifierSettings::default());
        let mut tally = Tally::default();
        let mut told = Vec::new();
        let mut process = |line: &str| {
            let mut line = LogLine::parse(line);
            let mut observer = |observation: &Observation<'_>| {
                told.push((observation.category.to_string(), observation.subject.to_string()));
            };
            let verdict = classifier.process(&mut line, &mut tally, Some(&mut observer));
            let mut out = Vec::new();
            line.into_event().write_to(&mut out);
            (verdict, String::from_utf8(out).unwrap())
        };
        let boom = Fingerprint::new("app", "boom");
        assert_eq!(
            process("boom"),
            (
                Ok(Verdict::Match(2)),
                format!(
                    r#"{{"message":"boom","error_category":"app","error_signature":"app_0","error_policy":"escalate","error_severity":"anomaly","error_fingerprint":"{boom}","error_group":"{boom}"}}"#
                )
            )
        );
        assert_eq!(process("GET /health").0, Ok(Verdict::Noise(1)));
        assert_eq!(
            process(r#"{"message":"fine","token":"t"}"#),
            (Ok(Verdict::Unmatched), r#"{"message":"fine","token":"[REDACTED]"}"#.to_owned())
        );
        assert_eq!(
            process(r#"{"level":"info","message":"boom","token":"t"}"#),
            (
                Err(Skip::BelowMinLevel),
                r#"{"level":"info","message":"boom","token":"[REDACTED]"}"#.to_owned()
            )
        );
        let odd = Fingerprint::new(GENERIC, "odd");
        assert_eq!(
            process(r#"{"level":"error","message":"odd"}"#),
            (
                Ok(Verdict::Unmatched),
                format!(
                    r#"{{"level":"error","message":"odd","error_fingerprint":"{odd}","error_group":"{odd}"}}"#
                )
            )
        );
        assert_eq!(
            told,
            [("app".to_owned(), "boom".to_owned()), (GENERIC.to_owned(), "odd".to_owned())]
        );
        let expected = Tally { matched: 1, noise: 1, unmatched: 2, skipped: 1, ..Tally::default() };
        assert_eq!((tally.events(), tally), (5, expected));
    }
}
