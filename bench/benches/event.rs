//! What it costs to do all that is done to an event, by what kind it is, and
//! beside it what `serde_json` takes to take the same lines apart.
//!
//! ```sh
//! SIGNATURES_DATA=data cargo bench --bench event
//! ```
//!
//! Times are noisy. For instructions a line: one kind, under
//! `valgrind --tool=callgrind --toggle-collect='*process_all*'`.

use std::{collections::BTreeMap, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{json, value::RawValue};
use signatures_bench::lines::{self, Lines};
use signatures_document::yaml::Source;
use signatures_engine::{Classifier, ClassifierSettings, Observation, Tally, Taxonomy};
use signatures_event::{LogLine, redact::Redactor};

/// Of each line, one of every so many.
const STEP: usize = 4;

/// The kinds of events, each made of the same lines.
fn kinds() -> Vec<(&'static str, Lines)> {
    let texts: Vec<String> = lines::typical().iter().step_by(STEP).map(str::to_owned).collect();
    let of = |event: &dyn Fn(&str) -> String| texts.iter().map(|text| event(text)).collect();
    let leveled = |level: &'static str| {
        move |text: &str| {
            json!({
                "timestamp": "2026-03-14T09:00:00.123Z", "level": level, "host": "web-1",
                "service": "api", "logger": "a.b.C", "message": text,
            })
            .to_string()
        }
    };
    let shipped = |text: &str| {
        json!({
            "timestamp": "2026-03-14T09:00:00.123Z", "host": "web-1", "source_type": "file",
            "file": "/var/log/x.log", "message": text,
        })
        .to_string()
    };
    vec![
        ("plain lines", of(&|text| text.to_owned())),
        ("a message alone", of(&|text| json!({"message": text}).to_string())),
        ("JSON without a level", of(&shipped)),
        ("JSON at info", of(&leveled("info"))),
        ("JSON at error", of(&leveled("error"))),
    ]
}

/// The taxonomy that the project ships.
fn shipped() -> Taxonomy {
    let source = Source::new("shipped", include_str!("../../config/error_signatures.yml"));
    Taxonomy::read(&source).into_result(&source).expect("the shipped taxonomy is valid")
}

#[inline(never)]
fn process_all(classifier: &Classifier, lines: &Lines) -> Tally {
    let mut tally = Tally::default();
    for line in lines.iter() {
        let mut event = LogLine::parse(line);
        let mut observer = |error: &Observation<'_>| {
            black_box(error);
        };
        let _ = black_box(classifier.process(&mut event, &mut tally, Some(&mut observer)));
    }
    tally
}

fn event(criterion: &mut Criterion) {
    let classifier = Classifier::new(shipped(), &ClassifierSettings::default());
    // `redact: {text: true}`
    let redactor = Some(Redactor::of_texts());
    let of_texts =
        Classifier::new(shipped(), &ClassifierSettings { redactor, ..ClassifierSettings::default() });
    for (kind, lines) in kinds() {
        let mut group = criterion.benchmark_group(kind);
        group.sample_size(10).throughput(Throughput::Elements(lines.iter().len() as u64));
        group.bench_function("processed", |bencher| {
            bencher.iter(|| process_all(&classifier, &lines));
        });
        group.bench_function("processed, with secrets out of texts", |bencher| {
            bencher.iter(|| process_all(&of_texts, &lines));
        });
        if kind == "plain lines" {
            continue;
        }
        group.bench_function("taken apart", |bencher| {
            bencher.iter(|| lines.iter().for_each(|line| drop(black_box(LogLine::parse(line)))));
        });
        group.bench_function("taken apart by serde_json", |bencher| {
            let parse = |line: &str| {
                black_box(serde_json::from_str::<BTreeMap<&str, &RawValue>>(line).ok());
            };
            bencher.iter(|| lines.iter().for_each(parse));
        });
        group.finish();
    }
}

criterion_group!(benches, event);
criterion_main!(benches);
