//! Waiting for what happens in another process or thread.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long something may take that happens at once on an idle machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Waits until something holds.
#[track_caller]
pub fn wait_until(holds: impl FnMut() -> bool) {
    wait_until_or(holds, || "waited in vain".to_owned());
}

/// Waits until something holds, or else says what it found instead.
#[track_caller]
pub fn wait_until_or(mut holds: impl FnMut() -> bool, otherwise: impl FnOnce() -> String) {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > PATIENCE {
            panic!("{}", otherwise());
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Waits until something holds, while other tasks go on.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
