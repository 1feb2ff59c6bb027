//! The states of groups as one JSON file:
//! `{"version": 3, "groups": [{"group": …, …}, …]}`.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use signatures_engine::aggregate::GroupState;

use super::{
    format::{self, FORMAT},
    kept::{KeptGroups, UnreadableGroup},
};
use crate::private;

/// Why a file of group states cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GroupsFileError {
    /// The file or its folder refuses.
    #[error("cannot use {}: {error}", path.display())]
    Files {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is no file of group states. It was moved out of the way.
    #[error("it is damaged: {reason}; it is kept as {}", kept_as.display())]
    Damaged {
        /// What is wrong with it.
        reason: String,
        /// Where it is now.
        kept_as: PathBuf,
    },
    /// A later version wrote it, and writing it again would lose what that knew.
    #[error("it was written by a later version of vector-signatures (format {0})")]
    LaterVersion(u32),
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    groups: &'a [GroupState],
}

#[derive(Deserialize)]
struct Read {
    /// The first had none.
    #[serde(default = "first")]
    version: u32,
    groups: Vec<Box<RawValue>>,
}

fn first() -> u32 {
    1
}

/// Reads a file of group states; there are none where there is no file.
///
/// Where some of them cannot be read, the whole file is copied to one beside it
/// whose name ends in `.unreadable`, since the next [`write_groups`] leaves them
/// out.
///
/// # Errors
/// When it cannot be read at all, or a later version wrote it.
pub fn read_groups(path: &Path) -> Result<KeptGroups, GroupsFileError> {
    let files = |error| GroupsFileError::Files { path: path.to_owned(), error };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(KeptGroups::default()),
        Err(error) => return Err(files(error)),
    };
    let read: Read = match serde_json::from_reader(BufReader::new(file)) {
        Ok(read) => read,
        Err(error) if error.is_io() => return Err(files(error.into())),
        Err(error) => {
            let kept_as = beside(path, "damaged");
            fs::rename(path, &kept_as).map_err(files)?;
            private::close_to_others(&kept_as).map_err(files)?;
            return Err(GroupsFileError::Damaged { reason: error.to_string(), kept_as });
        }
    };
    if read.version > FORMAT {
        return Err(GroupsFileError::LaterVersion(read.version));
    }
    let mut kept = KeptGroups::default();
    for group in read.groups {
        match format::read(read.version, group.get()) {
            Ok(state) => kept.states.push(state),
            Err(reason) => {
                let group = name(group.get());
                kept.unreadable.push(UnreadableGroup { group, reason });
            }
        }
    }
    if !kept.unreadable.is_empty() {
        let kept_as = beside(path, "unreadable");
        fs::copy(path, &kept_as).map_err(files)?;
        private::close_to_others(&kept_as).map_err(files)?;
    }
    Ok(kept)
}

/// Writes a file of group states, whole or not at all, and on the disk when this
/// returns. Nobody but its owner may read it: it holds lines of logs.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_groups(path: &Path, groups: &[GroupState]) -> io::Result<()> {
    let new = beside(path, "new");
    let mut file = BufWriter::new(private::open(
        &new,
        File::options().write(true).create(true).truncate(true),
    )?);
    serde_json::to_writer(&mut file, &Written { version: FORMAT, groups })?;
    file.flush()?;
    file.into_inner()?.sync_all()?;
    fs::rename(new, path)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{ending}"));
    name.into()
}

/// Whose state it is; the group of an earlier version is named by its fingerprint.
fn name(state: &str) -> String {
    #[derive(Deserialize)]
    struct Named {
        #[serde(alias = "fingerprint")]
        group: String,
    }
    serde_json::from_str(state).map_or_else(|_| "unknown".to_owned(), |Named { group }| group)
}
