//! What alerts.yml says of an Alertmanager.

use std::sync::Arc;

#[cfg(feature = "send")]
use {
    super::sender::Alertmanager,
    crate::send::header_value,
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

/// `type: alertmanager`.
pub(crate) static KIND: Kind = Kind {
    name: "alertmanager",
    keys: &["url", "url_file", "authorization", "authorization_file", "labels"],
    pace: DefaultPace { concurrency: 2, per_minute: 600 },
    read: |fields| Some(Arc::new(Settings::read(fields)?)),
    environment: None,
};

/// A Prometheus Alertmanager, API v2.
#[derive(Clone, Debug, PartialEq)]
struct Settings {
    /// Its address, without `/api/v2/alerts`.
    url: SecretText,
    /// The `Authorization` header.
    authorization: Option<SecretText>,
    /// Labels that every alert gets.
    labels: Vec<(String, String)>,
}

impl Settings {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let url = fields.required("url");
        let authorization = fields.secret("authorization");
        let labels = labels(fields);
        Some(Self { url: url?, authorization, labels })
    }
}

fn labels(fields: &mut Fields<'_, '_>) -> Vec<(String, String)> {
    let mut labels = Vec::new();
    for entry in fields.mapping("labels") {
        if !is_label_name(&entry.key) {
            let message = format!("`{}` is no label name: letters, digits and `_`", entry.key);
            fields.reader.schema(entry.key_span, message);
        }
        if let Some(value) = fields.reader.text(&entry.key, &entry.value) {
            labels.push((entry.key.clone(), value));
        }
    }
    labels
}

fn is_label_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.is_empty()
}

impl Target for Settings {
    #[cfg(feature = "send")]
    fn sender(&self, setup: &mut Setup<'_>) -> Result<Arc<dyn Sender>, Unusable> {
        let url = setup.secret(&self.url);
        let authorization = setup.optional_secret(self.authorization.as_ref());
        let http = setup.http()?;
        let authorization =
            authorization.map(|value| header_value("authorization", value.expose())).transpose()?;
        Ok(Arc::new(Alertmanager::new(http, url.expose(), authorization, self.labels.clone())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{target, written};

    #[test]
    fn it_is_read() {
        let Settings { url, authorization, labels } = target(
            "{type: alertmanager, url: 'http://am:9093', authorization: '${A}', labels: {cluster: eu}}",
        );
        assert_eq!((url.written(), written(&authorization)), ("http://am:9093", Some("${A}")));
        assert_eq!(labels, [("cluster".to_owned(), "eu".to_owned())]);
    }
}
