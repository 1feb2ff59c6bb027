//! What keeps counts and alerts, and delivers these.

use std::{
    collections::HashSet,
    fmt,
    future::Future,
    path::Path,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use signatures_delivery::{Backlog, Clock, Dispatcher, OpenError, Receipt, SinkStatus};
use signatures_engine::{GroupId, aggregate::GroupState};

use crate::{alert_settings::Handle, changes::Changes, tasks::TASKS};

/// How often what could not be kept is tried again, also when nothing happens.
pub(crate) const KEEP_EVERY: Duration = Duration::from_secs(5);

/// How long the end may wait for sinks to take what is queued.
const DRAIN: Duration = Duration::from_secs(10);

/// Keeps and delivers by the configuration in force.
pub(crate) struct Delivery {
    configuration: Handle,
    dispatcher: Dispatcher,
    unkept: Arc<Unkept>,
}

/// What neither disk nor memory took.
#[derive(Debug, Default)]
pub(crate) struct Unkept {
    /// Whose states are to be kept the next time.
    groups: Mutex<HashSet<GroupId>>,
    /// Alerts that are lost.
    alerts: AtomicU64,
}

/// Changes on their way to the disk: awaited, or [waited for](Self::wait).
#[must_use = "before the answer nothing is known to be kept"]
pub(crate) struct Submitted {
    receipt: Receipt,
    alerts: usize,
    groups: Vec<GroupId>,
    unkept: Arc<Unkept>,
}

/// What was given up in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GivenUp {
    /// Alerts that neither disk nor memory took.
    pub(crate) alerts: u64,
    /// Deliveries that waited in memory when it ended.
    pub(crate) deliveries: u64,
}

impl Delivery {
    pub(crate) fn open(configuration: Handle, state_dir: Option<&Path>) -> Result<Self, OpenError> {
        let settings = &configuration.get().settings;
        let (clock, tasks) = (Clock::system(), TASKS.clone());
        let dispatcher = Dispatcher::open(settings.delivery.clone(), state_dir, clock, tasks)?;
        dispatcher.bound_groups(settings.engine.aggregation.max_groups);
        Ok(Self { configuration, dispatcher, unkept: Arc::default() })
    }

    /// Goes on by a new configuration, if there is one.
    pub(crate) fn refresh(&mut self) {
        if self.configuration.refresh() {
            let settings = &self.configuration.get().settings;
            self.dispatcher.bound_groups(settings.engine.aggregation.max_groups);
            self.dispatcher.reconfigure(settings.delivery.clone());
        }
    }

    /// Hands over what the aggregation has come to.
    pub(crate) fn submit(&self, changes: Changes) -> Submitted {
        let Changes { alerts, groups } = changes;
        let ids = groups.iter().map(GroupState::id).collect();
        Submitted {
            receipt: self.dispatcher.submit(&alerts, groups),
            alerts: alerts.len(),
            groups: ids,
            unkept: self.unkept(),
        }
    }

    pub(crate) fn unkept(&self) -> Arc<Unkept> {
        Arc::clone(&self.unkept)
    }

    /// The states of the aggregation that the last run left.
    pub(crate) fn saved_groups(&self) -> Vec<GroupState> {
        self.dispatcher.saved_groups()
    }

    /// Whether there is a next start that goes on with what is kept.
    pub(crate) fn is_durable(&self) -> bool {
        self.dispatcher.is_durable()
    }

    /// How each sink is doing.
    pub(crate) fn status(&self) -> Vec<SinkStatus> {
        self.dispatcher.status()
    }

    /// Delivers what can be delivered in a while, and says what cannot.
    pub(crate) fn shut_down(self) -> GivenUp {
        let Backlog { queued, durable } = self.dispatcher.shutdown(DRAIN);
        let deliveries = if durable { 0 } else { queued };
        if queued > 0 && durable {
            tracing::warn!(queued, "deliveries wait for the next start");
        }
        if deliveries > 0 {
            tracing::error!(
                queued,
                "deliveries are lost: they waited in memory, where no state directory took them"
            );
        }
        GivenUp { alerts: self.unkept.alerts.load(Ordering::Relaxed), deliveries }
    }
}

impl Submitted {
    /// Blocks until it is kept, or known not to be.
    pub(crate) fn wait(self) {
        let Self { receipt, alerts, groups, unkept } = self;
        if let Err(error) = receipt.wait() {
            unkept.add(alerts, groups, &error);
        }
    }
}

impl Future for Submitted {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Err(error) = ready!(Pin::new(&mut self.receipt).poll(context)) {
            let groups = std::mem::take(&mut self.groups);
            self.unkept.add(self.alerts, groups, &error);
        }
        Poll::Ready(())
    }
}

impl Unkept {
    fn add(&self, alerts: usize, groups: Vec<GroupId>, error: &dyn fmt::Display) {
        if alerts > 0 {
            tracing::error!(alerts, "alerts are lost: {error}");
        } else {
            tracing::error!(groups = groups.len(), "counts are not kept, and tried again: {error}");
        }
        self.alerts.fetch_add(alerts as u64, Ordering::Relaxed);
        self.groups().extend(groups);
    }

    /// Whose states are to be kept now.
    pub(crate) fn take(&self) -> HashSet<GroupId> {
        std::mem::take(&mut self.groups())
    }

    fn groups(&self) -> MutexGuard<'_, HashSet<GroupId>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
