//! What real logs brought, with the right answer: each file of `tests/cases`,
//! judged by the shipped taxonomy.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{fs, path::Path};

use jiff::Timestamp;
use signatures_document::yaml::Source;
use signatures_engine::{
    Classification, Classifier, ClassifierSettings, Fingerprint, Observation, Outcome, Tally,
    Taxonomy, Told, Verdict,
};
use signatures_event::{JsonEvent, LogLine, Moment, Skip};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn lines(case: &str) -> Vec<String> {
    let bytes = fs::read(root().join("tests/cases").join(case)).unwrap();
    String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
}

fn classifier() -> Classifier {
    let text = fs::read_to_string(root().join("config/error_signatures.yml")).unwrap();
    by(&text)
}

fn by(taxonomy: &str) -> Classifier {
    let source = Source::new("t", taxonomy);
    let taxonomy = Taxonomy::read(&source).into_result(&source).unwrap();
    Classifier::new(taxonomy, &ClassifierSettings::default())
}

/// The signature, or why there is none; and the text that was looked at.
fn judged(classifier: &Classifier, line: &str) -> (String, String) {
    let line = LogLine::parse(line);
    match classifier.classify(&line) {
        Outcome::Skipped(skip) => (skip.as_str().to_owned(), String::new()),
        Outcome::Classified(Classification { verdict, subject, fingerprint, .. }) => {
            let name = match (classifier.signature(verdict), verdict, fingerprint) {
                (Some(signature), ..) => signature.id.clone(),
                (None, Verdict::Noise(_), _) => "noise".to_owned(),
                (None, _, Some(_)) => "generic".to_owned(),
                (None, _, None) => "unmatched".to_owned(),
            };
            (name, subject.text.into_owned())
        }
    }
}

fn assert_judged(case: &str, expected: &[(&str, &str)]) {
    let classifier = classifier();
    let found: Vec<_> = lines(case).iter().map(|line| judged(&classifier, line)).collect();
    let found: Vec<_> = found.iter().map(|(name, text)| (&**name, &**text)).collect();
    assert_eq!(found, expected, "{case}");
}

#[test]
fn journald() {
    assert_judged(
        "a1-journald.jsonl",
        &[
            ("OOM_KILLED", "Out of memory: Killed process 4711 (java)"),
            ("NET_RESET", "read ECONNRESET"),
            ("NET_RESET", "Read ECONNRESET"),
            ("below_min_level", ""),
        ],
    );
    let times: Vec<_> = lines("a1-journald.jsonl").iter().map(|line| time(line)).collect();
    assert_eq!(
        times,
        [
            "2026-03-14T09:00:00.123456Z",
            "2026-03-14T09:00:01.123456Z",
            "2026-03-14T09:00:02.123456Z",
            "2026-03-14T09:00:03.123456Z",
        ]
    );
    let line = &lines("a1-journald.jsonl")[1];
    let (event, classifier) = (JsonEvent::parse(line).unwrap(), classifier());
    let found = classifier.judge(&event);
    let Observation { host, service, .. } = classifier.observation(&found, &event).unwrap();
    assert_eq!((host.as_deref(), service.as_deref()), (Some("web-1"), Some("app.service")));
}

#[test]
fn pino() {
    assert_judged(
        "a2-pino.jsonl",
        &[
            ("NET_REFUSED", "connect ECONNREFUSED 10.0.0.5:6379"),
            ("NET_RESET", "request failed Error: read ECONNRESET"),
        ],
    );
}

#[test]
fn docker() {
    assert_judged(
        "a3-docker.jsonl",
        &[
            ("HEAP_EXHAUSTED", "java.lang.OutOfMemoryError: Java heap space"),
            ("NET_RESET", "read ECONNRESET"),
            ("below_min_level", ""),
        ],
    );
}

/// To join the last two is for whoever reads the lines.
#[test]
fn cri() {
    assert_judged(
        "a4-cri.log",
        &[
            ("HEAP_EXHAUSTED", "java.lang.OutOfMemoryError: Java heap space"),
            ("below_min_level", ""),
            ("below_min_level", ""),
            ("NET_RESET", "read ECONNRESET"),
            ("unmatched", "connection lost: socket ha"),
            ("unmatched", "ng up"),
        ],
    );
}

