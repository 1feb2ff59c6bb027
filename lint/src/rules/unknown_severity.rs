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

use signatures_document::yaml::ScalarStyle;

use super::{
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::finding::{Finding, Fix, Severity};

pub(super) const RULE: Rule = Rule {
    name: "unknown-severity",
    severity: Severity::Warning,
    check: Check::Taxonomy(check),
    source: include_str!("unknown_severity.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    findings.extend(file.taxonomy.unknown_severities().map(|unknown| {
        let plain = unknown.meant().filter(|_| unknown.at.style == ScalarStyle::Plain);
        let fix = plain.map(|known| Fix { span: unknown.at.span, text: known.to_owned() });
        Finding::from(unknown.diagnostic()).fix(fix)
    }));
}
