//! Where the taxonomy and alerts.yml are.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use crate::defaults::{DEFAULT_ALERTS, DEFAULT_TAXONOMY};

/// Where rules stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File(PathBuf),
    /// In the program: those that ship with it.
    BuiltIn,
}

/// The two files that a team writes. As text they are named for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The taxonomy.
    pub taxonomy: Place,
    /// The alert settings; none where a taxonomy is there and they are not.
    pub alerts: Option<Place>,
}

impl Place {
    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::BuiltIn => None,
        }
    }
}

impl Files {
    /// The files that were named, or else those at the default places, or else the
    /// built-in rules. An empty path names nothing. One that was named and is not
    /// there is not replaced by anything, nor are the settings of a taxonomy of
    /// one's own.
    #[must_use]
    pub fn find(taxonomy: Option<&Path>, alerts: Option<&Path>) -> Self {
        let place = |given, default| named(given).or_else(|| at(default)).map(Place::File);
        let taxonomy = place(taxonomy, DEFAULT_TAXONOMY).unwrap_or(Place::BuiltIn);
        let built_in = || Some(Place::BuiltIn).filter(|_| taxonomy == Place::BuiltIn);
        let alerts = place(alerts, DEFAULT_ALERTS).or_else(built_in);
        Self { taxonomy, alerts }
    }

    /// Those that there are.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        [Some(&self.taxonomy), self.alerts.as_ref()].into_iter().flatten().filter_map(Place::file)
    }

    /// Whether the taxonomy is the one in the program.
    #[must_use]
    pub fn has_built_in_taxonomy(&self) -> bool {
        self.taxonomy == Place::BuiltIn
    }
}

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.taxonomy, &self.alerts) {
            (Place::BuiltIn, Some(Place::BuiltIn)) => return f.write_str("built-in rules"),
            (Place::BuiltIn, _) => f.write_str("built-in taxonomy, ")?,
            (Place::File(path), _) => write!(f, "{}, ", path.display())?,
        }
        match &self.alerts {
            Some(Place::File(alerts)) => write!(f, "{}", alerts.display()),
            Some(Place::BuiltIn) => f.write_str("built-in alert settings"),
            None => f.write_str("default alert settings"),
        }
    }
}

/// A default, where something is, if only a link that leads nowhere: that is told
/// when it is read.
fn at(default: &str) -> Option<PathBuf> {
    let is_there = !matches!(
        std::fs::symlink_metadata(default),
        Err(error) if error.kind() == io::ErrorKind::NotFound
    );
    is_there.then(|| default.into())
}

fn named(path: Option<&Path>) -> Option<PathBuf> {
    path.filter(|path| !path.as_os_str().is_empty()).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_found_and_else_the_default() {
        let [taxonomy, alerts] = ["t.yml", "a.yml"].map(Path::new);
        let found = Files::find(Some(taxonomy), Some(alerts));
        assert_eq!(found.to_string(), "t.yml, a.yml");
        assert_eq!(found.paths().collect::<Vec<_>>(), [taxonomy, alerts]);

        // Neither default lies in this folder.
        for nothing in [None, Some(Path::new(""))] {
            let found = Files::find(nothing, nothing);
            assert_eq!(found.to_string(), "built-in rules");
            assert_eq!(found.paths().count(), 0);
        }
        let found = Files::find(None, Some(alerts));
        assert_eq!(found.to_string(), "built-in taxonomy, a.yml");
        // Settings go with a taxonomy: those of another are none.
        let found = Files::find(Some(taxonomy), None);
        assert_eq!(found, Files { taxonomy: Place::File("t.yml".into()), alerts: None });
        assert_eq!(found.to_string(), "t.yml, default alert settings");
    }
}
