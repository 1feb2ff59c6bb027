//! The disk that the state directory lies on: a small one that can be filled, and
//! whose files can be taken away from the program.

use std::{
    fs,
    io::Write,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

/// Who runs the programs where the test is run by root, who may write everywhere.
pub const NOBODY: u32 = 65534;

const SIZE: u64 = 48 << 20;

pub struct Disk {
    root: PathBuf,
    is_mounted: bool,
}

pub fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Whether the programs are run by who may not write everywhere: also by root, where
/// others reach them.
pub fn is_run_by_nobody() -> bool {
    static IS: LazyLock<bool> = LazyLock::new(|| {
        let mut version = Command::new(env!("CARGO_BIN_EXE_vector-signatures"));
        version.arg("--version").uid(NOBODY).stdout(Stdio::null());
        is_root() && version.status().is_ok_and(|status| status.success())
    });
    *IS
}

impl Disk {
    pub fn in_folder(folder: &Path) -> Self {
        let root = folder.join("disk");
        fs::create_dir(&root).unwrap();
        let options = format!("size={SIZE},mode=700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "none"]).arg(&root).stderr(Stdio::null());
        let is_mounted = is_root() && mount.status().is_ok_and(|status| status.success());
        if !is_mounted {
            println!("no disk that is full: mounting one takes root");
        }
        if is_run_by_nobody() {
            chown(&root, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        Self { root, is_mounted }
    }

    pub fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    pub fn can_be_filled(&self) -> bool {
        self.is_mounted
    }

    pub fn fill(&self) {
        let mut file = fs::File::create(self.root.join("filler")).unwrap();
        for piece in [1 << 16, 1 << 9, 1] {
            while file.write_all(&vec![b'x'; piece]).is_ok() {}
        }
    }

    pub fn empty(&self) {
        let _ = fs::remove_file(self.root.join("filler"));
    }

    /// Whether the program may make and open files there.
    pub fn set_writable(&self, may: bool) {
        let (folder, file) = if may { (0o700, 0o600) } else { (0o500, 0o400) };
        let set = |path: &Path, mode| {
            // It may be gone by now.
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
        };
        for entry in fs::read_dir(self.state()).into_iter().flatten() {
            set(&entry.unwrap().path(), file);
        }
        set(&self.state(), folder);
        set(&self.root, folder);
    }

    /// The names of what is there, and their size in all.
    pub fn holds(&self) -> (Vec<String>, u64) {
        let entries = fs::read_dir(self.state()).into_iter().flatten().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        let size = |name: &String| fs::metadata(self.state().join(name)).map_or(0, |m| m.len());
        let bytes = names.iter().map(size).sum();
        (names, bytes)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            let _ = Command::new("umount").arg("-l").arg(&self.root).status();
        }
    }
}
