//! The program with a page, and a state directory to look at.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use signatures_peers::waiting::wait_until_or;
use tempfile::TempDir;

use crate::http::{Answer, get};

/// Who may look, and two who may act.
pub(crate) const READER: &str = "reader-token-of-these-tests";
pub(crate) const DANA: &str = "dana-token-of-these-tests";
pub(crate) const LEE: &str = "lee-token-of-these-tests";

const TAXONOMY: &str = r#"
categories:
  critical:
    signatures:
      - { id: OOM, pattern: "Out of memory", summary: "Memory exhausted" }
  network:
    default_policy: retry
    signatures:
      - { id: NET_RESET, pattern: "ECONNRESET", severity: medium }
      - { id: NET_NEVER, pattern: "never seen" }
"#;

/// A process that answers at an address. Killed when dropped.
pub(crate) struct Program {
    pub(crate) address: String,
    pub(crate) folder: TempDir,
    stderr: Arc<Mutex<String>>,
    child: Child,
}

impl Program {
    /// `operations` over a state directory that has seen these lines, with tokens.
    pub(crate) fn over(lines: &[&str]) -> Self {
        let folder = folder();
        pipe(folder.path(), lines);
        let tokens = ["--status-token-file", "reader", "--write-tokens-file", "tokens"];
        Self::start(folder, &[&["operations", "--state-dir", "state"], &tokens[..]].concat())
    }

    /// The program in a folder, at an address of its own.
    pub(crate) fn start(folder: TempDir, args: &[&str]) -> Self {
        let mut child = command(folder.path())
            .args(args)
            .args(["--taxonomy", "taxonomy.yml", "--status", "127.0.0.1:0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = Arc::<Mutex<String>>::default();
        let (seen, mut lines) = (Arc::clone(&stderr), BufReader::new(child.stderr.take().unwrap()));
        std::thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                seen.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        let mut program = Self { address: String::new(), folder, stderr, child };
        let started = || program.stderr().contains("\"status\":");
        wait_until_or(started, || format!("it says no address:\n{}", program.stderr()));
        let stderr = program.stderr();
        let line = stderr.lines().find(|line| line.contains("\"status\":")).unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        program.address = line["status"].as_str().unwrap().to_owned();
        program
    }

    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// What a reader gets as JSON.
    pub(crate) fn get(&self, path: &str) -> Answer {
        get(&self.address, path, &["Accept: application/json", &bearer(READER)])
    }

    /// Writes lines to its standard input.
    pub(crate) fn write(&mut self, lines: &[&str]) {
        let stdin = self.child.stdin.as_mut().unwrap();
        lines.iter().for_each(|line| writeln!(stdin, "{line}").unwrap());
        stdin.flush().unwrap();
    }

    /// Ends its standard input, and says with which code it ended then.
    pub(crate) fn end_of_input(mut self) -> Option<i32> {
        drop(self.child.stdin.take());
        let mut status = None;
        let ended = || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        };
        wait_until_or(ended, || format!("still running:\n{}", self.stderr.lock().unwrap()));
        status.and_then(|status| status.code())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with a taxonomy and tokens.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("taxonomy.yml", TAXONOMY);
    write("reader", READER);
    write("tokens", &format!("dana:{DANA}\nlee:{LEE}\n"));
    write("dana", DANA);
    folder
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// The program in a folder, with nothing of this environment.
pub(crate) fn command(folder: &Path) -> Command {
    signatures_peers::process::command(env!("CARGO_BIN_EXE_vector-signatures"), folder)
}

/// Has a pipe with the state directory `state` see these lines.
pub(crate) fn pipe(folder: &Path, lines: &[&str]) {
    let args = ["pipe", "--taxonomy", "taxonomy.yml", "--state-dir", "state", "--quiet"];
    let mut child = command(folder)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    lines.iter().for_each(|line| writeln!(stdin, "{line}").unwrap());
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// What a command in a folder says: its exit code, and both outputs.
pub(crate) fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = command(folder).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
