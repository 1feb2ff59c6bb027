//! The rules that a process goes by: taxonomy and alert settings, from disk.

use std::{
    io,
    path::{Path, PathBuf},
};

use signatures_engine::{
    problem::Unusable, settings::Settings, taxonomy::Taxonomy, verdict::Classifier, yaml::Source,
};

use crate::engine_args::EngineArgs;

const DEFAULT_ALERTS: &str = "config/alerts.yml";

/// Both files, read and compiled: they are used and replaced as one.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) classifier: Classifier,
    pub(crate) settings: Settings,
}

/// Where the rules are.
#[derive(Clone, Debug)]
pub(crate) struct RuleFiles {
    taxonomy: PathBuf,
    /// None where the default does not exist.
    alerts: Option<PathBuf>,
}

/// What the files say, before anybody has made sense of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RuleTexts {
    taxonomy: String,
    alerts: Option<String>,
}

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RulesError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    /// A file says what it must not.
    #[error("{0}")]
    Unusable(#[from] Unusable),
}

impl RuleFiles {
    pub(crate) fn new(args: &EngineArgs) -> Self {
        let default = || Some(PathBuf::from(DEFAULT_ALERTS)).filter(|path| path.exists());
        Self { taxonomy: args.taxonomy(), alerts: args.alerts.clone().or_else(default) }
    }

    /// The names of the files, for the log.
    pub(crate) fn describe(&self) -> String {
        match &self.alerts {
            Some(alerts) => format!("{}, {}", self.taxonomy.display(), alerts.display()),
            None => format!("{}, default alert settings", self.taxonomy.display()),
        }
    }

    pub(crate) fn read(&self) -> Result<RuleTexts, RulesError> {
        Ok(RuleTexts {
            taxonomy: read(&self.taxonomy)?,
            alerts: self.alerts.as_deref().map(read).transpose()?,
        })
    }

    pub(crate) fn compile(&self, texts: &RuleTexts) -> Result<Rules, RulesError> {
        let settings = match (&self.alerts, &texts.alerts) {
            (Some(path), Some(text)) => {
                let source = Source::new(path.display().to_string(), text);
                Settings::read(&source).into_result(&source)?
            }
            _ => Settings::default(),
        };
        let source = Source::new(self.taxonomy.display().to_string(), &texts.taxonomy);
        let taxonomy = Taxonomy::read(&source).into_result(&source)?;
        Ok(Rules { classifier: Classifier::new(taxonomy, &settings), settings })
    }
}

fn read(path: &Path) -> Result<String, RulesError> {
    std::fs::read_to_string(path)
        .map_err(|error| RulesError::Unreadable { path: path.to_owned(), error })
}
