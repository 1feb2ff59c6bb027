//! Small crates for tests, written as they would lie on disk.

use std::path::Path;

use super::source::Source;

/// Writes files under a folder.
pub(crate) fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// The crate whose `lib.rs` is among the files.
pub(crate) fn source(files: &[(&str, &str)]) -> Source {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    Source::read(&folder.path().join("lib.rs"), folder.path()).unwrap()
}
