//! ## What it does
//! Finds thresholds that can never decide: a count that no window can reach, as
//! one fingerprint would need more than a thousand events a second, and a count
//! or window of errors that alert on their first event anyway.
//!
//! ## Why is this bad?
//! The first never alerts, the second is not what makes it alert.
//!
//! ## Example
//! ```yaml
//! overrides:
//!   - match: { signature: CRASH_LOOP }
//!     immediate: true
//!     min_count: 5
//! ```
//!
//! ## Use instead
//! ```yaml
//! overrides:
//!   - match: { signature: CRASH_LOOP }
//!     min_count: 5
//! ```

use signatures_delivery::Settings;
use signatures_document::{yaml::Node, yaml::NodeKind};
use signatures_engine::{Selector, aggregate::Override};

use super::{
    alerts_file::AlertsFile,
    rule::{Check, Rule},
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "unreachable-threshold",
    severity: Severity::Warning,
    check: Check::Alerts(check),
    source: include_str!("unreachable_threshold.rs"),
};

/// More events of one fingerprint than this in a second do not come.
const EVENTS_A_SECOND: f64 = 1_000.0;

fn check(file: &AlertsFile<'_>, findings: &mut Vec<Finding>) {
    let defaults = &file.settings.engine.aggregation.thresholds;
    let rate = f64::from(defaults.min_count) / defaults.window.as_secs_f64();
    if let Some(node) = file.value("min_count_default").or(file.value("window_minutes"))
        && rate > EVENTS_A_SECOND
    {
        findings.push(too_fast(node, rate));
    }
    for (node, item) in file.overrides() {
        let count = item.min_count.unwrap_or(defaults.min_count);
        let window = item.window.unwrap_or(defaults.window).as_secs_f64();
        let rate = f64::from(count) / window;
        let own = field(node, "min_count").or_else(|| field(node, "window_minutes"));
        let Some(own) = own else { continue };
        if let Some(why) = immediate(item, file.settings) {
            let message = format!("this never decides: {why} on the first event");
            findings
                .push(RULE.finding(own.span, message).help("remove it, or say `immediate: false`"));
        } else if rate > EVENTS_A_SECOND {
            findings.push(too_fast(own, rate));
        }
    }
}

fn too_fast(node: &Node, rate: f64) -> Finding {
    let message = format!("no window can reach this: it takes {rate:.0} events a second");
    RULE.finding(node.span, message).help("lower the count, or lengthen the window")
}

/// Why all that an override applies to alerts on the first event.
fn immediate(item: &Override, settings: &Settings) -> Option<String> {
    match item.immediate {
        Some(true) => return Some("`immediate: true` alerts".to_owned()),
        Some(false) => return None,
        None => {}
    }
    let immediate = &settings.engine.aggregation.immediate_categories;
    let Selector { category, severity, .. } = &item.matches;
    if let Some(name) = category.first()
        && category.iter().all(|name| immediate.contains(name))
    {
        return Some(format!("the category `{name}` alerts"));
    }
    let critical = !severity.is_empty() && severity.iter().all(|severity| severity.is_critical());
    critical.then(|| "severity `critical` alerts".to_owned())
}

fn field<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.kind {
        NodeKind::Mapping(entries) => {
            entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
        }
        _ => None,
    }
}
