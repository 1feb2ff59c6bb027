//! The `sigcheck` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    sigcheck::run()
}
