//! The published JSON Schemas say what the code does: whatever one accepts, so
//! does the other.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{collections::BTreeSet, path::Path};

use jiff::Timestamp;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use signatures_alerts::{Alert, LinkTemplate};
use signatures_delivery::Settings;
use signatures_document::{
    Reading,
    diagnostic::{Code, INVALID_YAML, SCHEMA, UNKNOWN_KEY},
    yaml::Source,
};
use signatures_engine::{
    Classifier, ClassifierSettings, Outcome, Taxonomy, UNKNOWN_POLICY,
    aggregate::{Aggregate, AggregationSettings, Decision, EventTime, GroupTable},
};
use signatures_event::JsonEvent;

fn schema(name: &str) -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas").join(name);
    let schema = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// What the schemas refuse. That of the taxonomy refuses keys that nobody knows, of
/// which the code warns: teams keep other things in alerts.yml.
const SHAPE: [Code; 3] = [INVALID_YAML, SCHEMA, UNKNOWN_POLICY];

/// Whether code and schema agree on a document; the schema cannot know whether
/// a pattern is a regular expression.
fn agree<T>(
    schema: &Validator,
    document: &Value,
    reading: &Reading<T>,
    refused: &[Code],
) -> Result<(), TestCaseError> {
    let of_shape = |code| refused.contains(&code);
    let errors: Vec<_> = reading.diagnostics.iter().filter(|d| of_shape(d.code)).collect();
    prop_assert_eq!(schema.is_valid(document), errors.is_empty(), "{}: {:?}", document, errors);
    Ok(())
}

/// Values, right and wrong, of every kind that a key may meet.
fn value() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec![-1, 0, 1, 3, 255, 256, 10_000, 10_001, 527_040, 527_041])
            .prop_map(Value::from),
        prop::sample::select(vec![0.0, 0.5, 1.5, -0.5]).prop_map(Value::from),
        prop::sample::select(vec!["", "x", "retry", "page", "warning", "loud", "high", "5"])
            .prop_map(Value::from),
        prop::collection::vec(prop::sample::select(vec!["", "x", "y"]), 0..3).prop_map(Value::from),
        Just(json!([["a", "b"], "c"])),
        Just(json!([1, null])),
        Just(json!({})),
        Just(json!({"a": "b"})),
    ]
    .boxed()
}

