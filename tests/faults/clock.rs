//! The time of day as a program sees it.

use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use signatures_peers::process::root;

/// A clock that the test sets while the program runs, by a library loaded before its
/// own.
pub struct Clock {
    library: PathBuf,
    ahead: PathBuf,
}

impl Clock {
    /// None where there is no C compiler.
    pub fn in_folder(folder: &Path) -> Option<Self> {
        let (library, ahead) = (folder.join("clock.so"), folder.join("ahead"));
        fs::write(&ahead, 0_i64.to_ne_bytes()).unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).stderr(Stdio::null());
        let built = compiler.arg(root().join("tests/faults/clock.c")).status();
        let clock = Self { library, ahead };
        let works = built.is_ok_and(|built| built.success());
        if !works {
            println!("no clock that jumps: no C compiler");
        }
        works.then_some(clock)
    }

    /// In seconds.
    pub fn set_ahead(&self, by: i64) {
        // In place: the program has it mapped.
        let file = fs::OpenOptions::new().write(true).open(&self.ahead).unwrap();
        file.write_all_at(&by.to_ne_bytes(), 0).unwrap();
    }

    pub fn give_to(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("FAULTS_CLOCK", &self.ahead);
    }
}
