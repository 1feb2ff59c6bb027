//! From a log event to a verdict, and from the flood of errors to few decisions.
//!
//! A [`Classifier`] does all that is done to one event
//! ([`process`](Classifier::process)): it judges it by a [`Taxonomy`], counts it,
//! tells of an error, takes secrets out and writes the tags. A
//! [`GroupTable`](aggregate::GroupTable) follows the errors that it is told of,
//! and decides when a group of the same error is worth an alert. What an alert
//! is, and where it goes, is decided elsewhere.
//!
//! Pure: no clock, no file, no network, no thread. Time is an argument, which
//! makes replay, tests and production the same code.
//!
//! ```
//! use jiff::Timestamp;
//! use signatures_document::yaml::Source;
//! use signatures_engine::{
//!     Classifier, ClassifierSettings, Observation, Tally, Taxonomy, Verdict,
//!     aggregate::{Aggregate, AggregationSettings, Decision, EventTime, GroupTable},
//! };
//! use signatures_event::LogLine;
//!
//! let source = Source::new("taxonomy.yml", "{critical: [OOMKilled], noise_allowlist: [health]}");
//! let classifier = Classifier::new(
//!     Taxonomy::read(&source).into_result(&source)?,
//!     &ClassifierSettings::default(),
//! );
//! let mut table = GroupTable::new(AggregationSettings::default());
//! let (mut tally, mut raised) = (Tally::default(), 0);
//! let now = Timestamp::UNIX_EPOCH;
//! for line in ["GET /health", "pod api OOMKilled", "all is well"] {
//!     let mut line = LogLine::parse(line);
//!     let mut observer = |error: &Observation<'_>| {
//!         if let Decision::Raised(_) = table.observe(error, EventTime::of_event(error.time, now)) {
//!             raised += 1;
//!         }
//!     };
//!     let verdict = classifier.process(&mut line, &mut tally, Some(&mut observer));
//!     if verdict.is_ok_and(Verdict::is_noise) {
//!         continue;
//!     }
//!     let mut out = Vec::new();
//!     line.into_event().write_to(&mut out);
//! }
//! assert_eq!((tally.matched, tally.noise, tally.unmatched, raised), (1, 1, 1, 1));
//! # Ok::<(), signatures_document::Unusable>(())
//! ```
//!
//! An event that matches nothing costs one pass over its subject
//! (`signatures-matcher`), whatever the number of signatures; an error costs its
//! canonical text, a SHA-1 and a look into the table besides. A group takes a few
//! hundred bytes and its samples; the table is bounded.
//!
//! The sliding window that needs only the last few times, and a cooldown after an
//! alert, are those of every alerting system; that an event counts at its own time
//! is from stream processors, which call it event time; the canonical text follows
//! what Sentry and Drain do to messages, and is kept simple so that any program
//! can compute the same fingerprint.

pub mod aggregate;
pub mod canonical;
mod classifier;
pub mod extended;
mod fingerprint;
pub mod grouping;
mod guard;
mod observation;
mod peculiar;
mod policy;
mod presence;
mod selector;
mod settings;
mod severity;
mod short_hash;
mod tag_names;
pub mod tags;
pub mod taxonomy;
pub mod threshold;
mod value_hash;
mod verdict;

pub use classifier::{Classifier, Observer};
pub use fingerprint::Fingerprint;
pub use grouping::{GroupId, Grouping};
pub use observation::{GENERIC, Observation};
pub use peculiar::{Peculiar, Told};
pub use policy::{Policy, UNKNOWN_POLICY};
pub use presence::{MAX_WATCHES, Present, Watch};
pub use selector::Selector;
pub use settings::{ClassifierSettings, Settings};
pub use severity::Severity;
pub use short_hash::InvalidHash;
pub use signatures_matcher::{AUTOMATA_LIMIT, Automata, automata};
pub use tag_names::TagNames;
pub use taxonomy::Taxonomy;
pub use value_hash::ValueHash;
pub use verdict::{Classification, Outcome, Tally, Verdict};
