//! What becomes of the alerts that a relay raises.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use signatures_ledger::{Among, DATABASE, Selection, State, Store};
use signatures_peers::{
    proto::{EventWrapper, Log, Value},
    receiver::Receiver,
    vector::{Answer, VectorSink, VectorSource},
    waiting::eventually,
};
use tempfile::TempDir;

use crate::{
    message,
    process::{Relay, get},
};

/// A mark that is part of every secret.
const MARK: &str = "S3CRETMARK";

/// A relay set up by files only. Every `boom` is a critical error of its own.
struct Setup {
    source: VectorSource,
    folder: TempDir,
}

impl Setup {
    async fn new(alerts: &str) -> Self {
        let (source, folder) = (VectorSource::start().await, tempfile::tempdir().unwrap());
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("taxonomy.yml", "{critical: [boom], net: [drip]}");
        write("alerts.yml", alerts);
        write(
            "relay.yml",
            &format!(
                "listen: 127.0.0.1:0\nforward: {{url: '{}'}}\nalerts: alerts.yml\nstate_dir: state\n",
                source.url()
            ),
        );
        Self { source, folder }
    }

    async fn with_webhook() -> (Self, Receiver) {
        let receiver = Receiver::answering(200, "why");
        let alerts =
            format!("sinks: {{hook: {{type: webhook, url: 'http://{}'}}}}", receiver.address);
        (Self::new(&alerts).await, receiver)
    }

    /// A relay in the folder, and the source beside it.
    fn start(self) -> (VectorSource, Relay) {
        (self.source, Relay::start_in(self.folder, &["--config", "relay.yml"]))
    }
}

async fn push(relay: &Relay, texts: &[&str]) {
    let events = texts.iter().map(|text| message(text)).collect();
    VectorSink::new(&relay.listen).push(events).await.unwrap();
}

