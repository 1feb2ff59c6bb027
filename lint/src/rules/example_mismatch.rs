//! ## What it does
//! Finds examples that the taxonomy does not classify as their own signature,
//! and counterexamples that the signature matches. `sigcheck test` looks for
//! nothing else.
//!
//! ## Why is this bad?
//! An example is what the author wanted to be found. If it is not, the pattern
//! is wrong, or an earlier signature takes it away.
//!
//! ## Example
//! ```yaml
//! - id: DISK_FULL
//!   pattern: 'disk is full'
//!   examples: ['No space left on device']
//! ```
//!
//! ## Use instead
//! ```yaml
//! - id: DISK_FULL
//!   pattern: 'disk is full|no space left on device'
//!   examples: ['No space left on device']
//! ```

use signatures_engine::{
    pattern::Search,
    settings::Settings,
    taxonomy::{Example, Signature, Taxonomy},
    verdict::{Classifier, Verdict as Found},
};

use super::{Check, Rule, TaxonomyFile};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "example-mismatch",
    severity: Severity::Error,
    check: Check::Taxonomy(check),
    source: include_str!("example_mismatch.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    // Where some signatures could not be read, others take their examples.
    let tested = file
        .taxonomy
        .signatures
        .iter()
        .any(|s| !s.examples.is_empty() || !s.counterexamples.is_empty());
    if file.complete && tested {
        findings.extend(mismatches(file.taxonomy.clone(), file.settings));
    }
}

/// A finding for each example that does not hold.
pub(crate) fn mismatches(taxonomy: Taxonomy, settings: &Settings) -> Vec<Finding> {
    let classifier = Classifier::new(taxonomy, settings);
    let taxonomy = classifier.taxonomy();
    let mut findings = Vec::new();
    for (index, signature) in taxonomy.signatures.iter().enumerate() {
        for example in &signature.examples {
            let found = classifier.classify_line(example.text.as_str()).verdict;
            if found != Found::Match(index) {
                let message = format!(
                    "this example of {} {}",
                    signature.id,
                    describe(&classifier, signature, example, found)
                );
                let help = "mend the pattern or the example, or move the signature up";
                findings.push(RULE.finding(example.span, message).help(help));
            }
        }
        for example in &signature.counterexamples {
            if signature.pattern.search(&example.text) == Search::Found {
                let message = format!("{} matches its counterexample", signature.id);
                findings
                    .push(RULE.finding(example.span, message).help("make the pattern stricter"));
            }
        }
    }
    findings
}

fn describe(
    classifier: &Classifier,
    signature: &Signature,
    example: &Example,
    found: Found,
) -> String {
    if signature.pattern.search(&example.text) != Search::Found {
        return "does not match its pattern".to_owned();
    }
    match (classifier.signature(found), classifier.allowlist_entry(found)) {
        (Some(earlier), _) => format!("is taken by {}, which comes first", earlier.id),
        (_, Some(entry)) => format!("is dropped as noise by `{}`", entry.pattern.as_str()),
        // Only the part within the subject limit is looked at.
        _ => "matches only beyond the subject limit".to_owned(),
    }
}
