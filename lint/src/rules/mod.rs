//! The rules of `sigcheck`: one file each.
//!
//! A rule's file opens with its documentation, under the same headings in all
//! of them; `sigcheck explain` prints that very text, and `docs/rules.md` is made
//! of it, so that it cannot drift from the code beneath it. To add a rule: write
//! its file, put it on the list in `registry.rs`, and add a fixture.

mod alerts_file;
mod allowlist_hides_signature;
mod backtracking_engine;
mod bare_number;
mod case_conflict;
mod catastrophic_backtracking;
mod double_escaped;
mod duplicate_id;
mod duplicate_pattern;
mod empty_category;
mod example_mismatch;
mod excerpt;
mod invalid_regex;
mod invalid_yaml;
mod matches_empty;
mod matches_everything;
mod missing_secret;
mod missing_summary;
mod overlapping_signatures;
mod plain_secret;
mod portability;
mod redundant_wildcard;
mod regex_too_large;
mod registry;
mod rule;
mod schema;
mod shadow;
mod shadowed_signature;
mod slow_prefilter;
mod surrounding_blanks;
mod taxonomy_file;
mod unescaped_dot;
mod unknown_category;
mod unknown_key;
mod unknown_placeholder;
mod unknown_policy;
mod unknown_severity;
mod unknown_sink;
mod unreachable_threshold;
mod unrouted_sink;
mod unused_ignore;
mod unused_override;
mod useless_trigger;
mod widths;

pub(crate) use alerts_file::AlertsFile;
pub(crate) use example_mismatch::mismatches;
pub(crate) use registry::{RULES, rule_like, rule_name, rule_named};
pub(crate) use rule::Rule;
pub(crate) use taxonomy_file::TaxonomyFile;
pub(crate) use unused_ignore::RULE as UNUSED_IGNORE;
