//! One file that several readers share, each reading its own keys.

use crate::{
    reader::Reader,
    reading::Reading,
    yaml::{Entry, Source},
};

/// The entries at the top of a file whose sections are read by different crates.
///
/// Each reader [takes](Sections::take) the keys that it knows; what nobody took
/// is reported as unknown.
#[derive(Debug)]
pub struct Sections<'s> {
    source: &'s Source,
    entries: Vec<&'s Entry>,
    known: Vec<&'static str>,
}

impl<'s> Sections<'s> {
    /// Reads a file in which nothing has to be said; `name` is what messages call
    /// it.
    pub fn read<T>(
        source: &'s Source,
        name: &str,
        read: impl FnOnce(&mut Reader, &mut Self) -> T,
    ) -> Reading<T> {
        let mut reader = Reader::default();
        let entries = reader.optional_root(source, name).unwrap_or_default();
        let mut sections = Self { source, entries: entries.iter().collect(), known: Vec::new() };
        let value = read(&mut reader, &mut sections);
        for entry in &sections.entries {
            reader.unknown_key(entry, name, &sections.known);
        }
        Reading::new(value, reader.into_diagnostics())
    }

    /// The file.
    #[must_use]
    pub fn source(&self) -> &'s Source {
        self.source
    }

    /// The entries with one of these keys, in file order.
    pub fn take(&mut self, keys: &[&'static str]) -> Vec<&'s Entry> {
        self.known.extend_from_slice(keys);
        let all = std::mem::take(&mut self.entries);
        let (taken, left) = all.into_iter().partition(|entry| keys.contains(&entry.key.as_str()));
        self.entries = left;
        taken
    }
}
