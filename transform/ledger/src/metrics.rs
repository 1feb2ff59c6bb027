//! What is counted of what is remembered.

use metrics::{counter, describe_counter};

const OUTBOX_ERRORS: &str = "vector_signatures_outbox_errors_total";
const OUTBOX_FAILURES: &str = "vector_signatures_outbox_failures_total";
const UNREADABLE_GROUPS: &str = "vector_signatures_unreadable_groups_total";

/// Says what each means. What never happened is counted as never, so that an
/// alert rule can tell.
pub(crate) fn describe() {
    describe_counter!(OUTBOX_ERRORS, "What the database of alerts refused");
    describe_counter!(OUTBOX_FAILURES, "How often the thread that writes alerts panicked");
    describe_counter!(
        UNREADABLE_GROUPS,
        "Groups whose counts and cooldowns could not be read at the start"
    );
    for name in [OUTBOX_ERRORS, OUTBOX_FAILURES, UNREADABLE_GROUPS] {
        counter!(name).increment(0);
    }
}

pub(crate) fn outbox_error() {
    counter!(OUTBOX_ERRORS).increment(1);
}

pub(crate) fn outbox_failure() {
    counter!(OUTBOX_FAILURES).increment(1);
}

pub(crate) fn unreadable_groups(groups: usize) {
    counter!(UNREADABLE_GROUPS).increment(groups as u64);
}
