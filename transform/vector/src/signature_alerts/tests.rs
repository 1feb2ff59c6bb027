use std::fs;

use futures::stream;
use serde_json::{Value as Json, json};
use signatures_engine::aggregate::AggregationSettings;
use vector::event::{BatchNotifier, BatchStatus};
use vector_lib::event::{EventContainer, EventMetadata, LogEvent};
use vrl::{metadata_path, value};

use super::*;

const AT: &str = "2026-01-02T03:04:05Z";

fn config(text: &str) -> SignatureAlertsConfig {
    let grouping = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/alerts.yml");
    toml::from_str(&format!("grouping = {grouping:?}\n{text}")).unwrap()
}

fn alerting(config: &SignatureAlertsConfig) -> SignatureAlerts {
    let rules = config.rules().unwrap();
    let aggregation = Arc::new(Aggregation::new(rules.settings.engine.aggregation.clone(), None));
    SignatureAlerts { rules, aggregation, clock: || AT.parse().unwrap(), counts: Counts::new() }
}

/// An event as `error_signatures` leaves it.
fn error(category: &str) -> LogEvent {
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
            "id": "0123456789ab-1767323045000000000-1",
            "name": "RESET: Lost",
            "severity": "anomaly",
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
async fn tags_are_found_in_the_metadata_of_a_bare_message() {
    let mut bare = LogEvent::from_parts(value!("boom 17"), EventMetadata::default());
    for (tag, value) in [
        ("error_category", "critical"),
        ("error_signature", "BOOM"),
        ("error_fingerprint", "0123456789ab"),
    ] {
        bare.insert(metadata_path!("error_signatures", tag), value);
    }
    let alerts = alerts(alerting(&config("")), vec![vec![bare]]).await;
    let alert = serde_json::to_value(alerts[0].value()).unwrap();
    assert_eq!(
        (&alert["severity"], &alert["summary"]),
        (&json!("critical"), &json!("1 event: boom 17"))
    );
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
    assert_eq!(alerts(start(), vec![vec![error("critical")]]).await.len(), 1);
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
