//! The `vector-signatures` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    vector_signatures::run()
}
