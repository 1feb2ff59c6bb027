//! The extended canonical text: what is promised of it, on texts as systems write
//! them.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{fs, path::Path};

use proptest::{prelude::*, sample::select};
use serde::Deserialize;
use serde_json::Value;
use signatures_engine::{
    GroupId,
    extended::{MAX_CHARS, extended, steps},
    grouping::VERSION,
};

fn read<T: for<'d> Deserialize<'d>>(file: &str) -> T {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_vector_holds() {
    let file: Value = read("schemas/group_vectors.json");
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 45);
    for vector in vectors {
        let text = |key: &str| vector[key].as_str().unwrap();
        let canonical = extended(text("text"));
        let values = vector["by"].as_array().unwrap().iter().map(|value| value.as_str().unwrap());
        let group = GroupId::new(VERSION, text("category"), &canonical, values).to_string();
        assert_eq!((&*canonical, &*group), (text("canonical"), text("group")), "{vector}");
    }
}

#[derive(Deserialize)]
struct Pairs {
    same: Vec<(String, String, String)>,
    different: Vec<(String, String, String)>,
}

/// Two of a host's name without a dot, and one of a plain word, are not told from
/// words by any rule that would not take words for names.
#[test]
fn what_users_call_the_same_agrees_and_what_they_tell_apart_differs() {
    let Pairs { same, different } = read("tests/cases/groups.json");
    assert_eq!((same.len(), different.len()), (59, 50));
    let agrees = |(_, a, b): &(String, String, String)| extended(a) == extended(b);
    let apart: Vec<_> = same.iter().filter(|pair| !agrees(pair)).map(|pair| &*pair.0).collect();
    assert_eq!(apart, ["mysql", "redis", "kernel"]);
    let merged: Vec<_> = different.iter().filter(|pair| agrees(pair)).collect();
    assert_eq!(merged, Vec::<&(String, String, String)>::new());
}

#[test]
fn each_step_says_what_was_taken_and_why() {
    let text = "2024-05-01 12:00:01 ERROR [main] é read of /srv/x.ico by 10.0.0.7:80 took 1.5 s";
    let told: Vec<_> = steps(text).into_iter().map(|step| (step.shape.name(), step.text)).collect();
    assert_eq!(
        told,
        [
            ("header", "2024-05-01 12:00:01 ERROR [main] ".to_owned()),
            ("variable", "/srv/x.ico".to_owned()),
            ("variable", "10.0.0.7:80".to_owned()),
            ("variable", "1.5".to_owned()),
            ("unit", "s".to_owned()),
        ]
    );
    assert_eq!(extended(text), "é read of * by * took *");
}

/// Something of the kind that a placeholder names.
fn filling(kind: &str) -> BoxedStrategy<String> {
    match kind {
        "id" => "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}|[a-z]{3}[0-9]{1,9}|[0-9]{1,5}[a-f][0-9a-f]{4,20}".boxed(),
        "number" => "[0-9]{1,9}|[0-9]{1,3}\\.[0-9]{1,3}".boxed(),
        "duration" => "[0-9]{1,5}(ms|s| ms| seconds)".boxed(),
        "address" => "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}(:[0-9]{2,5})?|fe80::[0-9a-f]{1,4}:[0-9a-f]{1,4}|\\[2001:db8::[1-9a-f]{1,3}\\]:[0-9]{2,5}|[a-z]{2,8}\\.(example|prod)\\.(com|internal)(:[0-9]{2,5})?".boxed(),
        "port" => "[0-9]{2,5}".boxed(),
        "path" => "(/[a-z]{1,8}){2,5}(\\.(log|json|py))?".boxed(),
        "link" => "C:\\\\[A-Z][a-z]{1,8}\\\\[a-z]{1,8}\\.txt|https://[a-z]{2,8}\\.com/[a-z]{1,8}\\?[a-z]=[0-9]|(/[a-z]{1,8}){2,5}".boxed(),
        "user" => "[a-z]{4,10}[0-9]{0,3}".prop_filter("words of the sentence", |user| {
            !["account", "agent", "authentication", "cannot", "could", "credentials", "data", "does", "error", "errors", "from", "group", "groups", "illegal", "input", "invalid", "limit", "logged", "login", "logout", "mode", "must", "name", "names", "password", "permission", "permissions", "process", "profile", "request", "role", "roles", "session", "should", "table", "unknown", "will", "with", "without", "would", "auth"].contains(&user.as_str())
        }).boxed(),
        "time" => "20[0-9]{2}-0[1-9]-[12][0-9]T1[0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?Z".boxed(),
        _ => panic!("{kind}"),
    }
}

/// A template with each placeholder filled in.
fn filled(template: &'static str) -> BoxedStrategy<String> {
    let mut parts = Just(String::new()).boxed();
    for (index, part) in template.split(['{', '}']).enumerate() {
        let part = if index % 2 == 0 { Just(part.to_owned()).boxed() } else { filling(part) };
        parts = (parts, part).prop_map(|(text, part)| text + &part).boxed();
    }
    parts
}

const MESSAGES: [&str; 11] = [
    "Failed password for invalid user {user} from {address} port {port} ssh2",
    "request {id} failed after {duration}: connection to {address} refused",
    "cannot open {path}: permission denied",
    "order {number} of tenant={user} could not be stored in {path}",
    "upstream {address} timed out ({number}: Operation timed out) while reading {path}",
    "ValueError: invalid literal {number} in {path}",
    "job {id} finished at {time} with exit status 1",
    "GET {link} failed",
    "token {id} for session {id} expired after {duration}",
    "dial tcp {address}: i/o timeout",
    "{id}: lease lost, {number} of {number} shards moved",
];

const PREFIXES: [&str; 8] = [
    "",
    "{time} ",
    "{time} ERROR ",
    "{time} [ERROR] [worker-{port}] com.example.Shop - ",
    "May 11 12:00:01 web-{port} shop[{port}]: ",
    "ERROR: ",
    "[{time}] ERROR: ",
    "{time} stderr F ",
];

fn line() -> impl Strategy<Value = (&'static str, String, String)> {
    select(&MESSAGES[..]).prop_flat_map(|message| {
        let prefix = || select(&PREFIXES[..]).prop_flat_map(filled);
        let texts = (prefix(), filled(message), prefix(), filled(message));
        texts.prop_map(move |(p, a, q, b)| (message, p + &a, q + &b))
    })
}

proptest! {
    #[test]
    fn other_variables_and_prefixes_are_the_same_error((message, a, b) in line()) {
        prop_assert_eq!(extended(&a), extended(&b), "{}\n{}\n{}", message, a, b);
    }

    #[test]
    fn any_text_has_one(text in "([\"'`“”‘’«»()\\[\\]{}<> \t\n=:/\\\\.~+#$%&@,;|*?!-]|[0-9a-fx]{1,4}|user|for|error|May|é|日|\\PC){0,80}") {
        let canonical = extended(&text);
        // A character may have several in lower case, and a frame comes behind.
        let (line, _) = canonical.rsplit_once(" @ ").unwrap_or((&canonical, ""));
        prop_assert!(line.chars().count() <= 3 * MAX_CHARS);
        prop_assert_eq!(canonical.to_lowercase(), canonical);
        let _ = steps(&text);
    }

    /// Not promised of every text, but of sentences.
    #[test]
    fn the_text_of_a_message_is_its_own(message in select(&MESSAGES[..]).prop_flat_map(filled)) {
        let once = extended(&message);
        prop_assert_eq!(extended(&once), once);
    }
}
