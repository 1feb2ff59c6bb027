//! The layout of the database, and how an earlier one becomes it.

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;

/// The n-th step makes layout n of layout n - 1, beginning with an empty
/// database. A step that was released is never changed: what it made lies on
/// disks.
static STEPS: [&str; 3] = [
    "
    CREATE TABLE alerts (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        fingerprint TEXT NOT NULL,
        urgency INTEGER NOT NULL,
        event TEXT NOT NULL,
        raised_at INTEGER NOT NULL
    );
    CREATE TABLE deliveries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        alert INTEGER NOT NULL REFERENCES alerts (seq) ON DELETE CASCADE,
        sink TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        urgency INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'dead', 'dropped')),
        attempts INTEGER NOT NULL DEFAULT 0,
        alone INTEGER NOT NULL DEFAULT 0,
        queued_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        settled_at INTEGER,
        reason TEXT
    );
    CREATE INDEX deliveries_of_alert ON deliveries (alert);
    CREATE INDEX queue ON deliveries (sink, seq) WHERE state = 'queued';
    CREATE INDEX queue_of_fingerprint ON deliveries (sink, fingerprint, seq)
        WHERE state = 'queued';
    CREATE INDEX queue_by_urgency ON deliveries (sink, urgency, seq) WHERE state = 'queued';
    CREATE TABLE groups (
        fingerprint TEXT PRIMARY KEY,
        idle_from INTEGER NOT NULL,
        state TEXT NOT NULL
    ) WITHOUT ROWID;
    ",
    // Each state says in which format it is written. A process of layout 1 that
    // still runs goes on: what it writes is of format 1.
    "
    ALTER TABLE groups ADD COLUMN format INTEGER NOT NULL DEFAULT 1;
    CREATE TABLE unreadable_groups (
        fingerprint TEXT NOT NULL,
        format INTEGER NOT NULL,
        idle_from INTEGER NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        found_at INTEGER NOT NULL
    );
    ",
    // The groups have a bound, and those that are idle the longest go first.
    "
    CREATE INDEX groups_by_idle ON groups (idle_from);
    ",
];

/// Brings a database to the newest layout, all of the way or none.
///
/// # Errors
/// When it cannot be written, or a later version has.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    // Whoever only looks needs no room to write.
    if steps_to_do(connection)?.is_empty() {
        return Ok(());
    }
    // Two processes that open it at once must not both begin.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let steps = steps_to_do(&transaction)?;
    if !steps.is_empty() {
        transaction.execute_batch(&steps.concat())?;
        transaction.pragma_update(None, "user_version", STEPS.len())?;
    }
    Ok(transaction.commit()?)
}

fn steps_to_do(connection: &Connection) -> Result<&'static [&'static str], StoreError> {
    let layout: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let steps = usize::try_from(layout).ok().and_then(|done| STEPS.get(done..));
    steps.ok_or(StoreError::LaterVersion(layout))
}
