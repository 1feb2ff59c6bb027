//! ## What it does
//! Finds triggers that can never speak, or change nothing: because another setting speaks
//! before them, or leaves them nothing.
//!
//! ## Why is this bad?
//! Whoever wrote it waits for an alert that never comes.
//!
//! ## Example
//! ```yaml
//! cooldown_minutes: 60
//! triggers:
//!   cooldown_backoff: { max_minutes: 30 }
//! ```
//!
//! ## Use instead
//! ```yaml
//! cooldown_minutes: 60
//! triggers:
//!   cooldown_backoff: { max_minutes: 480 }
//! ```

use signatures_document::yaml::{Node, NodeKind};
use signatures_engine::aggregate::{AbsentTrigger, AggregationSettings, Trigger, Triggers};
use signatures_event::Level;

use super::{
    alerts_file::AlertsFile,
    rule::{Check, Rule},
};
use crate::finding::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    name: "useless-trigger",
    severity: Severity::Warning,
    check: Check::Alerts(check),
    source: include_str!("useless_trigger.rs"),
};

/// Errors that no signature knows are those of at least this level.
const GENERIC_LEVEL: Level = Level::Warning;

fn check(file: &AlertsFile<'_>, findings: &mut Vec<Finding>) {
    let engine = &file.settings.engine;
    let triggers = &engine.aggregation.triggers;
    if let Some(section) = file.value("triggers") {
        let mut tell = |path: &[&str], message: String, help: &str| {
            findings.push(RULE.finding(at(section, path).span, message).help(help));
        };
        check_novelty(triggers, engine.classifier.min_level, &mut tell);
        check_counts(&engine.aggregation, &mut tell);
        check_twice(section, triggers, findings);
    }
    check_routes(file, triggers, findings);
}

type Tell<'t> = &'t mut dyn FnMut(&[&str], String, &str);

fn check_novelty(triggers: &Triggers, min_level: Level, tell: Tell<'_>) {
    let Some(new) = &triggers.new else { return };
    if triggers.returned.is_some_and(|after| after > new.quiet) {
        let message = "no error is back so late: it is new again before that (`quiet_days`)";
        tell(
            &["returned", "after_hours"],
            message.to_owned(),
            "shorten it, or lengthen `quiet_days`",
        );
    }
    if new.min_level < GENERIC_LEVEL.max(min_level) {
        let message = "no event of so low a level becomes an error that no signature knows";
        let help = "from warning on, and from the `min_level` of the file on, they do";
        tell(&["new", "min_level"], message.to_owned(), help);
    }
}

fn check_counts(settings: &AggregationSettings, tell: Tell<'_>) {
    let AggregationSettings { thresholds, triggers, generic_alert, .. } = settings;
    if let Some(backoff) = triggers.cooldown_backoff {
        if thresholds.cooldown.is_zero() && settings.overrides.iter().all(|o| o.cooldown.is_none())
        {
            let message = "there is no cooldown that it could lengthen";
            tell(&["cooldown_backoff"], message.to_owned(), "set `cooldown_minutes`, or remove it");
        } else if backoff.max <= thresholds.cooldown {
            let message = "no cooldown becomes longer: `cooldown_minutes` is no shorter than this";
            let path = ["cooldown_backoff", "max_minutes"];
            tell(&path, message.to_owned(), "make it longer than `cooldown_minutes`");
        }
    }
    if let Some(spike) = triggers.spike
        && spike.baseline < thresholds.window * 2
    {
        let message = "of less than two windows nothing is usual";
        let path = ["spike", "baseline_hours"];
        tell(&path, message.to_owned(), "lengthen it, or shorten `window_minutes`");
    }
    if triggers.fatal && *generic_alert {
        let message = "every error that no signature knows counts already: `generic.alert` is true";
        tell(&["fatal"], message.to_owned(), "remove one of the two");
    }
}

/// The same silence, waited for twice.
fn check_twice(section: &Node, triggers: &Triggers, findings: &mut Vec<Finding>) {
    let NodeKind::Sequence(items) = &at(section, &["absent"]).kind else { return };
    if items.len() != triggers.absent.len() {
        return;
    }
    for (index, (item, trigger)) in items.iter().zip(&triggers.absent).enumerate() {
        let is_same =
            |before: &AbsentTrigger| before.watch == trigger.watch && before.after == trigger.after;
        if triggers.absent[..index].iter().any(is_same) {
            let message = "an entry before it waits as long for the same";
            let help = "remove one of them";
            findings.push(RULE.finding(item.span, message).help(help));
        }
    }
}

/// Routes for triggers of which none can speak.
fn check_routes(file: &AlertsFile<'_>, triggers: &Triggers, findings: &mut Vec<Finding>) {
    let routes = &file.settings.alerts.routes;
    let Some(NodeKind::Sequence(items)) = file.value("routes").map(|node| &node.kind) else {
        return;
    };
    for (item, route) in items.iter().zip(routes).filter(|_| items.len() == routes.len()) {
        let speaks = |trigger: &Trigger| match trigger {
            Trigger::Threshold | Trigger::Immediate => true,
            Trigger::New => triggers.new.is_some(),
            Trigger::Returned => triggers.returned.is_some(),
            Trigger::Spike => triggers.spike.is_some(),
            Trigger::Absent => !triggers.absent.is_empty(),
            Trigger::Distinct => !triggers.distinct.is_empty(),
        };
        if let [first, ..] = &route.triggers[..]
            && !route.triggers.iter().any(speaks)
        {
            let message = format!("no alert comes here: `triggers` has no `{first}`");
            let place = at(item, &["match", "trigger"]);
            findings
                .push(RULE.finding(place.span, message).help("turn it on, or remove the route"));
        }
    }
}

/// The node at the end of a path of keys, or as far as it leads.
fn at<'n>(node: &'n Node, path: &[&str]) -> &'n Node {
    let [key, rest @ ..] = path else { return node };
    let NodeKind::Mapping(entries) = &node.kind else { return node };
    match entries.iter().find(|entry| entry.key == *key) {
        Some(entry) => at(&entry.value, rest),
        None => node,
    }
}
