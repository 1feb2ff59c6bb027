//! The group: by what an error is told from others.
//!
//! `grouping:` of alerts.yml says how ([`Grouping`]); without it the group is the
//! fingerprint. With it the group is made of the error's [`Identity`] and of what
//! some fields of its event say, the service as a rule.

mod category;
mod group_id;
mod identity;
mod joined_error;
mod settings;
mod steps;
mod values;

pub(crate) use category::{hashed_category, ungrouped};
pub use group_id::{GroupId, VERSION};
pub use identity::{Basis, Identity};
pub use joined_error::JoinedError;
pub use settings::{Canonicalization, Grouping, MAX_COLLAPSE_ABOVE, MAX_FIELDS};
pub use steps::GroupSteps;
pub use values::MAX_VALUE_BYTES;
pub(crate) use values::values;
