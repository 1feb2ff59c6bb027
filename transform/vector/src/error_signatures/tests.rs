use std::{fs, path::Path};

use tempfile::TempDir;
use vector_lib::{
    config::{ComponentKey, LogNamespace, OutputId},
    event::{EventMetadata, LogEvent, Metric, MetricKind, MetricValue, TraceEvent},
};
use vrl::{event_path, metadata_path, path::OwnedTargetPath, value, value::Value};

use super::*;

const TAXONOMY: &str = r#"
noise_allowlist: ["context canceled"]
categories:
  db:
    default_policy: retry
    signatures:
      - {id: RESET, pattern: ECONNRESET, summary: Lost, severity: high, owner: db}
  app: [boom]
"#;

/// A directory with a taxonomy in it, and a configuration that names it.
fn configured(taxonomy: &str, more: &str) -> (TempDir, ErrorSignaturesConfig) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("t.yml");
    fs::write(&path, taxonomy).unwrap();
    let grouping = directory.path().join("a.yml");
    fs::write(&grouping, "min_level: warning\n").unwrap();
    let config = format!("taxonomy = {path:?}\ngrouping = {grouping:?}\n{more}");
    (directory, toml::from_str(&config).unwrap())
}

/// What comes out of the default output, and out of the one for noise.
async fn transformed(
    config: &ErrorSignaturesConfig,
    events: impl Into<EventArray>,
) -> (Vec<Event>, Vec<Event>) {
    let context = TransformContext::default();
    let outputs = config.outputs(&context, &[]);
    let Ok(Transform::Synchronous(mut transform)) = config.build(&context).await else {
        panic!("it is a synchronous transform");
    };
    let mut output = TransformOutputsBuf::new_with_capacity(outputs, 1);
    transform.transform_all(events.into(), &mut output);
    let passed = output.drain().collect();
    let noise = match config.reroute_noise {
        true => output.drain_named(NOISE).collect(),
        false => Vec::new(),
    };
    (passed, noise)
}

/// What becomes of one event in the namespace that has it as an object.
async fn tagged(value: Value) -> Option<Value> {
    let (_directory, config) = configured(TAXONOMY, "");
    let log = LogEvent::from_parts(value, EventMetadata::default());
    let (mut passed, _) = transformed(&config, log).await;
    passed.pop().map(|event| event.into_log().into_parts().0)
}

#[tokio::test]
async fn a_match_is_tagged() {
    let event = value!({"message": "read ECONNRESET", "level": "error", "error_severity": "mine"});
    assert_eq!(
        tagged(event).await,
        Some(value!({
            "message": "read ECONNRESET",
            "level": "error",
            "error_category": "db",
            "error_signature": "RESET",
            "error_policy": "retry",
            "error_severity": "mine",
            "error_summary": "Lost",
            "error_metadata": {"owner": "db"},
            // sha1("db|econnreset")
            "error_fingerprint": "7e440dabbd85",
            // Without `grouping` it is the fingerprint.
            "error_group": "7e440dabbd85",
        }))
    );
}

#[tokio::test]
async fn what_is_no_known_error_passes() {
    let unmatched = value!({"message": "all is well"});
    assert_eq!(tagged(unmatched.clone()).await, Some(unmatched));
    let quiet = value!({"message": "boom", "level": "info"});
    assert_eq!(tagged(quiet.clone()).await, Some(quiet));
    let own = value!({"event": "internal_alert", "message": "boom"});
    assert_eq!(tagged(own.clone()).await, Some(own));
    let unknown = tagged(value!({"message": "odd 17", "level": "error"})).await.unwrap();
    assert_eq!(unknown.as_object().unwrap().len(), 4, "{unknown}");
    assert!(unknown.as_object().unwrap().contains_key("error_fingerprint"));
    assert!(unknown.as_object().unwrap().contains_key("error_group"));
}

#[tokio::test]
async fn what_does_not_change_is_not_copied() {
    let (_directory, config) = configured(TAXONOMY, "");
    let log = LogEvent::from(
        value!({"message": "all is well", "tokens": 7}).as_object().unwrap().clone(),
    );
    // As where two components read from one.
    let shared = log.clone();
    let (passed, _) = transformed(&config, log).await;
    assert!(std::ptr::eq(passed[0].as_log().value(), shared.value()));
}

#[tokio::test]
async fn noise_is_dropped_or_rerouted() {
    let noise = || LogEvent::from_str_legacy("context canceled");
    let (_directory, config) = configured(TAXONOMY, "");
    let (passed, _) = transformed(&config, noise()).await;
    assert_eq!(passed, []);
    let (_directory, config) = configured(TAXONOMY, "reroute_noise = true");
    let (passed, rerouted) = transformed(&config, noise()).await;
    assert_eq!((passed.len(), rerouted.len()), (0, 1));
    // Without what no event may leave with.
    let secret = LogEvent::from_parts(
        value!({"message": "context canceled", "password": "hunter2"}),
        EventMetadata::default(),
    );
    let (_, rerouted) = transformed(&config, secret).await;
    assert_eq!(rerouted[0].as_log().get(event_path!("password")), Some(&value!("[REDACTED]")));
    let ports: Vec<_> =
        config.outputs(&TransformContext::default(), &[]).into_iter().map(|o| o.port).collect();
    assert_eq!(ports, [None, Some("noise".to_owned())]);
}

