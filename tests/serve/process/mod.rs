//! The real binary, run as a user would.
#![allow(missing_docs, dead_code, unreachable_pub)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use signatures_peers::waiting::wait_until_or;
use tempfile::TempDir;

/// One signature each for a threshold alert, an immediate one and none, and
/// noise that a signature may lie inside of.
pub const TAXONOMY: &str = r#"
noise_allowlist: ["context canceled"]
categories:
  critical:
    signatures:
      - { id: OOM, pattern: "Out of memory", summary: "Memory exhausted", runbook: "https://x" }
  network:
    default_policy: retry
    signatures:
      - { id: NET_RESET, pattern: "ECONNRESET", severity: medium }
"#;

/// A running relay. Killed when dropped.
pub struct Relay {
    pub listen: String,
    pub status: String,
    pub folder: TempDir,
    child: Child,
    stderr: Arc<Mutex<String>>,
    deaf: Arc<AtomicBool>,
}

impl Relay {
    /// Starts a relay in front of a next hop, on ports of its own.
    pub fn start(forward: &str, more: &[&str]) -> Self {
        let folder = folder();
        Self::start_in(folder, &[&["--listen", "127.0.0.1:0", "--forward", forward], more].concat())
    }

    pub fn start_in(folder: TempDir, args: &[&str]) -> Self {
        Self::start_with(folder, args, &[])
    }

    pub fn start_with(folder: TempDir, args: &[&str], environment: &[(&str, &str)]) -> Self {
        let child = command(folder.path())
            .envs(environment.iter().copied())
            .args(["--status", "127.0.0.1:0"])
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self::attach(child, folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// The alert events on standard error.
    pub fn alerts(&self) -> Vec<serde_json::Value> {
        let stderr = self.stderr();
        let lines = stderr.lines().filter(|line| line.contains("\"samples\":"));
        let events = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        events.filter(|event| event["event"] == "internal_alert").collect()
    }

    /// Waits until standard error has a text.
    pub fn wait_for(&self, text: &str) {
        let said = || self.stderr().contains(text);
        wait_until_or(said, || format!("no `{text}` in:\n{}", self.stderr()));
    }

    fn logged(&self, field: &str) -> String {
        let stderr = self.stderr();
        let started = stderr.lines().find(|line| line.contains("\"listen\":")).unwrap();
        let started: serde_json::Value = serde_json::from_str(started).unwrap();
        started[field].as_str().unwrap().to_owned()
    }

    /// Closes the other end of standard error, once a line has come.
    pub fn stop_listening(&self) {
        self.deaf.store(true, Ordering::Relaxed);
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it has had so far, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.id());
        let status = std::fs::read_to_string(path).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits for the end of the process, and says its exit code.
    pub fn wait(&mut self) -> Option<i32> {
        let mut status = None;
        let ended = || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        };
        wait_until_or(ended, || format!("still running:\n{}", self.stderr.lock().unwrap()));
        status.and_then(|status| status.code())
    }

    /// Ends it by a signal, and hands over its folder for the next.
    pub fn end(mut self, signal: &str) -> TempDir {
        self.signal(signal);
        self.wait();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        get(&self.status, path, "")
    }

    /// Waits until the process has said that it started, and tells where it is.
    pub fn attach(mut child: Child, folder: TempDir) -> Self {
        let stderr = Arc::<Mutex<String>>::default();
        let (seen, mut lines) = (Arc::clone(&stderr), BufReader::new(child.stderr.take().unwrap()));
        let deaf = Arc::<AtomicBool>::default();
        let is_deaf = Arc::clone(&deaf);
        std::thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                seen.lock().unwrap().push_str(&line);
                line.clear();
                if is_deaf.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let mut relay =
            Self { listen: String::new(), status: String::new(), folder, child, stderr, deaf };
        relay.wait_for("\"listen\":");
        let (listen, status) = (relay.logged("listen"), relay.logged("status"));
        (relay.listen, relay.status) = (listen, status);
        relay
    }

    /// The value of a line of the metrics.
    pub fn metric(&self, name: &str) -> f64 {
        let (_, metrics) = self.get("/metrics");
        let line = metrics
            .lines()
            .find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        let line = line.unwrap_or_else(|| panic!("no {name} in:\n{metrics}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with the taxonomy.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("taxonomy.yml"), TAXONOMY).unwrap();
    folder
}

/// `vector-signatures serve` in a folder, with nothing of this environment.
pub fn command(folder: &Path) -> Command {
    let binary = env!("CARGO_BIN_EXE_vector-signatures");
    let mut command = signatures_peers::process::command(binary, folder);
    command.args(["serve", "--taxonomy", "taxonomy.yml"]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// What a refusal to start says.
pub fn fails(args: &[&str]) -> (Option<i32>, String) {
    let folder = folder();
    let output = command(folder.path()).args(args).stderr(Stdio::piped()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// The status and the body of a page, asked for by the address itself.
pub fn get(address: &str, path: &str, header: &str) -> (u16, String) {
    get_of(address, address, path, header)
}

/// The same, asked for by another name.
pub fn get_of(address: &str, host: &str, path: &str, header: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n{header}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
