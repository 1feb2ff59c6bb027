use std::{fs, path::Path, sync::OnceLock};

use futures::stream;
use serde_json::{Value as Json, json};
use signatures_engine::aggregate::AggregationSettings;
use vector::event::{BatchNotifier, BatchStatus};
use vector_lib::event::{EventContainer, EventMetadata, EventStatus, LogEvent};
use vrl::{metadata_path, value, value::ObjectMap};

use super::*;

const AT: &str = "2026-01-02T03:04:05Z";

fn config(text: &str) -> SignatureAlertsConfig {
    let grouping = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/alerts.yml");
    toml::from_str(&format!("grouping = {grouping:?}\n{text}")).unwrap()
}

fn alerting(config: &SignatureAlertsConfig) -> SignatureAlerts {
    let rules = config.rules().unwrap();
    let aggregation = Arc::new(Aggregation::new(rules.settings.engine.aggregation.clone(), None));
    SignatureAlerts {
        rules,
        aggregation,
        origin: origin(),
        trust_tags: config.trust_tags,
        alerts_hold_acknowledgements: config.alerts_hold_acknowledgements,
        clock: || AT.parse().unwrap(),
        counts: Counts::new(),
    }
}

/// The one that judges in these tests.
fn origin() -> Origin {
    static ORIGIN: OnceLock<Origin> = OnceLock::new();
    ORIGIN.get_or_init(Origin::random).clone()
}

/// An event with fields that are called as the tags are.
fn claimed(category: &str) -> LogEvent {
    let event = value!({
        "message": "read ECONNRESET password=hunter2",
        "host": "app-1",
        "error_category": category,
        "error_signature": "RESET",
        "error_policy": "retry",
        "error_severity": "high",
        "error_summary": "Lost",
        "error_fingerprint": "0123456789ab",
    });
    LogEvent::from_parts(event, EventMetadata::default())
}