#[test]
fn loggers_of_many_makes() {
    assert_judged(
        "o1-json-kinds.jsonl",
        &[
            ("DB_DEADLOCK", "deadlock detected"),
            ("NET_REFUSED", "dial tcp 10.0.0.5:8080: connect: connection refused"),
            ("DEADLINE_EXCEEDED", "Failed to get node context deadline exceeded"),
            ("generic", "The Print Spooler service terminated unexpectedly."),
            ("HEAP_EXHAUSTED", "failed java.lang.OutOfMemoryError: Java heap space"),
            ("NET_RESET", "job failed IOException: read ECONNRESET"),
            ("UNHANDLED_ERROR", "x Traceback (most recent call last):\nKeyError: 'a'"),
            ("DB_DEADLOCK", "query failed pq: deadlock detected"),
        ],
    );
}

#[test]
fn levels() {
    let classifier = classifier();
    for line in lines("e1-levels.jsonl") {
        let case: serde_json::Value = serde_json::from_str(&line).unwrap();
        let event = JsonEvent::parse(&line).unwrap();
        let skip = classifier.skip(&event);
        // Nothing in it tells Python's 30 from pino's, which is the more frequent;
        // with one of the fields that Python writes it is.
        let told = match case["n"].as_str().unwrap() {
            "python numeric 30=WARNING" => {
                assert_eq!(skip, Some(Skip::BelowMinLevel), "{line}");
                let line = line.replace("\"level\":30", "\"level\":30,\"lineno\":5");
                classifier.skip(&JsonEvent::parse(&line).unwrap())
            }
            _ => skip,
        };
        let expected = (case["want"] == "skip").then_some(Skip::BelowMinLevel);
        assert_eq!(told, expected, "{line}");
    }
}

#[test]
fn escape_sequences_are_invisible() {
    let errors = [
        ("NET_RESET", "2026-03-14 09:00:00 ERROR app: read ECONNRESET"),
        ("DISK_FULL", "2026-03-14 09:00:01 ERROR app: No space left on device"),
        ("NET_REFUSED", "2026-03-14 09:00:02 ERROR db: Connection refused"),
        ("DISK_FULL", "2026-03-14T09:00:03.123Z ERROR app: error=ENOSPC"),
        ("UNHANDLED_ERROR", "2026-03-14 09:00:04 ERROR app: TypeError: x is undefined"),
        ("GO_PANIC", "panic: runtime error: index out of range"),
    ];
    assert_judged("c3-ansi.log", &errors);
    assert_eq!(time(&lines("c3-ansi.log")[0]), "2026-03-14T09:00:00Z");
    assert_eq!(time(&lines("c3-ansi.log")[3]), "2026-03-14T09:00:03.123Z");
    assert_judged(
        "c3b-ansi-prefix.log",
        &[
            ("NET_REFUSED", "Connection refused to db"),
            ("PERMISSION_DENIED", "EACCES open x"),
            ("UNHANDLED_ERROR", "TypeError: x"),
            ("NATIVE_CRASH", "Segmentation fault"),
        ],
    );
}

#[test]
fn leading_nulls_hide_nothing() {
    let first = &lines("c2-nul.log")[0];
    assert!(first.starts_with("\0\0"));
    assert_eq!(
        judged(&classifier(), first),
        ("NET_RESET".to_owned(), "2026-03-14 09:00:01 ERROR app: read ECONNRESET".to_owned())
    );
    assert_eq!(time(first), "2026-03-14T09:00:01Z");
}

/// What access logs and queries name is for the taxonomy.
#[test]
fn levels_of_monitoring_pass() {
    let classifier = classifier();
    for line in &lines("s1-monitoring.log")[..6] {
        let line = LogLine::parse(line);
        assert_eq!(classifier.skip(&line), Some(Skip::BelowMinLevel), "{line:?}");
    }
}

