//! A canary in every place of settings where a secret can be written, and a search of
//! everything that any command says of them, in any format.

#![allow(clippy::unwrap_used)] // a test may stop at once

mod support;

use std::path::Path;

use serde_json::Value;
use signatures_event::redact::is_secret_name;

/// Part of every secret here, and of nothing else.
const CANARY: &str = "cAnArY0123456789";

/// How a secret may be written, well or not: `MARK` stands for it.
const WRITTEN: [&str; 13] = [
    "'http://u:MARK@h/MARK?k=MARK'",
    "12:MARK",
    "u:MARK@h",
    "' MARK '",
    "[MARK, 'http://MARK']",
    "{a: MARK, b: MARK}",
    "'MARK",
    "\"MARK\\q\"",
    "|\n      MARK",
    "&MARK MARK",
    "!MARK MARK",
    "\"a\\\"MARK\" MARK",
    "'u:MARK-and-so-on-and-so-on-and-so-on-and-so-on-and-so-on-and-so-on-and-so-on-and-so-on@h'",
];

const FORMATS: [&str; 4] = ["pretty", "json", "sarif", "github"];

const TAXONOMY: &str = "{critical: [boom]}";

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Whether a key is said to be written and never shown.
fn is_marked(property: &Value) -> bool {
    property["writeOnly"] == true
}

/// The keys of each type of sink that are marked.
fn keys_of_sinks() -> Vec<(String, String)> {
    let schema = schema("alerts.schema.json");
    let kinds = schema["$defs"]["sink"]["properties"]["type"]["enum"].as_array().unwrap();
    let kinds = kinds.iter().map(|kind| kind.as_str().unwrap());
    let keys = |kind: &str| {
        let properties = schema["$defs"][kind]["properties"].as_object().unwrap();
        let marked = properties.iter().filter(|(_, property)| is_marked(property));
        marked.map(|(key, _)| (kind.to_owned(), key.clone())).collect::<Vec<_>>()
    };
    kinds.flat_map(keys).collect()
}

/// The keys of the relay that are marked, each with the section that it is in.
fn keys_of_relay() -> Vec<(String, String)> {
    let schema = schema("relay.schema.json");
    let sections = schema["properties"].as_object().unwrap().iter();
    let keys = |(section, property): (&String, &Value)| {
        let properties = property["properties"].as_object().into_iter().flatten();
        let marked = properties.filter(|(_, property)| is_marked(property));
        marked.map(|(key, _)| (section.clone(), key.clone())).collect::<Vec<_>>()
    };
    sections.flat_map(keys).collect()
}

fn assert_silent(folder: &Path, args: &[&str], file: &str) {
    let (_, out, error) = support::run(support::sigcheck(folder, args));
    for said in [&out, &error] {
        assert!(!said.contains(CANARY), "{args:?} of:\n{file}\n\n{said}");
    }
}

/// Every command of a file of settings.
fn assert_all_silent(name: &str, file: &str) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(name, file);
    write("t.yml", TAXONOMY);
    for format in FORMATS {
        assert_silent(folder.path(), &["validate", name, "t.yml", "--format", format], file);
    }
    if name == "alerts.yml" {
        let rules = ["-t", "t.yml", "-a", name];
        write("log", "boom\n");
        assert_silent(folder.path(), &[&["classify", "boom", "--why"], &rules[..]].concat(), file);
        assert_silent(folder.path(), &[&["replay", "log"], &rules[..]].concat(), file);
        assert_silent(folder.path(), &["validate", "--fix", name, "t.yml"], file);
    }
}

#[test]
fn whatever_is_wrong_with_a_secret_no_command_says_it() {
    let (sinks, relay) = (keys_of_sinks(), keys_of_relay());
    assert!(sinks.len() >= 10 && relay.len() >= 2, "{sinks:?} {relay:?}");
    for written in WRITTEN.map(|written| written.replace("MARK", CANARY)) {
        for (kind, key) in &sinks {
            let sink = format!("sinks:\n  s:\n    type: {kind}\n    {key}: {written}\n");
            assert_all_silent("alerts.yml", &sink);
        }
        for (section, key) in &relay {
            assert_all_silent("relay.yml", &format!("{section}:\n  {key}: {written}\n"));
        }
    }
    // All in one, on one line, with mistakes beside.
    for (kind, key) in &sinks {
        for mistake in ["", ", x: [", ", timeout_seconds: -1", "} }", ", queue: '5'"] {
            let sink =
                format!("sinks: {{s: {{type: {kind}, {key}: 'http://u:{CANARY}@h'{mistake}}}}}\n");
            assert_all_silent("alerts.yml", &sink);
        }
    }
}

#[test]
fn every_key_that_may_hold_a_secret_is_marked() {
    /// Name links that whoever gets the alert may follow.
    const SHOWN: [&str; 2] = ["public_url", "sentry_url"];
    fn visit(schema: &Value, unmarked: &mut Vec<String>) {
        match schema {
            Value::Object(entries) => {
                for (name, property) in entries {
                    let may = is_secret_name(name) || name == "url" || name.ends_with("_url");
                    let is_text = property["type"] == "string"
                        || property["$ref"] == "#/$defs/text"
                        || property["type"].is_array();
                    let is_file = name.ends_with("_file");
                    if may && is_text && !is_file && !is_marked(property) {
                        unmarked.push(name.clone());
                    }
                    visit(property, unmarked);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| visit(item, unmarked)),
            _ => {}
        }
    }
    let mut unmarked = Vec::new();
    for name in ["alerts.schema.json", "relay.schema.json"] {
        visit(&schema(name), &mut unmarked);
    }
    assert_eq!(unmarked, SHOWN);
}