/// Which outputs events go to, by their texts.
async fn led(options: &str, texts: &[&str]) -> Vec<(&'static str, String)> {
    let (_directory, config) = configured(TAXONOMY, options);
    let context = TransformContext::default();
    let outputs = config.outputs(&context, &[]);
    let names: Vec<_> = outputs.iter().map(|output| output.port.clone()).collect();
    let Ok(Transform::Synchronous(mut transform)) = config.build(&context).await else {
        panic!("it is a synchronous transform");
    };
    let mut output = TransformOutputsBuf::new_with_capacity(outputs, 1);
    let logs = texts.iter().map(|text| {
        let level = if *text == "skipped" { "info" } else { "error" };
        let event = value!({"message": (*text), "level": level});
        LogEvent::from_parts(event, EventMetadata::default())
    });
    transform.transform_all(EventArray::Logs(logs.collect()), &mut output);
    let mut led = Vec::new();
    let mut add = |port, events: Vec<Event>| {
        let text =
            |event: Event| event.as_log().get_message().unwrap().to_string_lossy().into_owned();
        led.extend(events.into_iter().map(|event| (port, text(event))));
    };
    add("", output.drain().collect());
    for port in [NOISE, MATCHED, UNMATCHED] {
        if names.iter().flatten().any(|name| name == port) {
            add(port, output.drain_named(port).collect());
        }
    }
    led
}

