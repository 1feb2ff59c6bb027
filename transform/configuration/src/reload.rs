//! New configurations while events flow: all of one or nothing, the last good
//! one kept.

use std::{
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use signatures_document::Unusable;

use crate::{
    configuration::Configuration, contents::Contents, current::Current, files::Files,
    source::Unreadable, texts::Texts,
};

/// After so long a file that has not changed any further is taken to be whole.
const SETTLED: Duration = Duration::from_secs(1);

/// Looks at the files again and again.
pub struct Reload<S, C> {
    files: Files,
    compile: C,
    /// What all files said that the last compilation went by, good or not.
    known: Contents,
    change: Change,
    current: Arc<Current<S>>,
}

/// Why there is no configuration to begin with, or no other.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A file says what it must not.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

/// What was seen of a change that nobody has asked to take over.
///
/// Who writes a file may be in the midst of it, so a change is taken over only
/// when a later look finds the same: two looks are compared, since the times of
/// files are those of any clock.
#[derive(Debug)]
enum Change {
    /// There is none.
    None,
    /// Files say something else, and may be written to still.
    Fresh(Contents),
    /// They have settled, and yet look as if they were cut.
    Doubtful(Contents),
}

/// What one look has seen.
struct Look {
    contents: Contents,
    texts: Result<Texts, Unreadable>,
}

/// What came of compiling that.
struct Compiled<S> {
    /// What was known before.
    before: Contents,
    /// The files that were read while compiling.
    beside: Contents,
    result: Result<Configuration<S>, OpenError>,
}

impl<S, C> Reload<S, C>
where
    C: Fn(&Texts, &mut Contents) -> Result<Configuration<S>, Unusable>,
{
    /// Reads and compiles the files for the first time. `compile` takes note of
    /// all files that it reads beside them, so that they are looked at as well.
    ///
    /// # Errors
    /// When a file cannot be read, or says what it must not.
    pub fn open(files: Files, compile: C) -> Result<Self, OpenError> {
        let mut known = Contents::default();
        let texts = read(&files, &mut known)?;
        let current = Arc::new(Current::new(compile(&texts, &mut known)?));
        Ok(Self { files, compile, known, change: Change::None, current })
    }

    /// The configuration in force.
    #[must_use]
    pub fn current(&self) -> &Arc<Current<S>> {
        &self.current
    }

    /// The files that are looked at.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Looks at the files each period, if there is one, and compiles anew what
    /// has changed; at each wake, whether it has or not. Calls `replaced` when
    /// another configuration is in force. Ends when nobody can wake it any more.
    pub fn watch(&mut self, period: Option<Duration>, wake: &Receiver<()>, replaced: impl Fn()) {
        loop {
            let woken = match self.next_look(period) {
                Some(wait) => wake.recv_timeout(wait),
                None => wake.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let is_new = match woken {
                Ok(()) => {
                    // Who asked several times meanwhile is answered by this once.
                    while wake.try_recv().is_ok() {}
                    self.rebuild()
                }
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if is_new {
                replaced();
            }
        }
    }

    /// How long to wait for the next look; without end when only a wake counts.
    fn next_look(&self, period: Option<Duration>) -> Option<Duration> {
        let settling = matches!(self.change, Change::Fresh(_));
        period.map(|period| if settling { SETTLED.min(period) } else { period })
    }

    /// Compiles the files as they are, since somebody has asked for it: there may
    /// be more that has changed than can be looked at. Says whether they are in
    /// force.
    fn rebuild(&mut self) -> bool {
        let look = self.see();
        let compiled = self.compile(look);
        self.take_over(compiled)
    }

    /// Compiles the files if they say something else, and have settled. Says
    /// whether they are in force.
    fn look(&mut self) -> bool {
        let look = self.see();
        if look.contents == self.known {
            self.change = Change::None;
            return false;
        }
        match std::mem::replace(&mut self.change, Change::None) {
            Change::Fresh(seen) if seen == look.contents => {
                let compiled = self.compile(look);
                match self.looks_cut(&compiled) {
                    true => {
                        let contents = std::mem::replace(&mut self.known, compiled.before);
                        self.change = Change::Doubtful(contents);
                        false
                    }
                    false => self.take_over(compiled),
                }
            }
            Change::Doubtful(seen) if seen == look.contents => {
                let compiled = self.compile(look);
                self.take_over(compiled)
            }
            _ => {
                self.change = Change::Fresh(look.contents);
                false
            }
        }
    }

    fn see(&self) -> Look {
        let mut contents = Contents::default();
        let texts = read(&self.files, &mut contents);
        for path in self.known.paths().filter(|path| !self.is_own(path)) {
            // Whoever compiles says what is wrong with it.
            let _ = contents.note(path);
        }
        Look { contents, texts }
    }

    /// Whether a file is one of the two.
    fn is_own(&self, path: &Path) -> bool {
        self.files.paths().any(|file| file == path)
    }

    /// Compiles what was seen, which is known from now on, whatever comes of it:
    /// the same broken text is told once, and not at every look.
    fn compile(&mut self, look: Look) -> Compiled<S> {
        let before = std::mem::replace(&mut self.known, look.contents);
        let mut beside = Contents::default();
        let compile = |texts| (self.compile)(&texts, &mut beside).map_err(OpenError::from);
        let result = look.texts.map_err(OpenError::from).and_then(compile);
        Compiled { before, beside, result }
    }

    /// Whether a taxonomy may have lost its end: a file that was cut is not a
    /// shorter taxonomy.
    fn looks_cut(&self, compiled: &Compiled<S>) -> bool {
        let Ok(configuration) = &compiled.result else { return false };
        let signatures = configuration.classifier.taxonomy().signatures.len();
        let in_force = self.current.get().classifier.taxonomy().signatures.len();
        let cut = 2 * signatures < in_force;
        if cut {
            tracing::warn!(
                event = "signatures.reload_waits", files = %self.files,
                signatures,
                in_force,
                "not reloaded yet: more than half of the signatures are gone, as from a file that \
                 was cut; they are given up if the next look finds the same, or now on SIGHUP"
            );
        }
        cut
    }

    /// Puts what was compiled into force, if it could be. Says whether it is.
    fn take_over(&mut self, compiled: Compiled<S>) -> bool {
        let Compiled { before, beside, result } = compiled;
        self.change = Change::None;
        let changed = names(&self.known.changed_since(&before));
        match result {
            Ok(configuration) => {
                self.known.retain(|path| self.files.paths().any(|file| file == path));
                self.known.extend(beside);
                let signatures = configuration.classifier.taxonomy().signatures.len();
                self.current.replace(configuration);
                tracing::info!(event = "signatures.reloaded", files = %self.files, changed, signatures, "reloaded");
                true
            }
            Err(error) => {
                self.known.extend(beside);
                self.current.failed();
                tracing::error!(
                    event = "signatures.reload_failed",
                    changed,
                    "not reloaded, the rules in force stay: {error}"
                );
                false
            }
        }
    }
}

fn read(files: &Files, contents: &mut Contents) -> Result<Texts, Unreadable> {
    Texts::read(files, contents)
}

/// Files by name, for the log.
fn names(paths: &[&Path]) -> String {
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use signatures_engine::ClassifierSettings;
    use tempfile::TempDir;

    use super::*;
    use crate::current::Reloads;

    /// Alert settings here are a text of which `broken` cannot be used, and which
    /// may name a file beside them.
    fn compile(texts: &Texts, beside: &mut Contents) -> Result<Configuration<String>, Unusable> {
        let unusable = |error: String| Unusable { errors: vec![error] };
        Configuration::compile(texts, |alerts| match alerts.text() {
            "broken" => Err(unusable("alerts".to_owned())),
            text => {
                if let Some(path) = text.strip_prefix("file ") {
                    beside.note(Path::new(path)).map_err(|error| unusable(error.to_string()))?;
                }
                Ok((ClassifierSettings::default(), text.to_owned()))
            }
        })
    }

    type Compile = fn(&Texts, &mut Contents) -> Result<Configuration<String>, Unusable>;

    /// Both files in a folder of their own, opened.
    struct Opened {
        folder: TempDir,
        reload: Reload<String, Compile>,
    }

    impl Opened {
        fn with(taxonomy: &str, alerts: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let [t, a] = ["t.yml", "a.yml"].map(|name| folder.path().join(name));
            fs::write(&t, taxonomy).unwrap();
            fs::write(&a, alerts).unwrap();
            let files = Files::find(Some(&t), Some(&a));
            Self { folder, reload: Reload::open(files, compile as Compile).unwrap() }
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.folder.path().join(name), text).unwrap();
        }

        /// Looks as often as a change needs that is whole.
        fn look_twice(&mut self) -> [bool; 2] {
            [self.reload.look(), self.reload.look()]
        }

        /// The categories and the alert settings in force.
        fn in_force(&self) -> (Vec<String>, String) {
            let configuration = self.reload.current().get();
            let categories = &configuration.classifier.taxonomy().categories;
            let names = categories.iter().map(|category| category.name.clone());
            (names.collect(), configuration.settings.clone())
        }

        fn reloads(&self) -> Reloads {
            self.reload.current().reloads()
        }
    }

    fn said(category: &str, alerts: &str) -> (Vec<String>, String) {
        (vec![category.to_owned()], alerts.to_owned())
    }

    #[test]
    fn both_files_are_replaced_as_one_and_broken_ones_are_not() {
        let mut opened = Opened::with("first: [boom]", "one");
        opened.write("t.yml", "second: [boom]");
        opened.write("a.yml", "broken");
        assert_eq!(opened.look_twice(), [false, false]);
        // The same broken text again is no second failure, but where it is asked for.
        assert_eq!(opened.look_twice(), [false, false]);
        assert_eq!(opened.reloads(), Reloads { ok: 0, failed: 1 });
        assert!(!opened.reload.rebuild());
        assert_eq!(opened.reloads(), Reloads { ok: 0, failed: 2 });

        opened.write("a.yml", "two");
        assert_eq!(opened.in_force(), said("first", "one"));
        assert_eq!(opened.look_twice(), [false, true]);
        assert_eq!(opened.in_force(), said("second", "two"));

        fs::remove_file(opened.folder.path().join("t.yml")).unwrap();
        assert_eq!(opened.look_twice(), [false, false]);
        assert_eq!(opened.look_twice(), [false, false]);
        assert_eq!(opened.reloads(), Reloads { ok: 1, failed: 3 });
        assert_eq!(opened.in_force(), said("second", "two"));
    }

    #[test]
    fn what_is_still_written_to_is_not_taken_over() {
        let mut opened = Opened::with("first: [boom]", "one");
        for text in ["second: [b]", "second: [bo]", "second: [boo]"] {
            opened.write("t.yml", text);
            assert!(!opened.reload.look());
        }
        assert_eq!(opened.in_force(), said("first", "one"));
        assert_eq!(opened.reload.next_look(Some(Duration::from_secs(60))), Some(SETTLED));
        assert!(opened.reload.look());
        assert_eq!(opened.in_force(), said("second", "one"));
        assert_eq!(
            opened.reload.next_look(Some(Duration::from_secs(60))),
            Some(Duration::from_secs(60))
        );
        // What was seen in the midst, and is as it was before.
        opened.write("t.yml", "");
        assert!(!opened.reload.look());
        opened.write("t.yml", "second: [boo]");
        assert_eq!(opened.look_twice(), [false, false]);
        assert_eq!(opened.reloads(), Reloads { ok: 1, failed: 0 });
    }

    #[test]
    fn a_taxonomy_that_looks_cut_waits_for_one_more_look_or_for_who_asks() {
        let whole = "first: [a, b, c]\nsecond: [d, e]\n";
        let mut opened = Opened::with(whole, "one");
        opened.write("t.yml", "first: [a, b]\n");
        assert_eq!(opened.look_twice(), [false, false]);
        assert_eq!(
            opened.reload.next_look(Some(Duration::from_secs(60))),
            Some(Duration::from_secs(60))
        );
        assert!(opened.reload.look());
        assert_eq!(opened.in_force(), said("first", "one"));

        let mut opened = Opened::with(whole, "one");
        opened.write("t.yml", "first: [a, b]\n");
        assert_eq!(opened.look_twice(), [false, false]);
        opened.write("t.yml", "first: [a, b, c]\nthird: [d, e]\n");
        assert_eq!(opened.look_twice(), [false, true]);
        opened.write("t.yml", "fourth: [a]\n");
        assert_eq!(opened.look_twice(), [false, false]);
        assert!(opened.reload.rebuild());
        assert_eq!(opened.in_force(), said("fourth", "one"));
        assert_eq!(opened.reloads(), Reloads { ok: 2, failed: 0 });
    }

    #[test]
    fn a_file_that_was_read_while_compiling_is_looked_at_too() {
        let beside = tempfile::tempdir().unwrap();
        let secret = beside.path().join("secret");
        let alerts = format!("file {}", secret.display());
        let mut opened = Opened::with("first: [boom]", &alerts);
        for text in ["created", "rotated"] {
            fs::write(&secret, text).unwrap();
            assert_eq!(opened.look_twice(), [false, true], "{text}");
        }
        fs::remove_file(&secret).unwrap();
        assert_eq!(opened.look_twice(), [false, true]);
        opened.write("a.yml", "no file");
        assert_eq!(opened.look_twice(), [false, true]);
        fs::write(&secret, "nobody reads it any more").unwrap();
        assert_eq!(opened.look_twice(), [false, false]);
        // Also when what it was compiled for came to nothing.
        fs::create_dir(beside.path().join("folder")).unwrap();
        opened.write("a.yml", &format!("file {}", beside.path().join("folder").display()));
        assert_eq!(opened.look_twice(), [false, false]);
        fs::remove_dir(beside.path().join("folder")).unwrap();
        assert_eq!(opened.look_twice(), [false, true]);
        assert_eq!(opened.reloads(), Reloads { ok: 5, failed: 1 });
    }

    #[test]
    fn who_asks_gets_all_compiled_anew_whatever_has_changed() {
        let mut opened = Opened::with("first: [boom]", "one");
        assert!(opened.reload.rebuild());
        assert_eq!(opened.reloads(), Reloads { ok: 1, failed: 0 });
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_refused_at_start_and_later() {
        use std::os::unix::fs::symlink;

        let open = |path: &Path| Reload::open(Files::find(Some(path), None), compile as Compile);
        let mut opened = Opened::with("first: [boom]", "one");
        let taxonomy = opened.folder.path().join("t.yml");
        let pipe = opened.folder.path().join("pipe");
        let folder = tempfile::tempdir().unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for (other, what) in [
            (Path::new("/dev/zero"), "a pipe or a device"),
            (&pipe, "a pipe or a device"),
            (folder.path(), "a folder"),
        ] {
            let error = open(other).err().unwrap().to_string();
            assert!(error.contains(what), "{error}");
            fs::remove_file(&taxonomy).unwrap();
            symlink(other, &taxonomy).unwrap();
            assert_eq!(opened.look_twice(), [false, false]);
            assert!(!opened.reload.rebuild());
        }
        assert_eq!(opened.in_force(), said("first", "one"));
    }

    #[test]
    fn a_start_with_broken_files_tells_what_is_wrong_with_both() {
        let folder = tempfile::tempdir().unwrap();
        let [taxonomy, alerts] = ["t.yml", "a.yml"].map(|name| folder.path().join(name));
        fs::write(&taxonomy, "a: ['(']").unwrap();
        fs::write(&alerts, "broken").unwrap();
        let opened = Reload::open(Files::find(Some(&taxonomy), Some(&alerts)), compile);
        let error = opened.err().unwrap().to_string();
        let lines: Vec<_> = error.lines().collect();
        assert!(lines[0].contains("t.yml:1:6: unclosed group"), "{error}");
        assert_eq!(lines[1..], ["alerts"]);
        let gone = Reload::open(Files::find(Some(Path::new("gone.yml")), None), compile);
        assert!(matches!(gone, Err(OpenError::Unreadable(_))));
    }

    #[test]
    fn watching_tells_what_is_new_and_ends_when_nobody_can_wake_it() {
        let mut opened = Opened::with("first: [boom]", "one");
        opened.write("t.yml", "second: [boom]");
        let (wake, woken) = std::sync::mpsc::channel();
        // Who asks twice at once gets one answer.
        wake.send(()).unwrap();
        wake.send(()).unwrap();
        drop(wake);
        let told = std::cell::Cell::new(0);
        opened.reload.watch(None, &woken, || told.set(told.get() + 1));
        assert_eq!((opened.in_force(), told.get()), (said("second", "one"), 1));
    }
}
