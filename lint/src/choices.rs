//! `sigcheck.toml`: what a team has chosen.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, de::Error as _};
use sigcheck_backtracking::Dialect;

use crate::{Failure, finding::Severity, rules::Rule};

/// The name of the file, looked for here and in the folders above.
pub(crate) const FILE_NAME: &str = "sigcheck.toml";

/// What a team has chosen; the command line adds to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Choices {
    /// What is validated when the command line names nothing.
    pub(crate) files: Vec<PathBuf>,
    /// Only these rules; all when empty.
    pub(crate) select: Vec<String>,
    /// All rules but these.
    pub(crate) ignore: Vec<String>,
    /// Whether warnings fail the check too.
    pub(crate) deny_warnings: bool,
    /// How much a finding of a rule weighs.
    pub(crate) severity: BTreeMap<String, Severity>,
    /// Who runs the patterns, for what backtracking can cost.
    #[serde(deserialize_with = "any_dialect")]
    pub(crate) engine: Dialect,
    /// Those that read the taxonomy too, besides this project; all when not given.
    #[serde(deserialize_with = "other_dialects")]
    pub(crate) portable_to: Option<Vec<Dialect>>,
}

/// The names of all dialects, this project's own last.
const DIALECTS: &[&str] = &["python", "pcre2", "javascript", "rust"];

fn any_dialect<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Dialect, D::Error> {
    dialect(deserializer, DIALECTS)
}

fn other_dialects<'de, D>(deserializer: D) -> Result<Option<Vec<Dialect>>, D::Error>
where
    D: Deserializer<'de>,
{
    /// One of the list: an error points at it alone.
    #[derive(Deserialize)]
    struct Other(#[serde(deserialize_with = "other_dialect")] Dialect);

    fn other_dialect<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Dialect, D::Error> {
        dialect(deserializer, &DIALECTS[..3])
    }

    let others = Option::<Vec<Other>>::deserialize(deserializer)?;
    Ok(others.map(|others| others.into_iter().map(|Other(dialect)| dialect).collect()))
}

/// The dialect with one of the names.
fn dialect<'de, D>(deserializer: D, names: &'static [&'static str]) -> Result<Dialect, D::Error>
where
    D: Deserializer<'de>,
{
    let name = String::deserialize(deserializer)?;
    let named = name.parse().ok().filter(|dialect: &Dialect| names.contains(&dialect.name()));
    named.ok_or_else(|| D::Error::unknown_variant(&name, names))
}

impl Choices {
    /// Reads the file that is given, or the nearest one from `folder` upwards.
    pub(crate) fn load(given: Option<&Path>, folder: &Path) -> Result<Self, Failure> {
        let nearest = || folder.ancestors().map(|f| f.join(FILE_NAME)).find(|p| p.is_file());
        let Some(path) = given.map(Path::to_path_buf).or_else(nearest) else {
            return Ok(Self::default());
        };
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Failure::Input { name: name.clone(), error })?;
        let mut choices =
            Self::read(&text).map_err(|message| Failure::Choices { name, message })?;
        // What it names lies beside it.
        let folder = path.parent().unwrap_or(Path::new(""));
        let relative = seen_from_here(folder);
        choices.files.iter_mut().for_each(|file| *file = relative.join(&*file));
        Ok(choices)
    }

    fn read(text: &str) -> Result<Self, String> {
        let choices: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let named = choices.select.iter().chain(&choices.ignore).chain(choices.severity.keys());
        for name in named {
            rule_name(name)?;
        }
        Ok(choices)
    }

    /// Whether a rule is looked for.
    pub(crate) fn wants(&self, rule: &str) -> bool {
        let named = |rules: &[String]| rules.iter().any(|name| name == rule);
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }

    /// Whether an engine of that dialect reads the taxonomy too.
    pub(crate) fn is_portable_to(&self, dialect: Dialect) -> bool {
        self.portable_to.as_ref().is_none_or(|dialects| dialects.contains(&dialect))
    }
}

/// A folder as seen from the current one, to keep messages short.
fn seen_from_here(folder: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    folder.strip_prefix(&here).map_or_else(|_| folder.to_path_buf(), Path::to_path_buf)
}

/// Takes the name of a rule, or says which one was probably meant.
pub(crate) fn rule_name(name: &str) -> Result<String, String> {
    match (Rule::named(name), Rule::like(name)) {
        (Some(rule), _) => Ok(rule.name.to_owned()),
        (None, Some(guess)) => Err(format!("there is no rule `{name}`; did you mean `{guess}`?")),
        (None, None) => Err(format!("there is no rule `{name}`; `sigcheck rules` lists them")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read() {
        let text = "
files = ['config']
select = ['bare-number']
ignore = ['portability']
deny_warnings = true
engine = 'pcre2'
portable_to = ['python', 'pcre2', 'javascript']
[severity]
missing-summary = 'error'
";
        assert_eq!(
            Choices::read(text),
            Ok(Choices {
                files: vec!["config".into()],
                select: vec!["bare-number".into()],
                ignore: vec!["portability".into()],
                deny_warnings: true,
                severity: [("missing-summary".to_owned(), Severity::Error)].into(),
                engine: Dialect::Pcre2,
                portable_to: Some(vec![Dialect::Python, Dialect::Pcre2, Dialect::JavaScript]),
            })
        );
    }

    #[test]
    fn a_name_that_nobody_knows_is_refused() {
        assert_eq!(
            Choices::read("ignore = ['portabilty']").unwrap_err(),
            "there is no rule `portabilty`; did you mean `portability`?"
        );
        assert!(Choices::read("ingore = []").unwrap_err().contains("unknown field `ingore`"));
        assert!(Choices::read("engine = 'perl'").unwrap_err().contains(
            "unknown variant `perl`, expected one of `python`, `pcre2`, `javascript`, `rust`"
        ));
        // This project reads the taxonomy in any case.
        assert!(
            Choices::read("portable_to = ['python', 'rust']").unwrap_err().contains(
                "unknown variant `rust`, expected one of `python`, `pcre2`, `javascript`"
            )
        );
    }
}
