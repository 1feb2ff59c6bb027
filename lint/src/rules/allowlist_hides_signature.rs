//! ## What it does
//! Finds entries of the allowlist that match a text which a signature is to
//! find, and the other way round. Shows such a text.
//!
//! ## Why is this bad?
//! With `allowlist_first` the line is dropped, and the error goes unseen. In
//! the usual order the signature wins: the line is no noise, whatever the
//! allowlist says, and the other order would lose it.
//!
//! ## Example
//! ```yaml
//! noise_allowlist:
//!   - 'connection reset'
//! categories:
//!   network_db:
//!     signatures:
//!       - { id: PEER_RESET, pattern: 'connection reset by peer' }
//! ```
//!
//! ## Use instead
//! Enough in the allowlist to mean the harmless case only.
//! ```yaml
//! noise_allowlist:
//!   - 'connection reset while probing'
//! ```

use std::collections::BTreeMap;

use sigcheck_language::Touch;

use super::{
    excerpt::excerpt,
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "allowlist-hides-signature",
    severity: Severity::Warning,
    check: Check::Taxonomy(check),
    source: include_str!("allowlist_hides_signature.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    let count = file.taxonomy.signatures.len();
    // By entry and signature.
    let mut pairs: BTreeMap<(usize, usize), &Touch> = BTreeMap::new();
    for touch in &file.relations().touches {
        let (one, other) = (touch.text_of.min(touch.found), touch.text_of.max(touch.found));
        if one < count && other >= count {
            pairs.entry((other, one)).or_insert(touch);
        }
    }
    for ((entry, signature), touch) in pairs {
        let id = &file.taxonomy.signatures[signature].id;
        let text = excerpt(&touch.witness);
        let message = match file.settings.engine.classifier.allowlist_first {
            true => format!("this entry drops what {id} is to find, as `{text}`"),
            false => format!(
                "this entry and {id} both match `{text}`; {id} wins, and the line is not dropped"
            ),
        };
        findings.push(
            RULE.finding(file.pattern_span(entry), message)
                .help("let the entry say enough to mean the harmless case only"),
        );
    }
}
