//! ## What it does
//! Finds blanks at the beginning or end of ids, categories and patterns, and of
//! the names by which alert settings speak of them. A line's end counts as one:
//! `pattern: |` has it. Where `(?x)` says that blanks mean nothing, a pattern may
//! have them.
//!
//! ## Why is this bad?
//! They cannot be seen. `"critical "` is another category than `critical`, and
//! does not alert on the first event; a pattern finds nothing where the blank is
//! missing, as at the end of a line.
//!
//! `--fix --unsafe-fixes` takes them off ids, by which others may know them. It
//! leaves patterns alone, in which a blank may be meant, and categories, which are
//! part of the fingerprint.
//!
//! ## Example
//! ```yaml
//! - id: 'NET_RESET '
//!   pattern: ' socket hang up'
//! ```
//!
//! ## Use instead
//! A blank that is meant can be made to be seen.
//! ```yaml
//! - id: NET_RESET
//!   pattern: 'socket hang up'
//!   summary: Connection closed
//! - id: NOT_FOUND
//!   pattern: 'HTTP/1\.[01]" 404[ ]'
//!   summary: Not found
//! ```

use signatures_document::{
    one_or_more,
    yaml::{Entry, Node, NodeKind, ScalarStyle, Span},
};
use signatures_matcher::Pattern;

use super::{
    alerts_file::AlertsFile,
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::{
    finding::{Finding, Severity},
    scalar_edit::edit,
};

pub(super) const RULE: Rule = Rule {
    name: "surrounding-blanks",
    severity: Severity::Warning,
    check: Check::TaxonomyOrAlerts(check_taxonomy, check_alerts),
    source: include_str!("surrounding_blanks.rs"),
};

fn check_taxonomy(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    let taxonomy = file.taxonomy;
    for category in taxonomy.categories.iter().filter(|category| has_blanks(&category.name)) {
        findings.push(
            about("category", &category.name, category.span)
                .help("take them off; fingerprints go by the category, and change with it"),
        );
    }
    for signature in &taxonomy.signatures {
        if let Some(id) = signature.declared_id.as_ref().filter(|id| has_blanks(&id.text)) {
            let trimmed = id.text.trim();
            let is_free =
                !trimmed.is_empty() && taxonomy.signatures.iter().all(|s| s.id != trimmed);
            let finding = about("id", &id.text, id.at.span).help("take them off");
            findings.push(match is_free {
                true => finding.fix(edit(file.source, id.at, &id.text, 0..id.text.len(), trimmed)),
                false => finding,
            });
        }
    }
    let signatures = taxonomy.signatures.iter().map(|s| (&s.pattern, s.pattern_at));
    let entries = taxonomy.noise_allowlist.iter().map(|e| (&e.pattern, e.pattern_at));
    for (pattern, at) in signatures.chain(entries).filter(|(pattern, _)| is_found(pattern)) {
        let ends_line = at.style == ScalarStyle::Block && pattern.as_str().ends_with('\n');
        findings.push(about("pattern", pattern.as_str(), at.span).help(match ends_line {
            true => "a pattern of one line needs no `|` or `>`; with `|-` or `>-` its end is none",
            false => "take them off, or write `[ ]` where a blank is meant",
        }));
    }
}

fn check_alerts(file: &AlertsFile<'_>, findings: &mut Vec<Finding>) {
    let mut names = Vec::new();
    names.extend(file.value("immediate_categories").map(|node| ("category", node)));
    let lists = ["overrides", "routes"].into_iter().filter_map(|key| file.value(key));
    for entry in lists.flat_map(one_or_more).flat_map(|item| entries(item, "match")) {
        for key in ["category", "signature"].into_iter().filter(|key| *key == entry.key) {
            names.push((key, &entry.value));
        }
    }
    for (what, node) in names {
        for item in one_or_more(node) {
            let Some(text) = item.as_text().filter(|text| has_blanks(text)) else { continue };
            findings.push(about(what, text, item.span).help("take them off"));
        }
    }
}

/// The entries of the mapping under a key.
fn entries<'n>(node: &'n Node, key: &str) -> &'n [Entry] {
    let of = |node: &'n Node| match &node.kind {
        NodeKind::Mapping(entries) => entries.as_slice(),
        _ => &[],
    };
    of(node).iter().find(|entry| entry.key == key).map_or(&[], |entry| of(&entry.value))
}

fn about(what: &str, text: &str, span: Span) -> Finding {
    let place = match (text.starts_with(char::is_whitespace), text.ends_with(char::is_whitespace)) {
        (true, true) => "begins and ends",
        (true, false) => "begins",
        _ => "ends",
    };
    RULE.finding(span, format!("the {what} {text:?} {place} with blanks"))
}

fn has_blanks(text: &str) -> bool {
    text.trim() != text
}

/// Whether blanks at the edges of a pattern mean something, and are not written
/// so that they can be seen.
fn is_found(pattern: &Pattern) -> bool {
    let text = pattern.as_str();
    let before = text.trim_end();
    let escaped = before.len() - before.trim_end_matches('\\').len();
    let ends = before != text && escaped.is_multiple_of(2);
    (ends || text.trim_start() != text) && !ignores_blanks(text)
}

/// Whether a pattern begins with flags of which `x` is one.
fn ignores_blanks(text: &str) -> bool {
    let flags = text.strip_prefix("(?").and_then(|rest| rest.split(')').next());
    flags.is_some_and(|flags| {
        let on = flags.split('-').next().unwrap_or_default();
        on.contains('x') && flags.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
    })
}