fn samples(receiver: &Receiver) -> Vec<Json> {
    receiver.bodies().iter().map(|body| body["samples"][0].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_neither_forgets_a_cooldown_nor_repeats_an_alert() {
    let (setup, receiver) = Setup::with_webhook().await;
    let (_source, mut relay) = setup.start();
    for (signal, new) in [("TERM", "boom a"), ("KILL", "boom b"), ("KILL", "boom c")] {
        push(&relay, &["boom a", "boom b", new]).await;
        eventually("the alert arrives", || samples(&receiver).contains(&json!(new))).await;
        // Told to the disk, too: a kill before that may repeat it.
        let database = relay.folder.path().join("state").join(DATABASE);
        let left = Selection { states: Among::These(vec![State::Queued]), ..Selection::ALL };
        eventually("all are settled", || {
            Store::open(&database).unwrap().list(&left, 1).unwrap().is_empty()
        })
        .await;
        relay = Relay::start_in(relay.end(signal), &["--config", "relay.yml"]);
    }
    push(&relay, &["boom a", "boom b", "boom c", "boom d"]).await;
    eventually("the alert arrives", || samples(&receiver).contains(&json!("boom d"))).await;
    let mut seen = samples(&receiver);
    seen.sort_by_key(ToString::to_string);
    assert_eq!(seen, ["boom a", "boom b", "boom c", "boom d"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_below_the_threshold_outlive_a_restart() {
    let (setup, receiver) = Setup::with_webhook().await;
    let (_source, mut relay) = setup.start();
    for _ in 0..2 {
        push(&relay, &["drip"]).await;
        relay = Relay::start_in(relay.end("TERM"), &["--config", "relay.yml"]);
    }
    assert_eq!(samples(&receiver), [] as [Json; 0]);
    push(&relay, &["drip"]).await;
    eventually("the alert arrives", || samples(&receiver).len() == 1).await;
    assert_eq!(receiver.bodies()[0]["count"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_outlives_a_kill() {
    let (setup, receiver) = Setup::with_webhook().await;
    let path = setup.folder.path().join("alerts.yml");
    let alerts = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, alerts + "\nmin_count_default: 4\n").unwrap();
    let (_source, mut relay) = setup.start();
    // At once after the answer: nothing is left for later.
    for _ in 0..3 {
        push(&relay, &["drip"]).await;
        relay = Relay::start_in(relay.end("KILL"), &["--config", "relay.yml"]);
    }
    assert_eq!(samples(&receiver), [] as [Json; 0]);
    push(&relay, &["drip"]).await;
    eventually("the alert arrives", || samples(&receiver).len() == 1).await;
    assert_eq!(receiver.bodies()[0]["count"], 4);
}

/// A text of its own for each number: letters alone, as digits are no difference.
fn text(number: usize) -> String {
    let letters =
        number.to_string().bytes().map(|digit| char::from(digit + 49)).collect::<String>();
    format!("boom {letters}")
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_of_what_was_answered_outlive_kills_under_load() {
    // Takes nothing: all alerts stay in the outbox.
    let sink = "sinks: {gone: {type: webhook, url: 'http://127.0.0.1:1/', queue: 1000000}}";
    let (_source, mut relay) = Setup::new(sink).await.start();
    let (mut answered, mut number) = (Vec::new(), 0);
    for kill in 1..=4 {
        let (done, mut taken) = tokio::sync::mpsc::unbounded_channel();
        let load: Vec<_> = (0..4)
            .map(|_| {
                let texts: Vec<String> = (0..200).map(|index| text(number + index)).collect();
                number += 200;
                let (done, sink) = (done.clone(), VectorSink::new(&relay.listen));
                tokio::spawn(async move {
                    for texts in texts.chunks(4) {
                        let events = texts.iter().map(|text| message(text)).collect();
                        if let Err(status) = sink.push(events).await {
                            return status.to_string();
                        }
                        done.send(texts.to_vec()).unwrap();
                    }
                    "all was taken".to_owned()
                })
            })
            .collect();
        drop(done);
        for _ in 0..10 * kill {
            let Some(texts) = taken.recv().await else { break };
            answered.extend(texts);
        }
        let folder = relay.end("KILL");
        while let Some(texts) = taken.recv().await {
            answered.extend(texts);
        }
        for load in load {
            let ended = load.await.unwrap();
            assert!(ended != "all was taken", "killed too late");
            assert!(answered.len() >= 40 * kill, "{ended}");
        }
        relay = Relay::start_in(folder, &["--config", "relay.yml"]);
    }
    let folder = relay.end("KILL");
    let binary = env!("CARGO_BIN_EXE_vector-signatures");
    let mut command = signatures_peers::process::command(binary, folder.path());
    command.args(["outbox", "list", "--state-dir", "state", "--limit", "1000000"]);
    let listed = command.args(["--format", "json"]).output().unwrap();
    let listed = signatures_peers::process::json_lines(&listed.stdout);
    let sample = |delivery: &Json| delivery["alert"]["samples"][0].as_str().unwrap().to_owned();
    let kept: BTreeSet<String> = listed.iter().map(sample).collect();
    let missing = answered.iter().filter(|text| !kept.contains(*text)).count();
    assert_eq!(missing, 0, "of {}", answered.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_count_at_the_time_that_they_tell() {
    let (setup, receiver) = Setup::with_webhook().await;
    let (_source, relay) = setup.start();
    let told = |time: &str| {
        let fields = [("message", Value::text("drip")), ("timestamp", Value::text(time))];
        EventWrapper::log(Log::of(fields))
    };
    // A backlog: far apart, then close together, out of order, and then cooling down.
    let times = ["09:00:00", "09:20:00", "09:21:02", "09:21:00", "09:22:00", "09:25:00"];
    let events = times.map(|time| told(&format!("2025-03-14T{time}Z"))).into();
    VectorSink::new(&relay.listen).push(events).await.unwrap();
    eventually("the alert arrives", || !receiver.bodies().is_empty()).await;
    let [alert] = receiver.bodies().try_into().unwrap();
    let seen = ["first_seen", "last_seen", "cooldown_until"].map(|key| alert[key].clone());
    let expected = ["09:20:00", "09:21:02", "09:31:02"];
    assert_eq!(seen, expected.map(|time| json!(format!("2025-03-14T{time}Z"))));
    assert!(alert["summary"].as_str().unwrap().contains("d ") && alert["count"] == 3, "{alert}");
    // It ends no cooldown and begins none for now: these three are new.
    push(&relay, &["drip", "drip", "drip"]).await;
    eventually("the next alert arrives", || receiver.bodies().len() == 2).await;
    assert_eq!(receiver.bodies()[1]["suppressed"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_when_the_relay_is_killed_is_sent_by_the_next() {
    let (setup, receiver) = Setup::with_webhook().await;
    receiver.answer(503);
    let (_source, relay) = setup.start();
    push(&relay, &["boom a"]).await;
    eventually("it was tried", || !receiver.bodies().is_empty()).await;
    let folder = relay.end("KILL");
    let tried = receiver.bodies().len();
    receiver.answer(200);
    let _relay = Relay::start_in(folder, &["--config", "relay.yml"]);
    eventually("it was tried again", || receiver.bodies().len() > tried).await;
    let mut bodies = receiver.bodies();
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "the same alert, by the same id: {bodies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_is_of_no_use_holds_up_no_alert() {
    for damaged in [false, true] {
        let (setup, receiver) = Setup::with_webhook().await;
        let state = setup.folder.path().join("state");
        if damaged {
            std::fs::create_dir(&state).unwrap();
            std::fs::write(state.join("alerts.db"), "nonsense".repeat(2000)).unwrap();
        } else {
            std::fs::write(state, "no folder").unwrap();
        }
        let (_source, relay) = setup.start();
        relay.wait_for(if damaged { "moved aside" } else { "cannot be written" });
        push(&relay, &["boom a"]).await;
        eventually("the alert arrives", || samples(&receiver) == ["boom a"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_alerts_is_counted_for_each_sink() {
    let (setup, receiver) = Setup::with_webhook().await;
    let (_source, relay) = setup.start();
    let metric = |name: &str| relay.metric(&format!("vector_signatures_{name}{{sink=\"hook\"}}"));
    for name in ["queued", "sent", "retried", "dead", "gave_way"] {
        assert_eq!(metric(&format!("alerts_{name}_total")), 0.0, "{name}");
    }
    receiver.answer(500);
    push(&relay, &["boom a"]).await;
    eventually("it was tried", || metric("alerts_retried_total") > 0.0).await;
    assert_eq!(metric("alerts_waiting"), 1.0);
    receiver.answer(200);
    eventually("it was sent", || metric("alerts_sent_total") == 1.0).await;
    receiver.answer(404);
    push(&relay, &["boom b"]).await;
    eventually("it was given up", || metric("alerts_dead_total") == 1.0).await;
    assert_eq!((metric("alerts_queued_total"), metric("alerts_waiting")), (2.0, 0.0));
    assert_eq!(metric("alert_delivery_seconds_count"), 1.0);
    assert!(metric("alert_delivery_seconds_sum") > 0.0);
    let failures = |reason: &str| {
        relay.metric(&format!(
            "vector_signatures_alert_failures_total{{sink=\"hook\",reason=\"{reason}\"}}"
        ))
    };
    assert!(failures("server_error") >= 1.0);
    assert_eq!(failures("refused"), 1.0);
    let (_, page) = relay.get("/metrics");
    assert!(page.contains("# HELP vector_signatures_alerts_dead_total"), "{page}");

    let status: Json = serde_json::from_str(&relay.get("/status").1).unwrap();
    let sinks = json!([{"name": "hook", "queued": 0, "sent": 1, "dead": 1, "dropped": 0}]);
    assert_eq!(status["sinks"], sinks);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_goes_through_its_own_relay_untouched() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let alerts = format!("sinks: {{v: {{type: vector, url: 'http://{port}', compression: zstd}}}}");
    let setup = Setup::new(&alerts).await;
    let args = ["--config", "relay.yml", "--listen", &port.to_string()];
    let (source, relay) = (setup.source, Relay::start_in(setup.folder, &args));
    let text = |event: &EventWrapper, name: &str| {
        event
            .as_log()
            .unwrap()
            .fields
            .get(name)
            .and_then(|value| value.as_text().map(str::to_owned))
    };

    source.answer(Answer::Refuse(tonic::Code::Unavailable));
    VectorSink::new(&relay.listen).push(vec![message("boom a")]).await.unwrap_err();
    source.answer(Answer::Take);
    push(&relay, &["boom a"]).await;
    eventually("the alert comes by", || source.events().len() == 2).await;
    let events = source.events();
    assert_eq!(text(&events[0], "error_signature").as_deref(), Some("critical_0"));
    let alert = &events[1];
    assert_eq!(text(alert, "event").as_deref(), Some("internal_alert"));
    assert_eq!(text(alert, "fingerprint"), text(&events[0], "error_fingerprint"));
    assert_eq!(text(alert, "error_signature"), None);
    let skipped = "vector_signatures_events_total{kind=\"log\",verdict=\"skipped\"}";
    eventually("it is counted", || relay.metric(skipped) == 1.0).await;
    assert_eq!(relay.metric("vector_signatures_alerts_total"), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_shows_on_any_page_or_in_the_log() {
    let receiver = Receiver::answering(200, "why");
    let url = format!("http://{}", receiver.address);
    let setup = Setup::new(
        "sinks:\n  hook: {type: webhook, url: '${URL}/${MARK}', hmac_secret: '${MARK}', headers: {X-Token: '${MARK}'}}\n  \
         prom: {type: alertmanager, url: '${URL}', authorization: 'Bearer ${MARK}'}\n  \
         gone: {type: slack, webhook_url: 'http://127.0.0.1:1/${MARK}'}\n",
    )
    .await;
    let (_source, folder) = (setup.source, setup.folder);
    std::fs::write(folder.path().join("token"), MARK).unwrap();
    let environment = [
        ("MARK", MARK),
        ("URL", &url),
        ("SLACK_WEBHOOK_URL", &format!("{url}/services/{MARK}")),
        ("ALERT_TELEGRAM_BOT_TOKEN", &format!("12:{MARK}")),
        ("ALERT_TELEGRAM_CHAT_ID", MARK),
        ("ALERT_TELEGRAM_BASE_URL", &url),
    ];
    let args = ["--config", "relay.yml", "--status-token-file", "token"];
    let relay = Relay::start_with(folder, &args, &environment);
    let authorized = format!("Authorization: Bearer {MARK}\r\n");
    let mut shown = String::new();
    for (status, name) in [(404, "a"), (500, "b"), (200, "c")] {
        receiver.answer(status);
        let before = receiver.bodies().len();
        let texts = [format!("boom {name} password={MARK} https://u:{MARK}@h/")];
        push(&relay, &texts.each_ref().map(String::as_str)).await;
        eventually("all were asked", || receiver.bodies().len() >= before + 4).await;
        for page in ["/metrics", "/status", "/readyz", "/healthz", "/nope"] {
            for header in ["", &authorized] {
                shown += &get(&relay.status, page, header).1;
            }
        }
    }
    shown += &relay.stderr();
    let folder = relay.end("TERM");
    for file in std::fs::read_dir(folder.path().join("state")).unwrap() {
        shown += &String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap());
    }
    for expected in ["sink=\"telegram\"", "\"dead\": 1", "refused for good", "internal_alert"] {
        assert!(shown.contains(expected), "{expected}");
    }
    let leaks: Vec<_> = shown.lines().filter(|line| line.contains(MARK)).collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

/// However long its errors take to count, and although nobody waits for it any more.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_next_hop_has_taken_is_counted_to_its_end_before_ours() {
    const ALERTS: usize = 3000;
    let sink = "sinks: {gone: {type: webhook, url: 'http://127.0.0.1:1/', queue: 1000000}}";
    let (_source, mut relay) = Setup::new(sink).await.start();
    let sink = VectorSink::new(&relay.listen);
    let events = (0..ALERTS).map(|number| message(&text(number))).collect();
    let push = tokio::spawn(async move { sink.push(events).await });
    let taken = r#"vector_signatures_events_total{kind="log",verdict="match"}"#;
    let is_taken = || relay.metric(taken) > 0.0;
    eventually("the next hop has taken it", is_taken).await;
    push.abort();
    relay.signal("TERM");
    assert_eq!(relay.wait(), Some(0), "{}", relay.stderr());
    let folder = relay.folder.path().join("state").join(signatures_ledger::DATABASE);
    let store = signatures_ledger::Store::open(&folder).unwrap();
    let all = store.list(&signatures_ledger::Selection::ALL, usize::MAX >> 1).unwrap();
    assert_eq!(all.len(), ALERTS);
}
