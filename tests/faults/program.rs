//! The program under test, from a start to an end.

use std::{
    os::unix::process::{CommandExt, ExitStatusExt},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use signatures_peers::process::command;

use crate::{
    clock::Clock,
    disk::{NOBODY, is_run_by_nobody},
    log::Log,
};

pub struct Program {
    pub child: Child,
    pub log: Log,
}

/// `vector-signatures`, as whoever runs it and by the clock that it goes by.
pub fn vector_signatures(folder: &Path, clock: Option<&Clock>) -> Command {
    let mut command = command(env!("CARGO_BIN_EXE_vector-signatures"), folder);
    if is_run_by_nobody() {
        command.uid(NOBODY).gid(NOBODY);
    }
    if let Some(clock) = clock {
        clock.give_to(&mut command);
    }
    command
}

impl Program {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = Log::of(child.stderr.take().unwrap());
        Self { child, log }
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// The most memory that it has had so far, in bytes.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10)
    }

    /// Grants it no more descriptors than it has and so many, or many again.
    pub fn limit_descriptors(&self, more: Option<usize>) {
        let id = self.child.id();
        let has = std::fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count);
        let soft = more.map_or(1024, |more| has + more);
        let mut prlimit = Command::new("prlimit");
        prlimit.args(["--pid", &id.to_string(), &format!("--nofile={soft}:")]);
        // Where there is no such command there is no such fault.
        let _ = prlimit.stderr(Stdio::null()).status();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether something died of a signal that nobody sent but itself.
pub fn crashed(status: ExitStatus) -> bool {
    status.signal().is_some_and(|signal| signal != 9)
}
