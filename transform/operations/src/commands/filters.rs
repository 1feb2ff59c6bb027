//! `name=value`: which errors are asked for.

use signatures_engine::{Policy, Severity};
use signatures_ledger::record::ErrorFilter;

/// Takes note of `name=value`.
///
/// # Errors
/// What is wrong with it.
pub(super) fn set(filter: &mut ErrorFilter, name: &str, value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err(format!("`{name}=` says nothing"));
    }
    match name {
        "category" => once(&mut filter.category, name, value.to_owned()),
        "signature" => once(&mut filter.signature, name, value.to_owned()),
        "service" => once(&mut filter.service, name, value.to_owned()),
        "host" => once(&mut filter.host, name, value.to_owned()),
        "policy" => once(&mut filter.policy, name, policy(value)?),
        "min" => once(&mut filter.min, name, severity(value)?),
        _ => Err(format!("`{name}={value}` is not known here")),
    }
}

/// A severity that has a meaning.
///
/// # Errors
/// When it has none.
pub(super) fn severity(name: &str) -> Result<Severity, String> {
    let severity = Severity::new(name);
    match severity.is_known() {
        true => Ok(severity),
        false => {
            let known = Severity::KNOWN.join(", ");
            Err(format!("there is no severity `{name}`; known here: {known}"))
        }
    }
}

fn policy(name: &str) -> Result<Policy, String> {
    let known = Policy::ALL.map(Policy::as_str).join(", ");
    name.parse().map_err(|()| format!("there is no policy `{name}`; known here: {known}"))
}

/// Puts a value where none may stand yet.
///
/// # Errors
/// When one stands there.
pub(super) fn once<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("`{name}=` is said twice")),
    }
}
