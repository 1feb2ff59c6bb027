//! Files that people write, read with every value's place kept.
//!
//! A YAML (or JSON) file becomes a [tree](yaml) that knows where each value
//! stands and how it was quoted. A [`Reader`] takes typed values out of it and
//! reports everything that is wrong at once, each with its place, a [`Code`] and
//! a word on what to write instead. Several crates can share a file by its
//! [`Sections`].
//!
//! ```
//! use signatures_document::{Sections, yaml::Source};
//!
//! let source = Source::new("limits.yml", "queue: lots\nquue: 5\n");
//! let reading = Sections::read(&source, "limits.yml", |reader, sections| {
//!     let mut queue = 10;
//!     for entry in sections.take(&["queue"]) {
//!         queue = reader.integer("queue", &entry.value, 1, 100).unwrap_or(queue);
//!     }
//!     queue
//! });
//! let error = reading.into_result(&source).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "limits.yml:1:8: `queue` takes a whole number from 1 to 100, not `lots` [schema]",
//! );
//! ```
//!
//! Reading costs one pass of `granit-parser` and a tree with an allocation for
//! each value: right for files of some megabytes, wrong for data. Whatever a file
//! is made of, it is read within bounds: those of [`mod@file`], and those of
//! [`yaml`].

mod closest;
pub mod diagnostic;
mod excerpt;
pub mod file;
mod reader;
mod reading;
mod sections;
pub mod yaml;

pub use closest::{closest, one_letter_from};
pub use diagnostic::{Code, Diagnostic};
pub use reader::{Reader, keep, one_or_more};
pub use reading::{Reading, Unusable};
pub use sections::Sections;