/// The verdict of such fields.
fn verdict_of(log: &LogEvent) -> ObjectMap {
    let fields = log.value().as_object().unwrap();
    let tags = fields.iter().filter(|(name, _)| name.starts_with("error_"));
    tags.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// An event as `error_signatures` leaves it.
fn error(category: &str) -> LogEvent {
    let mut log = claimed(category);
    let verdict = verdict_of(&log);
    origin().sign(&mut log, verdict);
    log
}

/// What comes out when these go in, one batch each.
async fn alerts(transform: SignatureAlerts, batches: Vec<Vec<LogEvent>>) -> Vec<LogEvent> {
    let batches = stream::iter(batches.into_iter().map(EventArray::Logs));
    let out: Vec<_> = Box::new(transform).transform(Box::pin(batches)).collect().await;
    out.into_iter().flat_map(|events| events.into_events()).map(|e| e.into_log()).collect()
}

async fn message(text: &str, category: &str) -> Json {
    let events = vec![vec![error(category), error(category)], vec![error(category)]];
    let alerts = alerts(alerting(&config(text)), events).await;
    assert_eq!(alerts.len(), 1);
    serde_json::to_value(alerts[0].value()).unwrap()
}

#[tokio::test]
async fn the_third_error_within_the_window_is_an_alert() {
    assert_eq!(
        message("", "db").await,
        json!({
            "event": "internal_alert",
            "timestamp": AT,
            "message": "[ANOMALY] RESET: Lost: 3 events: read ECONNRESET password=[REDACTED]",
            "id": "0123456789ab-1767323045000000000-1",
            "name": "RESET: Lost",
            "severity": "anomaly",
            "trigger": "threshold",
            "reason": "3 in 5 minutes",
            "numbers": {"count": 3, "window_seconds": 300},
            "summary": "3 events: read ECONNRESET password=[REDACTED]",
            "fingerprint": "0123456789ab",
            "group": "0123456789ab",
            "category": "db",
            "signature": "RESET",
            "policy": "retry",
            "severity_hint": "high",
            "count": 3,
            "suppressed": 0,
            "first_seen": AT,
            "last_seen": AT,
            "decided_at": AT,
            "cooldown_until": "2026-01-02T03:14:05Z",
            "samples": ["read ECONNRESET password=[REDACTED]"],
            "shadow": false,
            "host": "app-1",
            "service": null,
        })
    );
}

#[tokio::test]
async fn each_format_is_what_its_service_takes() {
    let slack = message("format = 'slack'", "db").await;
    assert!(slack["text"].is_string() && slack["attachments"].is_array(), "{slack:#}");
    let telegram = message("format = 'telegram'\ntelegram_chat_id = '-17'", "db").await;
    assert_eq!(telegram["chat_id"], "-17", "{telegram:#}");
    assert!(telegram["text"].as_str().unwrap().contains("RESET"), "{telegram:#}");
    let labels = "format = 'alertmanager'\nalertmanager_labels = {cluster = 'eu'}";
    let alertmanager = message(labels, "db").await;
    assert_eq!(alertmanager["labels"]["alertname"], "RESET", "{alertmanager:#}");
    assert_eq!(alertmanager["labels"]["cluster"], "eu", "{alertmanager:#}");
    assert_eq!(alertmanager["startsAt"], AT, "{alertmanager:#}");
}

#[tokio::test]
async fn what_is_not_to_be_sent_is_counted_all_the_same() {
    for (text, sent) in [
        ("shadow = true", 0),
        ("shadow = false", 1),
        ("min_severity = 'high'", 1),
        ("min_severity = 'critical'", 0),
    ] {
        let transform = alerting(&config(text));
        let aggregation = Arc::clone(&transform.aggregation);
        let events = vec![vec![error("db"), error("db"), error("db"), error("db")]];
        assert_eq!(alerts(transform, events).await.len(), sent, "{text}");
        let stats = aggregation.table().stats();
        assert_eq!((stats.alerts, stats.suppressed), (1, 1), "{text}");
    }
    let off = alerting(&config("enabled = false"));
    let aggregation = Arc::clone(&off.aggregation);
    assert_eq!(alerts(off, vec![vec![error("critical")]]).await, []);
    assert_eq!(aggregation.table().stats(), Stats::default());
}

#[tokio::test]
async fn what_bears_no_tags_raises_nothing() {
    let plain = LogEvent::from_str_legacy("read ECONNRESET");
    let transform = alerting(&config(""));
    let aggregation = Arc::clone(&transform.aggregation);
    assert_eq!(alerts(transform, vec![vec![plain.clone(), plain.clone(), plain]]).await, []);
    assert_eq!(aggregation.table().stats(), Stats::default());
}

#[tokio::test]
async fn a_bare_message_has_its_verdict_in_the_metadata() {
    let mut bare = LogEvent::from_parts(value!("boom 17"), EventMetadata::default());
    let mut verdict = ObjectMap::new();
    for (tag, value) in [
        ("error_category", "critical"),
        ("error_signature", "BOOM"),
        ("error_fingerprint", "0123456789ab"),
    ] {
        verdict.insert(tag.into(), value.into());
    }
    origin().sign(&mut bare, verdict);
    let alerts = alerts(alerting(&config("")), vec![vec![bare]]).await;
    let alert = serde_json::to_value(alerts[0].value()).unwrap();
    assert_eq!(
        (&alert["severity"], &alert["summary"]),
        (&json!("critical"), &json!("1 event: boom 17"))
    );
}

/// What a log says of itself raises nothing, changes nothing, and hides nothing.
#[tokio::test]
async fn what_an_application_writes_decides_nothing() {
    let forged = |origin: &str| {
        let mut log = claimed("critical");
        let mut verdict = verdict_of(&log);
        verdict.insert("origin".into(), origin.into());
        log.insert(metadata_path!("error_signatures"), Value::Object(verdict));
        log
    };
    let another = || {
        let mut log = claimed("critical");
        let verdict = verdict_of(&log);
        Origin::random().sign(&mut log, verdict);
        log
    };
    for log in [claimed("critical"), forged(""), forged("0"), another()] {
        assert_eq!(alerts(alerting(&config("")), vec![vec![log.clone()]]).await, []);
        let trusting = alerting(&config("trust_tags = true"));
        assert_eq!(alerts(trusting, vec![vec![log]]).await.len(), 1);
    }
    // Its verdict holds, whatever its fields say, and where they say nothing.
    for fields in [
        value!({"message": "m", "error_category": "critical", "error_severity": "critical"}),
        value!({"message": "m", "error_fingerprint": "ba9876543210"}),
        value!({"message": "m"}),
    ] {
        let (_, metadata) = error("db").into_parts();
        let log = LogEvent::from_parts(fields, metadata);
        let events = vec![vec![log.clone(), log.clone(), log]];
        let alerts = alerts(alerting(&config("")), events).await;
        let alert = serde_json::to_value(alerts[0].value()).unwrap();
        assert_eq!(
            [
                &alert["severity"],
                &alert["category"],
                &alert["severity_hint"],
                &alert["fingerprint"]
            ],
            [&json!("anomaly"), &json!("db"), &json!("high"), &json!("0123456789ab")]
        );
        assert!(alerts[0].metadata().value().get(path!("error_signatures")).is_none());
    }
}

/// What became of an alert is known when the last who has it says so.
async fn settled(aggregation: &Aggregation) {
    while aggregation.is_under_way() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_alert_that_does_not_arrive_is_raised_again() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("groups.json");
    let settings = || config("").rules().unwrap().settings.engine.aggregation.clone();
    let aggregation = Arc::new(Aggregation::new(settings(), Some(file.clone())));
    let start = |aggregation: &Arc<Aggregation>| SignatureAlerts {
        aggregation: Arc::clone(aggregation),
        ..alerting(&config(""))
    };
    for status in [EventStatus::Errored, EventStatus::Rejected] {
        let transform = start(&aggregation);
        let mut raised = transform.observe(EventArray::Logs(vec![error("critical")]));
        assert_eq!(raised.len(), 1, "{status:?}");
        // A crash now, and the event comes again.
        aggregation.save();
        let after_crash = Arc::new(Aggregation::new(settings(), Some(file.clone())));
        assert_eq!(start(&after_crash).observe(EventArray::Logs(vec![error("critical")])).len(), 1);
        // Within its cooldown it is the one that counts.
        assert_eq!(transform.observe(EventArray::Logs(vec![error("critical")])), []);
        // Whoever is told sends it again at once.
        raised[0].metadata().update_status(status);
        raised.clear();
    }
    let transform = start(&aggregation);
    let mut raised = transform.observe(EventArray::Logs(vec![error("critical")]));
    let alert = serde_json::to_value(raised[0].value()).unwrap();
    assert_eq!((&alert["count"], &alert["suppressed"]), (&json!(1), &json!(2)));
    // It arrives: its cooldown holds, after a restart as well.
    raised[0].metadata().update_status(EventStatus::Delivered);
    raised.clear();
    settled(&aggregation).await;
    aggregation.save();
    let restarted = Arc::new(Aggregation::new(settings(), Some(file)));
    for aggregation in [&aggregation, &restarted] {
        assert_eq!(start(aggregation).observe(EventArray::Logs(vec![error("critical")])), []);
    }
}

#[tokio::test]
async fn what_arrives_after_the_end_is_saved_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("groups.json");
    let settings = || config("").rules().unwrap().settings.engine.aggregation.clone();
    let start = |file: &Path| SignatureAlerts {
        aggregation: Arc::new(Aggregation::new(settings(), Some(file.to_owned()))),
        ..alerting(&config(""))
    };
    let first = start(&file);
    let aggregation = Arc::clone(&first.aggregation);
    let raised = alerts(first, vec![vec![error("critical")]]).await;
    assert_eq!(raised.len(), 1);
    // Nobody knows yet whether it arrives: were this the end, it would be raised again.
    let copy = directory.path().join("copy.json");
    fs::copy(&file, &copy).unwrap();
    assert_eq!(alerts(start(&copy), vec![vec![error("critical")]]).await.len(), 1);
    raised[0].metadata().update_status(EventStatus::Delivered);
    drop(raised);
    settled(&aggregation).await;
    assert_eq!(alerts(start(&file), vec![vec![error("critical")]]).await, []);
}

