//! Each sink against a server that answers as the real service would.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::{sync::Arc, time::Duration};

use given::send;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use signatures_delivery::{Fault, SendError, notify_test};
use signatures_peers::receiver::{Answer, Receiver, Request};
use tempfile::NamedTempFile;

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

/// A group that has become a supergroup: its old id is refused, with the new one.
fn supergroup(n: usize, request: &Request) -> Answer {
    let body = match request.json()["chat_id"].as_str().unwrap() {
        "-1009" => json!({"ok": true, "result": {"message_id": n}}),
        "-7" => json!({
            "ok": false,
            "error_code": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": {"migrate_to_chat_id": -1009},
        }),
        // A service that never comes to an end.
        _ => json!({
            "ok": false,
            "error_code": 400,
            "description": "moved",
            "parameters": {"migrate_to_chat_id": 1000 + n},
        }),
    };
    (if body["ok"] == true { 200 } else { 400 }, vec![], body.to_string())
}

#[test]
fn a_telegram_group_that_became_a_supergroup_gets_its_alerts_under_the_new_id() {
    let chats = |service: &Receiver| -> Vec<_> {
        service.bodies().iter().map(|body| body["chat_id"].as_str().unwrap().to_owned()).collect()
    };
    let for_chat = |service: &Receiver, chat: &str| {
        let yaml = format!(
            "sinks: {{tg: {{type: telegram, bot_token: '12:${{T}}', chat_id: '{chat}', base_url: 'http://{}'}}}}",
            service.address
        );
        given::config(&yaml, &[("T", "abcdefghij")])
    };

    let service = Receiver::new(supergroup);
    let dispatcher = given::open(for_chat(&service, "-7"), None);
    dispatcher.submit(&[given::alert(1)], vec![]).wait().unwrap();
    service.wait_for(2);
    dispatcher.submit(&[given::alert(2)], vec![]).wait().unwrap();
    service.wait_for(3);
    assert_eq!(dispatcher.shutdown(Duration::from_secs(5)).queued, 0);
    // The first alert by way of the old id, the second at once.
    assert_eq!(chats(&service), ["-7", "-1009", "-1009"]);
    let texts: Vec<_> = service.bodies().iter().map(|body| body["text"].clone()).collect();
    assert_eq!(texts[0], texts[1]);
    assert_ne!(texts[1], texts[2]);

    // Whoever tries it is told what to write, and so is the log.
    let tried = Receiver::new(supergroup);
    let (config, log) = (for_chat(&tried, "-7"), NamedTempFile::new().unwrap());
    let writer = Arc::new(log.reopen().unwrap());
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
    // Where there is one alone, what another thread tells first is shut to it for good.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let answers = tracing::subscriber::with_default(subscriber, || {
        notify_test(&config, None, Timestamp::now()).unwrap()
    });
    let log = std::fs::read_to_string(log.path()).unwrap();
    let told =
        "write `chat_id: \"-1009\"` in alerts.yml, or SIGNATURES_TELEGRAM_CHAT_ID=-1009 in the";
    assert_eq!(log.matches(told).count(), 1, "{log}");
    assert_eq!(
        answers.into_iter().map(|(_, answer)| answer.unwrap().answer).collect::<Vec<_>>(),
        [
            "200 {\"ok\":true,\"result\":{\"message_id\":1}}; write the chat's new id, -1009, in place of -7"
        ]
    );

    let endless = Receiver::new(supergroup);
    let answers = notify_test(&for_chat(&endless, "-8"), None, Timestamp::now()).unwrap();
    let [(_, refused)] = answers.try_into().unwrap();
    assert_eq!(refused.unwrap_err(), answered(400, "moved", None));
    assert_eq!(chats(&endless), ["-8", "1000"]);
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

/// What stands between us and a service, and says that all is well.
fn page(form: &str) -> Receiver {
    let page = format!("<!DOCTYPE html>\n<html><body>Welcome{form}</body></html>");
    Receiver::new(move |_, _| (200, vec![("content-type", "text/html".to_owned())], page.clone()))
}

/// What each kind of sink says to a receiver.
fn ask_each_kind(receiver: &Receiver) -> Vec<(String, Result<String, SendError>)> {
    let url = format!("http://{}", receiver.address);
    let yaml = format!(
        "sinks:
  slack: {{type: slack, webhook_url: '{url}/services/${{T}}'}}
  telegram: {{type: telegram, bot_token: '12:${{T}}', chat_id: 5, base_url: '{url}'}}
  alertmanager: {{type: alertmanager, url: '{url}'}}
  webhook: {{type: webhook, url: '{url}'}}
"
    );
    let config = given::config(&yaml, &[("T", "abcdefghij")]);
    let answers = notify_test(&config, None, Timestamp::now()).unwrap();
    let plain = answers.into_iter().map(|(sink, answer)| {
        let told =
            |doubt: Option<&str>| doubt.map_or_else(String::new, |doubt| format!(" ({doubt})"));
        (sink, answer.map(|accepted| accepted.answer + &told(accepted.doubt)))
    });
    plain.collect()
}

#[test]
fn a_page_that_says_200_has_taken_no_alert() {
    let foreign = |excerpt: &str| {
        Err(SendError::from(Fault::Foreign { status: 200, excerpt: excerpt.to_owned() }))
    };
    let login = page("<form><input type=\"password\"></form>");
    for (sink, answer) in ask_each_kind(&login) {
        let expected = "<!DOCTYPE html> <html><body>Welcome<form><input type=\"password\"></form></body></html>";
        assert_eq!(answer, foreign(expected), "{sink}");
    }
    // A webhook may answer so, and have taken it.
    let plain = page("");
    let shown = "<!DOCTYPE html> <html><body>Welcome</body></html>";
    for (sink, answer) in ask_each_kind(&plain) {
        let expected = match sink.as_str() {
            "webhook" => Ok(format!(
                "200 {shown} (it answers with a web page, as a wrong address or a captive portal does)"
            )),
            _ => foreign(shown),
        };
        assert_eq!(answer, expected, "{sink}");
    }
    // Nothing at all is what Alertmanager says, and neither of the others.
    let taken: Vec<_> = (ask_each_kind(&Receiver::answering(200, "")).into_iter())
        .filter_map(|(sink, answer)| answer.is_ok().then_some(sink))
        .collect();
    assert_eq!(taken, ["alertmanager", "webhook"]);
}

#[test]
fn a_redirect_tells_where_it_leads_and_no_secret() {
    let redirect = Receiver::new(|_, request| {
        let to = format!("https://login.example/?back={}", request.uri);
        (302, vec![("location", to)], "<html>".to_owned())
    });
    let answers: Vec<_> =
        ask_each_kind(&redirect).into_iter().map(|(_, answer)| answer.unwrap_err()).collect();
    let leads =
        |to: &str| answered(302, &format!("it leads to https://login.example/?back={to}"), None);
    assert_eq!(
        answers,
        [
            leads("/[SECRET]/[SECRET]"),
            leads("/bot[SECRET]/sendMessage"),
            leads("/api/v2/alerts"),
            leads("/"),
        ]
    );
}

#[test]
fn a_long_message_that_telegram_repeats_counts_as_taken() {
    // Each character as Telegram writes it, in JSON that is escaped.
    let text = "\\u0416".repeat(4096);
    let answer = format!("{{\"ok\":true,\"result\":{{\"message_id\":1,\"text\":\"{text}\"}}}}");
    let answers = ask_each_kind(&Receiver::answering(200, &answer));
    assert!(answers[1].1.is_ok(), "{:?}", answers[1]);
}
