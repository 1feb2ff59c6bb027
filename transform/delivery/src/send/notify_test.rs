//! A marked test alert to each sink, past the queue, to hear what it answers.

use std::{io, time::Duration};

use jiff::Timestamp;
use signatures_alerts::Alert;
use tokio::{runtime, task::JoinSet};

use super::{
    config::Config,
    send_error::{Fault, SendError},
};
use crate::sink::Accepted;

/// How long whoever tries it out waits for an answer, however long a sink may
/// take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a sink said to the test alert.
pub type TestAnswer = (String, Result<Accepted, SendError>);

/// Sends a test alert to the sink of that name, or to all, and returns what
/// each said, in their order.
///
/// # Errors
/// When there is nothing to run on.
pub fn notify_test(
    config: &Config,
    name: Option<&str>,
    now: Timestamp,
) -> io::Result<Vec<TestAnswer>> {
    let alert = Alert::test(now);
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let mut answers = runtime.block_on(async {
        let mut sending = JoinSet::new();
        let chosen = config.sinks.iter().filter(|sink| name.is_none_or(|name| name == sink.name));
        for (place, configured) in chosen.cloned().enumerate() {
            let alert = alert.clone();
            sending.spawn(async move {
                let alerts = [alert];
                let answer = tokio::time::timeout(PATIENCE, configured.sender.send(&alerts, now));
                let answer = answer.await.unwrap_or_else(|_| Err(Fault::Timeout.into()));
                (place, (configured.name, answer))
            });
        }
        sending.join_all().await
    });
    answers.sort_by_key(|(place, _)| *place);
    Ok(answers.into_iter().map(|(_, answer)| answer).collect())
}
