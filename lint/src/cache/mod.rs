//! What was found out about patterns before, kept in the user's cache directory.
//!
//! What takes its time is the search for attacks and the comparison of patterns. Either
//! depends on nothing but texts, so an answer is kept under all that went into it, this
//! very program included, and found again by comparing all of that. Deleting the folder
//! costs time only; what is broken, or might be somebody else's, is as if it were not
//! there.

mod analyses;
mod entry;
mod folder;
mod relations;

pub(crate) use folder::Cache;
