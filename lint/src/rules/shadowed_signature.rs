//! ## What it does
//! Finds signatures that can never give the verdict, because an earlier one (or,
//! with `allowlist_first`, the allowlist) finds everything that they can find.
//! Decided on the automata of the patterns; what cannot be decided within the
//! budget is said, as information.
//!
//! ## Why is this bad?
//! The first signature that matches wins. A shadowed one looks as if it were in
//! force, with its severity and its policy, and never is.
//!
//! ## Example
//! ```yaml
//! - { id: NET_RESET, pattern: 'ECONNRESET|socket hang up' }
//! - { id: REDIS_RESET, pattern: 'redis: read ECONNRESET', severity: critical }
//! ```
//!
//! ## Use instead
//! The special one first.
//! ```yaml
//! - { id: REDIS_RESET, pattern: 'redis: read ECONNRESET', severity: critical, summary: Redis is gone }
//! - { id: NET_RESET, pattern: 'ECONNRESET|socket hang up', summary: Connection reset }
//! ```

use std::collections::{BTreeMap, BTreeSet};

use sigcheck_language::Touch;

use super::{
    excerpt::excerpt,
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "shadowed-signature",
    severity: Severity::Error,
    check: Check::Taxonomy(check),
    source: include_str!("shadowed_signature.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    for (index, signature) in file.taxonomy.signatures.iter().enumerate() {
        if let Some((earlier, touch)) = shadow(file, index) {
            let message = format!(
                "{} never gives the verdict: {} finds everything that it finds, as `{}`",
                signature.id,
                file.name(earlier),
                excerpt(&touch.witness)
            );
            findings.push(
                RULE.finding(file.pattern_span(index), message)
                    .help("put it first, or remove it, or narrow the other"),
            );
        }
    }
    undecided(file, findings);
}

/// The first pattern that finds everything that a signature can, and comes
/// before it.
pub(super) fn shadow<'f>(file: &'f TaxonomyFile<'_>, index: usize) -> Option<(usize, &'f Touch)> {
    let found = file.relations().found_in(index);
    found.into_iter().find_map(|(other, touches)| {
        let all = touches.len() == touches[0].branches
            && touches.iter().all(|touch| touch.always == Some(true));
        (comes_first(file, other, index) && all).then_some((other, touches[0]))
    })
}

/// Whether a pattern is asked before a signature.
pub(super) fn comes_first(file: &TaxonomyFile<'_>, other: usize, index: usize) -> bool {
    match other < file.taxonomy.signatures.len() {
        true => other < index,
        false => file.settings.engine.classifier.allowlist_first,
    }
}

/// What no answer was found to, here and in the other rules on such questions.
fn undecided(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    let relations = file.relations();
    let mut open: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let count = file.taxonomy.signatures.len();
    // Whether a later pattern finds all that an earlier one does changes nothing.
    let partly = relations.touches.iter().filter(|touch| {
        let matters = touch.text_of < count && comes_first(file, touch.found, touch.text_of);
        touch.always.is_none() && matters
    });
    for (text_of, found) in partly.map(|t| (t.text_of, t.found)).chain(relations.undecided.clone())
    {
        open.entry(text_of).or_default().insert(found);
    }
    let mut say = |index, message| {
        findings.push(RULE.finding(file.pattern_span(index), message).undecided());
    };
    for (text_of, others) in open {
        let more = match others.len() {
            0 | 1 => String::new(),
            count => format!(" (nor of {} others)", count - 1),
        };
        let one = file.name(text_of);
        let other = others.first().map(|index| file.name(*index)).unwrap_or_default();
        say(text_of, format!("could not decide whether {other}{more} finds what {one} finds"));
    }
    for index in &relations.opaque {
        let name = file.name(*index);
        say(*index, format!("could not compare {name} with the others: its syntax is too unusual"));
    }
    if let Some(index) = relations.unfinished {
        let name = file.name(index);
        say(index, format!("could not compare {name} and those after it: the budget is used up"));
    }
}
