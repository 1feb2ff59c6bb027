//! Which logs are replayed, and in which order.

use std::{
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
};

use indicatif::ProgressBar;
use jiff::Timestamp;
use signatures_event::{LogLine, Moment};

use crate::{command_error::CommandError, logs::LogReader};

/// How many lines of a log are searched for its first time.
const LINES_SEARCHED: usize = 1000;

/// The logs that were named, as they were named. Where a folder is among them, all
/// go by their first time, and of the folder those are taken, and of the folders in
/// it, that have `.log` in their names.
pub(super) fn logs(named: Vec<PathBuf>, now: Timestamp) -> Result<Vec<PathBuf>, CommandError> {
    if !named.iter().any(|path| path.is_dir()) {
        return Ok(named);
    }
    let mut found = Vec::new();
    for path in named {
        match path.is_dir() {
            true => {
                let failed =
                    |error| CommandError::Input { name: path.display().to_string(), error };
                let before = found.len();
                within(&path, &mut found).map_err(failed)?;
                if found.len() == before {
                    let folder = path.display();
                    let message = format!("{folder} holds no log: no file has `.log` in its name");
                    return Err(CommandError::Usage(message));
                }
            }
            false => found.push(path),
        }
    }
    // Those without a time come last, by name.
    found.sort();
    found.sort_by_cached_key(|path| {
        let first = first_time(path, now);
        (first.is_none(), first)
    });
    Ok(found)
}

fn within(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let is_log = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy().to_lowercase();
        // A pipe would be waited for.
        name.contains(".log") && entry.path().is_file()
    };
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // The type of the entry itself: a link to a folder may lead back here.
        match entry.file_type()?.is_dir() {
            true => within(&entry.path(), found)?,
            false if is_log(&entry) => found.push(entry.path()),
            false => {}
        }
    }
    Ok(())
}

/// The first time that a log tells near its beginning; none of what cannot be read,
/// which is told when it is replayed, or would be used up by reading it.
fn first_time(path: &Path, now: Timestamp) -> Option<Timestamp> {
    let mut reader = path
        .is_file()
        .then(|| LogReader::open(path, false, &ProgressBar::hidden()).ok())
        .flatten()?;
    let block = reader.next_block().ok().flatten()?;
    let lines = block.events();
    let mut times = lines.iter().take(LINES_SEARCHED).map(|l| Moment::of(&LogLine::parse(l)));
    times.find_map(|time| time).map(|time| time.resolve_before(now))
}
