//! What a relay does to a batch, stage by stage, on one core: nanoseconds of
//! each event. Stages are measured by doing all that comes before, too.

use std::{hint::black_box, path::Path, time::Instant};

use relay_bench::{BATCH, batches};
use signatures_document::yaml::Source;
use signatures_engine::{Classifier, ClassifierSettings, Tally, Taxonomy, Verdict};
use signatures_event::{Event, redact::Redactor};
use signatures_protocol::wire::{Batch, Fate, Log};

fn classifier() -> Classifier {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/error_signatures.yml"));
    let text = std::fs::read_to_string(path).expect("the shipped taxonomy");
    let source = Source::new("error_signatures.yml", &text);
    let taxonomy = Taxonomy::read(&source).into_result(&source).expect("a good taxonomy");
    Classifier::new(taxonomy, &ClassifierSettings::default())
}

/// Walks all batches, and gives nanoseconds per event: the best of many rounds.
fn measure(batches: &[Vec<u8>], mut judge: impl FnMut(&mut Log<'_>) -> Fate) -> f64 {
    let round = |judge: &mut dyn FnMut(&mut Log<'_>) -> Fate| {
        let start = Instant::now();
        for bytes in batches {
            let mut batch = Batch::new(bytes);
            while batch.advance(&mut *judge).expect("a sound batch") {}
            black_box(batch.finish());
        }
        start.elapsed().as_nanos() as f64 / (batches.len() * BATCH) as f64
    };
    (0..60).map(|_| round(&mut judge)).fold(f64::MAX, f64::min)
}

fn main() {
    let (classifier, batches) = (classifier(), batches());
    let bytes: usize = batches.iter().map(Vec::len).sum();
    let walk = measure(&batches, |_| Fate::Keep);
    let classify = measure(&batches, |log| {
        black_box(classifier.classify(log));
        Fate::Keep
    });
    let redact = measure(&batches, |log| {
        black_box(classifier.classify(log));
        log.redact(&Redactor::by_names());
        Fate::Keep
    });
    let mut tally = Tally::default();
    let all = measure(&batches, |log| match classifier.process(log, &mut tally, None) {
        Ok(Verdict::Noise(_)) => Fate::Drop,
        _ => Fate::Keep,
    });
    let share = |count: u64| 100.0 * count as f64 / tally.events() as f64;
    let events = batches.len() * BATCH;
    println!(
        "{events} events in {} batches, {} bytes each; {:.1} % match, {:.1} % noise",
        batches.len(),
        bytes / events,
        share(tally.matched),
        share(tally.noise)
    );
    println!("walk      {walk:7.0} ns/event");
    println!("classify  {:7.0} ns/event", classify - walk);
    println!("redact    {:7.0} ns/event", redact - classify);
    println!("splice    {:7.0} ns/event", all - redact);
    println!("together  {all:7.0} ns/event");
}