#[tokio::test]
async fn what_is_found_decides_where_an_event_goes() {
    let texts = ["boom", "never seen", "context canceled", "skipped"];
    let owned = |(port, text): (&'static str, &str)| (port, text.to_owned());
    for (options, expected) in [
        ("", vec![("", "boom"), ("", "never seen"), ("", "skipped")]),
        (
            "reroute_matched = true\nreroute_unmatched = true\nreroute_noise = true",
            vec![
                ("", "skipped"),
                (NOISE, "context canceled"),
                (MATCHED, "boom"),
                (UNMATCHED, "never seen"),
            ],
        ),
        ("reroute_matched = true", vec![("", "never seen"), ("", "skipped"), (MATCHED, "boom")]),
        (
            "exclude.type = 'vrl'\nexclude.source = '.message != \"boom\"'\nreroute_matched = true",
            vec![("", "never seen"), ("", "context canceled"), ("", "skipped"), (MATCHED, "boom")],
        ),
    ] {
        let expected: Vec<_> = expected.into_iter().map(owned).collect();
        assert_eq!(led(options, &texts).await, expected, "{options}");
    }
}

#[tokio::test]
async fn secrets_are_taken_out_of_what_passes() {
    let event = value!({
        "message": "all is well",
        "api_token": "t",
        "max_tokens": 512,
        "cookies": [{"a": "b"}],
        "user": {"Password": "p", "name": "n"},
    });
    assert_eq!(
        tagged(event).await,
        Some(value!({
            "message": "all is well",
            "api_token": "[REDACTED]",
            "max_tokens": 512,
            "cookies": [{"a": "[REDACTED]"}],
            "user": {"Password": "[REDACTED]", "name": "n"},
        }))
    );
    let event = value!({
        "message": "all is well",
        "headers": [{"name": "Cookie", "value": "a"}, {"name": "Host", "value": "h"}],
        "pairs": [["password", "p"], ["a", "b"]],
        "argv": ["mysql", "-uroot", "-psecret", 5],
        "key": "db_password",
        "value": {"text": "x", "n": 1},
    });
    assert_eq!(
        tagged(event).await,
        Some(value!({
            "message": "all is well",
            "headers": [{"name": "Cookie", "value": "[REDACTED]"}, {"name": "Host", "value": "h"}],
            "pairs": [["password", "[REDACTED]"], ["a", "b"]],
            "argv": ["mysql", "-uroot", "-p[REDACTED]", 5],
            "key": "db_password",
            "value": {"text": "[REDACTED]", "n": "[REDACTED]"},
        }))
    );
    let (directory, config) = configured(TAXONOMY, "");
    fs::write(directory.path().join("a.yml"), "redact: {events: false}").unwrap();
    let log = LogEvent::from_parts(value!({"api_token": "t"}), EventMetadata::default());
    let (passed, _) = transformed(&config, log).await;
    assert_eq!(passed[0].as_log().value(), &value!({"api_token": "t"}));
}

/// A log of Vector's own namespace, with a schema that gives the message.
fn namespaced(value: Value, message: OwnedTargetPath) -> LogEvent {
    let definition =
        schema::Definition::new_with_default_metadata(Kind::any(), [LogNamespace::Vector])
            .with_meaning(message, "message");
    let metadata = EventMetadata::default().with_schema_definition(&Arc::new(definition));
    let mut log = LogEvent::from_parts(value, metadata);
    log.insert(metadata_path!("vector", "source_type"), "stdin");
    log.insert(metadata_path!("http", "authorization"), "Basic x");
    log
}

#[tokio::test]
async fn a_bare_message_has_its_tags_in_the_metadata() {
    let (_directory, config) = configured(TAXONOMY, "");
    let log = namespaced(value!("read ECONNRESET"), OwnedTargetPath::event_root());
    let (passed, _) = transformed(&config, log).await;
    let log = passed[0].as_log();
    assert_eq!(log.value(), &value!("read ECONNRESET"));
    let tag = |name: &str| log.get(metadata_path!("error_signatures", name)).cloned();
    assert_eq!(tag("error_signature"), Some(value!("RESET")));
    assert_eq!(tag("error_metadata"), Some(value!({"owner": "db"})));
    assert_eq!(log.get(metadata_path!("http", "authorization")), Some(&value!("[REDACTED]")));
}

#[tokio::test]
async fn the_message_is_where_the_schema_says() {
    let (_directory, config) = configured(TAXONOMY, "");
    let body = OwnedTargetPath::event(owned_value_path!("body"));
    let log = namespaced(value!({"body": "boom", "message": "all is well"}), body);
    let (passed, _) = transformed(&config, log).await;
    assert_eq!(passed[0].as_log().get(event_path!("error_signature")), Some(&value!("app_0")));
    // A message that was parsed since.
    let root = OwnedTargetPath::event_root();
    let log = namespaced(value!({"message": "boom"}), root);
    let (passed, _) = transformed(&config, log).await;
    assert_eq!(passed[0].as_log().get(event_path!("error_signature")), Some(&value!("app_0")));
}

#[tokio::test]
async fn metrics_and_traces_pass() {
    let (_directory, config) = configured(TAXONOMY, "");
    let metric = Metric::new("boom", MetricKind::Absolute, MetricValue::Counter { value: 1.0 });
    let (passed, _) = transformed(&config, metric.clone()).await;
    assert_eq!(passed, [Event::Metric(metric)]);
    let trace = TraceEvent::default();
    let (passed, _) = transformed(&config, trace.clone()).await;
    assert_eq!(passed, [Event::Trace(trace)]);
}

#[test]
fn a_broken_taxonomy_is_told_with_line_and_column() {
    let broken = "categories:\n  db:\n    signatures:\n      - {id: A, pattern: '('}\n      - {id: B, policy: maybe, pattern: x}\n";
    let (directory, config) = configured(broken, "");
    fs::write(directory.path().join("a.yml"), "window_minutes: soon\n").unwrap();
    let errors = config.validate(&TransformContext::default()).unwrap_err();
    let told = |file: &str, at: &str| {
        let place = format!("{}:{at}: ", directory.path().join(file).display());
        errors.iter().any(|error| error.starts_with(&place))
    };
    assert!(told("t.yml", "4:27") && told("t.yml", "5:25") && told("a.yml", "1:17"), "{errors:#?}");
    assert_eq!(errors.len(), 3);
}

#[test]
fn a_missing_taxonomy_is_told() {
    let config = toml::from_str::<ErrorSignaturesConfig>("taxonomy = 'not/there.yml'").unwrap();
    let errors = config.validate(&TransformContext::default()).unwrap_err();
    assert!(errors[0].starts_with("cannot read not/there.yml: "), "{errors:?}");
}

/// Vector builds the old configuration again when a reload fails.
#[tokio::test]
async fn a_configuration_goes_by_what_its_files_said_when_it_was_read() {
    let (directory, config) = configured(TAXONOMY, "");
    config.validate(&TransformContext::default()).unwrap();
    fs::write(directory.path().join("t.yml"), "broken: [").unwrap();
    let (passed, _) = transformed(&config.clone(), LogEvent::from_str_legacy("boom")).await;
    assert_eq!(passed[0].as_log().get(event_path!("error_signature")), Some(&value!("app_0")));
}

#[test]
fn both_files_are_watched() {
    let (directory, config) = configured(TAXONOMY, "");
    let path = |name: &str| directory.path().join(name);
    assert_eq!(config.files_to_watch(), [&path("t.yml"), &path("a.yml")]);
    assert!(Path::new(&path("t.yml")).is_file());
}

#[test]
fn the_schema_knows_the_tags() {
    let (_directory, config) = configured(TAXONOMY, "");
    let input = schema::Definition::empty_legacy_namespace();
    let id = OutputId::from(ComponentKey::from("in"));
    let outputs = config.outputs(&TransformContext::default(), &[(id.clone(), input)]);
    let definition = &outputs[0].schema_definitions(true)[&id];
    let kind = definition.kind_at(event_path!("error_fingerprint"));
    assert!(kind.contains_bytes() && kind.contains_undefined(), "{kind}");
}

#[test]
fn the_example_of_vector_generate_is_a_configuration() {
    ErrorSignaturesConfig::generate_config().try_into::<ErrorSignaturesConfig>().unwrap();
}
