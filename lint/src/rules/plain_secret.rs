//! ## What it does
//! Finds secrets in clear: in alerts.yml what a sink keeps secret, and in a
//! taxonomy, whose examples are copied from logs, the tokens, keys and webhook
//! addresses that are known by their form.
//!
//! ## Why is this bad?
//! The file is in a repository. Whoever can read it, or ever could, can post in
//! the team's name; and examples copied from a log carry what the log held.
//!
//! ## Example
//! ```yaml
//! sinks:
//!   chat:
//!     type: telegram
//!     bot_token: '123456789:AAE0cF1nX2mBvK3jL4hG5fD6sA7pO8iU9yT'
//! ```
//!
//! ## Use instead
//! ```yaml
//! sinks:
//!   chat:
//!     type: telegram
//!     bot_token: '${ALERT_TELEGRAM_BOT_TOKEN}'
//! ```
//! A secret that was ever committed is to be replaced, not only removed.

use std::sync::LazyLock;

use signatures_document::{yaml::Node, yaml::NodeKind, yaml::Source};
use signatures_matcher::{Pattern, Search};

use super::rule::{Check, Rule};
use crate::{
    files::FileKind,
    finding::{Finding, Severity},
};

pub(super) const RULE: Rule = Rule {
    name: "plain-secret",
    severity: Severity::Warning,
    check: Check::Values(check),
    source: include_str!("plain_secret.rs"),
};

/// Forms by which secrets are known, and what they are.
const FORMS: [(&str, &str); 9] = [
    (
        "an incoming webhook of Slack",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Z0-9/]{16}",
    ),
    ("a token of Slack", r"\bxox[abeoprs]-[0-9A-Za-z-]{20}"),
    ("a bot token of Telegram", r"\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b"),
    ("an access key of AWS", r"(?-i)\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a token of GitHub", r"(?-i)\bgh[pousr]_[0-9A-Za-z]{36}|\bgithub_pat_[0-9A-Za-z_]{60}"),
    ("a token of GitLab", r"(?-i)\bglpat-[0-9A-Za-z_-]{20}"),
    ("a private key", r"(?-i)-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    ("a JSON web token", r"(?-i)\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10}"),
    ("a password in an address", r"[a-z][a-z0-9+.-]*://[^/\s:@$]+:[^/\s:@${]+@"),
];

static PATTERNS: LazyLock<Vec<(&str, Pattern)>> = LazyLock::new(|| {
    // The forms are constant, and a test compiles each.
    FORMS.iter().filter_map(|(what, form)| Some((*what, Pattern::compile(form).ok()?))).collect()
});

fn check(source: &Source, root: &Node, findings: &mut Vec<Finding>) {
    // Of the sinks in alerts.yml, reading them tells which values are secrets.
    if FileKind::of(source) == FileKind::Taxonomy {
        visit(root, findings);
    }
}

fn visit(node: &Node, findings: &mut Vec<Finding>) {
    match &node.kind {
        NodeKind::Mapping(entries) => {
            entries.iter().for_each(|entry| visit(&entry.value, findings));
        }
        NodeKind::Sequence(items) => items.iter().for_each(|item| visit(item, findings)),
        NodeKind::Scalar { text, .. } => {
            let form = PATTERNS.iter().find(|(_, form)| form.search(text) == Search::Found);
            if let Some((what, _)) = form {
                findings.push(
                    RULE.finding(node.span, format!("{what} stands here in clear"))
                        .help("replace it by something that only looks like it"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_a_pattern() {
        assert_eq!(PATTERNS.len(), FORMS.len());
    }
}
