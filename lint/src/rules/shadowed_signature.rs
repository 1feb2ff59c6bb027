//! ## What it does
//! Finds signatures that can never give the verdict, because an earlier one (or,
//! with `allowlist_first`, the allowlist) finds everything that they can find, or
//! some of them do together. Decided on the automata of the patterns, for texts of
//! several lines too; what cannot be decided within the budget is said, as
//! information.
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
        let Some(shadow) = file.shadow(index) else { continue };
        let message = format!(
            "{} never gives the verdict: {} everything that it finds, as `{}`",
            signature.id,
            finders(file, &shadow.earlier),
            excerpt(&shadow.witness)
        );
        let help = match shadow.earlier.len() {
            1 => "put it first, or remove it, or narrow the other",
            _ => "put it first, or remove it, or narrow the others",
        };
        findings.push(RULE.finding(file.pattern_span(index), message).help(help));
    }
    undecided(file, findings);
}

/// Who finds it, as the message says.
fn finders(file: &TaxonomyFile<'_>, earlier: &[usize]) -> String {
    match earlier {
        [one] => format!("{} finds", file.name(*one)),
        [names @ .., last] => {
            let names: Vec<_> = names.iter().map(|one| file.name(*one)).collect();
            format!("{} and {} together find", names.join(", "), file.name(*last))
        }
        [] => String::new(),
    }
}

/// What no answer was found to, here and in the other rules on such questions.
fn undecided(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    let relations = file.relations();
    let mut open: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let count = file.taxonomy.signatures.len();
    // Whether a later pattern finds all that an earlier one does changes nothing.
    let partly = relations.touches.iter().filter(|touch| {
        let matters = touch.text_of < count && file.comes_first(touch.found, touch.text_of);
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
