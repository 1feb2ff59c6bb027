//! The sinks that the environment names.

use reqwest::Url;
use signatures_configuration::environment::told_as;
use signatures_engine::{
    Severity,
    threshold::{least_severity, severity_words},
};

use crate::{
    secret::{Environment, Secret, set},
    sink::{EnvironmentSink, Kind, SinkSettings, in_environment, name_in_environment},
};

/// What the environment says of a kind of sink.
pub(super) enum FromEnvironment {
    /// Nothing.
    Unset,
    /// One more sink.
    Sink(Box<SinkSettings>),
    /// The sink of that name in the file.
    InFile(String),
    /// What cannot be.
    Mistake(String),
}

/// What the environment says of each kind. `used`: whether a sink of the file has
/// looked up a variable.
pub(super) fn from_environment(
    in_file: &[SinkSettings],
    environment: Environment<'_>,
    used: &dyn Fn(&str) -> bool,
) -> Vec<(&'static Kind, FromEnvironment)> {
    in_environment()
        .map(|(kind, how)| {
            let found = of_kind(kind, how, in_file, environment, used);
            (kind, found.unwrap_or_else(FromEnvironment::Mistake))
        })
        .collect()
}

fn of_kind(
    kind: &'static Kind,
    how: &EnvironmentSink,
    in_file: &[SinkSettings],
    environment: Environment<'_>,
    used: &dyn Fn(&str) -> bool,
) -> Result<FromEnvironment, String> {
    let min_severity = min_severity(how, environment)?;
    let is_set = |name: &str| set(environment, name).is_some();
    if !is_set(how.variable) {
        let in_vain = how.needs.iter().find(|name| is_set(name) && !used(name));
        return in_vain.map_or(Ok(FromEnvironment::Unset), |name| Err(lacks(name, how.variable)));
    }
    let same = in_file.iter().find(|sink| sink.kind == kind && same(sink, how, environment));
    if let Some(sink) = same {
        return Ok(FromEnvironment::InFile(sink.name.clone()));
    }
    if let Some(needed) = how.needs.iter().find(|name| !is_set(name)) {
        return Err(lacks(how.variable, needed));
    }
    let name = name_in_environment(kind, in_file);
    let target = (how.target)(&is_set);
    let sink = SinkSettings { min_severity, ..SinkSettings::plain(name, kind, target) };
    Ok(FromEnvironment::Sink(Box::new(sink)))
}

fn lacks(set: &str, lacking: &str) -> String {
    format!("{} is set, and {} is not", told_as(set), told_as(lacking))
}

/// Whether a sink of the file is what the environment names: all that it names.
fn same(sink: &SinkSettings, how: &EnvironmentSink, environment: Environment<'_>) -> bool {
    let identity = sink.target.identity();
    how.variables().zip(identity).all(|(variable, text)| {
        let Some(named) = set(environment, variable) else { return true };
        Secret::resolve(text, environment).is_ok_and(|value| alike(value.expose(), &named))
    })
}

/// Whether two texts are the same, or the same address.
fn alike(a: &str, b: &str) -> bool {
    a == b || matches!((Url::parse(a), Url::parse(b)), (Ok(a), Ok(b)) if a == b)
}

/// The mildest severity that the environment asks for.
///
/// # Errors
/// When there is no such severity.
pub(super) fn min_severity(
    how: &EnvironmentSink,
    environment: Environment<'_>,
) -> Result<Option<Severity>, String> {
    let Some((variable, name)) =
        how.min_severity.and_then(|variable| Some((variable, set(environment, variable)?)))
    else {
        return Ok(None);
    };
    let wrong = || format!("{} takes {}, not `{name}`", told_as(variable), severity_words());
    least_severity(&name).ok_or_else(wrong).map(Some)
}
