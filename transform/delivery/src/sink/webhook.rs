//! A webhook: the alert event as JSON, for whatever takes it.
//!
//! `Idempotency-Key` is the same for every attempt with the same content.
//! `X-Signature-256: sha256=<hex>` is the HMAC-SHA256 of the body, when a key is
//! given.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use sha2::{Digest, Sha256};
use signatures_alerts::{ALERT_EVENT, Alert};

use super::{Batching, Sending, Sink};
use crate::{
    http::{Address, Http, HttpError, header_value},
    secret::Secret,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const SIGNATURE: HeaderName = HeaderName::from_static("x-signature-256");

const MOST: usize = 100;

/// Something that takes alert events.
#[derive(Debug)]
pub struct Webhook {
    http: Http,
    url: Address,
    hmac_secret: Option<Secret>,
    headers: HeaderMap,
}

/// Several alert events as one.
#[derive(Serialize)]
struct DigestEvent<'a> {
    event: &'a str,
    id: String,
    name: String,
    digest: bool,
    alerts: &'a [Alert],
}

impl Webhook {
    /// What listens at an address.
    ///
    /// # Errors
    /// When a header cannot be sent.
    pub fn new(
        http: Http,
        url: Address,
        hmac_secret: Option<Secret>,
        headers: &[(String, Secret)],
    ) -> Result<Self, HttpError> {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let header = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| HttpError::Header(name.clone()))?;
            all.insert(header, header_value(name, value.expose())?);
        }
        Ok(Self { http, url, hmac_secret, headers: all })
    }

    fn headers(&self, alerts: &[Alert], body: &str) -> HeaderMap {
        let mut headers = self.headers.clone();
        let key = HeaderValue::from_str(&idempotency_key(alerts));
        headers.extend(key.ok().map(|key| (IDEMPOTENCY_KEY, key)));
        let signature = self.hmac_secret.as_ref().and_then(|key| {
            HeaderValue::from_str(&format!("sha256={}", hmac_sha256(key, body))).ok()
        });
        headers.extend(signature.map(|signature| (SIGNATURE, signature)));
        headers
    }
}

impl Sink for Webhook {
    fn batching(&self) -> Batching {
        Batching::Digest(MOST)
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], _now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let body = body(alerts);
            let headers = self.headers(alerts, &body);
            let answer = self.http.post(&self.url, headers, body).await?;
            self.http.judge(answer)
        })
    }
}

fn body(alerts: &[Alert]) -> String {
    match alerts {
        [alert] => alert.to_json(),
        many => {
            let digest = DigestEvent {
                event: ALERT_EVENT,
                id: idempotency_key(many),
                name: format!("{} alerts", many.len()),
                digest: true,
                alerts: many,
            };
            serde_json::to_string(&digest).unwrap_or_default()
        }
    }
}

fn idempotency_key(alerts: &[Alert]) -> String {
    match alerts {
        [alert] => alert.id.clone(),
        many => {
            let mut hash = Sha256::new();
            many.iter().for_each(|alert| hash.update(format!("{}\n", alert.id)));
            format!("digest-{}", hex(&hash.finalize()[..16]))
        }
    }
}

fn hmac_sha256(key: &Secret, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes())
        .expect("an HMAC takes keys of any length");
    mac.update(body.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use signatures_alerts::Alert;

    use super::*;

    fn alert() -> Alert {
        Alert::test(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn one_alert_is_its_event_as_it_was_written() {
        let body = body(&[alert()]);
        assert_eq!(body, alert().to_json());
        assert_eq!(idempotency_key(&[alert()]), alert().id);
    }

    #[test]
    fn a_digest_holds_every_event_and_a_key_of_its_own() {
        let other = Alert { id: "other".into(), ..alert() };
        let alerts = [alert(), other];
        let digest: Value = serde_json::from_str(&body(&alerts)).unwrap();
        let event: Value = serde_json::from_str(&alert().to_json()).unwrap();
        assert_eq!(
            digest,
            json!({
                "event": "internal_alert",
                "id": idempotency_key(&alerts),
                "name": "2 alerts",
                "digest": true,
                "alerts": [event, event],
            })
        );
        assert_ne!(idempotency_key(&alerts), idempotency_key(&alerts[..1]));
    }

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        // Test case 2.
        assert_eq!(
            hmac_sha256(&Secret::new("Jefe"), "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
