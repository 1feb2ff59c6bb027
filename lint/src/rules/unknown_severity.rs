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

use signatures_document::{closest, yaml::ScalarStyle};
use signatures_engine::{Severity as Level, taxonomy::Located};

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

/// Words of other tools, and what they mean here.
const OTHER_WORDS: [(&str, &str); 9] = [
    ("crit", "critical"),
    ("fatal", "critical"),
    ("emergency", "critical"),
    ("error", "high"),
    ("major", "high"),
    ("warn", "warning"),
    ("minor", "low"),
    ("debug", "info"),
    ("moderate", "medium"),
];

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    let categories = &file.taxonomy.categories;
    for category in categories {
        report(&category.default_severity, category.default_severity_at, findings);
    }
    for signature in &file.taxonomy.signatures {
        report(&signature.severity, signature.severity_at, findings);
    }
}

fn report(severity: &Level, at: Option<Located>, findings: &mut Vec<Finding>) {
    let Some(at) = at.filter(|_| !severity.is_known()) else { return };
    let name = severity.as_str().to_lowercase();
    let meant = OTHER_WORDS.iter().find(|(other, _)| *other == name).map(|(_, known)| *known);
    let meant = meant.or_else(|| closest(&name, Level::KNOWN));
    let finding = RULE.finding(at.span, format!("nothing goes by the severity `{severity}`"));
    findings.push(match meant {
        Some(known) => finding.help(format!("did you mean `{known}`?")).fix(
            (at.style == ScalarStyle::Plain).then(|| Fix { span: at.span, text: known.to_owned() }),
        ),
        None => finding.help(format!("one of {}", Level::KNOWN.join(", "))),
    });
}
