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
//!     chat_id: '-1001234567890'
//! ```
//! A secret that was ever committed is to be replaced, not only removed.

use signatures_document::{yaml::Node, yaml::NodeKind, yaml::Source};
use signatures_event::redact::secret_in;

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

fn check(source: &Source, root: &Node, findings: &mut Vec<Finding>) {
    // Of the sinks in alerts.yml, reading them tells which values are secrets.
    if FileKind::of(source) != FileKind::Alerts {
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
            if let Some(what) = secret_in(text) {
                findings.push(
                    RULE.finding(node.span, format!("{what} stands here in clear"))
                        .help("replace it by something that only looks like it"),
                );
            }
        }
    }
}
