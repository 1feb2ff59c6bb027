//! What is written: one transaction for all that is to be kept together.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, TransactionBehavior, params};
use signatures_engine::aggregate::GroupState;

use super::{
    error::StoreError,
    groups,
    rows::{AlertKind, HeldAt, KeptAlert, NewAlert, Standing, Waiting},
    store::Store,
    time::millis,
};

/// A transaction under way.
pub(crate) struct Writing<'a>(&'a Connection);

/// What became of an alert that is kept.
pub(crate) struct Queued {
    /// Its deliveries.
    pub(crate) waiting: Vec<Waiting>,
    /// The size of its event.
    pub(crate) bytes: u64,
}

impl Store {
    /// Does all of the work or nothing of it; it is on the disk itself when this
    /// returns.
    ///
    /// # Errors
    /// When it cannot be written, or the work fails; then nothing was.
    pub(crate) fn write<T>(
        &mut self,
        work: impl FnOnce(&Writing<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // One that reads first and then finds another writing could only fail.
        let behavior = TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        let done = work(&Writing(&transaction))?;
        transaction.commit()?;
        Ok(done)
    }
}

impl Writing<'_> {
    /// For what else is to be kept with it.
    pub(crate) fn connection(&self) -> &Connection {
        self.0
    }

    /// Queues an alert for each of its sinks, and keeps why it does not go to others;
    /// nothing when there is one of its id, or when there is nothing to keep.
    pub(crate) fn queue(
        &self,
        alert: &NewAlert,
        now: Timestamp,
    ) -> Result<Option<Queued>, StoreError> {
        let NewAlert { id, fingerprint, urgency, event, sinks, held, kind, incident } = alert;
        if sinks.is_empty() && held.is_empty() {
            return Ok(None);
        }
        let fingerprint: Arc<str> = fingerprint.as_str().into();
        let (urgency, bytes) = (*urgency, event.len() as u64);
        let of = (*kind, incident.as_deref());
        let alert_seq = self.insert_alert((id, &fingerprint, urgency, event), of, now)?;
        let Some(alert_seq) = alert_seq else { return Ok(None) };
        self.insert_decisions(alert_seq, sinks.iter().map(String::as_str), held)?;
        let waiting = sinks.iter().map(|sink| {
            let of = (&fingerprint, urgency, bytes);
            let waiting = Waiting::new(alert_seq, sink.as_str().into(), of, now);
            let standing = waiting.standing();
            let seq =
                self.insert_delivery(alert_seq, (&fingerprint, urgency), sink, now, &standing)?;
            Ok(Waiting { seq, ..waiting })
        });
        let waiting = waiting.collect::<Result<_, StoreError>>()?;
        Ok(Some(Queued { waiting, bytes }))
    }

    /// Takes over an alert that was kept elsewhere, with where its deliveries
    /// stand; nothing when there is one of its id.
    pub(crate) fn take_over(&self, kept: &KeptAlert) -> Result<(), StoreError> {
        let (fingerprint, urgency) = (&*kept.fingerprint, kept.urgency);
        let alert = (kept.id.as_str(), fingerprint, urgency, &*kept.event);
        let of = (kept.kind, kept.incident.as_deref());
        let Some(alert) = self.insert_alert(alert, of, kept.queued_at)? else { return Ok(()) };
        let sinks = kept.deliveries.iter().map(|(sink, _)| &**sink);
        self.insert_decisions(alert, sinks, &kept.held)?;
        for (sink, standing) in &kept.deliveries {
            self.insert_delivery(alert, (fingerprint, urgency), sink, kept.queued_at, standing)?;
        }
        Ok(())
    }

    /// Records where a delivery stands, unless it is not queued any more.
    pub(crate) fn settle(&self, seq: i64, standing: &Standing) -> Result<(), StoreError> {
        let Standing { state, attempts, alone, due_at, settled_at, reason } = standing;
        let settled_at = settled_at.map(millis);
        self.0
            .prepare_cached(
                "UPDATE deliveries SET state = ?2, attempts = ?3, alone = ?4, due_at = ?5,
                     settled_at = ?6, reason = coalesce(?7, reason)
                 WHERE seq = ?1 AND state = 'queued'",
            )?
            .execute(params![
                seq,
                state.as_str(),
                attempts,
                alone,
                millis(*due_at),
                settled_at,
                reason
            ])?;
        Ok(())
    }

