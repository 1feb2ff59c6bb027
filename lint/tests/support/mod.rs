//! `sigcheck` as a user runs it.

use std::path::Path;

use assert_cmd::Command;

/// The binary in a folder, untouched by the environment.
pub(crate) fn sigcheck(folder: impl AsRef<Path>, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("sigcheck").unwrap();
    command
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("SIGNATURES_NO_CACHE", "1")
        .env_remove("SIGNATURES_TAXONOMY")
        .env_remove("SIGNATURES_ALERTS")
        .env_remove("ERROR_SIGNATURES_PATH")
        .env_remove("ALERTS_GROUPING_CONFIG")
        .env_remove("SIGNATURES_TAXONOMY")
        .env_remove("SIGNATURES_ALERTS")
        .args(args);
    command
}

/// Exit code, standard output and standard error of a command.
pub(crate) fn run(mut command: Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}
