//! ## What it does
//! Finds pairs of signatures that both match a text which one of them spells
//! out, where neither is simply the special case that comes first. Shows such a
//! text, and which signature the order decides for. What stands for anything, as
//! `.*` and `[^ ]+`, is taken to be empty: any two patterns meet in a gap.
//!
//! ## Why is this bad?
//! The text gets the category, severity and policy of the first of them. Moving
//! a signature, or a category, silently changes that.
//!
//! ## Example
//! ```yaml
//! - { id: IO_ERROR, pattern: 'input/output error|device timeout' }
//! - { id: TIMEOUT, pattern: 'device timeout|read timeout' }
//! ```
//!
//! ## Use instead
//! Say each thing once.
//! ```yaml
//! - { id: IO_ERROR, pattern: 'input/output error', summary: The disk fails }
//! - { id: TIMEOUT, pattern: 'device timeout|read timeout', summary: No answer in time }
//! ```
//! Where the order is meant, say so where it is:
//! `# sigcheck: ignore[overlapping-signatures]`.

use std::collections::BTreeMap;

use sigcheck_language::Touch;

use super::{
    excerpt::excerpt,
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "overlapping-signatures",
    severity: Severity::Warning,
    check: Check::Taxonomy(check),
    source: include_str!("overlapping_signatures.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    let count = file.taxonomy.signatures.len();
    // By the later signature of each pair.
    let mut pairs: BTreeMap<usize, BTreeMap<usize, &Touch>> = BTreeMap::new();
    for touch in &file.relations().touches {
        let (earlier, later) = match touch.text_of < touch.found {
            true => (touch.text_of, touch.found),
            false => (touch.found, touch.text_of),
        };
        // The special case before the general one is how it should be.
        let special_first = touch.text_of == earlier && touch.special;
        if later < count && !special_first {
            pairs.entry(later).or_default().entry(earlier).or_insert(touch);
        }
    }
    for (later, others) in pairs {
        if file.shadow(later).is_some() {
            continue;
        }
        let Some((earlier, touch)) = others.first_key_value() else { continue };
        let (first, second) = (file.name(*earlier), file.name(later));
        let more = match others.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more before it do too)"),
        };
        let text = excerpt(&touch.witness);
        let message = format!(
            "{second} and {first} both find `{text}`; {first} comes first and decides{more}"
        );
        findings.push(
            RULE.finding(file.pattern_span(later), message)
                .help("let only one of them find it, or put the special one first"),
        );
    }
}
