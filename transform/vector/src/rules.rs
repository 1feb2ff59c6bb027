//! Where a team keeps its rules: in files, or in Vector's configuration itself.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use signatures_configuration::{
    Files, Place, built_in_alerts, built_in_taxonomy,
    environment::{ALERTS, TAXONOMY, told_as, variable},
    read_taxonomy as reading_of_taxonomy, source_of, switch, usable,
};
use signatures_delivery::Settings;
use signatures_document::{Reading, yaml::Source};
use signatures_engine::Taxonomy;

/// Rules, and how errors call them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// In a file, or in this program.
    At(Place),
    /// As they stand in an option.
    Text(String),
}

/// The rules of a transform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) taxonomy: Rules,
    /// None where the settings are the defaults.
    pub(crate) alerts: Option<Rules>,
    /// Whether what is doubtful about them is an error.
    pub(crate) deny_warnings: bool,
}

/// What the options name or hold, or else the variables, or else what there is at the
/// default places, or else the rules that ship with the program.
pub(crate) fn find(taxonomy: Option<&str>, alerts: Option<&str>) -> Found {
    let path = |option: Option<&str>, name: &str| {
        option.map(PathBuf::from).or_else(|| variable(name).map(PathBuf::from))
    };
    let (taxonomy_text, alerts_text) = (text(taxonomy), text(alerts));
    // A text takes the place of a file: settings that ship with other rules are not for it.
    let taxonomy_file = match &taxonomy_text {
        Some(_) => Some(PathBuf::from(TAXONOMY_OPTION)),
        None => path(taxonomy, TAXONOMY),
    };
    let alerts_file = path(alerts.filter(|_| alerts_text.is_none()), ALERTS);
    let files = Files::find(taxonomy_file.as_deref(), alerts_file.as_deref());
    Found {
        taxonomy: taxonomy_text.map_or(Rules::At(files.taxonomy), Rules::Text),
        alerts: alerts_text.map(Rules::Text).or_else(|| files.alerts.map(Rules::At)),
        deny_warnings: false,
    }
}

/// The option, where it is no path: rules have more than one line.
fn text(option: Option<&str>) -> Option<String> {
    option.filter(|option| option.contains('\n')).map(str::to_owned)
}

const TAXONOMY_OPTION: &str = "taxonomy";
const ALERTS_OPTION: &str = "alerts";

impl Rules {
    /// The file, where they stand in one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::At(place) => place.file(),
            Self::Text(_) => None,
        }
    }

    /// What they say, or everything that is wrong with them: one line each.
    fn read<T>(
        &self,
        (option, variable): (&str, &str),
        built_in: fn() -> Source,
        read: fn(&Source) -> Reading<T>,
        deny_warnings: bool,
    ) -> Result<T, Vec<String>> {
        let source = match self {
            Self::At(Place::BuiltIn) => built_in(),
            Self::Text(text) => Source::new(format!("the option `{option}`"), text.as_str()),
            Self::At(Place::File(path)) => source_of(path).map_err(|error| {
                vec![format!(
                    "{error}; the option `{option}` or the variable {} names another file",
                    told_as(variable)
                )]
            })?,
        };
        let reading = read(&source);
        if deny_warnings
            && reading.value.is_some()
            && let Some(doubts) = reading.doubts(&source)
        {
            return Err(vec![format!("{doubts} (deny_warnings)")]);
        }
        usable(reading, &source).map_err(|unusable| unusable.errors)
    }
}

