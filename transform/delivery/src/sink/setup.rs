//! What a sender is made with: secrets, timeouts, certificates.

use std::time::Duration;

use signatures_document::Diagnostic;

use super::pace::SinkPace;
use crate::{
    secret::{Environment, Scrubber, Secret, SecretText},
    send::{Http, HttpError, Timeouts},
};

/// Why a sink cannot be talked to at all.
pub(crate) type Unusable = Box<dyn std::error::Error + Send + Sync>;

/// What the sender of one sink is made with. It remembers which secrets were
/// looked up, so that answers do not show them.
pub(crate) struct Setup<'a> {
    environment: Environment<'a>,
    secrets: Vec<Secret>,
    missing: Vec<Diagnostic>,
    /// How long it may take.
    pub(crate) timeouts: Timeouts,
    /// A file of PEM certificates to trust besides the system's.
    pub(crate) ca_file: Option<&'a str>,
}

impl<'a> Setup<'a> {
    pub(crate) fn new(
        environment: Environment<'a>,
        pace: &SinkPace,
        ca_file: Option<&'a str>,
    ) -> Self {
        let timeouts = Timeouts {
            connect: pace.connect_timeout.unwrap_or(Duration::from_secs(5)),
            total: pace.timeout.unwrap_or(Duration::from_secs(15)),
        };
        Self { environment, secrets: Vec::new(), missing: Vec::new(), timeouts, ca_file }
    }

    /// Looks up a value that no answer is to show; an empty one when it is
    /// [missing](Self::missing).
    pub(crate) fn secret(&mut self, text: &SecretText) -> Secret {
        let secret = self.open(text);
        self.secrets.push(secret.clone());
        secret
    }

    /// As [`Self::secret`], where there is one.
    pub(crate) fn optional_secret(&mut self, text: Option<&SecretText>) -> Option<Secret> {
        text.map(|text| self.secret(text))
    }

    /// Looks up a value that answers may show.
    pub(crate) fn open(&mut self, text: &SecretText) -> Secret {
        Secret::resolve(text, self.environment).unwrap_or_else(|diagnostic| {
            self.missing.push(diagnostic);
            Secret::new("")
        })
    }

    /// Takes out of texts what was looked up so far.
    pub(crate) fn scrubber(&self) -> Scrubber {
        Scrubber::new(&self.secrets)
    }

    /// Talks HTTP, and shows none of what was looked up so far.
    ///
    /// # Errors
    /// When the certificates cannot be used.
    pub(crate) fn http(&self) -> Result<Http, HttpError> {
        Http::new(self.timeouts, self.ca_file, self.scrubber())
    }

    /// What could not be looked up.
    pub(crate) fn missing(self) -> Vec<Diagnostic> {
        self.missing
    }
}
