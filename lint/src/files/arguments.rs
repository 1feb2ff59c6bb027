//! Which files a command goes by, as its arguments say.

use signatures_command_line::RulesArgs;
use signatures_configuration::{Files, Place, built_in_alerts, built_in_taxonomy, read_taxonomy};
use signatures_delivery::Settings;
use signatures_document::{Reading, yaml::Source};
use signatures_engine::{Classifier, Taxonomy};

use super::reading::read;
use crate::{command_error::CommandError, standard_error::tell};

/// What to say where a command is about files and there is none.
pub(crate) const NO_FILES: &str = "no file is named, and there is no config/error_signatures.yml \
                                   here; name one, or let `sigcheck init` write it";

/// Which taxonomy and alerts file a command goes by.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct FileArguments {
    #[command(flatten)]
    rules: RulesArgs,
}

impl FileArguments {
    /// Where both files are.
    pub(crate) fn files(&self) -> Files {
        self.rules.files()
    }

    /// Reads both files.
    pub(crate) fn load(&self) -> Result<(Classifier, Settings), CommandError> {
        let settings = self.settings()?;
        let source = match self.files().taxonomy {
            Place::File(path) => read(&path)?,
            Place::BuiltIn => built_in_taxonomy(),
        };
        let taxonomy = usable_taxonomy(&source)?;
        Ok((Classifier::new(taxonomy, &settings.engine.classifier), settings))
    }

    pub(crate) fn settings(&self) -> Result<Settings, CommandError> {
        let source = match self.files().alerts {
            Some(Place::File(path)) => read(&path)?,
            Some(Place::BuiltIn) => built_in_alerts(),
            None => return Ok(Settings::default()),
        };
        usable(Settings::read(&source), &source)
    }
}

/// What a taxonomy says, after it has been told what is doubtful about it.
pub(crate) fn usable_taxonomy(source: &Source) -> Result<Taxonomy, CommandError> {
    usable(read_taxonomy(source), source)
}

fn usable<T>(reading: Reading<T>, source: &Source) -> Result<T, CommandError> {
    if let Some(doubts) = reading.doubts(source) {
        tell(format_args!("warning: {doubts}"));
    }
    Ok(reading.into_result(source)?)
}
