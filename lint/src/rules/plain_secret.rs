//! ## What it does
//! Finds secrets in clear: webhook addresses, tokens and keys by the form that
//! their makers give them, and in alerts.yml whatever stands under a key that
//! names a secret.
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

use signatures_engine::{
    pattern::{Pattern, Search},
    yaml::{Node, NodeKind, Source},
};

use super::{Check, Rule};
use crate::{
    files::Kind,
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
    ("an incoming webhook of Slack", r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Z0-9/]{16}"),
    ("a token of Slack", r"\bxox[abeoprs]-[0-9A-Za-z-]{20}"),
    ("a bot token of Telegram", r"\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b"),
    ("an access key of AWS", r"(?-i)\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a token of GitHub", r"(?-i)\bgh[pousr]_[0-9A-Za-z]{36}|\bgithub_pat_[0-9A-Za-z_]{60}"),
    ("a token of GitLab", r"(?-i)\bglpat-[0-9A-Za-z_-]{20}"),
    ("a private key", r"(?-i)-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    ("a JSON web token", r"(?-i)\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10}"),
    ("a password in an address", r"[a-z][a-z0-9+.-]*://[^/\s:@$]+:[^/\s:@$]+@"),
];

static PATTERNS: LazyLock<Vec<(&str, Pattern)>> = LazyLock::new(|| {
    // The forms are constant, and a test compiles each.
    FORMS.iter().filter_map(|(what, form)| Some((*what, Pattern::compile(form).ok()?))).collect()
});

/// Parts of a key that say that its value is a secret.
const SECRET_KEYS: [&str; 6] =
    ["token", "password", "secret", "authorization", "api_key", "webhook_url"];

fn check(source: &Source, root: &Node, findings: &mut Vec<Finding>) {
    let alerts = Kind::of(source) == Kind::Alerts;
    visit(root, "", alerts, findings);
}

fn visit(node: &Node, key: &str, alerts: bool, findings: &mut Vec<Finding>) {
    match &node.kind {
        NodeKind::Mapping(entries) => {
            entries.iter().for_each(|entry| visit(&entry.value, &entry.key, alerts, findings));
        }
        NodeKind::Sequence(items) => {
            items.iter().for_each(|item| visit(item, key, alerts, findings));
        }
        NodeKind::Scalar { text, .. } => {
            let form = PATTERNS.iter().find(|(_, form)| form.search(text) == Search::Found);
            let what = match form {
                Some((what, _)) => (*what).to_owned(),
                None if alerts && is_secret(key, text) => format!("the value of `{key}`"),
                None => return,
            };
            let help = match alerts {
                true => "write `${NAME}`, and set the environment variable NAME",
                false => "replace it by something that only looks like it",
            };
            let message = format!("{what} stands here in clear");
            findings.push(RULE.finding(node.span, message).help(help));
        }
    }
}

/// Whether a value under a key is a secret rather than where to find one.
fn is_secret(key: &str, value: &str) -> bool {
    let key = key.to_lowercase();
    let by_reference = ["_file", "_env", "_path"].iter().any(|end| key.ends_with(end));
    let literal = !value.is_empty() && !value.contains("${") && !value.starts_with('$');
    !by_reference && literal && SECRET_KEYS.iter().any(|name| key.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_a_pattern() {
        assert_eq!(PATTERNS.len(), FORMS.len());
    }
}
