//! Which rules a command goes by.

use std::path::PathBuf;

use clap::builder::{StringValueParser, TypedValueParser};
use signatures_configuration::{Files, environment};

/// Which rules a command goes by.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct RulesArgs {
    /// Taxonomy [default: config/error_signatures.yml, or built in]
    #[arg(
        long,
        short,
        alias = "signatures",
        value_name = "FILE",
        help_heading = "Rules",
        env = environment::TAXONOMY,
        value_parser = StringValueParser::new().map(PathBuf::from)
    )]
    pub taxonomy: Option<PathBuf>,

    /// Alert settings [default: config/alerts.yml, if there]
    #[arg(
        long,
        short,
        alias = "grouping",
        value_name = "FILE",
        help_heading = "Rules",
        env = environment::ALERTS,
        value_parser = StringValueParser::new().map(PathBuf::from)
    )]
    pub alerts: Option<PathBuf>,
}

impl RulesArgs {
    /// What help says of the taxonomy in commands that are about a file of one's own.
    pub const OWN_TAXONOMY: &'static str = "Taxonomy [default: config/error_signatures.yml]";

    /// Where both files are.
    #[must_use]
    pub fn files(&self) -> Files {
        Files::find(self.taxonomy.as_deref(), self.alerts.as_deref())
    }
}
