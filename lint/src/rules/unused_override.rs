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

use signatures_document::{closest, yaml::Node};
use signatures_engine::{GENERIC, Selector, Taxonomy, taxonomy::Signature};

use super::{
    alerts_file::AlertsFile,
    rule::{Check, Rule},
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "unused-override",
    severity: Severity::Warning,
    check: Check::AlertsOfTaxonomies(check),
    source: include_str!("unused_override.rs"),
};

fn check(file: &AlertsFile<'_>, findings: &mut Vec<Finding>) {
    let overrides = file.overrides();
    for (index, (node, item)) in overrides.iter().enumerate() {
        let Selector { category, signature, .. } = &item.matches;
        if category.iter().any(|name| name == GENERIC) && signature.is_empty() {
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

fn matches(wanted: &Selector, taxonomy: &Taxonomy, signature: &Signature) -> bool {
    let category = &taxonomy.category_of(signature).name;
    wanted.selects(category, Some(&signature.id), signature.policy, |severity| {
        *severity == signature.severity
    })
}

fn no_match(file: &AlertsFile<'_>, node: &Node, wanted: &Selector) -> Finding {
    let ids = || signatures(file).map(|(_, signature)| signature.id.as_str());
    let names = || file.taxonomies.iter().flat_map(|t| &t.categories).map(|c| c.name.as_str());
    let unknown = [
        ("signature", &wanted.signature, ids().collect::<Vec<_>>()),
        ("category", &wanted.category, names().collect()),
    ];
    for (what, names, known) in unknown {
        if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
            let message = format!("no {what} is called `{name}`: this override applies to nothing");
            let help = match closest(name, known) {
                Some(guess) => format!("did you mean `{guess}`?"),
                None => "remove it, or mend the name".to_owned(),
            };
            return RULE.finding(node.span, message).help(help);
        }
    }
    let message = "no signature meets all that this override asks for";
    RULE.finding(node.span, message).help("ask for less, or remove it")
}
