//! The error of a group, the fields that tell groups apart left aside.

use super::{group_id::GroupId, settings::Grouping};

/// What stands in place of the values of fields in the group of the whole error.
const ANY: &str = "*";

/// What stands between values for people.
const BETWEEN: &str = "/";

/// The error that an event tells of, wherever it is: what its groups have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedError {
    /// Its group: that of the same identity with `*` in place of the values.
    pub group: GroupId,
    /// The fields that tell its groups apart.
    pub by: Vec<String>,
    /// What the event says there; not redacted yet.
    pub value: String,
}

impl Grouping {
    /// The whole error of an identity, where the alerts of its groups may be joined.
    pub(crate) fn joined(
        &self,
        category: &str,
        identity: &str,
        values: impl Iterator<Item = impl AsRef<str>>,
    ) -> Option<JoinedError> {
        self.collapse_above.filter(|_| !self.by.is_empty())?;
        let group = GroupId::new(self.version(), category, identity, [ANY]);
        let mut value = String::new();
        for (index, part) in values.enumerate() {
            if index > 0 {
                value.push_str(BETWEEN);
            }
            value.push_str(part.as_ref());
        }
        Some(JoinedError { group, by: self.by.clone(), value })
    }
}