/// Objects of some of these keys.
fn object(
    keys: &'static [&'static str],
    value: BoxedStrategy<Value>,
) -> impl Strategy<Value = Value> {
    prop::collection::vec((prop::sample::select(keys), value), 0..5)
        .prop_map(|entries| entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

fn taxonomy() -> impl Strategy<Value = Value> {
    const SIGNATURE: &[&str] = &[
        "id",
        "pattern",
        "pattern",
        "regex",
        "severity",
        "policy",
        "summary",
        "description",
        "examples",
        "counterexamples",
        "owner",
    ];
    const CATEGORY: &[&str] =
        &["description", "default_policy", "default_severity", "signatures", "signatures", "other"];
    let signature = prop_oneof![Just(json!("x")), value(), object(SIGNATURE, value())];
    let signatures = prop::collection::vec(signature, 0..3).prop_map(Value::from);
    let category_value = prop_oneof![value(), signatures.clone(), signatures.clone()].boxed();
    let category = prop_oneof![signatures, object(CATEGORY, category_value), value()].boxed();
    let categories = prop_oneof![object(&["a", "b"], category.clone()), value()];
    let structured = prop_oneof![categories, value()].boxed();
    prop_oneof![
        object(&["categories", "noise_allowlist", "other"], structured),
        object(&["noise_allowlist", "a", "b"], category),
    ]
}

fn settings() -> impl Strategy<Value = Value> {
    const OVERRIDE: &[&str] = &[
        "match",
        "match",
        "window_minutes",
        "min_count",
        "cooldown_minutes",
        "immediate",
        "other",
    ];
    const MATCH: &[&str] = &["category", "signature", "policy", "severity", "categroy"];
    let matches = prop_oneof![value(), object(MATCH, value())].boxed();
    let overrides = prop::collection::vec(object(OVERRIDE, matches), 0..2).prop_map(Value::from);
    let nested = object(&["alert", "events", "fingerprints", "subject_bytes", "other"], value());
    let keys: Vec<_> = Settings::keys().chain(["other"]).collect();
    let value = prop_oneof![4 => value(), 1 => overrides, 1 => nested];
    let entries = prop::collection::vec((prop::sample::select(keys), value), 0..6);
    let destinations = prop_oneof![
        2 => Just(None),
        1 => sinks().prop_map(|sinks| Some(("sinks", sinks))),
        1 => routes().prop_map(|routes| Some(("routes", routes))),
        2 => triggers().prop_map(|triggers| Some(("triggers", triggers))),
    ];
    (entries, destinations).prop_map(|(entries, destinations)| {
        let entries = entries.into_iter().chain(destinations);
        Value::Object(entries.map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())
    })
}

/// Sinks of every kind there is, each with keys of its own and of others.
fn sinks() -> impl Strategy<Value = Value> {
    let labels = object(&["a", "a-b", "1a", "_"], value());
    let text = prop::sample::select(vec!["x", "x", "x", "gzip", "lz4", "json"]);
    let field = prop_oneof![2 => text.prop_map(Value::from), 1 => value(), 1 => labels].boxed();
    let kinds: Vec<(Value, Vec<&str>)> =
        Settings::sink_keys().map(|(kind, keys)| (json!(kind), keys)).collect();
    let mut all: Vec<_> = kinds.iter().flat_map(|(_, keys)| keys.clone()).collect();
    all.push("other");
    let wrong = [(json!("slak"), all.clone()), (json!(null), all.clone())];
    let kind = prop::sample::select([kinds, wrong.into()].concat());
    let sink = kind.prop_flat_map(move |(kind, keys)| {
        let key = prop_oneof![
            4 => prop::sample::select(keys),
            1 => prop::sample::select(all.clone()),
        ];
        prop::collection::vec((key, field.clone()), 0..5).prop_map(move |entries| {
            let entries = entries.into_iter().map(|(key, value)| (key.to_owned(), value));
            let entries = entries.chain([("type".to_owned(), kind.clone())]);
            Value::Object(entries.collect())
        })
    });
    object(&["a", "b"], prop_oneof![8 => sink, 1 => value()].boxed())
}

/// Each of the triggers with keys of its own and of others.
fn triggers() -> impl Strategy<Value = Value> {
    const KEYS: &[&str] =
        &["new", "returned", "spike", "absent", "distinct", "cooldown_backoff", "fatal", "other"];
    const OF_MAPPINGS: &[&str] = &[
        "quiet_days",
        "learn_minutes",
        "min_level",
        "min_severity",
        "per_hour",
        "after_hours",
        "factor",
        "baseline_hours",
        "min_count",
        "max_minutes",
        "other",
    ];
    const OF_LISTS: &[&str] =
        &["match", "for_minutes", "for_minutes", "severity", "field", "count", "window_minutes"];
    const MATCH: &[&str] = &["service", "host", "signature", "policy", "trigger"];
    let words = prop::sample::select(vec!["error", "critical", "anomaly", "loud"]);
    let words = words.prop_map(Value::from);
    let mapping = object(OF_MAPPINGS, prop_oneof![3 => value(), 1 => words.clone()].boxed());
    let field = prop_oneof![6 => value(), 2 => words, 2 => object(MATCH, value())];
    let list = prop::collection::vec(object(OF_LISTS, field.boxed()), 0..3).prop_map(Value::from);
    let entry = prop_oneof![1 => value(), 4 => mapping, 4 => list];
    object(KEYS, entry.boxed())
}

fn routes() -> impl Strategy<Value = Value> {
    const MATCH: &[&str] = &["category", "signature", "policy", "severity", "trigger", "categroy"];
    let policies = Just(json!(["retry", "notify"]));
    let matches = object(MATCH, prop_oneof![3 => value(), 1 => policies].boxed());
    let route = object(
        &["match", "sinks", "sinks", "continue", "other"],
        prop_oneof![value(), matches].boxed(),
    );
    prop::collection::vec(prop_oneof![8 => route, 1 => value()], 0..3).prop_map(Value::from)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_taxonomy_schema_accepts_what_the_code_accepts(document in taxonomy()) {
        let source = Source::new("t", document.to_string());
        agree(&TAXONOMY, &document, &Taxonomy::read(&source), &[&SHAPE[..], &[UNKNOWN_KEY]].concat())?;
    }

    #[test]
    fn the_alerts_schema_accepts_what_the_code_accepts(document in settings()) {
        let source = Source::new("t", document.to_string());
        agree(&ALERTS, &document, &Settings::read(&source), &SHAPE)?;
    }
}

static TAXONOMY: std::sync::LazyLock<Validator> =
    std::sync::LazyLock::new(|| schema("taxonomy.schema.json"));
static ALERTS: std::sync::LazyLock<Validator> =
    std::sync::LazyLock::new(|| schema("alerts.schema.json"));

#[test]
fn every_key_that_the_code_reads_is_in_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/alerts.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut published: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
    let mut read: Vec<_> = Settings::keys().collect();
    published.sort_unstable();
    read.sort_unstable();
    assert_eq!(published, read);
}

#[test]
fn every_kind_of_sink_and_its_keys_are_in_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/alerts.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let keys_of = |name: &str| schema["$defs"][name]["properties"].as_object().unwrap();
    for (kind, keys) in Settings::sink_keys() {
        let keys = BTreeSet::from_iter(keys);
        let published = keys_of("sink").keys().chain(keys_of(kind).keys());
        assert_eq!(keys, published.map(String::as_str).collect(), "{kind}");
    }
}

