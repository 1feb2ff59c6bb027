//! ## What it does
//! Finds names in `immediate_categories` that no category of the taxonomy has. Errors
//! that no signature knows are of the category `generic`.
//! Looked for when taxonomy and alert settings are validated together, as they
//! are by default.
//!
//! ## Why is this bad?
//! The category that was meant waits for its threshold, rather than alert on
//! the first event.
//!
//! ## Example
//! ```yaml
//! immediate_categories: ['Critical']
//! ```
//!
//! ## Use instead
//! ```yaml
//! immediate_categories: ['critical']
//! ```

use signatures_document::{closest, yaml::NodeKind};
use signatures_engine::GENERIC;

use super::{
    alerts_file::AlertsFile,
    rule::{Check, Rule},
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "unknown-category",
    severity: Severity::Warning,
    check: Check::AlertsOfTaxonomies(check),
    source: include_str!("unknown_category.rs"),
};

fn check(file: &AlertsFile<'_>, findings: &mut Vec<Finding>) {
    let named = || file.taxonomies.iter().flat_map(|t| &t.categories).map(|c| c.name.as_str());
    // Errors that no signature knows are of a category, too.
    let known = || named().chain([GENERIC]);
    let Some(named) = file.value("immediate_categories") else { return };
    let NodeKind::Sequence(items) = &named.kind else { return };
    for item in items {
        let Some(name) = item.as_text().filter(|name| !known().any(|known| known == *name)) else {
            continue;
        };
        let finding = RULE.finding(item.span, format!("there is no category `{name}`"));
        findings.push(match closest(name, known()) {
            Some(guess) => finding.help(format!("did you mean `{guess}`?")),
            None => finding.help("remove it, or add the category to the taxonomy"),
        });
    }
}
