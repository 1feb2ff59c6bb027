//! `docs/events.md` says what the tables say.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{fs, path::Path};

use signatures_event::{
    EXCEPTION_FIELDS, HOST_FIELDS, Level, MESSAGE_FIELDS, SERVICE_FIELDS, TIME_FIELDS, WRAPPERS,
    level_fields, redact::SECRET_NAMES,
};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/events.md");
    fs::read_to_string(path).unwrap()
}

#[test]
fn every_field_is_listed_in_its_order() {
    let page = page().replace("\n> ", " ");
    let listed: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with(' '))
        .map(|line| line.split_whitespace().map(|name| name.trim_matches('`')).collect())
        .collect();
    let other_levels = level_fields().skip(4).collect();
    let tables = [
        MESSAGE_FIELDS.to_vec(),
        EXCEPTION_FIELDS.to_vec(),
        other_levels,
        TIME_FIELDS.to_vec(),
        HOST_FIELDS.to_vec(),
        SERVICE_FIELDS.to_vec(),
    ];
    assert_eq!(listed, tables);
    assert!(page.contains("`level` `severity` `log.level` `severity_text`, then"));
}

#[test]
fn every_name_of_a_secret_is_listed() {
    let names = SECRET_NAMES.map(|name| format!("`{name}`")).join(" ");
    assert!(page().replace('\n', " ").contains(&format!("one of {names}, in")), "{names}");
}

#[test]
fn every_word_has_its_level() {
    let page = page();
    for (name, level) in Level::NAMES {
        let begin = format!("| {name} | ");
        let row = page.lines().find_map(|line| line.strip_prefix(&begin)).unwrap();
        for word in row.trim_end_matches(" |").split(' ') {
            assert_eq!(Level::from_word(word), Some(level), "{word}");
        }
    }
}

#[test]
fn every_wrapper_is_listed() {
    let page = page().replace('\n', " ");
    let listed = WRAPPERS.map(|wrapper| format!("`{wrapper}`")).join(", ");
    assert!(page.contains(&format!("One of each: {listed}. ")), "{listed}");
}