fn assert_named(case: &str, lines: &[String], expected: &[&str]) {
    let classifier = classifier();
    let found: Vec<_> = lines.iter().map(|line| judged(&classifier, line).0).collect();
    assert_eq!(found, expected, "{case}");
}

#[test]
fn requests_of_monitoring_are_no_evidence() {
    let case = "s1-monitoring.log";
    assert_named(case, &lines(case)[6..], &["unmatched"; 3]);
}

#[test]
fn nginx_and_php() {
    let case = "k1-nginx-php.log";
    assert_named(
        case,
        &lines(case),
        &["generic", "PHP_FATAL", "generic", "DNS_CLIENT_NAME", "DNS_NOT_FOUND"],
    );
}

#[test]
fn logins_of_sshd() {
    let case = "k2-sshd.log";
    let login = "LOGIN_FAILED";
    assert_named(case, &lines(case), &[login, login, "noise", login, login, login, "noise"]);
}

fn time(line: &str) -> String {
    let near: Timestamp = "2026-03-20T00:00:00Z".parse().unwrap();
    match Moment::of(&LogLine::parse(line)) {
        Some(moment) => moment.resolve(near).to_string(),
        None => "none".to_owned(),
    }
}

#[test]
fn times() {
    for row in lines("d1-times.tsv") {
        let (expected, line) = row.split_once('\t').unwrap();
        let found = time(line);
        // Seventeen digits are no time of TAI64N, which has twenty-four: the line
        // takes that of the one before it.
        let found = if line.starts_with("@400000006b5d2c1e0 ") {
            assert_eq!(found, "none");
            expected.to_owned()
        } else {
            found
        };
        // To the second: what the cases add below one differs.
        assert_eq!(&found[..19], &expected[..19], "{line}");
    }
}

#[test]
fn a_date_that_a_line_speaks_of_is_not_its_time() {
    let times: Vec<_> = lines("i1-future.log").iter().map(|line| time(line)).collect();
    assert_eq!(
        times,
        [
            "2026-03-14T09:00:00Z",
            "2026-03-14T09:00:05Z",
            "none",
            "none",
            "none",
            "2026-03-14T10:00:00Z",
            "2026-03-14T11:00:00Z",
            "2099-01-01T00:00:00Z",
            "2026-03-14T12:00:00Z",
            "2026-03-14T13:00:00Z",
            "2026-03-14T14:00:00Z",
        ]
    );
}

#[test]
fn the_name_of_a_zone_is_read() {
    let times: Vec<_> = lines("i4-dst.log")[..4].iter().map(|line| time(line)).collect();
    assert_eq!(
        times,
        [
            "2026-10-25T00:59:58Z",
            "2026-10-25T00:59:59Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T02:59:59Z",
        ]
    );
}

/// An alert as it is sent, and as it comes back.
#[test]
fn an_own_alert_that_comes_back_is_passed_however_it_is_wrapped() {
    let classifier = by("{critical: ['payment gateway down']}");
    for event in ["internal_alert", "Alert_Received", "single_error_alert_fallback", "signatures.x"]
    {
        let alert = format!(
            r#"{{"event":"{event}","name":"PAYMENT_DOWN: payment gateway down","severity":"critical"}}"#
        );
        let message = serde_json::json!({ "message": alert }).to_string();
        let log = serde_json::json!({"log": format!("{alert}\n"), "stream": "stdout"}).to_string();
        let beside = serde_json::json!({"message": "payment gateway down", "log": alert});
        let object: serde_json::Value = serde_json::from_str(&alert).unwrap();
        let nested = serde_json::json!({"message": "payment gateway down", "payload": object});
        for wrapped in [
            alert.clone(),
            message.clone(),
            serde_json::json!({"level": "error", "message": message}).to_string(),
            log,
            beside.to_string(),
            nested.to_string(),
            format!("2026-03-14T09:00:00.1Z stdout F {alert}"),
            format!("2026-03-14T09:00:00.1Z stdout F {message}"),
            format!("api-1  | {alert}"),
            format!("Mar 14 09:00:00 web vector[7]: {alert}"),
            format!("2026-03-14 09:00:00 ERROR sent {alert}"),
            format!("payment gateway down event={event} x=1"),
            alert.replace('"', "'"),
            alert.replace(':', " : "),
        ] {
            let mut line = LogLine::parse(&wrapped);
            let (mut tally, mut told) = (Tally::default(), 0);
            let mut observer = |_: &Observation<'_>| told += 1;
            let verdict = classifier.process(&mut line, &mut tally, Some(&mut observer));
            assert_eq!((verdict, told), (Err(Skip::LoopGuard), 0), "{wrapped}");
            assert_eq!(tally, Tally { skipped: 1, ..Tally::default() }, "{wrapped}");
            if JsonEvent::parse(&wrapped).is_ok() {
                let mut out = Vec::new();
                line.into_event().write_to(&mut out);
                assert_eq!(String::from_utf8(out).unwrap(), wrapped);
            }
        }
    }
    for line in [
        "payment gateway down, see internal_alert",
        r#"{"message":"payment gateway down","my_event":"internal_alert"}"#,
        r#"{"message":"payment gateway down: no event internal_alert"}"#,
    ] {
        assert_eq!(judged(&classifier, line).0, "critical_0", "{line}");
    }
}

