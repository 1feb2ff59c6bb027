//! Snapshots that no test has any more: a test that was renamed or dropped
//! leaves them behind, and nothing fails.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    command,
    files::{self, FileError},
    outcome::Failure,
    packages,
};

/// Where insta, in the process of a test, writes down each snapshot that it looks at.
pub(crate) const REFERENCES: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";

/// A file for [`REFERENCES`] that nothing has been written to yet: insta appends.
pub(crate) fn fresh_references(root: &Path) -> Result<PathBuf, Failure> {
    let path = root.join("target/snapshot-references");
    match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(FileError { path, error }.into())
        }
        _ => Ok(path),
    }
}

/// Runs the tests of all crates that have snapshots, and says where it is
/// written which they looked at.
pub(crate) fn run_tests(root: &Path) -> Result<PathBuf, Failure> {
    let file = fresh_references(root)?;
    command::run_with(&tests(root)?, &[(REFERENCES, file.as_os_str())])?;
    Ok(file)
}

/// Runs those tests with what they print taken for right.
pub(crate) fn accept(root: &Path) -> Result<(), Failure> {
    let environment =
        [("INSTA_UPDATE", OsStr::new("always")), ("INSTA_FORCE_PASS", OsStr::new("1"))];
    Ok(command::run_with(&tests(root)?, &environment)?)
}

fn tests(root: &Path) -> Result<String, Failure> {
    let mut command = "cargo test -q".to_owned();
    for package in packages::packages(&root.join("Cargo.toml"))? {
        let folder = package.manifest_path.parent().unwrap_or(root);
        if !snapshots(folder)?.is_empty() {
            command.push_str(&format!(" -p {}", package.name));
        }
    }
    Ok(command)
}

/// The snapshots of the workspace that are not among the references.
pub(crate) fn unreferenced(root: &Path, references: &Path) -> Result<Vec<PathBuf>, Failure> {
    let text = files::read(references)?;
    // The paths come from tests, with `..` in them, or of files that are not there yet.
    let looked_at: BTreeSet<_> =
        text.lines().filter_map(|line| Path::new(line).canonicalize().ok()).collect();
    let mut orphans = Vec::new();
    for package in packages::packages(&root.join("Cargo.toml"))? {
        let folder = package.manifest_path.parent().unwrap_or(root);
        let all = snapshots(folder)?;
        let unknown = all.into_iter().filter(|path| !looked_at.contains(path));
        orphans.extend(unknown.map(|path| match path.strip_prefix(root) {
            Ok(short) => short.to_owned(),
            Err(_) => path,
        }));
    }
    Ok(orphans)
}

fn snapshots(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let files = files::list(folder)?;
    Ok(files.into_iter().filter(|path| path.extension() == Some(OsStr::new("snap"))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_that_no_test_looked_at_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for (name, text) in [
            ("Cargo.toml", "[package]\nname = \"small\"\nversion = \"0.1.0\"\n"),
            ("src/lib.rs", ""),
            ("tests/snapshots/kept.snap", ""),
            ("tests/snapshots/left.snap", ""),
            ("tests/snapshots/new.snap.new", ""),
        ] {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let references = root.join("references");
        let kept = root.join("tests/../tests/snapshots/kept.snap");
        fs::write(&references, format!("{0}\n{0}\n/nowhere.snap\n", kept.display())).unwrap();
        assert_eq!(
            unreferenced(&root, &references).unwrap(),
            [Path::new("tests/snapshots/left.snap")]
        );
    }
}
