//! The linter for error-signature taxonomies.

pub mod backtracking;
