//! Which files a command goes by, as its arguments say.

use std::path::PathBuf;

use clap::builder::{StringValueParser, TypedValueParser};
use signatures_delivery::Settings;
use signatures_engine::{Classifier, Taxonomy};

use super::reading::read;
use crate::command_error::CommandError;

/// Where the taxonomy is unless somebody says otherwise.
const DEFAULT_TAXONOMY: &str = "config/error_signatures.yml";
/// Where the alert settings are unless somebody says otherwise.
const DEFAULT_ALERTS: &str = "config/alerts.yml";

/// Which taxonomy and alerts file a command goes by.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct FileArguments {
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

impl FileArguments {
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
    pub(crate) fn load(&self) -> Result<(Classifier, Settings), CommandError> {
        let settings = self.settings()?;
        let source = read(&self.taxonomy())?;
        let taxonomy = Taxonomy::read(&source).into_result(&source)?;
        Ok((Classifier::new(taxonomy, &settings.engine.classifier), settings))
    }

    pub(crate) fn settings(&self) -> Result<Settings, CommandError> {
        let Some(path) = self.alerts() else { return Ok(Settings::default()) };
        let source = read(&path)?;
        Ok(Settings::read(&source).into_result(&source)?)
    }
}
