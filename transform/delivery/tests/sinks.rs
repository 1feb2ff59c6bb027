//! Each sink against a server that answers as the real service would.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::time::Duration;

use given::send;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use signatures_delivery::{Fault, SendError};
use signatures_peers::receiver::Receiver;

fn answered(status: u16, excerpt: &str, retry_after: Option<u64>) -> SendError {
    SendError {
        fault: Fault::Answered { status, excerpt: excerpt.to_owned() },
        retry_after: retry_after.map(Duration::from_secs),
    }
}

#[test]
fn slack_gets_blocks_and_its_errors_are_told() {
    let service = Receiver::new(|n, request| {
        let body = request.json();
        let blocks = body["attachments"][0]["blocks"].as_array().map_or(0, Vec::len);
        match n {
            _ if request.header("content-type") != "application/json" || blocks == 0 => {
                (400, vec![], "invalid_payload".to_owned())
            }
            0 => (200, vec![], "ok".to_owned()),
            1 => (404, vec![], "no_service".to_owned()),
            2 => (429, vec![("retry-after", "7".to_owned())], "rate_limited".to_owned()),
            _ => (500, vec![], "rollup_error".to_owned()),
        }
    });
    let url = format!("http://{}/services/T0/B0/XXXX", service.address);
    let send = || send("{}", &[("SLACK_WEBHOOK_URL", &url)]);
    assert_eq!(send(), Ok("200 ok".to_owned()));
    assert_eq!(send(), Err(answered(404, "no_service", None)));
    assert_eq!(send(), Err(answered(429, "rate_limited", Some(7))));
    assert_eq!(send(), Err(answered(500, "rollup_error", None)));
    let request = &service.requests()[0];
    assert_eq!((request.method.as_str(), request.uri.path()), ("POST", "/services/T0/B0/XXXX"));
}

#[test]
fn telegram_gets_a_message_and_its_errors_are_told() {
    let service = Receiver::new(|n, request| {
        let body = request.json();
        let error = |code: u16, description: &str, parameters: Value| {
            let body = json!({"ok": false, "error_code": code, "description": description, "parameters": parameters});
            (code, vec![], body.to_string())
        };
        match n {
            _ if request.uri.path() != "/bot12:abcdefghij/sendMessage" => {
                error(401, "Unauthorized", json!({}))
            }
            _ if body["chat_id"] != "-1001" => error(400, "Bad Request: chat not found", json!({})),
            _ if body["parse_mode"] != "MarkdownV2" || !body["text"].is_string() => {
                error(400, "Bad Request: message text is empty", json!({}))
            }
            0 => (200, vec![], json!({"ok": true, "result": {"message_id": 1}}).to_string()),
            1 => error(429, "Too Many Requests: retry after 5", json!({"retry_after": 5})),
            // A proxy that answers in its own way.
            2 => (
                200,
                vec![],
                json!({"ok": false, "error_code": 502, "description": "down"}).to_string(),
            ),
            _ => error(403, "Forbidden: bot was kicked from /bot12:abcdefghij/", json!({})),
        }
    });
    let base = format!("http://{}/", service.address);
    let variables = |token, chat| {
        [
            ("ALERT_TELEGRAM_BOT_TOKEN", token),
            ("ALERT_TELEGRAM_CHAT_ID", chat),
            ("ALERT_TELEGRAM_BASE_URL", base.as_str()),
        ]
    };
    let right = variables("12:abcdefghij", "-1001");
    assert_eq!(
        send("{}", &right),
        Ok("200 {\"ok\":true,\"result\":{\"message_id\":1}}".to_owned())
    );
    assert_eq!(send("{}", &right), Err(answered(429, "Too Many Requests: retry after 5", Some(5))));
    assert_eq!(send("{}", &right), Err(answered(502, "down", None)));
    assert_eq!(
        send("{}", &right),
        Err(answered(403, "Forbidden: bot was kicked from /bot[SECRET]/", None))
    );
    assert_eq!(send("{}", &variables("wrong", "-1001")), Err(answered(401, "Unauthorized", None)));
    assert_eq!(
        send("{}", &variables("12:abcdefghij", "5")),
        Err(answered(400, "Bad Request: chat not found", None))
    );
}

#[test]
fn alertmanager_gets_a_list_and_its_errors_are_told() {
    let service = Receiver::new(|n, request| {
        let alerts = request.json();
        let labels = alerts[0]["labels"].as_object().cloned().unwrap_or_default();
        let invalid = labels.is_empty() || labels.values().any(|value| value == "");
        match n {
            _ if request.uri.path() != "/am/api/v2/alerts" => (404, vec![], String::new()),
            _ if request.header("authorization") != "Bearer t0k3n" => (401, vec![], String::new()),
            _ if invalid => (400, vec![], "\"invalid label set\"".to_owned()),
            0 => (200, vec![], String::new()),
            _ => (400, vec![], "\"start time must be before end time\"".to_owned()),
        }
    });
    let yaml = format!(
        "sinks: {{am: {{type: alertmanager, url: 'http://{}/am/', authorization: 'Bearer ${{T}}', labels: {{cluster: eu}}}}}}",
        service.address
    );
    assert_eq!(send(&yaml, &[("T", "t0k3n")]), Ok("200 ".to_owned()));
    assert_eq!(
        send(&yaml, &[("T", "t0k3n")]),
        Err(answered(400, "\"start time must be before end time\"", None))
    );
    assert_eq!(send(&yaml, &[("T", "wrong")]), Err(answered(401, "", None)));
    let labels = &service.requests()[0].json()[0]["labels"];
    assert_eq!((&labels["cluster"], &labels["alertname"]), (&json!("eu"), &json!("NOTIFY_TEST")));
}

#[test]
fn a_webhook_gets_the_event_signed() {
    let service = Receiver::new(|_, request| {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"k3y").unwrap();
        mac.update(request.body.as_bytes());
        let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
        match request.header("x-signature-256") == format!("sha256={hex}") {
            true => (204, vec![], String::new()),
            false => (401, vec![], "bad signature".to_owned()),
        }
    });
    let yaml = format!(
        "sinks: {{hook: {{type: webhook, url: 'http://{}/x?y=1', hmac_secret: '${{K}}', headers: {{X-Team: pay}}}}}}",
        service.address
    );
    assert_eq!(send(&yaml, &[("K", "k3y")]), Ok("204 ".to_owned()));
    assert_eq!(send(&yaml, &[("K", "wrong")]), Err(answered(401, "bad signature", None)));
    let request = &service.requests()[0];
    let event = request.json();
    assert_eq!(
        (&event["event"], &event["signature"]),
        (&json!("internal_alert"), &json!("NOTIFY_TEST"))
    );
    assert_eq!(event["id"], request.header("idempotency-key"));
    assert_eq!((request.header("x-team"), request.uri.query()), ("pay", Some("y=1")));
}
