//! ## What it does
//! Finds signatures that do not say in words what a match means. Signatures
//! that are nothing but a pattern have no place for it, and are left alone.
//!
//! ## Why is this bad?
//! The summary is what a person reads in the alert at night.
//!
//! ## Example
//! ```yaml
//! - id: DB_DEADLOCK
//!   pattern: 'deadlock detected'
//! ```
//!
//! ## Use instead
//! ```yaml
//! - id: DB_DEADLOCK
//!   pattern: 'deadlock detected'
//!   summary: Two transactions blocked each other, one was ended
//! ```

use super::{
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "missing-summary",
    severity: Severity::Warning,
    check: Check::Taxonomy(check),
    source: include_str!("missing_summary.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    for signature in &file.taxonomy.signatures {
        let bare = signature.span == signature.pattern_at.span;
        let blank = signature.summary.as_deref().is_none_or(|text| text.trim().is_empty());
        if blank && !bare {
            let span = signature.declared_id.as_ref().map_or(signature.pattern_at, |d| d.at).span;
            let message = format!("{} has no summary", signature.id);
            findings
                .push(RULE.finding(span, message).help("add `summary:`, for who reads the alert"));
        }
    }
}
