//! ## What it does
//! Finds secrets of a sink that cannot be had: `${NAME}` of a variable that is
//! not set, or a file that cannot be read. `vector-signatures` and Vector say so
//! when they start or reload; `sigcheck` does not look for it, since where it runs
//! there are seldom secrets.
//!
//! ## Why is this bad?
//! The sink could deliver nothing, so the file is refused.
//!
//! ## Example
//! ```yaml
//! sinks:
//!   chat: { type: slack, webhook_url: '${NOT_SET_ANYWHERE}' }
//! ```
//!
//! ## Use instead
//! Set the variable, or name one that is set.

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "missing-secret",
    severity: Severity::Error,
    check: Check::Start,
    source: include_str!("missing_secret.rs"),
};
