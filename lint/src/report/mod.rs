//! The ways to print findings: one file each, all from the same list.

mod diff;
mod format;
mod github;
mod json;
mod masked;
mod pretty;
mod sarif;

pub(crate) use diff::print_diff;
pub(crate) use format::ReportFormat;
