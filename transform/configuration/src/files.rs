//! Where the taxonomy and alerts.yml are.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::defaults::{DEFAULT_ALERTS, DEFAULT_TAXONOMY};

/// The two files that a team writes. As text they are named for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The taxonomy.
    pub taxonomy: PathBuf,
    /// The alert settings; none where the default does not exist.
    pub alerts: Option<PathBuf>,
}

impl Files {
    /// The files that were named, or else the defaults. An empty path names
    /// nothing.
    #[must_use]
    pub fn find(taxonomy: Option<&Path>, alerts: Option<&Path>) -> Self {
        let default = || Some(PathBuf::from(DEFAULT_ALERTS)).filter(|path| path.exists());
        Self {
            taxonomy: named(taxonomy).unwrap_or_else(|| PathBuf::from(DEFAULT_TAXONOMY)),
            alerts: named(alerts).or_else(default),
        }
    }

    /// Those that there are.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        [self.taxonomy.as_path()].into_iter().chain(self.alerts.as_deref())
    }
}

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, ", self.taxonomy.display())?;
        match &self.alerts {
            Some(alerts) => write!(f, "{}", alerts.display()),
            None => f.write_str("default alert settings"),
        }
    }
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

        // No default alerts.yml lies in this folder.
        let default = Files { taxonomy: PathBuf::from(DEFAULT_TAXONOMY), alerts: None };
        assert_eq!(Files::find(None, None), default);
        assert_eq!(Files::find(Some(Path::new("")), Some(Path::new(""))), default);
        assert_eq!(default.to_string(), "config/error_signatures.yml, default alert settings");
    }
}
