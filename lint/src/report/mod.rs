//! The ways to print findings: one file each, all from the same list.

mod format;
mod github;
mod json;
mod masked;
mod pretty;
mod sarif;

pub(crate) use format::ReportFormat;
