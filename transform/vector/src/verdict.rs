//! How a verdict travels from `error_signatures` to `signature_alerts`.
//!
//! By the metadata of its event, where no log can write, and not by the fields, which
//! are for people and sinks: an application may have fields of these names, and whoever
//! can log could raise an alert by them, or hide one in the cooldown of another. The
//! `vector` source and native codecs take metadata from others, so that an origin tells
//! what this node has judged itself. It is kept in the data directory, since events
//! may wait in a disk buffer for the next run.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use signatures_engine::{Observation, TagNames};
use signatures_ledger::create_private_directory;
use uuid::Uuid;
use vector::config::TransformContext;
use vector_lib::event::LogEvent;
use vrl::value::{KeyString, ObjectMap, Value};

use crate::aggregation;

/// Where in the metadata a verdict is; in Vector's own log namespace, where an event
/// may be the bare message, people find it there, too.
pub(crate) const METADATA: &str = "error_signatures";

/// The key beside the tags that tells by whom an event was judged.
const ORIGIN: &str = "origin";

/// Where it is kept, in the data directory.
const DIRECTORY: &str = "error_signatures";

/// Who judges here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(Value);

impl Origin {
    /// That of this process, and of those before it with the same data directory.
    pub(crate) fn of(context: &TransformContext) -> Self {
        static KEPT: OnceLock<Origin> = OnceLock::new();
        static OF_PROCESS: OnceLock<Origin> = OnceLock::new();
        let of_process = || OF_PROCESS.get_or_init(Self::random).clone();
        if !aggregation::is_kept(context) {
            return of_process();
        }
        let kept = KEPT.get_or_init(|| {
            let directory = context.globals.resolve_and_validate_data_dir(None);
            let kept = directory.map_err(|error| error.to_string()).and_then(|directory| {
                Self::kept(&directory.join(DIRECTORY)).map_err(|error| error.to_string())
            });
            kept.unwrap_or_else(|error| {
                tracing::warn!(
                    message = "Errors that wait in a buffer for the next run will raise no alert then: who judged them cannot be kept.",
                    %error
                );
                of_process()
            })
        });
        kept.clone()
    }

    /// One that nobody else knows, for a process that keeps nothing.
    pub(crate) fn random() -> Self {
        Self(Value::from(Uuid::new_v4().simple().to_string()))
    }

    /// That of a file, which is made where there is none.
    fn kept(directory: &Path) -> io::Result<Self> {
        let file: PathBuf = directory.join(ORIGIN);
        match fs::read_to_string(&file) {
            Ok(text) => {
                if let Ok(kept) = Uuid::parse_str(text.trim()) {
                    return Ok(Self(Value::from(kept.simple().to_string())));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        create_private_directory(directory)?;
        let Self(origin) = Self::random();
        // Whole or not at all: a file that is cut would be another origin.
        let new = directory.join("origin.new");
        fs::write(&new, origin.to_string_lossy().as_bytes())?;
        fs::rename(new, file)?;
        Ok(Self(origin))
    }

    /// Writes down what was found of an event, in the place of whatever it says there.
    pub(crate) fn sign(&self, log: &mut LogEvent, verdict: ObjectMap) {
        let mut verdict = verdict;
        verdict.insert(KeyString::from(ORIGIN), self.0.clone());
        if let Some(metadata) = log.metadata_mut().value_mut().as_object_mut() {
            metadata.insert(KeyString::from(METADATA), Value::Object(verdict));
        }
    }

    /// Whether an event was judged here.
    pub(crate) fn signed(&self, log: &LogEvent) -> bool {
        of(log).and_then(|verdict| verdict.get(ORIGIN)) == Some(&self.0)
    }
}

/// The verdict that an event bears, whoever wrote it.
pub(crate) fn of(log: &LogEvent) -> Option<&ObjectMap> {
    log.metadata().value().as_object()?.get(METADATA)?.as_object()
}

/// Takes the verdict that an event bears from it.
pub(crate) fn forget(log: &mut LogEvent) {
    if let Some(metadata) = log.metadata_mut().value_mut().as_object_mut() {
        metadata.remove(METADATA);
    }
}

/// What is to be known of an error, by the names of its tags.
pub(crate) fn verdict(error: &Observation<'_>, tags: &TagNames) -> ObjectMap {
    let mut verdict = ObjectMap::new();
    let mut put = |name: &str, text: &str| {
        verdict.insert(KeyString::from(name), Value::from(text));
    };
    if let Some(signature) = &error.signature {
        put(&tags.category, &error.category);
        put(&tags.signature, signature);
        put(&tags.policy, error.policy.as_str());
        put(&tags.severity, error.severity.as_str());
    }
    if let Some(summary) = &error.summary {
        put(&tags.summary, summary);
    }
    put(&tags.fingerprint, &error.fingerprint.to_string());
    put(&tags.group, &error.group.to_string());
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_the_same_for_the_next_run_and_for_its_owner_alone() {
        let data = tempfile::tempdir().unwrap();
        let directory = data.path().join(DIRECTORY);
        let first = Origin::kept(&directory).unwrap();
        assert_eq!(Origin::kept(&directory).unwrap(), first);
        assert_ne!(Origin::random(), first);
        // What is damaged is made anew.
        fs::write(directory.join(ORIGIN), "abc").unwrap();
        let second = Origin::kept(&directory).unwrap();
        assert_ne!(second, first);
        assert_eq!(Origin::kept(&directory).unwrap(), second);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&directory).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o700);
        }
    }
}
