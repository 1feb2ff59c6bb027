//! The names that a team gives to levels, beside those that everybody knows.

use signatures_document::{Reader, yaml::Node};

use super::level::Level;

/// Names of levels, in any case, and what they mean. They go over the names that
/// everybody knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelNames(Vec<(String, Level)>);

impl LevelNames {
    /// Reads a mapping of names to levels.
    pub fn read(reader: &mut Reader, key: &str, node: &Node) -> Self {
        let mut names = Self::default();
        for entry in reader.mapping(key, node) {
            let name = entry.key.trim();
            if name.is_empty() {
                reader.schema(entry.key_span, format!("a name in `{key}` is empty"));
            } else if let Some(level) = Level::read(reader, name, &entry.value) {
                // YAML tells keys apart by case, and nothing here does.
                if names.own(name).is_some_and(|other| other != level) {
                    let message = format!("`{key}` gives `{name}` two levels; case says nothing");
                    reader.schema(entry.key_span, message);
                }
                names.0.push((name.to_owned(), level));
            }
        }
        names
    }

    /// The level that a word stands for, the names of the team first.
    #[must_use]
    #[inline]
    pub fn level_of(&self, word: &str) -> Option<Level> {
        self.own(word).or_else(|| Level::from_word(word))
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The level that the team means by a word.
    #[inline]
    pub(crate) fn own(&self, word: &str) -> Option<Level> {
        let own = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(word.trim()));
        own.map(|(_, level)| *level)
    }
}

impl<const N: usize> From<[(&str, Level); N]> for LevelNames {
    fn from(names: [(&str, Level); N]) -> Self {
        Self(names.map(|(name, level)| (name.to_owned(), level)).into())
    }
}

#[cfg(test)]
mod tests {
    use signatures_document::yaml::Source;

    use super::*;

    #[test]
    fn a_name_means_one_level_in_any_case() {
        let read = |yaml: &str| {
            let source = Source::new("f", yaml);
            let mut reader = Reader::default();
            let entries = reader.root(&source, "it").unwrap();
            let names = LevelNames::read(&mut reader, "levels", &entries[0].value);
            let told = reader.into_diagnostics();
            (names, told.iter().map(|told| told.located(&source)).collect::<Vec<_>>())
        };
        let ours = LevelNames::from([("Bad", Level::Error), ("BAD", Level::Error)]);
        assert_eq!(read("levels: {' Bad': error, BAD: err}"), (ours.clone(), Vec::new()));
        assert_eq!(ours.level_of("bad "), Some(Level::Error));
        assert_eq!(
            read("levels: {Bad: error, '': info, bad: debug}").1,
            [
                "f:1:22: a name in `levels` is empty [schema]",
                "f:1:32: `levels` gives `bad` two levels; case says nothing [schema]",
            ]
        );
    }
}
