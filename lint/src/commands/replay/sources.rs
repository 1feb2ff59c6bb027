//! Which logs are replayed, and when each begins.

use std::{
    ffi::OsStr,
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
};

use indicatif::ProgressBar;
use jiff::Timestamp;
use signatures_engine::aggregate::LineClock;
use signatures_event::{LogLine, Moment};

use crate::{command_error::CommandError, logs::LogReader};

/// A log, and when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) begins: Begins,
}

/// When a log begins, as far as that was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Begins {
    /// It is alone, or cannot be looked into without using it up.
    AtOnce,
    At(Timestamp),
    /// It tells no time.
    Never,
}

impl Begins {
    pub(super) fn is_before(self, time: Option<Timestamp>) -> bool {
        matches!((self, time), (Self::At(begins), Some(time)) if begins < time)
    }
}

/// The logs that were named, by when they begin. Of a folder those are taken, and of
/// the folders in it, that are named as logs are; what of it cannot be looked into is
/// told.
pub(super) fn logs(
    named: Vec<PathBuf>,
    now: Timestamp,
    mut tell: impl FnMut(&Path, io::Error),
) -> Result<Vec<Found>, CommandError> {
    let mut paths = Vec::new();
    for path in named {
        if !path.is_dir() {
            // A wrong name is told before anything is read.
            if path.as_os_str() != "-" {
                let name = path.display().to_string();
                path.metadata().map_err(|error| CommandError::Input { name, error })?;
            }
            paths.push(path);
            continue;
        }
        let mut found = Vec::new();
        within(&path, &mut found, &mut tell);
        if found.is_empty() {
            let folder = path.display();
            let message = format!(
                "{folder} holds no log: no file is named as logs are ({}); name the files",
                NAMES_OF_LOGS
            );
            return Err(CommandError::Usage(message));
        }
        found.sort();
        paths.append(&mut found);
    }
    let is_alone = paths.len() == 1;
    let begins = |path: &Path| if is_alone { Begins::AtOnce } else { begins(path, now) };
    let found = paths.into_iter().map(|path| Found { begins: begins(&path), path });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|log| log.begins);
    Ok(found)
}

/// How logs are named, whatever number, date or packing follows.
const NAMES_OF_LOGS: &str = "*.log*, *.jsonl*, *.ndjson*, syslog*, messages*";

fn is_name_of_log(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    [".log", ".jsonl", ".ndjson"].iter().any(|part| name.contains(part))
        || ["syslog", "messages"]
            .iter()
            .any(|begin| name.strip_prefix(begin).is_some_and(is_of_rotation))
}

/// Whether a name goes on with no more than a number or a date and a packing: not as
/// `messages.properties` does.
fn is_of_rotation(rest: &str) -> bool {
    let packings = [".gz", ".xz", ".zst", ".bz2", ".lz4"];
    let rest = packings.iter().find_map(|packing| rest.strip_suffix(packing)).unwrap_or(rest);
    rest.chars().all(|c| c.is_ascii_digit() || ".-_".contains(c))
}

fn within(folder: &Path, found: &mut Vec<PathBuf>, tell: &mut impl FnMut(&Path, io::Error)) {
    // A pipe would be waited for.
    let is_log = |entry: &DirEntry| is_name_of_log(&entry.file_name()) && entry.path().is_file();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return tell(folder, error),
    };
    for entry in entries {
        // The type of the entry itself: a link to a folder may lead back here.
        match entry.and_then(|entry| Ok((entry.file_type()?.is_dir(), entry))) {
            Ok((true, entry)) => within(&entry.path(), found, tell),
            Ok((false, entry)) if is_log(&entry) => found.push(entry.path()),
            Ok(_) => {}
            Err(error) => tell(folder, error),
        }
    }
}

/// The first time that a log tells in its first block. What cannot be read is told
/// when it is replayed, or would be used up by reading it.
fn begins(path: &Path, now: Timestamp) -> Begins {
    if !path.is_file() {
        return Begins::AtOnce;
    }
    let first = || {
        let mut reader = LogReader::open(path, false, &ProgressBar::hidden()).ok()?;
        let block = reader.next_block().ok().flatten()?;
        let believed = |told: &Moment| LineClock::believes(*told, now);
        let lines = block.events();
        let mut times = lines.iter().filter_map(|line| Moment::of(&LogLine::parse(line)));
        times.find(believed).map(|time| time.resolve_before(now))
    };
    first().map_or(Begins::Never, Begins::At)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_known_by_their_names() {
        let is_log = |name: &str| is_name_of_log(OsStr::new(name));
        for name in [
            "app.log",
            "App.LOG.2.gz",
            "app.log-20260314",
            "4f1c-json.log",
            "a.jsonl",
            "b.ndjson.zst",
            "syslog",
            "syslog.1",
            "syslog.2.gz",
            "messages-20260314.xz",
            "messages",
        ] {
            assert!(is_log(name), "{name}");
        }
        for name in ["app.txt", "blog", "messages.properties", "syslog.conf", "messages_de.json"] {
            assert!(!is_log(name), "{name}");
        }
    }
}
