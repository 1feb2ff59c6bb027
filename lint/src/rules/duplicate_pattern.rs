//! ## What it does
//! Finds patterns that mean exactly the same as an earlier one.
//!
//! ## Why is this bad?
//! The earlier one always wins. Whoever edits the later one edits nothing.
//!
//! ## Example
//! ```yaml
//! - { id: NET_RESET, pattern: 'ECONNRESET' }
//! - { id: PEER_RESET, pattern: 'econnreset' }
//! ```
//!
//! ## Use instead
//! ```yaml
//! - { id: NET_RESET, pattern: 'ECONNRESET', summary: Connection reset }
//! ```

use std::collections::HashMap;

use signatures_document::yaml::Span;
use signatures_matcher::Pattern;

use super::{
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "duplicate-pattern",
    severity: Severity::Warning,
    check: Check::Taxonomy(check),
    source: include_str!("duplicate_pattern.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    let signatures = file.taxonomy.signatures.iter();
    repeats(signatures.map(|s| (&s.pattern, s.pattern_at.span, s.id.clone())), findings);
    let entries = file.taxonomy.noise_allowlist.iter().enumerate();
    let name = |index| format!("entry {} of the allowlist", index + 1);
    repeats(entries.map(|(i, e)| (&e.pattern, e.pattern_at.span, name(i))), findings);
}

fn repeats<'a>(
    patterns: impl Iterator<Item = (&'a Pattern, Span, String)>,
    findings: &mut Vec<Finding>,
) {
    let mut seen: HashMap<String, String> = HashMap::new();
    for (pattern, span, name) in patterns {
        // Printed from its syntax tree, what means the same reads the same.
        let meaning = pattern.hir().map_or_else(|| pattern.as_str().to_owned(), |h| h.to_string());
        if let Some(first) = seen.get(&meaning) {
            let message = format!("{name} has the same pattern as {first}, which comes first");
            findings.push(RULE.finding(span, message).help("remove one of them"));
        } else {
            seen.insert(meaning, name);
        }
    }
}
