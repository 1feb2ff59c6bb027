//! Runs other programs, and shows how.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Why a program did not do its part.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error("cannot run `{command}`: {error}")]
    NotRun { command: String, error: std::io::Error },
    #[error("`{command}` failed")]
    Failed { command: String },
}

/// The root of this repository.
pub(crate) fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let parent = own.as_deref().and_then(Path::parent).map(Path::to_owned);
    parent.unwrap_or_else(|| PathBuf::from("."))
}

/// Runs a program, given as it would be typed, at the root.
pub(crate) fn run(command: &str) -> Result<(), CommandError> {
    run_with(command, &[])
}

/// The same, with variables in its environment.
pub(crate) fn run_with(
    command: &str,
    environment: &[(&str, &std::ffi::OsStr)],
) -> Result<(), CommandError> {
    eprintln!("\n== {command}");
    let mut words = command.split_whitespace();
    let status = Command::new(words.next().unwrap_or_default())
        .args(words)
        .envs(environment.iter().copied())
        .current_dir(root())
        .status()
        .map_err(|error| CommandError::NotRun { command: command.to_owned(), error })?;
    if status.success() {
        Ok(())
    } else {
        Err(CommandError::Failed { command: command.to_owned() })
    }
}

/// What a program prints, run like that.
pub(crate) fn output(command: &str) -> Result<Vec<u8>, CommandError> {
    let mut words = command.split_whitespace();
    let output = Command::new(words.next().unwrap_or_default())
        .args(words)
        .stderr(std::process::Stdio::inherit())
        .current_dir(root())
        .output()
        .map_err(|error| CommandError::NotRun { command: command.to_owned(), error })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(CommandError::Failed { command: command.to_owned() })
    }
}
