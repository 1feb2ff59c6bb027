//! How a process is.

use serde::Serialize;
use signatures_configuration::{Files, Reloads};
use signatures_delivery::SinkStatus;
use signatures_engine::{
    Fingerprint, GroupId, Taxonomy,
    aggregate::{GroupTable, Stats},
};

use crate::mode::Mode;

/// What a running process is asked about.
#[derive(Clone, Debug)]
pub struct Process<'a> {
    /// Of which version it is.
    pub version: &'a str,
    /// What it does with errors.
    pub mode: Mode,
    /// What it goes by.
    pub files: &'a Files,
    /// The taxonomy in force.
    pub taxonomy: &'a Taxonomy,
    /// How often that was replaced.
    pub reloads: Reloads,
    /// What its aggregation has done; nothing when it only tags.
    pub aggregation: &'a Aggregated,
    /// How each of its sinks is doing; none when it only tags.
    pub sinks: Vec<SinkStatus>,
    /// Why its state directory cannot be used now.
    pub state_directory_fault: Option<String>,
}

/// What an aggregation has done, as it was at a moment: taken quickly, so that
/// who aggregates does not wait for who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aggregated {
    /// How much.
    pub stats: Stats,
    /// The most frequent errors that no signature knows, the most frequent first.
    pub generic: Vec<GenericError>,
}

/// How a process is. As JSON it is what `/status` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The version of the program.
    pub version: String,
    /// What it does with errors.
    pub mode: Mode,
    /// The files it goes by, for people.
    pub files: String,
    /// How many signatures are in force.
    pub signatures: usize,
    /// How often the files were read anew.
    pub reloads: Reloads,
    /// What the aggregation has done.
    pub aggregation: AggregationStatus,
    /// How each sink is doing.
    pub sinks: Vec<SinkStatus>,
    /// Why the state directory cannot be used now, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_directory_fault: Option<String>,
    /// The most frequent errors that no signature knows.
    pub generic: Vec<GenericError>,
}

/// What the aggregation has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AggregationStatus {
    /// Groups that are followed now.
    pub fingerprints: usize,
    /// Alerts decided, those of shadow mode included.
    pub alerts: u64,
    /// Errors that a cooldown suppressed.
    pub suppressed: u64,
    /// Groups that gave way to others.
    pub evicted: u64,
}

/// An error that no signature knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GenericError {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Its group, where that is another than its fingerprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// What is the same in all its texts.
    pub canonical: String,
    /// How often it was seen.
    pub count: u64,
}

/// How a process is.
#[must_use]
pub fn status(process: &Process<'_>) -> Status {
    let Aggregated { stats, generic } = process.aggregation.clone();
    Status {
        version: process.version.to_owned(),
        mode: process.mode,
        files: process.files.to_string(),
        signatures: process.taxonomy.signatures.len(),
        reloads: process.reloads,
        aggregation: AggregationStatus::of(stats),
        sinks: process.sinks.clone(),
        state_directory_fault: process.state_directory_fault.clone(),
        generic,
    }
}

impl Aggregated {
    /// What a table has done so far.
    #[must_use]
    pub fn by(table: &GroupTable) -> Self {
        let generic = table.most_frequent().into_iter().map(|group| GenericError {
            fingerprint: group.fingerprint,
            group: Some(group.id).filter(|id| *id != group.fingerprint.into()),
            canonical: group.canonical.to_owned(),
            count: group.count,
        });
        Self { stats: table.stats(), generic: generic.collect() }
    }
}

impl AggregationStatus {
    fn of(stats: Stats) -> Self {
        Self {
            fingerprints: stats.live,
            alerts: stats.alerts,
            suppressed: stats.suppressed,
            evicted: stats.evicted,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::Timestamp;
    use serde_json::json;
    use signatures_document::yaml::Source;
    use signatures_engine::{
        Classifier, ClassifierSettings, Observation, Tally,
        aggregate::{Aggregate, AggregationSettings, EventTime},
    };
    use signatures_event::LogLine;

    use super::*;

    /// What is known of these lines, an hour after the epoch.
    fn groups(classifier: &Classifier, lines: &[&str]) -> GroupTable {
        let mut table = GroupTable::new(AggregationSettings::default());
        for line in lines {
            let mut observer = |error: &Observation<'_>| {
                table.observe(error, EventTime::on_arrival(Timestamp::from_second(3600).unwrap()));
            };
            let mut event = LogLine::parse(line);
            let _ = classifier.process(&mut event, &mut Tally::default(), Some(&mut observer));
        }
        table
    }

    #[test]
    fn the_status_reads_as_programs_know_it() {
        let source = Source::new("t.yml", "{critical: [OOMKilled], db: [ECONNRESET]}");
        let taxonomy = signatures_engine::Taxonomy::read(&source).into_result(&source).unwrap();
        let classifier = Classifier::new(taxonomy, &ClassifierSettings::default());
        let [rare, odd] =
            ["rare", "odd 1"].map(|text| format!("{{\"level\":\"error\",\"message\":\"{text}\"}}"));
        let table = groups(&classifier, &["OOMKilled", "OOMKilled", &rare, &odd, &odd]);
        let aggregated = Aggregated::by(&table);
        let files = Files::find(Some(Path::new("t.yml")), None);
        let process = Process {
            version: "1.2.3",
            mode: Mode::Shadow,
            files: &files,
            taxonomy: classifier.taxonomy(),
            reloads: Reloads { ok: 1, failed: 2 },
            aggregation: &aggregated,
            sinks: Vec::new(),
            state_directory_fault: None,
        };
        assert_eq!(
            serde_json::to_string(&status(&process)).unwrap(),
            json!({
                "version": "1.2.3",
                "mode": "shadow",
                "files": "t.yml, default alert settings",
                "signatures": 2,
                "reloads": {"ok": 1, "failed": 2},
                "aggregation": {"fingerprints": 3, "alerts": 1, "suppressed": 1, "evicted": 0},
                "sinks": [],
                "generic": [
                    {"fingerprint": Fingerprint::new("generic", "odd #"), "canonical": "odd #", "count": 2},
                    {"fingerprint": Fingerprint::new("generic", "rare"), "canonical": "rare", "count": 1}
                ],
            })
            .to_string()
        );
        let tagging =
            Process { mode: Mode::TaggingOnly, aggregation: &Aggregated::default(), ..process };
        let status = status(&tagging);
        assert_eq!((status.aggregation, status.generic), (AggregationStatus::default(), vec![]));
    }
}
