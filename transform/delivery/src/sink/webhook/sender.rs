//! Posts to a webhook.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;
use signatures_alerts::Alert;

use super::{
    message::{MOST, hex, idempotency_key, message},
    page::{is_page, sends_elsewhere},
};
use crate::{
    secret::Secret,
    send::{Address, Fault, Http, HttpError, header_value},
    sink::sender::{Accepted, Batching, Sender, Sending},
};

/// What is told of a web page in answer to an alert.
const DOUBT: &str = "it answers with a web page, as a wrong address or a captive portal does";

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const SIGNATURE: HeaderName = HeaderName::from_static("x-signature-256");

/// Something that takes alert events.
#[derive(Debug)]
pub(super) struct Webhook {
    http: Http,
    url: Address,
    hmac_secret: Option<Secret>,
    headers: HeaderMap,
}

impl Webhook {
    /// What listens at an address.
    ///
    /// # Errors
    /// When a header cannot be sent.
    pub(super) fn new(
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

impl Sender for Webhook {
    fn batching(&self) -> Batching {
        Batching::Digest(MOST)
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], _now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let body = message(alerts).map_err(|error| Fault::Internal(error.to_string()))?;
            let headers = self.headers(alerts, &body);
            let answer = self.http.post(&self.url, headers, body).await?;
            let is_page = is_page(&answer.body);
            let accepted = self.http.judge(answer, |body| !sends_elsewhere(body))?;
            Ok(Accepted { doubt: is_page.then_some(DOUBT), ..accepted })
        })
    }
}

fn hmac_sha256(key: &Secret, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes())
        .expect("an HMAC takes keys of any length");
    mac.update(body.as_bytes());
    hex(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        // Test case 2.
        assert_eq!(
            hmac_sha256(&Secret::new("Jefe"), "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
