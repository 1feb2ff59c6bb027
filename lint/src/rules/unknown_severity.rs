//! ## What it does
//! Finds severities other than `info`, `low`, `warning`, `medium`, `anomaly`,
//! `high` and `critical`.
//!
//! ## Why is this bad?
//! It is kept and shown as it is, but nothing goes by it: `crit` does not alert
//! on the first event, as `critical` does.
//!
//! ## Example
//! ```yaml
//! severity: crit
//! ```
//!
//! ## Use instead
//! ```yaml
//! severity: critical
//! ```

use super::{
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::{
    finding::{Finding, Severity},
    scalar_edit::edit,
};

pub(super) const RULE: Rule = Rule {
    name: "unknown-severity",
    severity: Severity::Warning,
    check: Check::Taxonomy(check),
    source: include_str!("unknown_severity.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    findings.extend(file.taxonomy.unknown_severities().map(|unknown| {
        let finding = Finding::from(unknown.diagnostic());
        let written = unknown.severity.as_str();
        match unknown.meant() {
            Some(known) => {
                finding.fix(edit(file.source, unknown.at, written, 0..written.len(), known))
            }
            None => finding,
        }
    }));
}
