//! The two files that a user writes: found, read, told apart.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::builder::{StringValueParser, TypedValueParser};
use signatures_delivery::Settings;
use signatures_document::{yaml::Entry, yaml::Node, yaml::NodeKind, yaml::Source};
use signatures_engine::{Classifier, Taxonomy};

use crate::Failure;

/// Where the taxonomy is unless somebody says otherwise.
const DEFAULT_TAXONOMY: &str = "config/error_signatures.yml";
/// Where the alert settings are unless somebody says otherwise.
const DEFAULT_ALERTS: &str = "config/alerts.yml";

/// The names of the two without their endings.
const DEFAULT_STEMS: [&str; 2] = ["error_signatures", "alerts"];

/// The keys that only a taxonomy has.
const TAXONOMY_KEYS: [&str; 2] = ["categories", "noise_allowlist"];

/// Which taxonomy and alerts file a command goes by.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Files {
    /// The taxonomy of error signatures [default: config/error_signatures.yml]
    #[arg(
        long,
        short,
        alias = "signatures",
        value_name = "FILE",
        env = "ERROR_SIGNATURES_PATH",
        value_parser = StringValueParser::new().map(PathBuf::from)
    )]
    taxonomy: Option<PathBuf>,

    /// The settings of the alerts [default: config/alerts.yml where it exists]
    #[arg(
        long,
        short,
        alias = "grouping",
        value_name = "FILE",
        env = "ALERTS_GROUPING_CONFIG",
        value_parser = StringValueParser::new().map(PathBuf::from)
    )]
    alerts: Option<PathBuf>,
}

/// A path, unless it is empty: an empty variable says nothing, as compose files
/// have it.
fn named(path: &Option<PathBuf>) -> Option<PathBuf> {
    path.clone().filter(|path| !path.as_os_str().is_empty())
}

impl Files {
    /// The file of the taxonomy.
    pub(crate) fn taxonomy(&self) -> PathBuf {
        named(&self.taxonomy).unwrap_or_else(|| PathBuf::from(DEFAULT_TAXONOMY))
    }

    /// The file of the alert settings, if there is one.
    pub(crate) fn alerts(&self) -> Option<PathBuf> {
        let default = || Some(PathBuf::from(DEFAULT_ALERTS)).filter(|path| path.exists());
        named(&self.alerts).or_else(default)
    }

    /// Reads both files.
    pub(crate) fn load(&self) -> Result<(Classifier, Settings), Failure> {
        let settings = self.settings()?;
        let source = read(&self.taxonomy())?;
        let taxonomy = Taxonomy::read(&source).into_result(&source)?;
        Ok((Classifier::new(taxonomy, &settings.engine.classifier), settings))
    }

    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let Some(path) = self.alerts() else { return Ok(Settings::default()) };
        let source = read(&path)?;
        Ok(Settings::read(&source).into_result(&source)?)
    }
}

/// Reads a file, or standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Source, Failure> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        ("<stdin>".to_owned(), read.map(|_| bytes))
    } else {
        (path.display().to_string(), std::fs::read(path))
    };
    bytes
        .and_then(|bytes| source(&name, bytes))
        .map_err(|error| Failure::Input { name: name.clone(), error })
}

/// A text out of bytes.
pub(crate) fn source(name: &str, bytes: Vec<u8>) -> io::Result<Source> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = match error.as_bytes() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16; save it as UTF-8".to_owned(),
            _ => format!("byte {at} is not UTF-8; save the file as UTF-8"),
        };
        io::Error::new(io::ErrorKind::InvalidData, message)
    })?;
    Ok(Source::new(name, text))
}

/// The files in a folder, and in those beneath, that are a taxonomy or alert
/// settings, or would be if they could be read; in order.
pub(crate) fn within(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failure = |error| Failure::Input { name: folder.display().to_string(), error };
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
            found.extend(within(&path)?);
        } else if is_yaml(&path) && is_ours(&path) {
            found.push(path);
        }
    }
    Ok(found)
}

fn is_yaml(path: &Path) -> bool {
    let ending = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    ["yml", "yaml", "json"].contains(&ending.to_lowercase().as_str())
}

/// Whether a file is a taxonomy or alert settings. One that is broken is not to
/// be passed over for that.
fn is_ours(path: &Path) -> bool {
    let stem = path.file_stem().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    let Ok(bytes) = std::fs::read(path) else { return DEFAULT_STEMS.contains(&stem) };
    let text = String::from_utf8_lossy(&bytes);
    let source = Source::new(stem, text);
    match source.document() {
        // In the legacy form any key is a category.
        Ok(_) => stem == DEFAULT_STEMS[0] || Kind::known(&source).is_some(),
        Err(_) => DEFAULT_STEMS.contains(&stem) || source.text().lines().any(begins_like_ours),
    }
}

/// Whether a line begins with a key that a taxonomy or alert settings have.
fn begins_like_ours(line: &str) -> bool {
    let line = line.trim_start_matches(['{', '"', '\'']);
    let key = line.split([':', '"', '\'']).next().unwrap_or_default();
    line.len() > key.len()
        && (TAXONOMY_KEYS.contains(&key) || Settings::keys().any(|known| known == key))
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A taxonomy of error signatures.
    Taxonomy,
    /// Settings of the alerts.
    Alerts,
}

impl Kind {
    /// Tells by the content; where that says nothing, by the name.
    pub(crate) fn of(source: &Source) -> Self {
        let named_alerts = source.name().to_lowercase().contains("alert");
        Self::known(source).unwrap_or(if named_alerts { Self::Alerts } else { Self::Taxonomy })
    }

    /// Tells by the content alone.
    fn known(source: &Source) -> Option<Self> {
        let Ok(Some(Node { kind: NodeKind::Mapping(entries), .. })) = source.document() else {
            return None;
        };
        // A legacy category may be called like a setting, but is a list of texts.
        let texts = |node: &Node| match &node.kind {
            NodeKind::Sequence(items) => items.iter().all(|item| item.as_text().is_some()),
            _ => false,
        };
        let lists = ["immediate_categories", "subject_fields"];
        let is_setting = |entry: &Entry| {
            let key = entry.key.as_str();
            Settings::keys().any(|known| known == key)
                && (lists.contains(&key) || !texts(&entry.value))
        };
        if entries.iter().any(|e| TAXONOMY_KEYS.contains(&e.key.as_str())) {
            Some(Self::Taxonomy)
        } else {
            entries.iter().any(is_setting).then_some(Self::Alerts)
        }
    }
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
        let found = within(folder.path()).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap()).collect();
        assert_eq!(names, ["alerts.yml", "broken.yml", "error_signatures.yml", "latin.yml"]);
    }

    #[test]
    fn files_are_told_apart_by_content_then_by_name() {
        for (name, text, kind) in [
            ("x", "categories: {}", Kind::Taxonomy),
            ("alerts.yml", "categories: {}", Kind::Taxonomy),
            ("x", "window_minutes: 5", Kind::Alerts),
            ("x", "critical: [OOM]", Kind::Taxonomy),
            ("x", "{critical: [OOM], limits: [quota exceeded]}", Kind::Taxonomy),
            ("x", "immediate_categories: [fatal]", Kind::Alerts),
            ("x", "overrides: [{match: {category: x}}]", Kind::Alerts),
            ("Alerts.yml", "# nothing yet", Kind::Alerts),
            ("x", "[", Kind::Taxonomy),
        ] {
            assert_eq!(Kind::of(&Source::new(name, text)), kind, "{name}: {text}");
        }
    }
}
