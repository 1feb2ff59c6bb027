//! Where the taxonomy and alerts.yml are, what they say, and how a process goes
//! on with new ones while it runs.
//!
//! [`Files`] are found by what was named, or else at their default places, or else
//! are those that the program has in itself. They
//! are read and compiled as one [`Configuration`], and replaced as one: whoever
//! works by it has a [`Handle`], and a [`Reload`] looks at the files again. A
//! file that is broken changes nothing but the log and a count.
//!
//! What of alerts.yml concerns crates above this one is theirs to read: a
//! configuration holds whatever the caller compiles of the text.
//!
//! ```
//! use std::path::Path;
//!
//! use signatures_configuration::{Configuration, Files, Reload, usable};
//! use signatures_document::Sections;
//! use signatures_engine::Settings;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("taxonomy.yml");
//! std::fs::write(&path, "critical: [OOMKilled]")?;
//! let reload = Reload::open(Files::find(Some(&path), None), |texts, _| {
//!     Configuration::compile(texts, |alerts| {
//!         let reading = Sections::read(alerts, "alerts.yml", Settings::read);
//!         let settings = usable(reading, alerts)?;
//!         Ok((settings.classifier.clone(), settings))
//!     })
//! })?;
//! let mut handle = reload.current().handle();
//! assert_eq!(handle.get().classifier.taxonomy().signatures.len(), 1);
//! // Another thread calls `reload.watch(…)`, and events go by what is in force:
//! assert!(!handle.refresh());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Asking whether there is something new costs one atomic load; a look reads the
//! files, and compiles them only when one of them says something else: also a
//! secret or a certificate of which the caller took note in the [`Contents`].
//! Whoever asks for a reload gets one at once. By itself a [`Reload`] waits until
//! two looks find the same, so that no file is taken over while it is written.
//! Nothing here knows flags: names and defaults are constants.

mod built_in;
mod configuration;
mod contents;
mod current;
mod defaults;
pub mod environment;
mod files;
mod host;
mod reload;
mod source;
pub mod switch;
mod texts;

pub use built_in::{BUILT_IN_ALERTS, BUILT_IN_TAXONOMY, built_in_alerts, built_in_taxonomy};
pub use configuration::{Configuration, read_taxonomy, usable};
pub use contents::Contents;
pub use current::{Current, Handle, Reloads};
pub use defaults::{DEFAULT_ALERTS, DEFAULT_RELOAD, DEFAULT_TAXONOMY};
pub use files::{Files, Place};
pub use host::{Host, HostError};
pub use reload::{OpenError, Reload};
pub use source::{Unreadable, source_of, source_of_bytes};
pub use texts::Texts;
