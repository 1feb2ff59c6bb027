//! The layout of the database, and how an earlier one becomes it.

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;

/// The n-th step makes layout n of layout n - 1, beginning with an empty
/// database. A step that was released is never changed: what it made lies on
/// disks.
static STEPS: [&str; 4] = [
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
    // What is remembered for people: how often errors came, samples, incidents,
    // silences, and what was decided of each alert. A process of an earlier layout
    // that still runs goes on: of its alerts only the deliveries are known.
    "
    ALTER TABLE alerts ADD COLUMN kind TEXT NOT NULL DEFAULT 'alert';
    ALTER TABLE alerts ADD COLUMN incident TEXT;
    CREATE INDEX alerts_of_incident ON alerts (incident, seq) WHERE incident IS NOT NULL;
    CREATE INDEX alerts_by_time ON alerts (kind, raised_at);
    CREATE INDEX dead_letters ON deliveries (sink, seq) WHERE state = 'dead';
    CREATE TABLE decisions (
        alert INTEGER NOT NULL REFERENCES alerts (seq) ON DELETE CASCADE,
        sink TEXT NOT NULL,
        decision TEXT NOT NULL
            CHECK (decision IN ('routed', 'silenced', 'shadow', 'unrouted')),
        reason TEXT,
        PRIMARY KEY (alert, sink)
    ) WITHOUT ROWID;
    CREATE TABLE errors (
        no INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        fingerprint TEXT NOT NULL,
        category TEXT NOT NULL,
        signature TEXT,
        policy TEXT NOT NULL,
        severity TEXT NOT NULL,
        canonical TEXT NOT NULL,
        joined TEXT,
        service TEXT,
        host TEXT,
        link TEXT,
        first_seen INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        total INTEGER NOT NULL
    );
    CREATE INDEX errors_by_signature ON errors (signature, last_seen);
    CREATE INDEX errors_by_last_seen ON errors (last_seen);
    CREATE TABLE samples (
        error INTEGER NOT NULL REFERENCES errors (no) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        text TEXT NOT NULL,
        service TEXT,
        host TEXT,
        request_id TEXT
    );
    CREATE INDEX samples_of_error ON samples (error, at);
    CREATE TABLE minutes (
        minute INTEGER NOT NULL,
        error INTEGER NOT NULL,
        events INTEGER NOT NULL,
        suppressed INTEGER NOT NULL,
        PRIMARY KEY (minute, error)
    ) WITHOUT ROWID;
    CREATE TABLE days (
        day INTEGER NOT NULL,
        error INTEGER NOT NULL,
        events INTEGER NOT NULL,
        suppressed INTEGER NOT NULL,
        minutes BLOB NOT NULL,
        PRIMARY KEY (day, error)
    ) WITHOUT ROWID;
    CREATE TABLE rest (
        minute INTEGER NOT NULL,
        category TEXT NOT NULL,
        signature TEXT NOT NULL,
        events INTEGER NOT NULL,
        suppressed INTEGER NOT NULL,
        PRIMARY KEY (minute, category, signature)
    ) WITHOUT ROWID;
    CREATE TABLE totals (
        minute INTEGER PRIMARY KEY,
        events INTEGER NOT NULL,
        matched INTEGER NOT NULL,
        noise INTEGER NOT NULL,
        unknown INTEGER NOT NULL
    );
    CREATE TABLE facts (
        name TEXT PRIMARY KEY,
        value INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE incidents (
        id TEXT PRIMARY KEY,
        error TEXT NOT NULL,
        name TEXT NOT NULL,
        category TEXT NOT NULL,
        signature TEXT,
        policy TEXT NOT NULL,
        severity TEXT NOT NULL,
        service TEXT,
        host TEXT,
        opened_at INTEGER NOT NULL,
        last_alert TEXT NOT NULL,
        last_alert_at INTEGER NOT NULL,
        last_event_at INTEGER NOT NULL,
        resolve_after INTEGER NOT NULL,
        alerts INTEGER NOT NULL,
        events INTEGER NOT NULL,
        sinks TEXT NOT NULL,
        escalated_after INTEGER NOT NULL DEFAULT 0,
        silenced_by INTEGER,
        muted_by TEXT,
        acked_at INTEGER,
        acked_by TEXT,
        ack_note TEXT,
        resolved_at INTEGER,
        resolved_by TEXT,
        settled INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE INDEX incidents_unsettled ON incidents (opened_at) WHERE settled = 0;
    CREATE INDEX incidents_by_time ON incidents (opened_at);
    CREATE INDEX incidents_of_error ON incidents (error, opened_at);
    CREATE TABLE silences (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        matchers TEXT NOT NULL,
        by TEXT NOT NULL,
        at INTEGER NOT NULL,
        until INTEGER NOT NULL,
        reason TEXT NOT NULL,
        ended_at INTEGER,
        ended_by TEXT,
        hits INTEGER NOT NULL DEFAULT 0,
        last_hit INTEGER
    );
    CREATE INDEX silences_by_end ON silences (until);
    CREATE TABLE held (
        error TEXT PRIMARY KEY,
        by TEXT NOT NULL,
        until INTEGER,
        reason TEXT NOT NULL,
        since INTEGER NOT NULL,
        alerts INTEGER NOT NULL,
        events INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE audit (
        no INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        who TEXT NOT NULL,
        place TEXT NOT NULL,
        command TEXT NOT NULL,
        result TEXT NOT NULL
    );
    CREATE INDEX audit_by_time ON audit (at);
    CREATE TABLE messages (
        incident TEXT NOT NULL,
        sink TEXT NOT NULL,
        place TEXT NOT NULL,
        id TEXT NOT NULL,
        shown TEXT NOT NULL,
        PRIMARY KEY (incident, sink, place)
    ) WITHOUT ROWID;
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
