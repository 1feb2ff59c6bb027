//! What keeps counts and alerts, and delivers these.

use std::{
    fmt,
    future::Future,
    path::Path,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use signatures_delivery::{
    Backlog, Clock, Counter, Dispatcher, LostAlerts, OpenError, Receipt, ResolvedByHand, SinkWatch,
};
use signatures_engine::aggregate::GroupState;
use signatures_ledger::Ledger;

use crate::{alert_settings::Handle, changes::Changes, tasks::TASKS};

/// How often it is looked after what nobody asked for, such as a new configuration.
pub(crate) const KEEP_EVERY: Duration = Duration::from_secs(5);

/// How long the end may wait for sinks to take what is queued.
const DRAIN: Duration = Duration::from_secs(10);

/// Keeps and delivers by the configuration in force.
pub(crate) struct Delivery {
    configuration: Handle,
    dispatcher: Dispatcher,
    /// Alerts that neither disk nor memory took.
    unkept: Arc<AtomicU64>,
}

/// Changes on their way to the disk: awaited, or [waited for](Self::wait).
#[must_use = "before the answer nothing is known to be kept"]
pub(crate) struct Submitted {
    receipt: Receipt,
    alerts: usize,
    groups: usize,
    unkept: Arc<AtomicU64>,
}

/// How delivery ended.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) given_up: GivenUp,
    /// Why the state directory that was named could not be used to the last.
    pub(crate) state_directory_fault: Option<String>,
}

/// What was given up in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GivenUp {
    /// Alerts that neither disk nor memory took.
    pub(crate) alerts: u64,
    /// Deliveries that waited in memory when it ended, or were given up there.
    pub(crate) deliveries: u64,
}

impl Delivery {
    pub(crate) fn open(configuration: Handle, state_dir: Option<&Path>) -> Result<Self, OpenError> {
        let settings = &configuration.get().settings;
        let (clock, tasks) = (Clock::system(), TASKS.clone());
        let dispatcher = Dispatcher::open(settings.delivery.clone(), state_dir, clock, tasks)?;
        dispatcher.bound_groups(settings.engine.aggregation.most_kept());
        Ok(Self { configuration, dispatcher, unkept: Arc::default() })
    }

    /// Goes on by a new configuration, if there is one.
    pub(crate) fn refresh(&mut self) {
        if self.configuration.refresh() {
            let settings = &self.configuration.get().settings;
            self.dispatcher.bound_groups(settings.engine.aggregation.most_kept());
            self.dispatcher.reconfigure(settings.delivery.clone());
        }
    }

    /// Hands over what the aggregation has come to.
    pub(crate) fn submit(&self, changes: Changes) -> Submitted {
        let Changes { alerts, groups } = changes;
        Submitted {
            alerts: alerts.len(),
            groups: groups.len(),
            unkept: Arc::clone(&self.unkept),
            receipt: self.dispatcher.submit(&alerts, groups),
        }
    }

    /// The states of the aggregation that the last run left.
    pub(crate) fn saved_groups(&self) -> Vec<GroupState> {
        self.dispatcher.saved_groups()
    }

    /// What counts errors, for people who ask.
    pub(crate) fn counter(&self) -> Counter {
        self.dispatcher.counter()
    }

    /// What people called resolved.
    pub(crate) fn resolved(&self) -> ResolvedByHand {
        self.dispatcher.resolved()
    }

    /// Whether there is a next start that goes on with what is kept.
    pub(crate) fn is_durable(&self) -> bool {
        self.dispatcher.is_durable()
    }

    /// What is remembered, for people.
    pub(crate) fn ledger(&self) -> Ledger {
        self.dispatcher.ledger()
    }

    /// What tells how each sink is doing; to be dropped before the end.
    pub(crate) fn watch(&self) -> SinkWatch {
        self.dispatcher.watch()
    }

    /// Delivers what can be delivered in a while, and says what cannot.
    pub(crate) fn shut_down(self) -> Ended {
        let Backlog { queued, lost, state_directory_fault } = self.dispatcher.shutdown(DRAIN);
        if queued > 0 {
            tracing::warn!(
                event = "signatures.deliveries_wait",
                queued,
                "deliveries wait for the next start"
            );
        }
        for (sink, LostAlerts { alerts, titles }) in &lost {
            tracing::error!(
                event = "signatures.alerts_lost",
                sink,
                alerts,
                first = titles.join(" | "),
                "alerts are lost: the sink has not taken them, and no state directory has"
            );
        }
        let deliveries = lost.values().map(|lost| lost.alerts).sum();
        let given_up = GivenUp { alerts: self.unkept.load(Ordering::Relaxed), deliveries };
        Ended { given_up, state_directory_fault }
    }
}

impl Submitted {
    /// Blocks until it is kept, or known not to be.
    pub(crate) fn wait(self) {
        let Self { receipt, alerts, groups, unkept } = self;
        if let Err(error) = receipt.wait() {
            not_kept(alerts, groups, &unkept, &error);
        }
    }
}

impl Future for Submitted {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Err(error) = ready!(Pin::new(&mut self.receipt).poll(context)) {
            not_kept(self.alerts, self.groups, &self.unkept, &error);
        }
        Poll::Ready(())
    }
}

/// Who keeps tries again by itself; this is a fault of this program there.
fn not_kept(alerts: usize, groups: usize, unkept: &AtomicU64, error: &dyn fmt::Display) {
    tracing::error!(
        event = "signatures.alerts_lost",
        alerts,
        groups,
        "alerts and counts are lost: {error}"
    );
    unkept.fetch_add(alerts as u64, Ordering::Relaxed);
}

impl GivenUp {
    pub(crate) fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { alerts, deliveries } = self;
        let parts = [(alerts, "alerts that nothing could keep"), (deliveries, "deliveries")];
        let parts = parts.into_iter().filter(|(count, _)| **count > 0);
        let parts: Vec<_> = parts.map(|(count, what)| format!("{count} {what}")).collect();
        f.write_str(&parts.join(", "))
    }
}
