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
        let mut names = Vec::new();
        for entry in reader.mapping(key, node) {
            if let Some(level) = Level::read(reader, &entry.key, &entry.value) {
                names.push((entry.key.trim().to_owned(), level));
            }
        }
        Self(names)
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
