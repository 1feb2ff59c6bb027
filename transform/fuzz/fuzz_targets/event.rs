//! Any line, JSON or not, through all that is done to an event: level, time, subject,
//! verdict, identity, decision, redaction, tags.
//!
//! ```sh
//! cargo +nightly fuzz run event --fuzz-dir transform/fuzz transform/fuzz/corpus/event tests/cases
//! ```
#![no_main]

use std::sync::LazyLock;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use signatures_document::yaml::Source;
use signatures_engine::{
    Classifier, Observation, Settings, Tally, Taxonomy,
    aggregate::{Aggregate, EventTime, GroupTable},
};
use signatures_event::LogLine;

/// With all that looks into an event.
const SETTINGS: &str = "{min_level: trace, grouping: {by: [service, host]}, strip_ansi: true, \
                        redact: {events: true, text: true}, min_count_default: 2}";

const TAXONOMY: &str = "{critical: [a.*b], net: ['(?<!x)[e-z]{2}'], noise_allowlist: [cc]}";

static SET_UP: LazyLock<(Classifier, Settings)> = LazyLock::new(|| {
    let source = Source::new("alerts.yml", SETTINGS);
    let settings = signatures_document::Sections::read(&source, "alerts.yml", Settings::read);
    let settings = settings.into_result(&source).expect("the settings are sound");
    let source = Source::new("taxonomy.yml", TAXONOMY);
    let taxonomy = Taxonomy::read(&source).into_result(&source).expect("so is the taxonomy");
    (Classifier::new(taxonomy, &settings.classifier), settings)
});

fuzz_target!(|bytes: &[u8]| {
    let (classifier, settings) = &*SET_UP;
    let text = String::from_utf8_lossy(bytes);
    let mut table = GroupTable::new(settings.aggregation.clone());
    for line in text.lines().chain([&*text]) {
        let mut line = LogLine::of_lines(line);
        let mut observer = |error: &Observation<'_>| {
            let time = EventTime::of_event(error.time, Timestamp::UNIX_EPOCH);
            let _ = table.observe(error, time);
        };
        let _ = classifier.process(&mut line, &mut Tally::default(), Some(&mut observer));
        let mut out = Vec::new();
        line.into_event().write_to(&mut out);
        let event: Result<serde_json::Value, _> = serde_json::from_slice(&out);
        // Numbers that JSON has and this reader cannot hold may pass.
        assert!(event.is_ok() || out.len() > 300 || text.contains('e') || text.contains('E'));
        assert!(!out.contains(&b'\n'));
    }
});
