//! What is counted of what is remembered.

use metrics::{counter, describe_counter, describe_gauge, gauge};

const OUTBOX_ERRORS: &str = "vector_signatures_outbox_errors_total";
const OUTBOX_FAILURES: &str = "vector_signatures_outbox_failures_total";
const STATE_DIRECTORY_LOST: &str = "vector_signatures_state_directory_lost_total";
const STATE_DIRECTORY_USABLE: &str = "vector_signatures_state_directory_usable";
const UNREADABLE_ALERTS: &str = "vector_signatures_unreadable_alerts_total";
const UNREADABLE_GROUPS: &str = "vector_signatures_unreadable_groups_total";

/// Says what each means. What never happened is counted as never, so that an
/// alert rule can tell.
pub(crate) fn describe() {
    describe_counter!(OUTBOX_ERRORS, "What the database of alerts refused");
    describe_counter!(OUTBOX_FAILURES, "How often the thread that writes alerts panicked");
    describe_counter!(
        STATE_DIRECTORY_LOST,
        "How often the state directory or a file in it was deleted or replaced while in use"
    );
    describe_gauge!(
        STATE_DIRECTORY_USABLE,
        "Whether the state directory can be used (1) or alerts are in memory alone (0)"
    );
    describe_counter!(
        UNREADABLE_ALERTS,
        "Deliveries that could not be read: they lie with the dead letters"
    );
    describe_counter!(
        UNREADABLE_GROUPS,
        "Groups whose counts and cooldowns could not be read at the start"
    );
    for name in
        [OUTBOX_ERRORS, OUTBOX_FAILURES, STATE_DIRECTORY_LOST, UNREADABLE_ALERTS, UNREADABLE_GROUPS]
    {
        counter!(name).increment(0);
    }
}

pub(crate) fn outbox_error() {
    counter!(OUTBOX_ERRORS).increment(1);
}

pub(crate) fn outbox_failure() {
    counter!(OUTBOX_FAILURES).increment(1);
}

pub(crate) fn state_directory_lost() {
    counter!(STATE_DIRECTORY_LOST).increment(1);
}

/// Of a state directory that was named.
pub(crate) fn state_directory_usable(usable: bool) {
    gauge!(STATE_DIRECTORY_USABLE).set(if usable { 1.0 } else { 0.0 });
}

pub(crate) fn unreadable_alerts(deliveries: usize) {
    counter!(UNREADABLE_ALERTS).increment(deliveries as u64);
}

pub(crate) fn unreadable_groups(groups: usize) {
    counter!(UNREADABLE_GROUPS).increment(groups as u64);
}
