//! Finding and reading the file.

use std::path::{Path, PathBuf};

use super::model::Config;
use crate::{command_error::CommandError, files, rules::rule_name};

/// The name of the file, looked for here and in the folders above.
const FILE_NAME: &str = "sigcheck.toml";

impl Config {
    /// Reads the file that is given, or the nearest one from what is looked at
    /// upwards, or else from here.
    pub(crate) fn load(given: Option<&Path>, looked_at: &Path) -> Result<Self, CommandError> {
        let here = std::env::current_dir()?;
        let upwards = |from: &Path| {
            from.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
        };
        let nearest = || upwards(&here.join(looked_at)).or_else(|| upwards(&here));
        let Some(path) = given.map(Path::to_path_buf).or_else(nearest) else {
            return Ok(Self::default());
        };
        let name = path.display().to_string();
        let source = files::read(&path)?;
        let mut config =
            Self::read(source.text()).map_err(|message| CommandError::Config { name, message })?;
        // What it names lies beside it.
        let folder = path.parent().unwrap_or(Path::new(""));
        let relative = seen_from_here(folder);
        config.files.iter_mut().for_each(|file| *file = relative.join(&*file));
        Ok(config)
    }

    fn read(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let named = config.select.iter().chain(&config.ignore).chain(config.severity.keys());
        for name in named {
            rule_name(name)?;
        }
        Ok(config)
    }
}

/// A folder as seen from the current one, to keep messages short.
fn seen_from_here(folder: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    folder.strip_prefix(&here).map_or_else(|_| folder.to_path_buf(), Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use sigcheck_backtracking::Dialect;

    use super::*;
    use crate::{cache::Cache, finding::Severity};

    #[test]
    fn every_key_is_read() {
        let text = "
files = ['config']
select = ['bare-number']
ignore = ['portability']
deny_warnings = true
engine = 'pcre2'
portable_to = ['python', 'pcre2', 'javascript']
no_cache = true
[severity]
missing-summary = 'error'
";
        assert_eq!(
            Config::read(text),
            Ok(Config {
                files: vec!["config".into()],
                select: vec!["bare-number".into()],
                ignore: vec!["portability".into()],
                deny_warnings: true,
                severity: [("missing-summary".to_owned(), Severity::Error)].into(),
                dialect: Dialect::Pcre2,
                portable_to: Some(vec![Dialect::Python, Dialect::Pcre2, Dialect::JavaScript]),
                no_cache: true,
                cache: Cache::default(),
            })
        );
    }

    #[test]
    fn a_name_that_nobody_knows_is_refused() {
        assert_eq!(
            Config::read("ignore = ['portabilty']").unwrap_err(),
            "there is no rule `portabilty`; did you mean `portability`?"
        );
        assert!(Config::read("ingore = []").unwrap_err().contains("unknown field `ingore`"));
        assert!(Config::read("engine = 'perl'").unwrap_err().contains(
            "unknown variant `perl`, expected one of `python`, `pcre2`, `javascript`, `rust`"
        ));
        // This project reads the taxonomy in any case.
        assert!(
            Config::read("portable_to = ['python', 'rust']").unwrap_err().contains(
                "unknown variant `rust`, expected one of `python`, `pcre2`, `javascript`"
            )
        );
    }
}