impl Found {
    /// The files that there are.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let rules = [Some(&self.taxonomy), self.alerts.as_ref()];
        rules.into_iter().flatten().filter_map(Rules::file).map(Path::to_owned).collect()
    }

    pub(crate) fn read_taxonomy(&self) -> Result<Taxonomy, Vec<String>> {
        if self.taxonomy == Rules::At(Place::BuiltIn) {
            tracing::info!(
                message =
                    "Errors are recognised by the built-in taxonomy: no other is named or found."
            );
        }
        let names = (TAXONOMY_OPTION, TAXONOMY);
        self.taxonomy.read(names, built_in_taxonomy, reading_of_taxonomy, self.deny_warnings)
    }

    /// The alert settings, or else the defaults.
    pub(crate) fn read_settings(&self) -> Result<Settings, Vec<String>> {
        let read = |rules: &Rules| {
            let names = (ALERTS_OPTION, ALERTS);
            rules.read(names, built_in_alerts, Settings::read, self.deny_warnings)
        };
        self.alerts.as_ref().map_or_else(|| Ok(Settings::default()), read)
    }
}

/// An option that is on or off, or else what a variable says.
pub(crate) fn switch(option: Option<bool>, name: &str, default: bool) -> Result<bool, Vec<String>> {
    let said = || match variable(name).map(|text| switch::parse(&text)).transpose() {
        Ok(said) => Ok(said.flatten()),
        Err(error) => Err(vec![format!("{}: {error}", told_as(name))]),
    };
    Ok(option.map_or_else(said, |on| Ok(Some(on)))?.unwrap_or(default))
}

/// What a configuration has read of its files: once, however often Vector asks.
///
/// When a reload fails for another component, Vector builds the old
/// configuration again. Its files may say something else by then; what they said
/// is kept here.
#[derive(Debug)]
pub(crate) struct Kept<T>(Arc<OnceLock<Result<Arc<T>, Vec<String>>>>);

impl<T> Kept<T> {
    /// What was read, by the first call.
    pub(crate) fn get(
        &self,
        read: impl FnOnce() -> Result<T, Vec<String>>,
    ) -> Result<Arc<T>, Vec<String>> {
        self.0.get_or_init(|| read().map(Arc::new)).clone()
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_a_file_or_stand_in_the_option() {
        let file = |path: &str| Rules::At(Place::File(path.into()));
        let found = find(Some("t.yml"), Some("a.yml"));
        let of = |taxonomy, alerts| Found { taxonomy, alerts, deny_warnings: false };
        assert_eq!(found, of(file("t.yml"), Some(file("a.yml"))));
        assert_eq!(found.files(), ["t.yml", "a.yml"].map(PathBuf::from));
        // Neither default lies in this folder.
        let built_in = || Rules::At(Place::BuiltIn);
        assert_eq!(find(None, None), of(built_in(), Some(built_in())));
        assert_eq!(find(None, None).files(), Vec::<PathBuf>::new());
        let text = "db:\n  - ECONNRESET\n";
        let found = find(Some(text), None);
        assert_eq!(found, of(Rules::Text(text.into()), None));
        assert_eq!(found.read_taxonomy().unwrap().signatures.len(), 1);
        assert_eq!(found.files(), Vec::<PathBuf>::new());
    }

    #[test]
    fn what_is_wrong_with_a_text_is_told_with_its_line() {
        let found =
            find(Some("db:\n  - 'ECONN(RESET'\n"), Some("min_count_default: 3\nwindow: 5\n"));
        let [error] = found.read_taxonomy().unwrap_err().try_into().unwrap();
        assert!(error.starts_with("the option `taxonomy`:2:"), "{error}");
        assert!(error.contains("unclosed group"), "{error}");
        let doubtful = find(Some("db: [{id: A, pattern: x, serverity: high}]\n"), None);
        assert!(doubtful.read_taxonomy().is_ok());
        let denied = Found { deny_warnings: true, ..doubtful }.read_taxonomy().unwrap_err();
        assert!(denied[0].contains("serverity") && denied.len() == 1, "{denied:?}");
        let found = find(None, Some("window_minutes: 3\nmin_count_default: many\n"));
        let [error] = found.read_settings().unwrap_err().try_into().unwrap();
        assert!(error.starts_with("the option `alerts`:2:20: "), "{error}");
    }
}
