//! A request judged: what is sent on, and what was seen.

use bytes::Bytes;
use signatures_engine::{Observation, Observer, Verdict};
use signatures_protocol::wire::{Batch, Fate, Log, Malformed};

use super::{budget::Share, seen::Seen};
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

/// Judges every event of a request by the configuration given.
pub(super) async fn judge(
    request: Bytes,
    configuration: &Configuration,
    aggregate: bool,
    share: &mut Share<'_>,
) -> Result<Judgement, Malformed> {
    let signatures = configuration.classifier.taxonomy().signatures.len();
    let mut seen = Seen { matches: vec![0; signatures], ..Seen::default() };
    let mut errors = Vec::new();
    let mut charged = 0;
    let mut batch = Batch::new(&request);
    let mut turn_ends = TURN_BYTES;
    while batch.advance(|log| seen.judge(log, configuration, aggregate.then_some(&mut errors)))? {
        if batch.position() > turn_ends {
            turn_ends = batch.position() + TURN_BYTES;
            share.charge(memory_of(&errors[charged..]));
            charged = errors.len();
            tokio::task::yield_now().await;
        }
    }
    share.charge(memory_of(&errors[charged..]));
    seen.events = batch.counts();
    let rewritten = batch.finish();
    let request = match rewritten {
        _ if seen.events.kept() == 0 => None,
        Some(rewritten) => Some(Bytes::from(rewritten)),
        None => Some(request),
    };
    Ok(Judgement { request, seen, errors })
}

/// What errors take until the next hop has answered: many short events take more
/// than they did on the wire.
fn memory_of(errors: &[Observation<'static>]) -> usize {
    errors.iter().map(|error| size_of_val(error) + error.subject.len()).sum()
}

impl Seen {
    fn judge(
        &mut self,
        log: &mut Log<'_>,
        configuration: &Configuration,
        errors: Option<&mut Vec<Observation<'static>>>,
    ) -> Fate {
        let classifier = &configuration.classifier;
        // Kept while the event travels.
        let mut keep = errors.map(|errors| {
            |error: &Observation<'_>| {
                errors.push(error.clone().with_subject_cut(SAMPLED_BYTES).into_owned());
            }
        });
        let observer = keep.as_mut().map(|keep| keep as Observer<'_>);
        match classifier.process(log, &mut self.logs, observer) {
            Ok(Verdict::Noise(_)) => return Fate::Drop,
            Ok(Verdict::Match(index)) => self.matches[index] += 1,
            _ => {}
        }
        Fate::Keep
    }
}
