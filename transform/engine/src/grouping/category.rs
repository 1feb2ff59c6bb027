//! As what the category of an error is part of its group.

use super::group_id::GroupId;
use crate::{fingerprint::Fingerprint, observation::GENERIC};

/// The category [`GENERIC`] of a taxonomy in the names of groups.
const GENERIC_OF_TAXONOMY: &str = "generic of the taxonomy";

/// As what a category is part of a group. What a signature knows and what none does
/// never share one, though a taxonomy may have a category of the name that stands for
/// the latter: whichever came first would decide for both, and a critical signature
/// might never alert. So it is without `grouping:` too, where else the fingerprint
/// decides.
pub(crate) fn hashed_category(category: &str, is_known: bool) -> &str {
    match category {
        GENERIC if is_known => GENERIC_OF_TAXONOMY,
        category => category,
    }
}

/// The group of an error where errors are told apart by their fingerprints: that, but
/// for what a taxonomy's own category [`GENERIC`] knows. `own`: the text that the
/// fingerprint is made of.
pub(crate) fn ungrouped(
    fingerprint: Fingerprint,
    category: &str,
    is_known: bool,
    own: &str,
) -> GroupId {
    match hashed_category(category, is_known) {
        hashed if hashed == category => fingerprint.into(),
        hashed => Fingerprint::of(hashed, own).into(),
    }
}
