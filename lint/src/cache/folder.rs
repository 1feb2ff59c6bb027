//! The folder with the answers: whose it is, and how large it may become.

use std::{
    env,
    ffi::OsStr,
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use super::entry;

/// An answer that is longer is not kept.
const LONGEST_ENTRY: u64 = 4 << 20;

/// So many bytes and files are kept, about.
const MOST_BYTES: u64 = 64 << 20;
const MOST_ENTRIES: usize = 20_000;

/// After one in so many writes it is looked whether that is too much.
const TIDIED_EVERY: u64 = 128;

/// An answer that was of use is marked as such, but not every time.
const MARKED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Answers of earlier runs; none where there is no folder for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cache {
    folder: Option<PathBuf>,
}

impl Cache {
    /// The one in a folder that the user names, or in that of the user's caches. Where
    /// none can be made, as on a disk that is read only, nothing is kept, and nothing
    /// said of it.
    pub(crate) fn new(named: Option<&Path>) -> Self {
        let folder = named.map(Path::to_path_buf).or_else(|| Some(caches()?.join("sigcheck")));
        Self { folder: folder.filter(|folder| prepare(folder).is_ok()) }
    }

    /// The answer that is kept under a key.
    pub(super) fn get(&self, key: &str) -> Option<String> {
        let path = self.folder.as_ref()?.join(file_name(key));
        let file = File::open(&path).ok()?;
        let metadata = file.metadata().ok()?;
        if !metadata.is_file() || metadata.len() > LONGEST_ENTRY || !is_ours(&metadata) {
            return None;
        }
        let mut text = String::new();
        file.take(LONGEST_ENTRY).read_to_string(&mut text).ok()?;
        let answer = entry::read(&text, key)?;
        mark(&path, &metadata);
        Some(answer)
    }

    /// Keeps an answer. Others may write the same at the same time: each writes a file
    /// of its own, which then takes its place in one step.
    pub(super) fn put(&self, key: &str, answer: &str) {
        let Some(folder) = &self.folder else { return };
        let text = entry::written(key, answer);
        if text.len() as u64 > LONGEST_ENTRY {
            return;
        }
        let name = file_name(key);
        let unfinished = folder.join(unfinished_name());
        let done =
            write_new(&unfinished, &text).and_then(|()| fs::rename(&unfinished, folder.join(name)));
        if done.is_err() {
            drop(fs::remove_file(&unfinished));
        }
        if entry::hash(key).is_multiple_of(TIDIED_EVERY) {
            drop(tidy(folder, MOST_BYTES, MOST_ENTRIES));
        }
    }
}

/// This very program: another may find out other things.
pub(super) fn program() -> &'static str {
    static PROGRAM: LazyLock<String> = LazyLock::new(|| {
        let binary = env::current_exe().and_then(fs::metadata).ok();
        let built = binary.map(|binary| (binary.len(), binary.modified().ok()));
        format!("{} {built:?}", env!("CARGO_PKG_VERSION"))
    });
    &PROGRAM
}

/// The folder of the user's caches, as the system has it.
fn caches() -> Option<PathBuf> {
    let named = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    named("XDG_CACHE_HOME").or_else(|| match env::consts::OS {
        "windows" => named("LOCALAPPDATA"),
        "macos" => named("HOME").map(|home| home.join("Library/Caches")),
        _ => named("HOME").map(|home| home.join(".cache")),
    })
}

/// Makes the folder, for this user alone, and sees that it is.
fn prepare(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let metadata = fs::metadata(folder)?;
    match metadata.is_dir() && is_ours(&metadata) {
        true => Ok(()),
        false => Err(io::ErrorKind::PermissionDenied.into()),
    }
}

/// Whether nobody else can have written there.
#[cfg(unix)]
fn is_ours(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    // Who this program is, where the system says it in a file.
    let own = fs::metadata("/proc/self").map(|own| own.uid());
    metadata.mode() & 0o022 == 0 && own.map_or(true, |own| own == metadata.uid())
}

#[cfg(not(unix))]
fn is_ours(_: &Metadata) -> bool {
    true
}

fn file_name(key: &str) -> String {
    format!("{:016x}", entry::hash(key))
}

/// A name that no other writer uses.
fn unfinished_name() -> String {
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    format!(".{}-{}", process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// Notes that an answer was of use: those that were not for longest go first.
fn mark(path: &Path, metadata: &Metadata) {
    let age = metadata.modified().ok().and_then(|time| time.elapsed().ok());
    if age.is_some_and(|age| age > MARKED_AFTER)
        && let Ok(file) = OpenOptions::new().append(true).open(path)
    {
        drop(file.set_modified(SystemTime::now()));
    }
}

/// Removes what was of no use for longest, where there is too much: a quarter of it.
/// Nothing but what is named as files of ours are is touched.
fn tidy(folder: &Path, most_bytes: u64, most_entries: usize) -> io::Result<()> {
    let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_file() && is_name_of_ours(&entry.file_name()) {
            entries.push((metadata.modified()?, metadata.len(), entry.path()));
        }
    }
    let mut bytes: u64 = entries.iter().map(|entry| entry.1).sum();
    let mut count = entries.len();
    if bytes <= most_bytes && count <= most_entries {
        return Ok(());
    }
    entries.sort();
    for (_, length, path) in entries {
        if bytes <= most_bytes / 4 * 3 && count <= most_entries / 4 * 3 {
            break;
        }
        // Another run may have removed it already.
        drop(fs::remove_file(path));
        (bytes, count) = (bytes - length, count - 1);
    }
    Ok(())
}

fn is_name_of_ours(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let finished = name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let numbers = |(id, number): (&str, &str)| {
        [id, number].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
    };
    finished || name.strip_prefix('.').and_then(|rest| rest.split_once('-')).is_some_and(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_until_it_is_broken_or_open_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/sigcheck");
        let cache = Cache::new(Some(&path));
        assert_eq!(cache.get("key"), None);
        cache.put("key", "answer");
        assert_eq!(cache.get("key").as_deref(), Some("answer"));
        assert_eq!(Cache::new(Some(&path)), cache);
        let file = path.join(file_name("key"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(&file)), (0o700, 0o600));
            fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
            assert_eq!(cache.get("key"), None);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
            assert_eq!(Cache::new(Some(&path)), Cache::default());
        }
        fs::write(&file, "\u{0}rubbish").unwrap();
        assert_eq!(cache.get("key"), None);
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        cache.put("key", "answer");
        assert_eq!(cache.get("key"), None);
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
    }

    #[test]
    fn where_nothing_can_be_kept_nothing_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let cache = Cache::new(Some(&file.join("sigcheck")));
        assert_eq!(cache, Cache::default());
        cache.put("key", "answer");
        assert_eq!(cache.get("key"), None);
    }

    #[test]
    fn what_was_of_no_use_for_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(folder.path()));
        fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        for number in 0..8_u64 {
            let key = number.to_string();
            cache.put(&key, "answer");
            let file = File::options().append(true).open(folder.path().join(file_name(&key)));
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 + number);
            file.unwrap().set_modified(time).unwrap();
        }
        // Of use once more.
        assert!(cache.get("0").is_some());
        tidy(folder.path(), u64::MAX, 7).unwrap();
        let kept: Vec<u64> =
            (0..8).filter(|number| cache.get(&number.to_string()).is_some()).collect();
        assert_eq!(kept, [0, 4, 5, 6, 7]);
        assert!(folder.path().join("notes.txt").exists());
    }
}
