//! A request judged: what is sent on, and what was seen.

use bytes::Bytes;
use signatures_engine::{Observation, Tally, Verdict};
use signatures_protocol::wire::{Batch, Counts, Fate, Log, Malformed};

use crate::alert_settings::Configuration;

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
    pub(super) seen: Seen,
    /// The errors to aggregate, once the next hop has taken them.
    pub(super) errors: Vec<Observation<'static>>,
}

/// What was in a request.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Events by kind.
    pub(super) events: Counts,
    /// What became of the logs among them.
    pub(super) logs: Tally,
    /// How often each signature matched, by its index.
    pub(super) matches: Vec<u64>,
}

/// Judges every event of a request by the configuration given.
pub(super) async fn judge(
    request: Bytes,
    configuration: &Configuration,
    aggregate: bool,
) -> Result<Judgement, Malformed> {
    let signatures = configuration.classifier.taxonomy().signatures.len();
    let mut seen = Seen { matches: vec![0; signatures], ..Seen::default() };
    let mut errors = Vec::new();
    let mut batch = Batch::new(&request);
    let mut turn_ends = TURN_BYTES;
    while batch.advance(|log| seen.judge(log, configuration, aggregate.then_some(&mut errors)))? {
        if batch.position() > turn_ends {
            turn_ends = batch.position() + TURN_BYTES;
            tokio::task::yield_now().await;
        }
    }
    seen.events = batch.counts();
    let rewritten = batch.finish();
    let request = match rewritten {
        _ if seen.events.kept() == 0 => None,
        Some(rewritten) => Some(Bytes::from(rewritten)),
        None => Some(request),
    };
    Ok(Judgement { request, seen, errors })
}

impl Seen {
    fn judge(
        &mut self,
        log: &mut Log<'_>,
        configuration: &Configuration,
        errors: Option<&mut Vec<Observation<'static>>>,
    ) -> Fate {
        let classifier = &configuration.classifier;
        let verdict = match errors {
            Some(errors) => {
                // Kept while the event travels.
                let mut keep = |error: &Observation<'_>| {
                    errors.push(error.clone().with_subject_cut(SAMPLED_BYTES).into_owned());
                };
                classifier.process(log, &mut self.logs, Some(&mut keep))
            }
            None => classifier.process(log, &mut self.logs, None),
        };
        match verdict {
            Ok(Verdict::Noise(_)) => return Fate::Drop,
            Ok(Verdict::Match(index)) => self.matches[index] += 1,
            _ => {}
        }
        Fate::Keep
    }
}
