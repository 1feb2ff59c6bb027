//! The `sigcheck` command.

use std::process::ExitCode;

/// Patterns are many small trees: a third of the time of `validate` was the
/// system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    sigcheck::run()
}
