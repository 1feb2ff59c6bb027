//! What users brought, through the real program: what leaves is looked at as a
//! whole, events and alerts alike.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::fs;

use serde_json::{Value as Json, json};
use signatures_peers::process::{command, json_lines, root, run, text};
use tempfile::TempDir;

/// What left `pipe`: events, alerts, and its last words.
struct Left {
    stdout: String,
    alerts: Vec<Json>,
    all: String,
}

impl Left {
    fn events(&self) -> Vec<Json> {
        json_lines(self.stdout.as_bytes())
    }

    fn messages(&self) -> Vec<String> {
        let message = |event: &Json| event["message"].as_str().unwrap().to_owned();
        self.events().iter().map(message).collect()
    }
}

/// The shipped taxonomy, and other settings.
fn piped(settings: &str, input: &[u8]) -> Left {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("alerts.yml"), settings).unwrap();
    let taxonomy = root().join("config/error_signatures.yml");
    let mut command = command(env!("CARGO_BIN_EXE_vector-signatures"), folder.path());
    command.args(["pipe", "--alerts", "alerts.yml", "--taxonomy", taxonomy.to_str().unwrap()]);
    let output = run(command, input);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    let lines = stderr.lines().filter(|line| line.contains("\"samples\":"));
    let alerts = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    Left { all: format!("{stdout}{stderr}"), stdout, alerts }
}

fn case(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/cases").join(name)).unwrap()
}

const EVERY_ERROR: &str = "{min_count_default: 1, samples: 5, cooldown_minutes: 0}";

#[test]
fn no_secret_field_leaves_whatever_is_wrong_with_the_line() {
    for name in ["g1-json.jsonl", "g2-nan.jsonl", "a4-cri.log"] {
        let input = case(name);
        let given = text(&input);
        let left = piped(EVERY_ERROR, &input);
        for secret in ["hunter2", "abcdef"] {
            assert!(!left.all.contains(secret), "{name}: {}", left.all);
        }
        assert!(given.contains("hunter2") && left.all.contains("[REDACTED]"), "{name}");
    }
}

