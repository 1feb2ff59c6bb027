//! What alerts.yml says of a webhook.

use std::sync::Arc;

use signatures_event::redact::is_secret_name;

#[cfg(feature = "send")]
use {
    super::sender::Webhook,
    crate::send::Address,
    crate::sink::{
        Sender,
        setup::{Setup, Unusable},
    },
};

use crate::{
    secret::SecretText,
    sink::{
        fields::Fields,
        kind::{Kind, Target},
        pace::DefaultPace,
    },
};

/// `type: webhook`.
pub(crate) static KIND: Kind = Kind {
    name: "webhook",
    keys: &["url", "url_file", "hmac_secret", "hmac_secret_file", "headers"],
    pace: DefaultPace { concurrency: 4, per_minute: 600 },
    read: |fields| Some(Arc::new(Settings::read(fields)?)),
    environment: None,
};

/// Anything that takes the alert event as JSON.
#[derive(Clone, Debug, PartialEq)]
struct Settings {
    /// Its address.
    url: SecretText,
    /// The key of the HMAC-SHA256 in `X-Signature-256`.
    hmac_secret: Option<SecretText>,
    /// More headers.
    headers: Vec<(String, SecretText)>,
}

impl Settings {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let url = fields.required("url");
        let hmac_secret = fields.secret("hmac_secret");
        let headers = headers(fields);
        Some(Self { url: url?, hmac_secret, headers })
    }
}

fn headers(fields: &mut Fields<'_, '_>) -> Vec<(String, SecretText)> {
    let mut headers = Vec::new();
    for entry in fields.secret_mapping("headers") {
        if !is_header_name(&entry.key) {
            let message = format!("`{}` is no header name", entry.key);
            fields.reader.schema(entry.key_span, message);
        }
        if let Some(value) = fields.named(entry, is_secret_name(&entry.key)) {
            headers.push((entry.key.clone(), value));
        }
    }
    headers
}

/// RFC 9110: a token.
fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

impl Target for Settings {
    #[cfg(feature = "send")]
    fn sender(&self, setup: &mut Setup<'_>) -> Result<Arc<dyn Sender>, Unusable> {
        let url = setup.secret(&self.url);
        let hmac_secret = setup.optional_secret(self.hmac_secret.as_ref());
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.clone(), setup.secret(value))).collect();
        let (http, url) = (setup.http()?, Address::parse(url.expose())?);
        Ok(Arc::new(Webhook::new(http, url, hmac_secret, &headers)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{target, written};

    #[test]
    fn it_is_read() {
        let Settings { url, hmac_secret, headers } = target(
            "{type: webhook, url: 'http://h', hmac_secret: '${KEY}', headers: {X-Team: pay}}",
        );
        assert_eq!((url.written(), written(&hmac_secret)), ("http://h", Some("${KEY}")));
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.written())).collect();
        assert_eq!(headers, [("X-Team", "pay")]);
    }
}
