//! The life of a command.

use std::{
    env,
    io::{self, Write},
};

use jiff::Timestamp;
use signatures_alerts::legible;
use signatures_command_line::columns;
use signatures_ledger::Ledger;
use signatures_operations::{Desk, Who, commands::Command};

use super::{
    args::{Asking, Format, Observing, Silencing, Source},
    remote, rules,
};
use crate::command_error::CommandError;

/// The command of that name.
pub(crate) fn run(name: &str, asking: Asking) -> Result<(), CommandError> {
    run_with(name, asking, &[])
}

/// `observe`, whose flag is a word of it.
pub(crate) fn observe(Observing { asking, verbose }: Observing) -> Result<(), CommandError> {
    run_with("observe", asking, if verbose { &["-v"] } else { &[] })
}

/// `silence`, whose flag is a word of it.
pub(crate) fn silence(Silencing { asking, force }: Silencing) -> Result<(), CommandError> {
    run_with("silence", asking, if force { &["--force"] } else { &[] })
}

fn run_with(name: &str, asking: Asking, flags: &[&str]) -> Result<(), CommandError> {
    let Asking { words, source } = asking;
    let words =
        [name].into_iter().chain(words.iter().map(String::as_str)).chain(flags.iter().copied());
    let command = Command::parse(&words.collect::<Vec<_>>())?;
    let lines = match &source.url {
        Some(url) => remote::ask(url, source.token_file.as_deref(), &command, source.format)?,
        None => ask(&source, &command)?,
    };
    let mut out = io::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}")).map_err(CommandError::Output)
}

/// Asks a state directory.
fn ask(source: &Source, command: &Command) -> Result<Vec<String>, CommandError> {
    let ledger = source.state_dir.as_deref().map(Ledger::at);
    let is_without = matches!(command, Command::Classify { .. });
    if ledger.is_none() && !is_without {
        return Err(CommandError::NobodyToAsk);
    }
    let rules = rules::read(&source.rules)?;
    let timezone = rules.settings.alerts.operations.timezone.clone();
    let desk = Desk { ledger, process: None, rules: Some(rules), timezone };
    let now = Timestamp::now();
    let answer = desk.answer(command, &who(), now)?;
    Ok(match source.format {
        Format::Table => answer.table(&desk.timezone, columns(), now),
        Format::Json => {
            let text = serde_json::to_string(&answer).map_err(io::Error::from);
            vec![legible::json(text.map_err(CommandError::Output)?)]
        }
    })
}

/// Who sits there: who became another user by sudo is still themselves.
fn who() -> Who {
    let name = ["SUDO_USER", "USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|variable| env::var(variable).ok().filter(|name| !name.trim().is_empty()));
    Who::at(name.unwrap_or_else(|| "unknown".to_owned()), "command line")
}
