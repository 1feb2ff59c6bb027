//! ## What it does
//! Finds categories without signatures.
//!
//! ## Why is this bad?
//! Nothing can ever be of that category: an override or a route for it does
//! nothing.
//!
//! ## Example
//! ```yaml
//! categories:
//!   payments:
//!     signatures: []
//! ```
//!
//! ## Use instead
//! Remove the category, or write its first signature.

use super::{
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "empty-category",
    severity: Severity::Warning,
    check: Check::Taxonomy(check),
    source: include_str!("empty_category.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    if !file.complete {
        // Its signatures may be among what could not be read.
        return;
    }
    let taxonomy = file.taxonomy;
    for (index, category) in taxonomy.categories.iter().enumerate() {
        if taxonomy.signatures.iter().all(|signature| signature.category != index) {
            let message = format!("the category `{}` has no signatures", category.name);
            findings.push(
                RULE.finding(category.span, message).help("remove it, or write a signature for it"),
            );
        }
    }
}
