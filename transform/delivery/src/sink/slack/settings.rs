//! What alerts.yml says of a Slack channel.

use std::sync::Arc;

#[cfg(feature = "send")]
use {
    super::sender::Slack,
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
        kind::{EnvironmentSink, Kind, Target},
        pace::DefaultPace,
    },
};

/// The environment's Slack: an incoming webhook's address.
pub const SLACK_WEBHOOK_URL: &str = "SLACK_WEBHOOK_URL";

/// `type: slack`.
pub(crate) static KIND: Kind = Kind {
    name: "slack",
    keys: &["webhook_url", "webhook_url_file"],
    // Slack takes a message a second.
    pace: DefaultPace { concurrency: 1, per_minute: 60 },
    read: |fields| Some(Arc::new(Settings::read(fields)?)),
    environment: Some(EnvironmentSink {
        variable: SLACK_WEBHOOK_URL,
        needs: &[],
        min_severity: None,
        target: |_| Arc::new(Settings { webhook_url: SecretText::variable(SLACK_WEBHOOK_URL) }),
    }),
};

/// A Slack incoming webhook.
#[derive(Clone, Debug, PartialEq)]
struct Settings {
    /// The address, which is a secret as a whole.
    webhook_url: SecretText,
}

impl Settings {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        Some(Self { webhook_url: fields.required_secret("webhook_url")? })
    }
}

impl Target for Settings {
    fn identity(&self) -> Vec<&SecretText> {
        vec![&self.webhook_url]
    }

    #[cfg(feature = "send")]
    fn sender(&self, setup: &mut Setup<'_>) -> Result<Arc<dyn Sender>, Unusable> {
        let webhook_url = setup.secret(&self.webhook_url);
        Ok(Arc::new(Slack::new(setup.http()?, Address::parse(webhook_url.expose())?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::target;

    #[test]
    fn it_is_read() {
        let Settings { webhook_url } = target("{type: slack, webhook_url: '${SLACK}'}");
        assert_eq!(webhook_url.written(), "${SLACK}");
    }
}