#[test]
fn a_carriage_return_is_no_part_of_what_is_seen() {
    let classifier = by("{noise_allowlist: ['^probe: EOF$'], app: ['boom \\d+$']}");
    let boom = |line: &str| {
        let line = LogLine::parse(line);
        let found = classifier.judge(&line);
        (found.verdict, found.fingerprint, found.subject.text.into_owned())
    };
    let expected =
        (Verdict::Match(0), Some(Fingerprint::new("app", "boom #")), "boom 7".to_owned());
    for line in [
        "boom 7",
        "boom 7\r",
        "boom 7\r\n",
        "boom 7\n",
        r#"{"message":"boom 7\r"}"#,
        r#"{"message":"boom 7\r\n"}"#,
        r#"{"log":"boom 7\r\n"}"#,
        "2026-03-14T09:00:00.1Z stdout F boom 7\r",
        "2026-03-14T09:00:00.1Z stdout F {\"msg\":\"boom 7\\r\"}\r",
    ] {
        assert_eq!(boom(line), expected, "{line:?}");
    }
    for line in ["probe: EOF\r", r#"{"message":"probe: EOF\r"}"#] {
        assert_eq!(judged(&classifier, line).0, "noise", "{line:?}");
    }
    assert_eq!(classifier.judge(&LogLine::plain("probe: EOF\r")).verdict, Verdict::Noise(0));
}

#[test]
fn an_event_in_which_nothing_is_found_is_counted_and_never_grouped() {
    let classifier = by("{noise_allowlist: ['^$'], app: ['^']}");
    let mut tally = Tally::default();
    for line in [r#"{"level":"error","duration":5}"#, r#"{"level":"fatal","message":" "}"#] {
        let mut line = LogLine::parse(line);
        let mut observer = |error: &Observation<'_>| panic!("{error:?}");
        let verdict = classifier.process(&mut line, &mut tally, Some(&mut observer));
        assert_eq!(verdict, Ok(Verdict::Unmatched));
    }
    assert_eq!((tally.unmatched, tally.empty, tally.events()), (2, 2, 2));
    assert_eq!(
        Told::default().news(&tally.peculiar),
        ["events pass of which no field is looked at; name one of theirs in \
             `subject_fields` of alerts.yml: level, duration"]
    );
}

#[test]
fn a_plain_line_is_an_unknown_error_when_it_says_so() {
    let classifier = by("{app: [boom]}");
    for (line, name) in [
        ("2026-03-14 09:00:00 ERROR never seen", "generic"),
        ("level=warning msg=\"never seen\"", "generic"),
        ("2026-03-14 09:00:00 never seen ERROR", "unmatched"),
        ("2026-03-14 09:00:00 INFO boom", "below_min_level"),
        (r#"{"message":"2026-03-14 09:00:00 ERROR never seen"}"#, "generic"),
        (r#"{"message":"2026-03-14 09:00:00 INFO boom"}"#, "below_min_level"),
    ] {
        assert_eq!(judged(&classifier, line).0, name, "{line}");
    }
}
