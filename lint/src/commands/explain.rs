//! `sigcheck explain`: what a rule finds, why that is bad, what to write instead.

use std::io::Write;

use crate::{
    command_error::CommandError,
    exit_status::ExitStatus,
    rules::{RULES, Rule, rule_name, rule_named},
};

/// Explain a rule
#[derive(Debug, clap::Args)]
#[command(before_help = "\
Examples:
  sigcheck explain double-escaped
  sigcheck explain --all > docs/rules.md")]
pub(super) struct Args {
    /// Which rule
    #[arg(value_parser = rule_name, required_unless_present = "all")]
    rule: Option<String>,

    /// Every rule, as one page
    #[arg(long, conflicts_with = "rule")]
    all: bool,
}

impl Args {
    pub(super) fn run(self) -> Result<ExitStatus, CommandError> {
        let text = match self.rule.as_deref().and_then(rule_named) {
            Some(rule) => section(rule, "#"),
            None => page(),
        };
        anstream::stdout().lock().write_all(text.as_bytes())?;
        Ok(ExitStatus::Fine)
    }
}

fn section(rule: &Rule, heading: &str) -> String {
    let text = rule.documentation().replace("\n## ", &format!("\n#{heading} "));
    let text = text.strip_prefix("## ").map_or(text.clone(), |t| format!("#{heading} {t}"));
    format!("{heading} {} ({})\n\n{text}", rule.name, rule.severity.name())
}

/// `docs/rules.md`.
fn page() -> String {
    let mut page = String::from(
        "# The rules of sigcheck\n\n\
         Made of the rules' own files by `sigcheck explain --all`; to change it, change them.\n\n\
         | Rule | Level | What it does |\n|---|---|---|\n",
    );
    for rule in RULES {
        let summary = rule.summary().replace('|', "\\|");
        page += &format!("| [{0}](#{0}) | {1} | {summary} |\n", rule.name, rule.severity.name());
    }
    for rule in RULES {
        page += &format!("\n<a id=\"{}\"></a>\n\n{}", rule.name, section(rule, "##"));
    }
    page
}
