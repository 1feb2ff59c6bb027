//! The alert event, or a digest of several as one event.

use serde::Serialize;
use sha2::{Digest, Sha256};
use signatures_alerts::{ALERT_EVENT, Alert};

/// How many alerts one digest carries at most.
pub(super) const MOST: usize = 100;

/// Several alert events as one.
#[derive(Serialize)]
struct DigestEvent<'a> {
    event: &'a str,
    id: String,
    name: String,
    digest: bool,
    alerts: &'a [Alert],
}

/// The body of a request.
///
/// # Errors
/// None that is known: an alert can be written as JSON.
pub(super) fn message(alerts: &[Alert]) -> serde_json::Result<String> {
    match alerts {
        [alert] => Ok(alert.to_json()),
        many => {
            let digest = DigestEvent {
                event: ALERT_EVENT,
                id: idempotency_key(many),
                name: format!("{} alerts", many.len()),
                digest: true,
                alerts: many,
            };
            serde_json::to_string(&digest)
        }
    }
}

/// The same for every attempt with the same content.
pub(super) fn idempotency_key(alerts: &[Alert]) -> String {
    match alerts {
        [alert] => alert.id.clone(),
        many => {
            let mut hash = Sha256::new();
            many.iter().for_each(|alert| hash.update(format!("{}\n", alert.id)));
            format!("digest-{}", hex(&hash.finalize()[..16]))
        }
    }
}

/// As lower-case hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    fn alert() -> Alert {
        Alert::test(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn one_alert_is_its_event_as_it_was_written() {
        let body = message(&[alert()]).unwrap();
        assert_eq!(body, alert().to_json());
        assert_eq!(idempotency_key(&[alert()]), alert().id);
    }

    #[test]
    fn a_digest_holds_every_event_and_a_key_of_its_own() {
        let other = Alert { id: "other".into(), ..alert() };
        let alerts = [alert(), other];
        let digest: Value = serde_json::from_str(&message(&alerts).unwrap()).unwrap();
        let events = alerts.each_ref().map(|alert| serde_json::to_value(alert).unwrap());
        assert_eq!(
            digest,
            json!({
                "event": "internal_alert",
                "id": idempotency_key(&alerts),
                "name": "2 alerts",
                "digest": true,
                "alerts": events,
            })
        );
        assert_ne!(idempotency_key(&alerts), idempotency_key(&alerts[..1]));
    }
}
