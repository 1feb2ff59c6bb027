//! What the benchmarks send: batches of real log lines, encoded as Vector
//! encodes them.

pub mod hop;

use std::{fs, path::PathBuf};

use prost::Message;
use signatures_peers::proto::{self, EventWrapper, Kind, Log, Metadata, PushEventsRequest, Value};

/// How many events a batch of Vector's sink has by default.
pub const BATCH: usize = 1000;

/// The LogHub samples of the test data, one line after another from each file.
pub fn lines() -> Vec<String> {
    let root = std::env::var_os("SIGNATURES_DATA").map(PathBuf::from);
    let root = root.expect("SIGNATURES_DATA names the folder with `loghub`");
    let folder = root.join("loghub");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("no test data in {}: {error}", folder.display()))
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    paths.sort();
    let files: Vec<Vec<String>> = paths
        .iter()
        .map(|path| {
            let bytes = fs::read(path).expect("a readable file");
            String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
        })
        .collect();
    let longest = files.iter().map(Vec::len).max().unwrap_or_default();
    (0..longest).flat_map(|n| files.iter().filter_map(move |file| file.get(n).cloned())).collect()
}

/// A log event as Vector's `file` source makes it.
pub fn event(line: &str) -> EventWrapper {
    let time = Kind::Timestamp(proto::Timestamp { seconds: 1_700_000_000, nanos: 123_456_789 });
    let mut log = Log::of([
        ("file", Value::text("/var/log/app/service.log")),
        ("host", Value::text("web-01.example.com")),
        ("message", Value::text(line)),
        ("source_type", Value::text("file")),
        ("timestamp", Value::of(time)),
    ]);
    let empty = Value::map::<&str>([]);
    log.metadata = Some(empty.clone());
    log.metadata_full = Some(Metadata {
        value: Some(empty),
        source_type: Some("file".into()),
        source_event_id: vec![7; 16],
        ..Metadata::default()
    });
    EventWrapper::log(log)
}

/// Encoded requests of [`BATCH`] events each.
pub fn batches() -> Vec<Vec<u8>> {
    let lines = lines();
    let batches = lines
        .chunks_exact(BATCH)
        .map(|lines| PushEventsRequest { events: lines.iter().map(|line| event(line)).collect() });
    batches.map(|batch| batch.encode_to_vec()).collect()
}

/// User and system CPU time of a process, in seconds.
pub fn cpu_seconds(process: u32) -> (f64, f64) {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("a running process");
    // After the name, which may hold blanks: fields 14 and 15, in ticks of 10 ms.
    let (_, fields) = stat.rsplit_once(") ").expect("the name in parentheses");
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |index: usize| fields[index].parse::<f64>().expect("a number") / 100.0;
    (ticks(11), ticks(12))
}