#[test]
fn level_and_message_are_read_as_far_as_the_text_goes() {
    let left = piped(EVERY_ERROR, &case("g2-nan.jsonl"));
    let event = json!({"message": "{\"level\":\"info\",\"took\":NaN,\"message\":\"ECONNRESET handled\",\"password\":\"[REDACTED]\"}"});
    assert_eq!((left.events(), left.alerts), (vec![event], vec![]));

    let left =
        piped(EVERY_ERROR, br#"{"level":"error","v":NaN,"message":"read ECONNRESET","pwd":"#);
    assert_eq!(left.events()[0]["error_signature"], "NET_RESET");
    assert_eq!(left.alerts[0]["samples"], json!(["read ECONNRESET"]));
}

/// Each line of the case, and what of it is a secret.
const SECRETS: [&[&str]; 18] = [
    &["AKxyz123secretval"],
    &["T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"],
    &["123456:AAEXAMPLEBOTTOKENxxxxxxxxxxxxxxxxxx"],
    &["AKIAIOSFODNN7EXAMPLE"],
    &["eyJhbGciOiJIUzI1NiJ9", "c2lnbmF0dXJlc2lnbmF0dXJl"],
    &["hunter2value", "hunter3value", "hunter4value"],
    &["abcdef123456"],
    &["hunter5value"],
    &["SECRETVALUE1", "SECRETVALUE2", "SECRET VALUE3"],
    &["dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNz"],
    &["hunter6value"],
    &["hunter7value"],
    &["abcdef123"],
    &["12345678"],
    &["MIIEpAIBAAKCAQEA"],
    &["hunter8value"],
    &["ghp_abcdefghijklmnopqrstuvwxyz0123456789"],
    &["hunter9value"],
];

#[test]
fn alerts_never_show_a_secret_and_events_none_where_texts_are_redacted() {
    let input = case("l2b.log");
    let lines: Vec<_> = str::from_utf8(&input).unwrap().lines().collect();
    assert_eq!(lines.len(), SECRETS.len());
    let text_too = "{min_count_default: 1, samples: 5, cooldown_minutes: 0, redact: {text: true}}";
    for settings in [EVERY_ERROR, text_too] {
        let left = piped(settings, &input);
        assert_eq!((left.events().len(), left.alerts.len()), (18, 18), "{}", left.all);
        for (index, secrets) in SECRETS.iter().enumerate() {
            let fault = lines[index].split(' ').take(3).collect::<Vec<_>>().join(" ");
            let told = |json: &Json| json.to_string().contains(&format!("{fault} "));
            let alert = left.alerts.iter().find(|alert| told(alert)).unwrap().to_string();
            let event = left.events().iter().find(|event| told(event)).unwrap().to_string();
            for secret in *secrets {
                assert!(lines[index].contains(secret), "{secret}: {}", lines[index]);
                assert!(!alert.contains(secret), "{alert}");
                assert!(settings != text_too || !event.contains(secret), "{event}");
            }
        }
    }
}

#[test]
fn a_line_a_little_too_long_for_an_event_loses_its_secrets_however_it_comes() {
    for pad in [(1 << 20) - 20, 1 << 20, (1 << 20) + 20] {
        let pad = "x".repeat(pad);
        let line = format!(r#"{{"pad":"{pad}","password":"hunter2","message":"m"}}"#);
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("long.log");
        fs::write(&file, format!("{line}\nnext\n")).unwrap();
        let mut command = command(env!("CARGO_BIN_EXE_vector-signatures"), &root());
        command.arg("pipe").arg(&file);
        for output in [text(&run(command, "").stdout), piped("{}", line.as_bytes()).all] {
            assert!(output.contains("[REDACTED]") && !output.contains("hunter2"), "{}", pad.len());
        }
    }
}

#[test]
fn the_parts_of_a_line_are_one_and_what_is_inside_counts() {
    let left = piped("{}", &case("a4-cri.log"));
    assert_eq!(
        left.messages()[4..],
        ["2026-03-14T09:00:03.223456789Z stderr F connection lost: socket hang up"]
    );
    let signatures: Vec<_> =
        left.events().iter().map(|event| event["error_signature"].clone()).collect();
    let expected = json!(["HEAP_EXHAUSTED", null, null, "NET_RESET", "NET_RESET"]);
    assert_eq!(Json::from(signatures), expected);
}

#[test]
fn leading_nulls_are_not_shipped() {
    let left = piped("{}", &case("c2-nul.log"));
    assert!(!left.messages().iter().any(|message| message.starts_with('\0')));
    assert_eq!(left.events()[0]["error_signature"], "NET_RESET");
}

#[test]
fn escape_sequences_are_kept_or_lost_as_one_likes_and_never_seen() {
    let input = case("c3-ansi.log");
    let kept = piped("{}", &input);
    assert!(kept.messages().iter().all(|message| message.contains('\u{1b}')));
    let lost = piped("{strip_ansi: true}", &input);
    assert_eq!(lost.messages()[1], "2026-03-14 09:00:01 ERROR app: No space left on device");
    let tags = |left: &Left| -> Vec<_> {
        let of =
            |event: &Json| (event["error_signature"].clone(), event["error_fingerprint"].clone());
        left.events().iter().map(of).collect()
    };
    assert_eq!(tags(&kept), tags(&lost));
    assert!(!lost.all.contains("\\u001b") && !kept.alerts[0].to_string().contains("\\u001b"));
    let json = piped("{strip_ansi: true}", br#"{"message":"\u001b[31mECONNRESET\u001b[0m","n":1}"#);
    assert_eq!(json.events()[0]["message"], "ECONNRESET");
}

#[test]
fn a_field_in_a_tags_place_is_left_and_the_alert_goes_by_the_verdict() {
    let input = case("o2-pgjson.jsonl");
    let left = piped("{}", &input);
    assert_eq!(left.events()[0]["error_severity"], "PANIC");
    assert_eq!(left.alerts[0]["severity_hint"], "critical");
    assert!(left.all.contains("bring their own `error_severity`"), "{}", left.all);
    assert!(left.all.contains("1 fields of their own in the place of tags"), "{}", left.all);

    let left = piped("{tag_prefix: sig_}", &input);
    assert_eq!(left.events()[0]["error_severity"], "PANIC");
    assert_eq!(left.events()[0]["sig_severity"], "critical");
    assert!(left.events()[0]["sig_fingerprint"].is_string());
    assert_eq!(left.events()[0].get("error_fingerprint"), None);
    assert!(!left.all.contains("their own"), "{}", left.all);
}

#[test]
fn an_own_alert_that_comes_back_wrapped_ends_there() {
    let first = piped("{}", b"OOMKilled\n");
    let alert = first.alerts[0].to_string();
    let quoted = Json::from(alert.clone()).to_string();
    let twice = Json::from(format!("{{\"message\":{quoted}}}")).to_string();
    for wrapped in [
        alert.clone(),
        format!("{{\"message\":{quoted}}}"),
        format!("{{\"log\":{quoted},\"stream\":\"stderr\"}}"),
        format!("{{\"log\":{twice},\"stream\":\"stderr\"}}"),
        format!("2026-03-14T09:00:00.1Z stderr F {alert}"),
        format!("app-1  | {alert}"),
        format!("<14>1 2026-03-14T09:00:00Z web-1 alerts - - - {alert}"),
        format!("{{\"level\":\"error\",\"parsed\":{alert},\"message\":{quoted}}}"),
        alert.replace("internal_alert", "Internal_Alert"),
    ] {
        let left = piped(EVERY_ERROR, wrapped.as_bytes());
        assert_eq!((left.events().len(), left.alerts), (1, vec![]), "{wrapped}");
    }
    let word = piped(EVERY_ERROR, b"internal_alert is what the OOMKilled page calls it");
    assert_eq!(word.alerts.len(), 1);
}
