//! A pattern that is compared with others.

use signatures_matcher::{Pattern, Search};

use crate::{
    branches::branches,
    required::{Alternatives, required},
};

/// A pattern to be compared.
pub(super) struct Subject<'p> {
    pub(super) pattern: &'p Pattern,
    /// What each branch requires: of each of the alternatives, one text.
    pub(super) required: Vec<Vec<Alternatives>>,
    /// Whether it can be looked into; if not, it has no branches here.
    pub(super) is_readable: bool,
    /// Whether what is looked into is the pattern itself, not a wider language.
    pub(super) exact: bool,
}

impl<'p> Subject<'p> {
    pub(super) fn new(pattern: &'p Pattern) -> Self {
        let hir = pattern.overapproximate();
        let branches = hir.as_ref().map(branches).unwrap_or_default();
        Self {
            pattern,
            required: branches.iter().map(required).collect(),
            is_readable: hir.is_some(),
            exact: !pattern.is_backtracking(),
        }
    }

    pub(super) fn finds(&self, text: &str) -> bool {
        self.pattern.search(text) == Search::Found
    }

    /// Whether case may matter to it in places.
    pub(super) fn knows_case(&self) -> bool {
        let text = self.pattern.as_str();
        text.contains("(?") && text.contains('-')
    }
}
