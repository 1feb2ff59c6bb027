//! The sinks that the environment names.

use signatures_engine::{
    Severity,
    threshold::{least_severity, severity_words},
};

use crate::{
    secret::{Environment, Secret},
    sink::{EnvironmentSink, SinkSettings, in_environment},
};

/// Those that the environment adds to the file's, unless one of the file is the
/// same. `used`: whether a sink of the file has looked up a variable.
///
/// # Errors
/// When a variable is wrong, or one that another needs is not set.
pub(super) fn added(
    in_file: &[SinkSettings],
    environment: Environment<'_>,
    used: &dyn Fn(&str) -> bool,
) -> Result<Vec<SinkSettings>, String> {
    let mut added = Vec::new();
    for (kind, how) in in_environment() {
        let min_severity = min_severity(how, environment)?;
        let Some(value) = set(environment, how.variable) else {
            let in_vain = |name: &&&str| set(environment, name).is_some() && !used(name);
            match how.needs.iter().find(in_vain) {
                Some(name) => return Err(format!("{name} is set, and {} is not", how.variable)),
                None => continue,
            }
        };
        let same = |sink: &SinkSettings| {
            let identity = sink.target.identity().filter(|_| sink.kind == kind);
            let identity = identity.and_then(|text| Secret::resolve(text, environment).ok());
            identity.is_some_and(|identity| identity.expose() == value)
        };
        if in_file.iter().any(same) {
            continue;
        }
        if let Some(needed) = how.needs.iter().find(|name| set(environment, name).is_none()) {
            return Err(format!("{} is set, and {needed} is not", how.variable));
        }
        let taken = in_file.iter().any(|sink| sink.name == kind.name);
        let name = if taken { format!("{}-environment", kind.name) } else { kind.name.to_owned() };
        let target = (how.target)(&|name| set(environment, name).is_some());
        added.push(SinkSettings { min_severity, ..SinkSettings::plain(name, kind, target) });
    }
    Ok(added)
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
    let wrong = || format!("{variable} takes {}, not `{name}`", severity_words());
    least_severity(&name).ok_or_else(wrong).map(Some)
}

/// A variable without blanks around it; an empty one says nothing.
pub(super) fn set(environment: Environment<'_>, name: &str) -> Option<String> {
    environment(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
