//! `sigcheck rules`: what is looked for.

use std::io::Write;

use signatures_command_line::{Column, Table, columns};

use crate::{command_error::CommandError, exit_status::ExitStatus, rules::RULES};

/// List all rules
#[derive(Debug, clap::Args)]
#[command(before_help = "\
Example:
  sigcheck rules --format json")]
pub(super) struct Args {
    /// How to print them
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "pretty")]
    format: ListFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ListFormat {
    /// A line each
    #[value(alias = "table")]
    Pretty,
    /// One JSON object, for programs
    Json,
}

impl Args {
    pub(super) fn run(self) -> Result<ExitStatus, CommandError> {
        let mut out = anstream::stdout().lock();
        let rules = RULES.iter().map(|rule| (rule.name, rule.severity.name(), rule.summary()));
        match self.format {
            ListFormat::Pretty => {
                let mut table = Table::new(&[Column::Whole, Column::Whole, Column::Text]);
                rules.for_each(|(name, severity, summary)| table.push([name, severity, &summary]));
                for line in table.lines(0, columns()) {
                    writeln!(out, "{line}")?;
                }
            }
            ListFormat::Json => {
                let rules: Vec<_> = rules
                    .map(|(name, severity, summary)| {
                        serde_json::json!({"rule": name, "severity": severity, "summary": summary})
                    })
                    .collect();
                serde_json::to_writer_pretty(&mut out, &serde_json::json!({"rules": rules}))
                    .map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
        }
        Ok(ExitStatus::Fine)
    }
}
