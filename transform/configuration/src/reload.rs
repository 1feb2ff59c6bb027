//! New configurations while events flow: all of one or nothing, the last good
//! one kept.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use signatures_document::Unusable;

use crate::{
    configuration::Configuration, current::Current, files::Files, source::Unreadable, texts::Texts,
};

/// Looks at the files again and again.
pub struct Reload<S, C> {
    files: Files,
    compile: C,
    /// What the files said when they were last read.
    known: Texts,
    /// Why that could not be used.
    broken: Option<Unusable>,
    current: Arc<Current<S>>,
}

/// Why there is no configuration to begin with.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A file says what it must not.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

impl<S, C> Reload<S, C>
where
    C: Fn(&Texts) -> Result<Configuration<S>, Unusable>,
{
    /// Reads and compiles the files for the first time.
    ///
    /// # Errors
    /// When a file cannot be read, or says what it must not.
    pub fn open(files: Files, compile: C) -> Result<Self, OpenError> {
        let known = files.read()?;
        let current = Arc::new(Current::new(compile(&known)?));
        Ok(Self { files, compile, known, broken: None, current })
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

    /// Looks at the files at each wake, and each period if there is one. Ends
    /// when nobody can wake it any more.
    pub fn watch(mut self, period: Option<Duration>, wake: &Receiver<()>) {
        loop {
            let woken = match period {
                Some(period) => wake.recv_timeout(period),
                None => wake.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match woken {
                Ok(()) => self.look(true),
                Err(RecvTimeoutError::Timeout) => self.look(false),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Looks at the files once. Somebody who asked for it is told that nothing
    /// has changed.
    fn look(&mut self, asked: bool) {
        let texts = match self.files.read() {
            Ok(texts) => texts,
            Err(unreadable) => return self.tell_failure(&unreadable),
        };
        if texts == self.known {
            match (&self.broken, asked) {
                (_, false) => {}
                (Some(broken), true) => tracing::error!("still not reloaded: {broken}"),
                (None, true) => tracing::info!(files = %self.files, "nothing has changed"),
            }
            return;
        }
        // The same broken text is told once, and not at every look.
        let compiled = (self.compile)(&texts);
        self.known = texts;
        match compiled {
            Ok(configuration) => {
                self.broken = None;
                let signatures = configuration.classifier.taxonomy().signatures.len();
                self.current.replace(configuration);
                tracing::info!(files = %self.files, signatures, "reloaded");
            }
            Err(unusable) => {
                self.tell_failure(&unusable);
                self.broken = Some(unusable);
            }
        }
    }

    fn tell_failure(&self, error: &dyn std::error::Error) {
        self.current.failed();
        tracing::error!("not reloaded, the rules in force stay: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use signatures_engine::ClassifierSettings;

    use super::*;
    use crate::current::Reloads;

    /// Alert settings here are a text of which `broken` cannot be used.
    fn compile(texts: &Texts) -> Result<Configuration<String>, Unusable> {
        Configuration::compile(texts, |alerts| match alerts.text() {
            "broken" => Err(Unusable { errors: vec!["alerts".to_owned()] }),
            text => Ok((ClassifierSettings::default(), text.to_owned())),
        })
    }

    fn categories(configuration: &Configuration<String>) -> (Vec<&str>, &str) {
        let categories = configuration.classifier.taxonomy().categories.iter();
        (categories.map(|category| &*category.name).collect(), &configuration.settings)
    }

    #[test]
    fn both_files_are_replaced_as_one_and_broken_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let [taxonomy, alerts] = ["t.yml", "a.yml"].map(|name| folder.path().join(name));
        let write = |path: &Path, text: &str| fs::write(path, text).unwrap();
        write(&taxonomy, "first: [boom]");
        write(&alerts, "one");
        let files = Files::find(Some(&taxonomy), Some(&alerts));
        let mut reload = Reload::open(files, compile).unwrap();
        let mut handle = reload.current().handle();

        write(&taxonomy, "second: [boom]");
        write(&alerts, "broken");
        reload.look(false);
        // The same broken text again is no second failure.
        reload.look(true);
        assert!(!handle.refresh());
        assert_eq!(reload.current().reloads(), Reloads { ok: 0, failed: 1 });

        write(&alerts, "two");
        reload.look(false);
        assert_eq!(categories(handle.get()), (vec!["first"], "one"));
        assert!(handle.refresh());
        assert_eq!(categories(handle.get()), (vec!["second"], "two"));

        fs::remove_file(&taxonomy).unwrap();
        reload.look(false);
        assert!(!handle.refresh());
        assert_eq!(reload.current().reloads(), Reloads { ok: 1, failed: 2 });
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
    fn watching_ends_when_nobody_can_wake_it() {
        let folder = tempfile::tempdir().unwrap();
        let taxonomy = folder.path().join("t.yml");
        fs::write(&taxonomy, "first: [boom]").unwrap();
        let reload = Reload::open(Files::find(Some(&taxonomy), None), compile).unwrap();
        let current = Arc::clone(reload.current());
        fs::write(&taxonomy, "second: [boom]").unwrap();
        let (wake, woken) = std::sync::mpsc::channel();
        wake.send(()).unwrap();
        drop(wake);
        reload.watch(None, &woken);
        assert_eq!(categories(&current.get()), (vec!["second"], ""));
    }
}
