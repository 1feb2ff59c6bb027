//! ## What it does
//! Finds ids that more than one signature has.
//!
//! ## Why is this bad?
//! An id names a signature in alerts, overrides and routes. The second of a
//! name gets a number added (`NET_RESET_1`), so what is set for it by its name
//! applies to the other one, and its number changes when lines move.
//!
//! ## Example
//! ```yaml
//! - { id: NET_RESET, pattern: 'ECONNRESET' }
//! - { id: NET_RESET, pattern: 'socket hang up' }
//! ```
//!
//! ## Use instead
//! ```yaml
//! - { id: NET_RESET, pattern: 'ECONNRESET', summary: Connection reset }
//! - { id: NET_HANG_UP, pattern: 'socket hang up', summary: Connection closed }
//! ```

use super::{
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "duplicate-id",
    severity: Severity::Error,
    check: Check::Taxonomy(check),
    source: include_str!("duplicate_id.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    findings.extend(file.taxonomy.duplicate_ids().map(Finding::from));
}
