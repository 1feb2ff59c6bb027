//! ## What it does
//! Finds names in braces in `sentry_url` that nothing fills in. Known are
//! `{fingerprint}`, `{group}`, `{category}`, `{signature}`, `{policy}`,
//! `{severity}`, `{host}`, `{service}` and `{request_id}`.
//!
//! ## Why is this bad?
//! The link in the alert holds the braces, and leads nowhere in the moment in
//! which it is needed.
//!
//! ## Example
//! ```yaml
//! sentry_url: 'https://sentry.example/issues/?query={signatur}'
//! ```
//!
//! ## Use instead
//! ```yaml
//! sentry_url: 'https://sentry.example/issues/?query={signature}'
//! ```

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "unknown-placeholder",
    severity: Severity::Warning,
    check: Check::Reading,
    source: include_str!("unknown_placeholder.rs"),
};
