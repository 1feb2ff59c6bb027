//! ## What it does
//! Finds overrides in alerts.yml that apply to nothing: no signature matches, nor do
//! the errors that none knows, or earlier overrides take all that do. Looked for when taxonomy and alert
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
use signatures_engine::{GENERIC, Policy, Selector, Severity, Taxonomy, taxonomy::Signature};

use super::{
    alerts_file::AlertsFile,
    rule::{Check, Rule},
};
use crate::finding::{self, Finding};

pub(super) const RULE: Rule = Rule {
    name: "unused-override",
    severity: finding::Severity::Warning,
    check: Check::AlertsOfTaxonomies(check),
    source: include_str!("unused_override.rs"),
};

fn check(file: &AlertsFile<'_>, findings: &mut Vec<Finding>) {
    let overrides = file.overrides();
    for (index, (node, item)) in overrides.iter().enumerate() {
        let applies = || errors(file).filter(|error| error.meets(&item.matches));
        let taken =
            |error: Kind<'_>| overrides[..index].iter().any(|(_, e)| error.meets(&e.matches));
        let none = applies().next().is_none();
        if none {
            findings.push(no_match(file, node, &item.matches));
        } else if applies().all(taken) {
            let message = "earlier overrides apply to all that this one matches";
            findings.push(RULE.finding(node.span, message).help("put it before them"));
        }
    }
}

/// What an override may be for: the errors of one signature, or with none those that
/// no signature knows.
#[derive(Clone, Copy)]
struct Kind<'f> {
    signature: Option<(&'f Taxonomy, &'f Signature)>,
}

impl Kind<'_> {
    fn meets(self, wanted: &Selector) -> bool {
        match self.signature {
            Some((taxonomy, signature)) => {
                let category = &taxonomy.category_of(signature).name;
                let is_own = |severity: &Severity| *severity == signature.severity;
                wanted.selects(category, Some(&signature.id), signature.policy, is_own)
            }
            None => wanted.selects(GENERIC, None, Policy::default(), |severity| {
                *severity == Severity::default()
            }),
        }
    }
}

fn errors<'f>(file: &'f AlertsFile<'_>) -> impl Iterator<Item = Kind<'f>> {
    let known = signatures(file).map(|signature| Kind { signature: Some(signature) });
    known.chain([Kind { signature: None }])
}

fn signatures<'f>(file: &'f AlertsFile<'_>) -> impl Iterator<Item = (&'f Taxonomy, &'f Signature)> {
    file.taxonomies.iter().flat_map(|taxonomy| taxonomy.signatures.iter().map(|s| (*taxonomy, s)))
}

fn no_match(file: &AlertsFile<'_>, node: &Node, wanted: &Selector) -> Finding {
    let ids = || signatures(file).map(|(_, signature)| signature.id.as_str());
    let names = || {
        file.taxonomies.iter().flat_map(|t| &t.categories).map(|c| c.name.as_str()).chain([GENERIC])
    };
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
