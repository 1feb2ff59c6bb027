//! ## What it does
//! Finds overrides in alerts.yml that apply to no signature: none matches, or
//! earlier overrides take all that do. Looked for when taxonomy and alert
//! settings are validated together, as they are by default.
//!
//! ## Why is this bad?
//! It looks as if it were in force, and is not.
//!
//! ## Example
//! ```yaml
//! overrides:
//!   - match: { signature: LOGIN_FAILD }
//!     min_count: 20
//! ```
//!
//! ## Use instead
//! ```yaml
//! overrides:
//!   - match: { signature: LOGIN_FAILED }
//!     min_count: 20
//! ```

use signatures_engine::{
    settings::OverrideMatch,
    taxonomy::{Signature, Taxonomy},
    yaml::Node,
};

use super::{AlertsFile, Check, Rule, closest};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "unused-override",
    severity: Severity::Warning,
    check: Check::Alerts(check),
    source: include_str!("unused_override.rs"),
};

/// The category of errors that no signature matches.
const GENERIC: &str = "generic";

fn check(file: &AlertsFile<'_>, findings: &mut Vec<Finding>) {
    if file.taxonomies.is_empty() {
        return;
    }
    let overrides = file.overrides();
    for (index, (node, item)) in overrides.iter().enumerate() {
        if item.matches.category.as_deref() == Some(GENERIC) && item.matches.signature.is_none() {
            continue;
        }
        let applies = || signatures(file).filter(|(t, s)| matches(&item.matches, t, s));
        let taken = |(taxonomy, signature): (&Taxonomy, &Signature)| {
            overrides[..index].iter().any(|(_, e)| matches(&e.matches, taxonomy, signature))
        };
        let none = applies().next().is_none();
        if none {
            findings.push(no_match(file, node, &item.matches));
        } else if applies().all(taken) {
            let message = "earlier overrides apply to all that this one matches";
            findings.push(RULE.finding(node.span, message).help("put it before them"));
        }
    }
}

fn signatures<'f>(file: &'f AlertsFile<'_>) -> impl Iterator<Item = (&'f Taxonomy, &'f Signature)> {
    file.taxonomies.iter().flat_map(|taxonomy| taxonomy.signatures.iter().map(|s| (*taxonomy, s)))
}

fn matches(wanted: &OverrideMatch, taxonomy: &Taxonomy, signature: &Signature) -> bool {
    let category = &taxonomy.category_of(signature).name;
    wanted.category.as_ref().is_none_or(|name| name == category)
        && wanted.signature.as_ref().is_none_or(|id| *id == signature.id)
        && wanted.policy.is_none_or(|policy| policy == signature.policy)
        && wanted.severity.as_ref().is_none_or(|severity| *severity == signature.severity)
}

fn no_match(file: &AlertsFile<'_>, node: &Node, wanted: &OverrideMatch) -> Finding {
    let ids = || signatures(file).map(|(_, signature)| signature.id.as_str());
    let names = || file.taxonomies.iter().flat_map(|t| &t.categories).map(|c| c.name.as_str());
    let unknown = [
        ("signature", wanted.signature.as_deref(), ids().collect::<Vec<_>>()),
        ("category", wanted.category.as_deref(), names().collect()),
    ];
    for (what, name, known) in unknown {
        if let Some(name) = name.filter(|name| !known.contains(name)) {
            let message = format!("no {what} is called `{name}`: this override applies to nothing");
            let help = match closest(name, known.into_iter()) {
                Some(guess) => format!("did you mean `{guess}`?"),
                None => "remove it, or mend the name".to_owned(),
            };
            return RULE.finding(node.span, message).help(help);
        }
    }
    let message = "no signature meets all that this override asks for";
    RULE.finding(node.span, message).help("ask for less, or remove it")
}
