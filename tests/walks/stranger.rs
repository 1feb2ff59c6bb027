//! Somebody who has just installed it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
    time::Instant,
};

use signatures_peers::process::{command, run, text};
use tempfile::TempDir;

/// Where the programs were built from: nothing that runs may know it.
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// An empty folder in the place of the checkout, for what is run behind it.
const HIDING: &str = "mount -t tmpfs none \"$0\" && exec sh -c \"$1\"";

/// Whether the checkout can be hidden: a container may forbid it.
static HIDES: LazyLock<bool> = LazyLock::new(|| {
    let mut look = command("unshare", Path::new("/"));
    look.env("PATH", "/usr/bin:/bin").args(["-r", "-m", "sh", "-c", HIDING, CHECKOUT]);
    look.arg(format!("test -z \"$(ls -A '{CHECKOUT}')\""));
    let hides = look.output().is_ok_and(|output| output.status.success());
    if !hides {
        println!("the checkout cannot be hidden here");
    }
    hides
});

/// Somebody with copies of the two programs on the path and an empty folder: nothing of
/// this environment, and nothing of the checkout.
pub(crate) struct Stranger {
    who: &'static str,
    folder: TempDir,
    commands: Vec<String>,
    since: Instant,
}

/// What a command came to.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Stranger {
    pub(crate) fn new(who: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for empty in ["bin", "home", "here"] {
            fs::create_dir(folder.path().join(empty)).unwrap();
        }
        let built = Path::new(env!("CARGO_BIN_EXE_vector-signatures")).parent().unwrap();
        for program in ["vector-signatures", "sigcheck"] {
            let program_there = built.join(program);
            assert!(program_there.exists(), "run the tests with --workspace, which builds it");
            copy(&program_there, &folder.path().join("bin").join(program)).unwrap();
        }
        let checkout = fs::canonicalize(CHECKOUT).unwrap();
        assert!(!fs::canonicalize(folder.path()).unwrap().starts_with(checkout));
        Self { who, folder, commands: Vec::new(), since: Instant::now() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("here").join(name)
    }

    /// What was there before, or was written with an editor.
    pub(crate) fn has(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), content).unwrap();
    }

    /// Types a command and waits for its end.
    pub(crate) fn types(&mut self, line: &str) -> Answer {
        let output = run(self.shell(line), "");
        let code = output.status.code().unwrap_or(-1);
        Answer { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The same, and it has to go well.
    pub(crate) fn types_well(&mut self, line: &str) -> Answer {
        let answer = self.types(line);
        assert_eq!(answer.code, 0, "{line}\n{}{}", answer.out, answer.err);
        answer
    }

    /// Types a command that goes on until it is told to end.
    pub(crate) fn leaves_running(&mut self, line: &str) -> Child {
        let mut command = self.shell(&format!("exec {line}"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
    }

    /// Has seen an alert that is of use.
    pub(crate) fn is_served(&self) {
        let Self { who, commands, since, .. } = self;
        let (count, minutes) = (commands.len(), since.elapsed().as_secs_f64() / 60.0);
        println!("{who}: {count} commands and {minutes:.2} minutes to the first useful alert");
        commands.iter().for_each(|command| println!("  $ {command}"));
    }

    fn shell(&mut self, line: &str) -> Command {
        self.commands.push(line.to_owned());
        let folder = self.folder.path();
        let mut shell = match *HIDES {
            true => command("unshare", &folder.join("here")),
            false => command("sh", &folder.join("here")),
        };
        shell.env("PATH", format!("{}:/usr/bin:/bin", folder.join("bin").display()));
        shell.env("HOME", folder.join("home"));
        match *HIDES {
            true => shell.args(["-r", "-m", "sh", "-c", HIDING, CHECKOUT, line]),
            false => shell.args(["-c", line]),
        };
        shell
    }
}

/// A program by itself, as one installs it: not even a link leads back.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop))
}
