//! A webhook: the alert event as JSON, for whatever takes it.
//!
//! `Idempotency-Key` is the same for every attempt with the same content.
//! `X-Signature-256: sha256=<hex>` is the HMAC-SHA256 of the body, when a key is
//! given.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use signatures_engine::{alert::ALERT_EVENT, message::Notice};

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
    alerts: Vec<&'a RawValue>,
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

    fn headers(&self, notices: &[Notice], body: &str) -> HeaderMap {
        let mut headers = self.headers.clone();
        let key = HeaderValue::from_str(&idempotency_key(notices));
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

    fn send<'a>(&'a self, notices: &'a [Notice], _now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let body = body(notices);
            let headers = self.headers(notices, &body);
            let answer = self.http.post(&self.url, headers, body).await?;
            self.http.judge(answer)
        })
    }
}

fn body(notices: &[Notice]) -> String {
    match notices {
        [notice] => notice.json.clone(),
        many => {
            let alerts: Vec<&RawValue> =
                many.iter().filter_map(|n| serde_json::from_str(&n.json).ok()).collect();
            let digest = DigestEvent {
                event: ALERT_EVENT,
                id: idempotency_key(many),
                name: format!("{} alerts", many.len()),
                digest: true,
                alerts,
            };
            serde_json::to_string(&digest).unwrap_or_default()
        }
    }
}

fn idempotency_key(notices: &[Notice]) -> String {
    match notices {
        [notice] => notice.id.clone(),
        many => {
            let mut hash = Sha256::new();
            many.iter().for_each(|notice| hash.update(format!("{}\n", notice.id)));
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
    use signatures_engine::alert::Alert;

    use super::*;

    fn notice() -> Notice {
        Notice::from(&Alert::test(Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn one_alert_is_its_event_as_it_was_written() {
        let body = body(&[notice()]);
        assert_eq!(body, notice().json);
        assert_eq!(idempotency_key(&[notice()]), notice().id);
    }

    #[test]
    fn a_digest_holds_every_event_and_a_key_of_its_own() {
        let other = Notice { id: "other".into(), ..notice() };
        let notices = [notice(), other];
        let digest: Value = serde_json::from_str(&body(&notices)).unwrap();
        let event: Value = serde_json::from_str(&notice().json).unwrap();
        assert_eq!(
            digest,
            json!({
                "event": "internal_alert",
                "id": idempotency_key(&notices),
                "name": "2 alerts",
                "digest": true,
                "alerts": [event, event],
            })
        );
        assert_ne!(idempotency_key(&notices), idempotency_key(&notices[..1]));
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
