//! `sigcheck schema`: the JSON Schemas of the files and of the alert event.

use std::io::Write;

use crate::{
    command_error::CommandError,
    exit_status::ExitStatus,
    files::{ALERTS_SCHEMA, RELAY_SCHEMA},
};

/// Print the JSON Schema of a file or event
#[derive(Debug, clap::Args)]
#[command(
    before_help = "\
Example:
  sigcheck schema taxonomy > taxonomy.schema.json",
    after_long_help = "\
An editor with a YAML language server checks and completes a taxonomy that starts with
  # yaml-language-server: $schema=…/taxonomy.schema.json"
)]
pub(super) struct Args {
    /// Of what
    #[arg(value_enum)]
    name: Schema,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Schema {
    /// config/error_signatures.yml
    Taxonomy,
    /// config/alerts.yml
    Alerts,
    /// config/relay.yml
    Relay,
    /// The alert as one JSON object, as webhooks receive it
    AlertEvent,
}

impl Schema {
    /// The schema itself.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Taxonomy => include_str!("../../schemas/taxonomy.schema.json"),
            Self::Alerts => ALERTS_SCHEMA,
            Self::Relay => RELAY_SCHEMA,
            Self::AlertEvent => include_str!("../../schemas/alert_event.schema.json"),
        }
    }
}

impl Args {
    pub(super) fn run(self) -> Result<ExitStatus, CommandError> {
        std::io::stdout().lock().write_all(self.name.text().as_bytes())?;
        Ok(ExitStatus::Fine)
    }
}
