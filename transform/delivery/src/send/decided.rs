//! What becomes of an alert before it is queued: its incident, what holds it, and the
//! sinks that it goes to.

use jiff::Timestamp;
use signatures_alerts::Alert;
use signatures_ledger::{FollowUp, HeldBy, NewAlert, Outbox, Rules, record::AlertKind};
use tracing::info;

use super::{config::Config, metrics, resolved::ResolvedByHand};

/// The value of `event` by which a log line about a shadow alert is known.
const SHADOW_EVENT: &str = "log_aggregator_shadow_emit";

impl Config {
    /// Does something by what the settings say of what follows an alert.
    fn with_rules<T>(&self, work: impl FnOnce(&Rules<'_>) -> T) -> T {
        work(&Rules {
            resolve_after: &|alert| self.resolve_after(alert),
            mute_times: &self.operations.mute_times,
            escalation: &self.operations.escalation,
            forgets: &|sink| self.forgets(sink),
        })
    }

    /// Has errors counted as the settings say.
    pub(super) fn configure(&self, outbox: &Outbox) {
        outbox.counter().configure(self.aggregation.samples > 0, self.sentry_url.as_ref());
    }
}

/// An alert on its way into the queue.
pub(super) fn decided(alert: &Alert, outbox: &Outbox, config: &Config, now: Timestamp) -> NewAlert {
    let ruling = config.with_rules(|rules| outbox.rule(alert, rules, now));
    let alert = Alert {
        incident: ruling.incident,
        silenced_before: ruling.silenced_before,
        ..alert.clone()
    };
    let (sinks, held) = match &ruling.held {
        _ if alert.shadow => (Vec::new(), config.routing.hold(HeldBy::Shadow, None)),
        Some(reason) => (Vec::new(), config.routing.hold(HeldBy::Silence, Some(reason))),
        None => config.routing.route(&alert),
    };
    if alert.shadow {
        tell_shadow(&alert);
    } else if let Some(reason) = &ruling.held {
        tell_held(&alert, reason);
    }
    outbox.told(&alert, &sinks);
    NewAlert { held, ..new_alert(&alert, AlertKind::Alert, sinks) }
}

/// What follows from incidents, for the sinks that there are.
pub(super) fn follow_ups(
    outbox: &Outbox,
    config: &Config,
    resolved: &ResolvedByHand,
    now: Timestamp,
) -> Vec<NewAlert> {
    let follow_ups = config.with_rules(|rules| outbox.follow_ups(rules, now));
    let new = follow_ups.into_iter().map(|follow_up| {
        let (kind, alert, mut sinks) = match follow_up {
            FollowUp::Resolved(alert, sinks) => (AlertKind::Resolved, alert, sinks),
            FollowUp::Escalated(alert, sinks) => (AlertKind::Escalated, alert, sinks),
            FollowUp::Repeated(alert, sinks) => (AlertKind::Repeated, alert, sinks),
        };
        if kind == AlertKind::Resolved {
            resolved.note(&alert);
        }
        if kind == AlertKind::Repeated {
            // What waits there says it as well.
            let group = alert.group_id().to_string();
            sinks.retain(|sink| !outbox.is_waiting(sink, &group));
        }
        new_alert(&alert, kind, config.routing.known(sinks))
    });
    new.filter(|alert| !alert.sinks.is_empty()).collect()
}

fn new_alert(alert: &Alert, kind: AlertKind, sinks: Vec<String>) -> NewAlert {
    NewAlert {
        id: alert.id.clone(),
        // Its column is named after what alerts of one error had in common first.
        fingerprint: alert.group_id().to_string(),
        urgency: alert.urgency(),
        event: alert.to_json(),
        sinks,
        held: Vec::new(),
        kind,
        incident: alert.incident.clone(),
    }
}

/// Says that an alert is held, and by what.
fn tell_held(alert: &Alert, reason: &str) {
    info!(
        event = "signatures.alert_held",
        group = %alert.group_id(),
        signature = alert.signature_or_generic(),
        count = alert.count,
        reason,
        "not delivered"
    );
}

/// Says all that whoever tries new rules wants to know of what would have been
/// sent; the texts are without secrets.
fn tell_shadow(alert: &Alert) {
    info!(
        event = SHADOW_EVENT,
        group = alert.own_group().map(tracing::field::display),
        fingerprint = %alert.fingerprint,
        name = alert.name,
        severity = %alert.severity,
        category = alert.category,
        signature = alert.signature_or_generic(),
        policy = alert.policy.as_str(),
        count = alert.count,
        suppressed = alert.suppressed,
        samples = alert.samples.join(" | "),
        "in shadow mode: not delivered"
    );
    metrics::shadow();
}
