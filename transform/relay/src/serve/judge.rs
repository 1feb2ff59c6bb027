//! A request judged: what is sent on, and what was seen.

use std::borrow::Cow;

use bytes::Bytes;
use signatures_engine::{
    aggregate::Observation,
    event::JsonEvent,
    redact::redact_event,
    subject::Subject,
    verdict::{Classification, Classifier, Outcome, Verdict},
};
use signatures_protocol::wire::{Batch, Counts, Fate, Log, Malformed};

use crate::rules::Rules;

/// After so many bytes of a request others get their turn.
const TURN_BYTES: usize = 1 << 20;

/// How much of a subject is kept for the samples of an alert, which are cut to
/// 512 characters after secrets are taken out.
const SAMPLED_BYTES: usize = 4 << 10;

/// What came of judging a request.
#[derive(Debug)]
pub(super) struct Judgement {
    /// What is to be sent on; none when all of it is noise.
    pub(super) request: Option<Bytes>,
    pub(super) tally: Tally,
    /// The errors to aggregate, once the next hop has taken them.
    pub(super) sightings: Vec<Sighting>,
}

/// What was in a request.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) events: Counts,
    pub(super) matched: u64,
    pub(super) unmatched: u64,
    pub(super) skipped: u64,
    pub(super) cut: u64,
    pub(super) step_limit_hits: u64,
    /// How often each signature matched, by its index.
    pub(super) matches: Vec<u64>,
}

/// An error, kept while its event travels.
#[derive(Debug)]
pub(super) struct Sighting {
    classification: Classification<'static>,
    host: Option<String>,
    service: Option<String>,
}

/// Judges every event of a request by the rules given.
pub(super) async fn judge(
    request: Bytes,
    rules: &Rules,
    aggregate: bool,
) -> Result<Judgement, Malformed> {
    let mut tally = Tally {
        matches: vec![0; rules.classifier.taxonomy().signatures.len()],
        ..Tally::default()
    };
    let mut sightings = Vec::new();
    let mut batch = Batch::new(&request);
    let mut turn_ends = TURN_BYTES;
    while batch.advance(|log| tally.judge(log, rules, aggregate.then_some(&mut sightings)))? {
        if batch.position() > turn_ends {
            turn_ends = batch.position() + TURN_BYTES;
            tokio::task::yield_now().await;
        }
    }
    tally.events = batch.counts();
    let rewritten = batch.finish();
    let request = match rewritten {
        _ if tally.events.kept() == 0 => None,
        Some(rewritten) => Some(Bytes::from(rewritten)),
        None => Some(request),
    };
    Ok(Judgement { request, tally, sightings })
}

impl Tally {
    fn judge(
        &mut self,
        log: &mut Log<'_>,
        rules: &Rules,
        sightings: Option<&mut Vec<Sighting>>,
    ) -> Fate {
        let tags = match rules.classifier.classify(log) {
            Outcome::Skipped(_) => {
                self.skipped += 1;
                None
            }
            Outcome::Classified(classification) => {
                self.count(&classification);
                if matches!(classification.verdict, Verdict::Noise(_)) {
                    return Fate::Drop;
                }
                let tags = classification
                    .fingerprint
                    .map(|fingerprint| (classification.verdict, fingerprint));
                if let (Some(sightings), Some(_)) = (sightings, tags) {
                    sightings.push(Sighting::of(&rules.classifier, classification, log));
                }
                tags
            }
        };
        if rules.settings.redact_events {
            redact_event(log);
        }
        if let Some((verdict, fingerprint)) = tags {
            rules.classifier.tag(log, verdict, fingerprint);
        }
        Fate::Keep
    }

    fn count(&mut self, classification: &Classification<'_>) {
        self.cut += u64::from(classification.subject.cut);
        self.step_limit_hits += u64::from(classification.step_limit_hits);
        match classification.verdict {
            Verdict::Match(index) => {
                self.matched += 1;
                self.matches[index] += 1;
            }
            Verdict::Noise(_) => {}
            Verdict::Unmatched => self.unmatched += 1,
        }
    }
}

impl Sighting {
    fn of(classifier: &Classifier, classification: Classification<'_>, log: &Log<'_>) -> Self {
        let observation = classifier.observation(&classification, Some(log));
        let (host, service) = observation.map(|o| (o.host, o.service)).unwrap_or_default();
        let (host, service) = (host.map(Cow::into_owned), service.map(Cow::into_owned));
        let Classification { verdict, subject, fingerprint, step_limit_hits } = classification;
        let Subject { text, cut } = Subject::of_text(subject.text, SAMPLED_BYTES);
        let subject = Subject { text: Cow::Owned(text.into_owned()), cut };
        let classification = Classification { verdict, subject, fingerprint, step_limit_hits };
        Self { classification, host, service }
    }

    /// What the aggregation is told, by the rules that judged it.
    pub(super) fn observation<'a>(&'a self, classifier: &'a Classifier) -> Option<Observation<'a>> {
        let observation = classifier.observation(&self.classification, None::<&JsonEvent<'_>>)?;
        let borrowed = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        let (host, service) = (borrowed(&self.host), borrowed(&self.service));
        Some(Observation { host, service, ..observation })
    }
}
