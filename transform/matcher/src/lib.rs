//! Many patterns, one text: which is the first that matches?

mod engine;
mod error;
mod fallback;
mod lazy_dfa;
mod limits;
pub mod literals;
mod matcher;
mod occurrences;
mod overapproximate;
mod pattern;
mod pattern_union;
mod prefilter;
mod scan;
mod size_bound;
mod syntax;

pub use error::{PatternError, PatternErrorKind};
pub use limits::{LONG_TEXT, LONG_TEXT_STEP_LIMIT, NEST_LIMIT, SIZE_LIMIT, STEP_LIMIT};
pub use matcher::Matcher;
pub use pattern::{Pattern, Search};
pub use scan::Scan;
