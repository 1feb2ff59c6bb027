//! The files in which a team keeps its rules.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use signatures_configuration::{
    DEFAULT_ALERTS, DEFAULT_TAXONOMY,
    environment::{ALERTS, TAXONOMY, told_as, variable},
    read_taxonomy as reading_of_taxonomy, source_of, switch, usable,
};
use signatures_delivery::Settings;
use signatures_document::{Reading, yaml::Source};
use signatures_engine::Taxonomy;

/// The file of the taxonomy.
pub(crate) fn taxonomy_path(option: Option<&Path>) -> PathBuf {
    option
        .map(Path::to_owned)
        .or_else(|| variable(TAXONOMY).map(PathBuf::from))
        .unwrap_or_else(|| DEFAULT_TAXONOMY.into())
}

/// The file of the alert settings; none where the default does not exist.
pub(crate) fn alerts_path(option: Option<&Path>) -> Option<PathBuf> {
    let default = || Some(PathBuf::from(DEFAULT_ALERTS)).filter(|path| path.exists());
    option.map(Path::to_owned).or_else(|| variable(ALERTS).map(PathBuf::from)).or_else(default)
}

/// An option that is on or off, or else what a variable says.
pub(crate) fn switch(option: Option<bool>, name: &str, default: bool) -> Result<bool, Vec<String>> {
    let said = || match variable(name).map(|text| switch::parse(&text)).transpose() {
        Ok(said) => Ok(said.flatten()),
        Err(error) => Err(vec![format!("{}: {error}", told_as(name))]),
    };
    Ok(option.map_or_else(said, |on| Ok(Some(on)))?.unwrap_or(default))
}

pub(crate) fn read_taxonomy(path: &Path) -> Result<Taxonomy, Vec<String>> {
    read(path, ("taxonomy", TAXONOMY), reading_of_taxonomy)
}

/// The alert settings of a file, or else the defaults.
pub(crate) fn read_settings(path: Option<&Path>) -> Result<Settings, Vec<String>> {
    let read = |path| read(path, ("alerts", ALERTS), Settings::read);
    path.map_or_else(|| Ok(Settings::default()), read)
}

/// What a file says, or everything that is wrong with it: one line each.
fn read<T>(
    path: &Path,
    (option, variable): (&str, &str),
    read: fn(&Source) -> Reading<T>,
) -> Result<T, Vec<String>> {
    let source = source_of(path).map_err(|error| {
        vec![format!(
            "{error}; the option `{option}` or the variable {} names another file",
            told_as(variable)
        )]
    })?;
    usable(read(&source), &source).map_err(|unusable| unusable.errors)
}

/// What a configuration has read of its files: once, however often Vector asks.
///
/// When a reload fails for another component, Vector builds the old
/// configuration again. Its files may say something else by then; what they said
/// is kept here.
#[derive(Debug)]
pub(crate) struct Kept<T>(Arc<OnceLock<Result<Arc<T>, Vec<String>>>>);

impl<T> Kept<T> {
    /// What was read, by the first call.
    pub(crate) fn get(
        &self,
        read: impl FnOnce() -> Result<T, Vec<String>>,
    ) -> Result<Arc<T>, Vec<String>> {
        self.0.get_or_init(|| read().map(Arc::new)).clone()
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}
