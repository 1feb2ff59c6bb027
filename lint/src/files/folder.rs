//! The files in a folder that are for `sigcheck`.

use std::{ffi::OsStr, path::Path};

use signatures_document::{file::read_regular, yaml::Source};

use super::{
    kind::{FileKind, TAXONOMY_KEYS, is_own_setting},
    reading::Input,
};
use crate::command_error::CommandError;

/// The names of the two without their endings.
const DEFAULT_STEMS: [&str; 2] = ["error_signatures", "alerts"];

/// The files in a folder, and in those beneath, that are ours, or would be if they
/// could be read; in order. `passed_over` is told of the others.
pub(crate) fn within(
    folder: &Path,
    passed_over: &mut impl FnMut(&Path),
) -> Result<Vec<Input>, CommandError> {
    let failure = |error| CommandError::Input { name: folder.display().to_string(), error };
    let mut entries = std::fs::read_dir(folder)
        .and_then(|entries| entries.collect::<Result<Vec<_>, _>>())
        .map_err(failure)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        // The type of the entry itself: a link to a folder may lead back here.
        let kind = entry.file_type().map_err(failure)?;
        if kind.is_dir() && !hidden {
            found.extend(within(&path, passed_over)?);
        } else if is_yaml(&path) && (path.is_file() || !path.exists()) {
            // A pipe would be waited for; what is not there is a broken link.
            let input = Input::read(path);
            match is_ours(&input) {
                true => found.push(input),
                false => passed_over(&input.path),
            }
        }
    }
    Ok(found)
}

fn is_yaml(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    ["yml", "yaml", "json"].contains(&ending.to_lowercase().as_str())
}

/// Whether a file is a taxonomy or alert settings. One that is broken is not to
/// be passed over for that.
fn is_ours(input: &Input) -> bool {
    let stem = input.path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    match &input.source {
        Ok(source) => holds_ours(source, stem),
        Err(_) => match read_regular(&input.path) {
            Ok(bytes) => holds_ours(&Source::new(stem, String::from_utf8_lossy(&bytes)), stem),
            Err(_) => DEFAULT_STEMS.contains(&stem),
        },
    }
}

fn holds_ours(source: &Source, stem: &str) -> bool {
    match source.document() {
        // In the legacy form any key is a category. Alerts of others may be called
        // like ours, but not with nothing in them.
        Ok(_) => {
            stem == DEFAULT_STEMS[0]
                || stem == DEFAULT_STEMS[1] && FileKind::is_empty(source)
                || stem == "relay" && FileKind::known(source) == Some(FileKind::Relay)
                || FileKind::ours(source).is_some()
        }
        Err(_) => DEFAULT_STEMS.contains(&stem) || source.text().lines().any(begins_like_ours),
    }
}

/// Whether a line begins with a key that a taxonomy or alert settings have.
fn begins_like_ours(line: &str) -> bool {
    let line = line.trim_start_matches(['{', '"', '\'']);
    let key = line.split([':', '"', '\'']).next().unwrap_or_default();
    line.len() > key.len() && (TAXONOMY_KEYS.contains(&key) || is_own_setting(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_in_a_folder_is_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [
            ("alerts.yml", &b"window_minutes: [5"[..]),
            ("broken.yml", b"{\"categories\": {a: [x}"),
            ("deploy.yml", b"image: [app"),
            ("error_signatures.yml", b"critical: [OOM]"),
            ("groups.yml", b"groups: []"),
            ("latin.yml", b"categories: {a: ['\xe9']}"),
            ("other.yml", b"\xff\xfe"),
            ("some.txt", b"categories: {}"),
        ] {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let found = within(folder.path(), &mut |_| ()).unwrap();
        let names: Vec<_> = found.iter().map(|input| input.path.file_name().unwrap()).collect();
        assert_eq!(names, ["alerts.yml", "broken.yml", "error_signatures.yml", "latin.yml"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_a_folder_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("error_signatures.yml");
        assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
        std::fs::write(folder.path().join("alerts.yml"), "").unwrap();
        let found = within(folder.path(), &mut |_| ()).unwrap();
        let names: Vec<_> = found.iter().map(|input| input.path.file_name().unwrap()).collect();
        assert_eq!(names, ["alerts.yml"]);
    }

    #[test]
    fn an_empty_file_in_a_folder_is_ours_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in
            [("alerts.yml", "# nothing yet\n"), ("error_signatures.yml", ""), ("other.yml", "")]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        std::fs::create_dir(folder.path().join("prometheus")).unwrap();
        std::fs::write(folder.path().join("prometheus/alerts.yml"), "groups: []").unwrap();
        let found = within(folder.path(), &mut |_| ()).unwrap();
        let names: Vec<_> = found.iter().map(|input| input.path.file_name().unwrap()).collect();
        assert_eq!(names, ["alerts.yml", "error_signatures.yml"]);
    }
}
