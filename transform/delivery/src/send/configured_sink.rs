//! One sink that can be talked to.

use std::{fmt, sync::Arc};

use signatures_document::Diagnostic;

use super::{http::Timeouts, pace::Pace, routing::Destination};
use crate::{
    secret::Environment,
    sink::{LookedUp, Sender, Setup, SinkSettings, Target},
};

/// A sink, and how it is talked to.
#[derive(Clone, Debug)]
pub struct ConfiguredSink {
    /// What routes, logs and metrics call it.
    pub name: String,
    /// What sends.
    pub(crate) sender: Arc<dyn Sender>,
    /// How it is talked to.
    pub pace: Pace,
    /// What the sender was made of.
    pub(crate) made_of: MadeOf,
}

/// All that a sender is made of: two of the same are the same. It does not show
/// itself, since the file may hold secrets in clear.
#[derive(Clone)]
pub(crate) struct MadeOf {
    target: Arc<dyn Target>,
    timeouts: Timeouts,
    ca_file: Option<String>,
    /// Of secrets and the contents of files.
    digest: [u8; 32],
}

impl PartialEq for ConfiguredSink {
    /// Whether it is the same sink, talked to in the same way, whoever sends.
    fn eq(&self, other: &Self) -> bool {
        let Self { name, sender: _, pace, made_of } = self;
        (name, pace, made_of) == (&other.name, &other.pace, &other.made_of)
    }
}

// Derived, it would move the target (rust-lang/rust issue 31740).
impl PartialEq for MadeOf {
    fn eq(&self, other: &Self) -> bool {
        let Self { target, timeouts, ca_file, digest } = self;
        **target == *other.target
            && (timeouts, ca_file, digest) == (&other.timeouts, &other.ca_file, &other.digest)
    }
}

impl fmt::Debug for MadeOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MadeOf")
    }
}

/// A sink, and what routing needs to know of it.
pub(super) struct Built {
    pub(super) sink: ConfiguredSink,
    pub(super) destination: Destination,
}

/// Why a sink cannot be talked to.
pub(super) enum Unbuilt {
    /// What could not be looked up.
    Missing(Vec<Diagnostic>),
    /// What is wrong with what was.
    Unusable(String),
}

impl Built {
    /// Looks up the secrets of a sink and makes what sends.
    pub(super) fn new(
        settings: &SinkSettings,
        from_environment: bool,
        environment: Environment<'_>,
    ) -> Result<Self, Unbuilt> {
        let SinkSettings { name, kind, target, pace, min_severity, ca_file, files, .. } = settings;
        let mut setup = Setup::new(environment, pace, ca_file.as_deref());
        let timeouts = setup.timeouts;
        // Before they are read: what changes in between is another sink at the next look.
        setup.note_files(files);
        let sender = target.sender(&mut setup);
        let LookedUp { missing, digest } = setup.finish();
        if !missing.is_empty() {
            return Err(Unbuilt::Missing(missing));
        }
        let sender = sender.map_err(|error| Unbuilt::Unusable(error.to_string()))?;
        let (target, ca_file) = (Arc::clone(target), ca_file.clone());
        let made_of = MadeOf { target, timeouts, ca_file, digest };
        let pace = Pace::new(pace, kind.pace);
        let sink = ConfiguredSink { name: name.clone(), sender, pace, made_of };
        let (name, min_severity) = (name.clone(), min_severity.clone());
        let destination = Destination { name, min_severity, from_environment };
        Ok(Self { sink, destination })
    }
}

impl Unbuilt {
    /// For a sink of the file, which has its place.
    pub(super) fn diagnostics(self, settings: &SinkSettings) -> Vec<Diagnostic> {
        match self {
            Self::Missing(missing) => missing,
            Self::Unusable(error) => {
                let message = format!("the sink `{}` cannot be used: {error}", settings.name);
                vec![Diagnostic::schema(settings.span, message)]
            }
        }
    }

    /// For a sink that has no place in the file.
    pub(super) fn reasons(self) -> Vec<String> {
        match self {
            Self::Missing(missing) => missing.into_iter().map(|found| found.message).collect(),
            Self::Unusable(error) => vec![error],
        }
    }
}
