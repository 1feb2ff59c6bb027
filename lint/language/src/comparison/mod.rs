//! Many patterns, each compared with all others.

mod branch_index;
mod many;
mod place;
mod relations;
mod run;
mod subject;

pub use many::{Compared, Comparison, Shadowed, Share};
pub use relations::{PatternIndex, Relations, Touch};