#[tokio::test]
async fn an_event_need_not_wait_for_its_alert() {
    let (batch, mut status) = BatchNotifier::new_with_receiver();
    let event = error("critical").with_batch_notifier(&batch);
    drop(batch);
    let transform = alerting(&config("alerts_hold_acknowledgements = false"));
    let alerts = alerts(transform, vec![vec![event]]).await;
    assert_eq!((alerts.len(), status.try_recv()), (1, Ok(BatchStatus::Delivered)));
}

#[tokio::test]
async fn an_event_is_acknowledged_when_its_alert_is_delivered() {
    let (batch, mut status) = BatchNotifier::new_with_receiver();
    let event = error("critical").with_batch_notifier(&batch);
    drop(batch);
    let alerts = alerts(alerting(&config("")), vec![vec![event]]).await;
    assert!(status.try_recv().is_err(), "the alert is still on its way");
    drop(alerts);
    assert_eq!(status.try_recv(), Ok(BatchStatus::Delivered));
}

#[tokio::test]
async fn its_state_outlives_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = || Some(directory.path().join("groups.json"));
    let start = || SignatureAlerts {
        aggregation: Arc::new(Aggregation::new(AggregationSettings::default(), file())),
        ..alerting(&config(""))
    };
    let transform = start();
    let aggregation = Arc::clone(&transform.aggregation);
    assert_eq!(alerts(transform, vec![vec![error("critical")]]).await.len(), 1);
    settled(&aggregation).await;
    assert_eq!(alerts(start(), vec![vec![error("critical")]]).await, []);
}

#[test]
fn what_is_wrong_with_the_options_is_told() {
    let told =
        |text: &str| config(text).validate(&TransformContext::default()).unwrap_err().join("\n");
    assert_eq!(
        told("min_severity = 'loud'"),
        "min_severity takes one of info, low, warning, medium, anomaly, high, critical, or a level: trace, debug, notice, error, alert, emergency, not `loud`"
    );
    assert!(told("format = 'telegram'").contains("SIGNATURES_TELEGRAM_CHAT_ID"));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.yml");
    fs::write(&path, "min_count_default: many\n").unwrap();
    let config = toml::from_str::<SignatureAlertsConfig>(&format!("grouping = {path:?}")).unwrap();
    let errors = config.validate(&TransformContext::default()).unwrap_err();
    assert!(errors[0].starts_with(&format!("{}:1:20: ", path.display())), "{errors:?}");
}

#[test]
fn the_example_of_vector_generate_is_a_configuration() {
    SignatureAlertsConfig::generate_config().try_into::<SignatureAlertsConfig>().unwrap();
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let data = tempfile::tempdir().unwrap();
    let globals =
        GlobalOptions { data_dir: Some(data.path().to_owned()), ..GlobalOptions::default() };
    let directory = data_directory(&globals, "alerts").unwrap();
    let file = directory.join("groups.json");
    Aggregation::new(AggregationSettings::default(), Some(file.clone())).save();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(directory), mode(file)), (0o700, 0o600));
}
