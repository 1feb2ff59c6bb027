use signatures_engine::aggregate::GroupState;

/// What the last run left of the groups.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptGroups {
    /// Those to go on with.
    pub states: Vec<GroupState>,
    /// Those that cannot be read. They are put aside, and count anew.
    pub unreadable: Vec<UnreadableGroup>,
}

/// A group that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableGroup {
    /// Whose state it is, as far as that can be told.
    pub group: String,
    /// Why.
    pub reason: String,
}