#[test]
fn the_defaults_in_the_schema_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/alerts.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut document = Map::new();
    for (key, property) in schema["properties"].as_object().unwrap() {
        if let Some(default) = property.get("default") {
            document.insert(key.clone(), default.clone());
        } else if let Some(nested) = property.get("properties") {
            let defaults = nested.as_object().unwrap().iter();
            let defaults: Map<_, _> =
                defaults.map(|(key, p)| (key.clone(), p["default"].clone())).collect();
            document.insert(key.clone(), defaults.into());
        }
    }
    assert!(document.len() >= 9);
    let source = Source::new("defaults", Value::from(document).to_string());
    let reading = Settings::read(&source);
    assert_eq!((reading.value, reading.diagnostics), (Some(Settings::default()), vec![]));
}

#[test]
fn alert_events_are_what_their_schema_says() {
    let schema = schema("alert_event.schema.json");
    let source = Source::new("t", "{critical: [boom], categories_2: [bang]}");
    let taxonomy = Taxonomy::read(&source).into_result(&source).unwrap();
    let sentry_url = "https://sentry.example/{fingerprint}/{category}/{signature}?r={request_id}";
    let sentry_url = LinkTemplate::new(sentry_url);
    let classifier = Classifier::new(taxonomy, &ClassifierSettings::default());
    let settings = AggregationSettings { generic_alert: true, ..Default::default() };
    let mut table = GroupTable::new(settings);
    let mut kinds = Vec::new();
    for (second, message) in
        ["boom", "bang", "bang", "bang", "odd", "odd", "odd"].iter().enumerate()
    {
        let line = json!({"level": "error", "message": message, "host": "h", "service": "s", "requestId": second});
        let line = line.to_string();
        let event = JsonEvent::parse(&line).unwrap();
        let Outcome::Classified(found) = classifier.classify(&event) else { panic!() };
        let observation = classifier.observation(&found, &event).unwrap();
        let at = Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
        if let Decision::Raised(raised) = table.observe(&observation, EventTime::on_arrival(at)) {
            let alert = Alert::new(*raised, &observation, Some(&sentry_url), true);
            let event = serde_json::to_value(&alert).unwrap();
            let errors: Vec<_> = schema.iter_errors(&event).map(|e| e.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{event}");
            kinds.push((event["severity"].clone(), event["signature"].clone()));
        }
    }
    assert_eq!(
        kinds,
        [
            (json!("critical"), json!("critical_0")),
            (json!("anomaly"), json!("categories_2_0")),
            (json!("anomaly"), Value::Null),
        ]
    );
}

#[test]
fn the_shipped_files_are_what_their_schemas_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (file, schema) in
        [("config/error_signatures.yml", &TAXONOMY), ("config/alerts.yml", &ALERTS)]
    {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let document = signatures_document::yaml::parse(&text).unwrap().unwrap().to_json();
        let errors: Vec<_> = schema.iter_errors(&document).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{file}");
    }
}
