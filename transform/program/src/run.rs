//! The command line of this process, from its start to its exit code.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use clap::FromArgMatches;
use signatures_alerts::legible::lines;
use signatures_command_line::is_coloured;

use crate::{
    command_error::CommandError,
    command_line::{self, CommandLine},
    log,
    standard_error::STANDARD_ERROR,
};

/// As Rust ends a process whose main thread has panicked.
const PANICKED: u8 = 101;

/// Runs the command line of this process, and says how it should end.
#[must_use]
pub fn run() -> ExitCode {
    log::start(is_coloured(&io::stderr()));
    told_to_the_end(work).unwrap_or(ExitCode::from(PANICKED))
}

fn work() -> ExitCode {
    let matches = CommandLine::shaped().get_matches();
    let parsed = CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match command_line::run(parsed) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has seen enough.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            STANDARD_ERROR.tell(lines(&format!("error: {error}\n")).into_bytes());
            ExitCode::from(error.exit_code())
        }
    }
}

/// Works, and waits until all is written that was told; none when it panicked, which
/// was told, too. When even that cannot be told, the exit code does.
fn told_to_the_end<T>(work: impl FnOnce() -> T) -> Option<T> {
    // Nothing goes on with what a panic has left.
    let done = catch_unwind(AssertUnwindSafe(work)).ok();
    STANDARD_ERROR.finish();
    done
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    const THIS: &str = "run::tests::a_panic_of_the_main_thread_is_told_before_the_end";
    const AS_CHILD: &str = "RUN_TEST_AS_CHILD";

    /// This test once more as a process of its own, which panics and ends at once.
    #[test]
    fn a_panic_of_the_main_thread_is_told_before_the_end() {
        if std::env::var_os(AS_CHILD).is_some() {
            log::start(false);
            assert_eq!(told_to_the_end(|| assert_eq!(AS_CHILD, "", "as a test")), None);
            std::process::exit(i32::from(PANICKED));
        }
        for _ in 0..20 {
            let child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "--nocapture", THIS])
                .env(AS_CHILD, "")
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said = String::from_utf8(child.stderr).unwrap();
            assert!(said.contains("signatures.panic") && said.contains("as a test"), "{said}");
            assert_eq!(child.status.code(), Some(i32::from(PANICKED)));
        }
    }
}
