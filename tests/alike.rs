//! `pipe`, `serve` and `sigcheck classify` say the same of the same events: they
//! hold them in three ways, and one of them at a time is what a user sees.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{fs, path::PathBuf};

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngSeed, TestRunner},
};
use serde_json::{Map, Value as Json, json};
use signatures_event::{Event, JsonEvent};
use signatures_peers::{
    process::{command, json_lines, root, run, text},
    proto::{EventWrapper, Kind, Log, Value},
    vector::{VectorSink, VectorSource},
};

#[path = "serve/process/mod.rs"]
mod process;

use process::Relay;

/// What somebody downstream sees of an event that was not dropped.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tags {
    category: Option<String>,
    signature: Option<String>,
    fingerprint: Option<String>,
}

impl Tags {
    fn of(field: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            category: field("error_category"),
            signature: field("error_signature"),
            fingerprint: field("error_fingerprint"),
        }
    }
}

/// What `sigcheck classify` says; none of what is dropped. What nothing matches
/// may have a fingerprint or none: classify tells it in any case.
fn classified(input: &[u8]) -> Vec<Option<Tags>> {
    let sigcheck =
        PathBuf::from(env!("CARGO_BIN_EXE_vector-signatures")).with_file_name("sigcheck");
    assert!(sigcheck.exists(), "run the tests with --workspace, which builds sigcheck beside it");
    let mut command = command(sigcheck.to_str().unwrap(), &root());
    command.args(["classify", "-", "--format", "json"]);
    let output = run(command, input);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let verdicts = json_lines(&output.stdout);
    verdicts
        .iter()
        .map(|said| {
            let field = |name: &str| said[name].as_str().map(str::to_owned);
            match (said["skipped"].as_str(), said["verdict"].as_str().unwrap()) {
                (Some(_), _) => Some(Tags::default()),
                (None, "noise") => None,
                (None, "match") => Some(Tags {
                    category: field("category"),
                    signature: field("signature"),
                    fingerprint: field("fingerprint"),
                }),
                (None, _) => Some(Tags { fingerprint: field("fingerprint"), ..Tags::default() }),
            }
        })
        .collect()
}

fn piped(input: &[u8]) -> Vec<Tags> {
    let mut command = command(env!("CARGO_BIN_EXE_vector-signatures"), &root());
    // The others see lines one by one.
    command.args(["pipe", "--multiline", "off"]);
    let output = run(command, input);
    assert!(output.status.success(), "{}", text(&output.stderr));
    // Numbers that are too large for others pass as they are.
    let events = text(&output.stdout);
    let events = events.lines().map(|line| JsonEvent::parse(line).unwrap());
    events
        .map(|event| Tags::of(|name| Some(event.get(name)?.into_scalar_text()?.into_owned())))
        .collect()
}

async fn served(events: Vec<EventWrapper>) -> Vec<Tags> {
    let source = VectorSource::start().await;
    let folder = process::folder();
    for (file, shipped) in [("taxonomy.yml", "error_signatures.yml"), ("alerts.yml", "alerts.yml")]
    {
        fs::copy(root().join("config").join(shipped), folder.path().join(file)).unwrap();
    }
    let forward = source.url();
    let args = ["--listen", "127.0.0.1:0", "--forward", &forward, "--alerts", "alerts.yml"];
    let relay = Relay::start_in(folder, &args);
    for events in events.chunks(500) {
        VectorSink::new(&relay.listen).push(events.to_vec()).await.unwrap();
    }
    let seen = source.events();
    seen.iter()
        .map(|event| {
            let fields = &event.as_log().unwrap().fields;
            Tags::of(|name| Some(fields.get(name)?.as_text()?.to_owned()))
        })
        .collect()
}

/// Compares the events that were not dropped, in their order.
fn assert_alike(lines: &[&str], said: &[Option<Tags>], found: &[Tags], program: &str) {
    assert_eq!(lines.len(), said.len());
    let kept: Vec<_> =
        lines.iter().zip(said).filter_map(|(line, tags)| Some((line, tags.as_ref()?))).collect();
    for ((line, said), found) in kept.iter().zip(found) {
        let unmatched = said.category.is_none() && found.fingerprint.is_none();
        let said = if unmatched { &Tags::default() } else { *said };
        assert_eq!(found, said, "{program}: {line}");
    }
    assert_eq!(found.len(), kept.len(), "{program}");
}

/// As a `file` source sends a line, which keeps a carriage return.
fn message(line: &str) -> EventWrapper {
    EventWrapper::log(Log::of([("message", Value::text(line))]))
}

/// As `parse_json` makes a line an event.
fn parsed(event: &Map<String, Json>) -> EventWrapper {
    EventWrapper::log(Log::of(event.iter().map(|(name, value)| (name, value_of(value)))))
}

fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::of(Kind::Null(0)),
        Json::Bool(boolean) => Value::of(Kind::Boolean(*boolean)),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::of(Kind::Integer(integer)),
            None => Value::of(Kind::Float(number.as_f64().unwrap())),
        },
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::array(items.iter().map(value_of)),
        Json::Object(fields) => {
            Value::map(fields.iter().map(|(name, value)| (name, value_of(value))))
        }
    }
}

/// All lines of the cases, and those of more logs where `ALIKE_LOGS` names a
/// folder of them.
fn lines() -> Vec<String> {
    let mut folders = vec![root().join("tests/cases"), root().join("examples")];
    folders.extend(std::env::var_os("ALIKE_LOGS").map(PathBuf::from));
    let mut lines = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.extension().is_some_and(|ext| ext == "log" || ext == "jsonl") {
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
            // Parts of a line are for those who read lines, which a relay does not.
            let whole = text.lines().filter(|line| !line.contains(" P connection lost"));
            lines.extend(whole.map(str::to_owned));
        }
    }
    assert!(lines.len() > 150, "{}", lines.len());
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_judged_alike_with_and_without_carriage_returns() {
    let lines = lines();
    let lines: Vec<_> = lines.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
    let said = classified((lines.join("\n") + "\n").as_bytes());
    assert!(said.iter().flatten().filter(|tags| tags.category.is_some()).count() > 60);
    assert!(said.iter().filter(|tags| tags.is_none()).count() > 3);
    for end in ["\n", "\r\n"] {
        let input = lines.join(end) + end;
        assert_eq!(classified(input.as_bytes()), said, "{end:?}");
        assert_alike(&lines, &said, &piped(input.as_bytes()), "pipe");
        let events = lines.iter().map(|line| message(&format!("{line}{}", &end[..end.len() - 1])));
        assert_alike(&lines, &said, &served(events.collect()).await, "serve");
    }
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("read ECONNRESET".to_owned()),
        Just("connect: Connection refused\r".to_owned()),
        Just("\u{1b}[31mOOMKilled\u{1b}[0m".to_owned()),
        Just("GET / HTTP/1.1\" 499 0".to_owned()),
        Just(r#"{"level":"info","msg":"ECONNRESET"}"#.to_owned()),
        Just(r#"{"level":"error","msg":"ECONNRESET","password":"x"}"#.to_owned()),
        Just("57P01".to_owned()),
        Just(String::new()),
        "[ -~é\\n]{0,12}",
    ]
}

fn numbers() -> impl Strategy<Value = Json> {
    prop_oneof![
        (0i64..100).prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (0i64..1000).prop_map(|n| json!(n as f64)),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Json::from),
        Just(json!(1e21)),
        Just(json!(0.1)),
    ]
}

fn values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        4 => texts().prop_map(Json::from),
        2 => numbers(),
        1 => any::<bool>().prop_map(Json::from),
        1 => Just(Json::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let names = prop::sample::select(vec!["message", "code", "b", "a", "é", "level", "event"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            prop::collection::vec((names, inner), 0..4).prop_map(|fields| {
                fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<Map<_, _>>()
                    .into()
            }),
        ]
    })
}

fn events() -> impl Strategy<Value = Map<String, Json>> {
    let names = prop::sample::select(vec![
        "event",
        "error",
        "message",
        "error_code",
        "operation",
        "msg",
        "err",
        "exception",
        "log",
        "body",
        "MESSAGE",
        "level",
        "severity",
        "severity_number",
        "lvl",
        "PRIORITY",
        "fields",
        "status",
        "other",
    ]);
    let levels = prop_oneof![
        prop::sample::select(vec!["info", "ERROR", "warn", "fatal", "W", "trace", "17", "3"])
            .prop_map(Json::from),
        numbers(),
    ];
    let field = (names, values(), levels).prop_map(|(name, value, level)| match name {
        "level" | "severity" | "severity_number" | "lvl" | "PRIORITY" => (name.to_owned(), level),
        _ => (name.to_owned(), value),
    });
    prop::collection::vec(field, 1..5).prop_map(|fields| fields.into_iter().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn random_events_are_judged_alike() {
    let seed = std::env::var("ALIKE_SEED").map_or(14, |seed| seed.parse().unwrap());
    let count = std::env::var("ALIKE_EVENTS").map_or(2000, |count| count.parse().unwrap());
    let config = Config { rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let events: Vec<_> =
        (0..count).map(|_| events().new_tree(&mut runner).unwrap().current()).collect();
    let lines: Vec<_> = events.iter().map(|event| Json::from(event.clone()).to_string()).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let input = lines.join("\n") + "\n";
    let said = classified(input.as_bytes());
    assert!(said.iter().flatten().filter(|tags| tags.category.is_some()).count() > count / 5);
    assert_alike(&lines, &said, &piped(input.as_bytes()), "pipe");
    let texts = lines.iter().map(|line| message(line)).collect();
    assert_alike(&lines, &said, &served(texts).await, "serve, as text");
    let parsed = events.iter().map(parsed).collect();
    assert_alike(&lines, &said, &served(parsed).await, "serve, parsed");
}
