//! The settings of the relay, read by their schema: the program that goes by them
//! refuses what the schema refuses, and a test beside it holds both to that.

use std::sync::OnceLock;

use serde_json::Value;
use signatures_configuration::Host;
use signatures_document::{
    Diagnostic, Reader, Reading, closest,
    yaml::{Entry, Node, Source},
};
use signatures_matcher::{Pattern, Search};

use super::schemas::RELAY_SCHEMA;

fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| serde_json::from_str(RELAY_SCHEMA).unwrap_or_default())
}

/// The keys at the top of the file.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    schema()["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str())
}

/// Reads the file, with every mistake in it.
pub(crate) fn read_relay(source: &Source) -> Reading<()> {
    let mut reader = Reader::default();
    if let Some(entries) = reader.optional_root(source, "relay.yml") {
        check_entries(&mut reader, schema(), "relay.yml", entries);
    }
    Reading::new((), reader.into_diagnostics())
}

fn check_entries(reader: &mut Reader, schema: &Value, within: &str, entries: &[Entry]) {
    let properties = schema["properties"].as_object();
    let known = || properties.into_iter().flatten().map(|(key, _)| key.as_str());
    for entry in entries {
        match properties.and_then(|properties| properties.get(&entry.key)) {
            Some(property) => check(reader, property, &entry.key, &entry.value),
            None => {
                let message = format!("there is no key `{}` in {within}", entry.key);
                let help = match closest(&entry.key, known()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("known here: {}", known().collect::<Vec<_>>().join(", ")),
                };
                reader.report(Diagnostic::schema(entry.key_span, message).help(help));
            }
        }
    }
    let there = |key: &str| entries.iter().any(|entry| entry.key == key);
    for (key, needs) in schema["dependentRequired"].as_object().into_iter().flatten() {
        for needed in needs.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if let Some(entry) = entries.iter().find(|e| e.key == *key && !there(needed)) {
                reader.schema(entry.key_span, format!("`{key}` is of no use without `{needed}`"));
            }
        }
    }
}

fn check(reader: &mut Reader, property: &Value, key: &str, node: &Node) {
    let referred = property["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    let property = referred.and_then(|path| schema().pointer(path)).unwrap_or(property);
    if let Some(values) = property["enum"].as_array() {
        check_choice(reader, values, key, node);
        return;
    }
    match property["type"].as_str() {
        Some("object") => {
            let entries = reader.mapping(key, node);
            check_entries(reader, property, &format!("`{key}`"), entries);
        }
        Some("array") => {
            for item in reader.sequence(key, node) {
                check(reader, &property["items"], key, item);
            }
        }
        // A key that nothing is said of has its default.
        _ if node.is_null() => {}
        Some("boolean") => {
            reader.boolean(key, node);
        }
        Some("integer") => {
            let bound = |name: &str| property[name].as_u64();
            let most = bound("maximum").unwrap_or(u64::MAX);
            reader.integer(key, node, bound("minimum").unwrap_or_default(), most);
        }
        Some("number") => check_number(reader, property, key, node),
        _ => check_text(reader, property, key, node),
    }
}

fn check_choice(reader: &mut Reader, values: &[Value], key: &str, node: &Node) {
    let names: Vec<_> = values.iter().filter_map(Value::as_str).collect();
    let is_known = node.as_text().is_some_and(|text| names.contains(&text));
    if !is_known && !node.is_null() {
        reader.expected::<()>(key, &format!("one of {}", names.join(", ")), node);
    }
}

fn check_number(reader: &mut Reader, property: &Value, key: &str, node: &Node) {
    let above = property["exclusiveMinimum"].as_f64().unwrap_or(f64::MIN);
    let most = property["maximum"].as_f64().unwrap_or(f64::MAX);
    let expected = format!("a number above {above} and up to {most}");
    let within = |number: &f64| *number > above && *number <= most;
    reader.number(key, &expected, node, |number| number.as_f64().filter(within));
}

fn check_text(reader: &mut Reader, property: &Value, key: &str, node: &Node) {
    let Some(text) = reader.text(key, node) else { return };
    if key == "hosts" {
        if let Err(error) = Host::try_from(text) {
            reader.expected::<()>(key, &error.to_string(), node);
        }
        return;
    }
    let pattern = property["pattern"].as_str().and_then(|p| Pattern::compile(p).ok());
    if pattern.is_some_and(|pattern| pattern.search(text.trim()) != Search::Found) {
        let expected = match key {
            "url" => "http://HOST:PORT or https://HOST:PORT",
            _ => "HOST:PORT, as 127.0.0.1:6100",
        };
        if property["writeOnly"] == true {
            // What stands there is nobody else's.
            reader.schema(node.span, format!("`{key}` takes {expected}"));
        } else {
            reader.expected::<()>(key, expected, node);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_relay_would_refuse_is_told_with_its_place() {
        for (text, told) in [
            ("", vec![]),
            ("listen: localhost:6100\nforward: {url: 'http://a:1', retries: 3}", vec![]),
            ("limits: {idle_seconds: 0.5}\nshadow: true\ntls: {ca_file: x}", vec![]),
            (
                "listne: 127.0.0.1:1",
                vec!["1:1: there is no key `listne` in relay.yml [schema]; did you mean `listen`?"],
            ),
            (
                "listen: 127.0.0.1",
                vec!["1:9: `listen` takes HOST:PORT, as 127.0.0.1:6100, not `127.0.0.1` [schema]"],
            ),
            (
                "forward: {url: a:1}",
                vec!["1:16: `url` takes http://HOST:PORT or https://HOST:PORT [schema]"],
            ),
            (
                "forward: {compression: snappy}",
                vec!["1:24: `compression` takes one of none, gzip, zstd, not `snappy` [schema]"],
            ),
            (
                "forward: {timeout_seconds: 0}",
                vec![
                    "1:28: `timeout_seconds` takes a number above 0 and up to 86400, not `0` [schema]",
                ],
            ),
            (
                "limits: {in_flight: 70000}",
                vec![
                    "1:21: `in_flight` takes a whole number from 0 to 65535, not `70000` [schema]",
                ],
            ),
            (
                "limits: {message_bytes: '5'}",
                vec![
                    "1:25: `message_bytes` takes a whole number from 0 to 4294967295, not the text `\"5\"` [schema]; write 5 without quotes",
                ],
            ),
            (
                "status: {hosts: [relay.internal, '[::1]:80', '*.internal']}",
                vec![
                    "1:34: `hosts` takes a host alone: write `::1`, not `[::1]:80` [schema]",
                    "1:46: `hosts` takes hosts by their names: there are no wildcards, list each, not `*.internal` [schema]",
                ],
            ),
            ("status: [x]", vec!["1:9: `status` takes a mapping, not a list [schema]"]),
            (
                "aggregate: sometimes",
                vec!["1:12: `aggregate` takes true or false, not `sometimes` [schema]"],
            ),
            (
                "tls: {crt_file: x}",
                vec!["1:7: `crt_file` is of no use without `key_file` [schema]"],
            ),
            ("[x]", vec!["1:1: relay.yml is a mapping, not a list [schema]"]),
        ] {
            let source = Source::new("r", text);
            let found = read_relay(&source).diagnostics;
            let found: Vec<_> =
                found.iter().map(|diagnostic| diagnostic.located(&source)).collect();
            let told: Vec<_> = told.into_iter().map(|told| format!("r:{told}")).collect();
            assert_eq!(found, told, "{text}");
        }
    }
}