    /// Moves along since when anything waits, when the time of day was set.
    pub(crate) fn move_along(&self, by: SignedDuration) -> Result<(), StoreError> {
        let millis = i64::try_from(by.as_millis()).unwrap_or(0);
        let sql = "UPDATE deliveries SET queued_at = queued_at + ? WHERE state = 'queued'";
        self.0.execute(sql, [millis])?;
        Ok(())
    }

    /// Takes a delivery out of the queue to make way for others.
    pub(crate) fn give_way(&self, seq: i64, now: Timestamp) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "UPDATE deliveries SET state = 'dropped', settled_at = ?2,
                     reason = 'gave way because the queue was full'
                 WHERE seq = ?1 AND state = 'queued'",
            )?
            .execute(params![seq, millis(now)])?;
        Ok(())
    }

    /// Lays all that waits of an alert with the dead letters, because it cannot be
    /// read.
    pub(crate) fn set_aside(
        &self,
        alert: i64,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.0
            .prepare_cached(
                "UPDATE deliveries SET state = 'dead', settled_at = ?3, reason = ?2
                 WHERE alert = ?1 AND state = 'queued'",
            )?
            .execute(params![alert, reason, millis(now)])?;
        Ok(())
    }

    /// Keeps states of groups.
    pub(crate) fn keep_groups<'a>(
        &self,
        states: impl IntoIterator<Item = &'a GroupState>,
    ) -> Result<(), StoreError> {
        groups::write(self.0, states)
    }

    /// Takes away the groups past a number, those that are idle the longest first.
    pub(crate) fn bound_groups(&self, most: usize) -> Result<u64, StoreError> {
        groups::bound(self.0, most)
    }

    /// The number of a new alert; none when there is one of its id.
    fn insert_alert(
        &self,
        (id, fingerprint, urgency, event): (&str, &str, u8, &str),
        (kind, incident): (AlertKind, Option<&str>),
        raised_at: Timestamp,
    ) -> rusqlite::Result<Option<i64>> {
        let raised_at = millis(raised_at);
        let inserted = self
            .0
            .prepare_cached(
                "INSERT OR IGNORE INTO alerts (id, fingerprint, urgency, event, raised_at,
                     kind, incident)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                id,
                fingerprint,
                urgency,
                event,
                raised_at,
                kind.as_str(),
                incident
            ])?;
        Ok((inserted > 0).then(|| self.0.last_insert_rowid()))
    }

    /// What was decided of an alert at each sink.
    fn insert_decisions<'a>(
        &self,
        alert: i64,
        routed: impl Iterator<Item = &'a str>,
        held: &'a [HeldAt],
    ) -> rusqlite::Result<()> {
        let mut insert =
            self.0.prepare_cached("INSERT OR IGNORE INTO decisions VALUES (?, ?, ?, ?)")?;
        let routed = routed.map(|sink| (sink, "routed", None));
        let held = held
            .iter()
            .map(|HeldAt { sink, by, reason }| (sink.as_str(), by.as_str(), reason.as_deref()));
        for (sink, decision, reason) in routed.chain(held) {
            insert.execute(params![alert, sink, decision, reason])?;
        }
        Ok(())
    }

    /// Records where a delivery stands that is known by its alert and sink.
    pub(crate) fn mirror(
        &self,
        (alert, sink): (&str, &str),
        standing: &Standing,
    ) -> Result<(), StoreError> {
        let Standing { state, attempts, settled_at, reason, .. } = standing;
        self.0
            .prepare_cached(
                "UPDATE deliveries SET state = ?3, attempts = ?4, settled_at = ?5,
                     reason = coalesce(?6, reason)
                 WHERE alert = (SELECT seq FROM alerts WHERE id = ?1) AND sink = ?2",
            )?
            .execute(params![
                alert,
                sink,
                state.as_str(),
                attempts,
                settled_at.map(millis),
                reason
            ])?;
        Ok(())
    }

    fn insert_delivery(
        &self,
        alert: i64,
        (fingerprint, urgency): (&str, u8),
        sink: &str,
        queued_at: Timestamp,
        standing: &Standing,
    ) -> rusqlite::Result<i64> {
        let Standing { state, attempts, alone, due_at, settled_at, reason } = standing;
        self.0
            .prepare_cached(
                "INSERT INTO deliveries (alert, sink, fingerprint, urgency, queued_at, state,
                     attempts, alone, due_at, settled_at, reason)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                alert,
                sink,
                fingerprint,
                urgency,
                millis(queued_at),
                state.as_str(),
                attempts,
                alone,
                millis(*due_at),
                settled_at.map(millis),
                reason
            ])?;
        Ok(self.0.last_insert_rowid())
    }
}
