//! Many patterns, each compared with all others.

mod branch_index;
mod many;
mod relations;
mod run;
mod subject;

pub use many::{Compared, Comparison, Share};
pub use relations::{PatternIndex, Relations, Touch};
