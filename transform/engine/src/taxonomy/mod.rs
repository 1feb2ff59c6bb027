//! The taxonomy: what a team knows about its errors.
//!
//! Categories hold signatures, signatures hold a pattern and what to do about
//! a match, the allowlist holds patterns of known noise. File order is kept,
//! because the first signature that matches wins.

mod advice;
mod doubts;
mod limits;
mod model;
mod read;

pub use doubts::{DUPLICATE_ID, UNKNOWN_SEVERITY, UnknownSeverity};
pub use model::{AllowlistEntry, Category, DeclaredId, Example, Located, Signature, Taxonomy};
pub use read::{INVALID_REGEX, REGEX_TOO_LARGE};
