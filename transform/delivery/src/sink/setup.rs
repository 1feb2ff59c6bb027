//! What a sender is made with: secrets, timeouts, certificates.

use std::time::Duration;

use sha2::{Digest, Sha256};
use signatures_document::{Diagnostic, file::read_regular};

use super::pace::SinkPace;
use crate::{
    secret::{Environment, Scrubber, Secret, SecretText},
    send::{Http, HttpError, Retry, Timeouts},
};

/// Why a sink cannot be talked to at all.
pub(crate) type Unusable = Box<dyn std::error::Error + Send + Sync>;

/// What the sender of one sink is made with. It remembers which secrets were
/// looked up, so that answers do not show them, and all that was looked up, so
/// that a reload can tell whether anything is different.
pub(crate) struct Setup<'a> {
    environment: Environment<'a>,
    secrets: Vec<Secret>,
    missing: Vec<Diagnostic>,
    looked_up: Sha256,
    /// How long it may take.
    pub(crate) timeouts: Timeouts,
    /// How long an answer is waited for that may be long in coming.
    pub(crate) patience: Duration,
    /// A file of PEM certificates to trust besides the system's.
    pub(crate) ca_file: Option<&'a str>,
}

/// What came of a setup.
pub(crate) struct LookedUp {
    /// What could not be looked up.
    pub(crate) missing: Vec<Diagnostic>,
    /// What was: the same for the same values and contents of files.
    pub(crate) digest: [u8; 32],
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
        // As long as the alert is worth anything.
        let give_up_after = pace.give_up_after.unwrap_or(Retry::default().give_up_after);
        let patience = pace.timeout.unwrap_or(give_up_after);
        Self {
            environment,
            secrets: Vec::new(),
            missing: Vec::new(),
            looked_up: Sha256::new(),
            timeouts,
            patience,
            ca_file,
        }
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
        let secret = Secret::resolve(text, self.environment).unwrap_or_else(|diagnostic| {
            self.missing.push(diagnostic);
            Secret::new("")
        });
        self.note(secret.expose().as_bytes());
        secret
    }

    /// Takes note of the contents of files that the sink names, whoever reads them.
    pub(crate) fn note_files(&mut self, files: &[SecretText]) {
        for file in files {
            // One that cannot be read is told by who reads it.
            let path = Secret::file(file, self.environment);
            let content = path.and_then(|path| read_regular(&path).ok());
            self.note(&content.unwrap_or_default());
        }
    }

    fn note(&mut self, content: &[u8]) {
        self.looked_up.update(Sha256::digest(content));
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

    /// What came of it.
    pub(crate) fn finish(self) -> LookedUp {
        let Self { missing, looked_up, .. } = self;
        LookedUp { missing, digest: looked_up.finalize().into() }
    }
}
