//! What is remembered across a restart and a crash: alerts that wait to be
//! delivered, what became of each, and the state of every group of errors.
//!
//! An [`Outbox`] is the queue. It promises that an alert is on the disk when the
//! [`Receipt`] of [`Outbox::submit`] is answered, together with the state that its
//! group was left in, so that after a crash it is neither lost nor raised a second
//! time; that what was taken from it and never settled is due again, so that each
//! delivery happens at least once; and that deliveries of one fingerprint to one
//! sink leave in order. One process owns a state directory; others, people's
//! commands, may look into its database and change what waits. While the disk
//! refuses, or where there is none, alerts wait in memory, and the log says so.
//!
//! One thread writes: all that was submitted while it waited for the disk is its
//! next transaction, and whoever submitted gets a receipt to wait for or to await.
//! Nobody else ever waits for a disk: what waits is known in memory, read at the
//! start and again when another process changed it. Such a wait is a few
//! milliseconds on a disk, one on flash, however many alerts it is for.
//!
//! Everything that is kept has a bound, in number and in bytes: what waits, of which
//! the oldest of the least urgent gives way, history, and groups.
//!
//! A transactional outbox (C. Richardson, "Microservices Patterns", 2018, ch. 3)
//! with group commit (D. DeWitt et al., "Implementation Techniques for Main Memory
//! Database Systems", 1984), in SQLite with a rollback journal; what is being sent
//! is leased from it in memory, since one process owns it.
//!
//! Formats on disk have versions. Those of earlier versions are brought up to
//! date, a database of a later one is refused, and a state that cannot be read
//! is put aside and told, never dropped.
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use jiff::Timestamp;
//! use signatures_ledger::{NewAlert, Outbox, Outcome, State};
//!
//! let folder = tempfile::tempdir()?;
//! let now = Timestamp::from_second(1_767_268_800)?;
//! let alert = NewAlert {
//!     id: "f6942a7ed95e-1".to_owned(),
//!     fingerprint: "f6942a7ed95e".to_owned(),
//!     urgency: 6,
//!     event: r#"{"event":"internal_alert"}"#.to_owned(),
//!     sinks: vec!["slack".to_owned(), "phone".to_owned()],
//!     ..NewAlert::default()
//! };
//! let outbox = Outbox::open(Some(folder.path()), now)?;
//! outbox.submit(vec![alert], vec![], |_sink| 10_000, now).wait()?;
//! drop(outbox); // a crash
//!
//! let outbox = Outbox::open(Some(folder.path()), now)?;
//! let due = outbox.due("slack", now, 10);
//! let delivery = outbox.take(due[0]).expect("nobody else takes it");
//! assert_eq!(delivery.event, r#"{"event":"internal_alert"}"#);
//! outbox.settle(vec![(due[0], Outcome::Sent)], now);
//! assert_eq!((outbox.count("slack", State::Sent), outbox.count("phone", State::Queued)), (1, 1));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sqlite"))]
//! # fn main() {}
//! ```
//!
//! Without the feature `sqlite` there is only the file of group states, for a
//! process that delivers nothing: [`read_groups`] and [`write_groups`].

#[cfg(feature = "sqlite")]
mod complaints;
mod groups;
#[cfg(feature = "sqlite")]
mod metrics;
#[cfg(feature = "sqlite")]
mod once_a_minute;
#[cfg(feature = "sqlite")]
mod outbox;
#[cfg(feature = "sqlite")]
mod ownership;
mod private;
#[cfg(feature = "sqlite")]
pub mod record;
#[cfg(feature = "sqlite")]
mod state_directory;
#[cfg(feature = "sqlite")]
mod store;

pub use groups::{FORMAT, GroupsFileError, KeptGroups, UnreadableGroup, read_groups, write_groups};
pub use private::create_private_directory;
#[cfg(feature = "sqlite")]
pub use {
    once_a_minute::OnceAMinute,
    outbox::{DeliveryId, Lost, Outbox, Receipt},
    record::{Counter, FollowUp, Ledger, LedgerError, Rules, Ruling},
    state_directory::{DATABASE, OpenError},
    store::{
        Among, Delivery, Entry, HeldAt, HeldBy, NewAlert, Outcome, Put, Selection, State, Store,
        StoreError,
    },
};
