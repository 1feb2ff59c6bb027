//! The rules that a process goes by: taxonomy and alert settings, from disk.

use std::{
    io,
    path::{Path, PathBuf},
};

use signatures_delivery::{Config, Settings};
use signatures_document::{Reading, Unusable, yaml::Source};
use signatures_engine::{Classifier, Taxonomy};

use crate::{delivery_args::DeliveryArgs, engine_args::EngineArgs};

const DEFAULT_ALERTS: &str = "config/alerts.yml";

/// Both files, read and compiled: they are used and replaced as one.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) classifier: Classifier,
    pub(crate) settings: Settings,
    pub(crate) delivery: Config,
}

/// Where the rules are.
#[derive(Clone, Debug)]
pub(crate) struct RuleFiles {
    taxonomy: PathBuf,
    /// None where the default does not exist.
    alerts: Option<PathBuf>,
    /// What the alert settings may refer to.
    environment: DeliveryArgs,
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
    pub(crate) fn new(args: &EngineArgs, environment: &DeliveryArgs) -> Self {
        let default = || Some(PathBuf::from(DEFAULT_ALERTS)).filter(|path| path.exists());
        let (taxonomy, environment) = (args.taxonomy(), environment.clone());
        Self { taxonomy, alerts: args.alerts().or_else(default), environment }
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
        let (settings, source) = match (&self.alerts, &texts.alerts) {
            (Some(path), Some(text)) => {
                let source = Source::new(path.display().to_string(), text);
                (usable(Settings::read(&source), &source)?, source)
            }
            _ => (Settings::default(), Source::new(DEFAULT_ALERTS, "")),
        };
        let variable = |name: &str| self.environment.variable(name);
        let delivery = Config::resolve(&settings, &source, &variable)?;
        let source = Source::new(self.taxonomy.display().to_string(), &texts.taxonomy);
        let taxonomy = usable(Taxonomy::read(&source), &source)?;
        Ok(Rules {
            classifier: Classifier::new(taxonomy, &settings.engine.classifier),
            settings,
            delivery,
        })
    }
}

/// What was read, after its warnings have been told.
fn usable<T>(reading: Reading<T>, source: &Source) -> Result<T, Unusable> {
    for warning in reading.diagnostics.iter().filter(|diagnostic| !diagnostic.is_error()) {
        tracing::warn!("{}", warning.located(source));
    }
    reading.into_result(source)
}

fn read(path: &Path) -> Result<String, RulesError> {
    std::fs::read_to_string(path)
        .map_err(|error| RulesError::Unreadable { path: path.to_owned(), error })
}
