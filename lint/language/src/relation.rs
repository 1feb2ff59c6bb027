//! What two patterns have to do with each other.

use regex_syntax::hir::Hir;

use crate::{
    budget::OutOfBudget,
    nfa::Mode,
    questions::{found_together, missed_by},
};

/// What two patterns have to do with each other, proved by texts: of each kind
/// the shortest there is, and none where there is no such text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// A line in which both are found.
    pub both: Option<String>,
    /// A line in which the first is found, and the second is not. None: the second
    /// finds all that the first does.
    pub only_first: Option<String>,
    /// The other way round.
    pub only_second: Option<String>,
}

impl Relation {
    /// Compares two patterns, as they are searched for anywhere in a line.
    ///
    /// # Errors
    /// When that cannot be decided within the budget.
    pub fn between(first: &Hir, second: &Hir) -> Result<Self, OutOfBudget> {
        Ok(Self {
            both: found_together(first, second)?,
            only_first: missed_by(second, first, Mode::Search)?,
            only_second: missed_by(first, second, Mode::Search)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use signatures_matcher::Pattern;

    use super::*;

    fn between(first: &str, second: &str) -> [Option<String>; 3] {
        let hir = |pattern| Pattern::compile(pattern).unwrap().hir().unwrap();
        let relation = Relation::between(&hir(first), &hir(second)).unwrap();
        [relation.both, relation.only_first, relation.only_second]
    }

    #[test]
    fn two_patterns_are_the_same_or_one_finds_more_or_each_does_or_they_never_meet() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(between("colou?r", "color|colour"), [some("color"), None, None]);
        assert_eq!(between("reset", "reset by peer"), [some("reset by peer"), some("reset"), None]);
        assert_eq!(between("^a", "b$"), [some("ab"), some("a"), some("b")]);
        assert_eq!(between("^a", "^b"), [None, some("a"), some("b")]);
    }
}
