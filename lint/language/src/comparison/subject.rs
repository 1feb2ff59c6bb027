//! A pattern that is compared with others.

use std::sync::OnceLock;

use regex_syntax::hir::Hir;
use signatures_matcher::{Pattern, Search};

use crate::{
    alphabet::{Alphabet, Classes},
    branches::branches,
    gaps::without_gaps,
    nfa::Mode,
    places::Automaton,
    required::{Alternatives, required},
};

/// A pattern to be compared.
pub(super) struct Subject<'p> {
    pattern: &'p Pattern,
    /// What is looked into, if it can be.
    hir: Option<Hir>,
    /// What is certain of a pattern that is not exact: where this is found, it is.
    sure: Option<Hir>,
    /// The alternatives at its top.
    branches: Vec<Hir>,
    /// What each branch requires: of each of the alternatives, one text.
    pub(super) required: Vec<Vec<Alternatives>>,
    finder: OnceLock<Option<Automaton>>,
    sure_finder: OnceLock<Option<Automaton>>,
    /// Whether what is looked into is the pattern itself, not a wider language.
    pub(super) exact: bool,
}

impl<'p> Subject<'p> {
    pub(super) fn new(pattern: &'p Pattern) -> Self {
        let hir = pattern.overapproximate();
        let branches = hir.as_ref().map(branches).unwrap_or_default();
        let exact = !pattern.is_backtracking();
        Self {
            pattern,
            hir,
            sure: if exact { None } else { pattern.underapproximate() },
            required: branches.iter().map(required).collect(),
            branches,
            finder: OnceLock::new(),
            sure_finder: OnceLock::new(),
            exact,
        }
    }

    /// Adds the classes that it reads, and those that fill its gaps.
    pub(super) fn add_to(&self, classes: &mut Classes) {
        if let Some(hir) = &self.hir {
            classes.add(hir);
            self.branches().iter().for_each(|branch| classes.add(&without_gaps(branch)));
        }
        if let Some(sure) = &self.sure {
            classes.add(sure);
        }
    }

    /// The automaton that finds it, unless that is too large; made when it is asked for
    /// first, for many never are.
    pub(super) fn finder(&self, alphabet: &Alphabet) -> Option<&Automaton> {
        let make = || Automaton::new(self.hir.as_ref()?, Mode::Search, alphabet).ok();
        self.finder.get_or_init(make).as_ref()
    }

    /// The same for what is certain of it, where it is not exact.
    pub(super) fn sure_finder(&self, alphabet: &Alphabet) -> Option<&Automaton> {
        let make = || Automaton::new(self.sure.as_ref()?, Mode::Search, alphabet).ok();
        self.sure_finder.get_or_init(make).as_ref()
    }

    /// Whether it has conditions on what stands around a place.
    pub(super) fn looks(&self) -> bool {
        self.hir.as_ref().is_none_or(|hir| !hir.properties().look_set().is_empty())
    }

    /// Whether it can be looked into; if not, it has no branches.
    pub(super) fn is_readable(&self) -> bool {
        self.hir.is_some()
    }

    /// The alternatives at its top.
    pub(super) fn branches(&self) -> &[Hir] {
        &self.branches
    }

    pub(super) fn finds(&self, text: &str) -> bool {
        self.pattern.search(text) == Search::Found
    }

    /// Whether the two are written alike.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.pattern.as_str() == other.pattern.as_str()
    }

    /// Whether it is certain that it is not found: nobody has given up looking.
    pub(super) fn misses(&self, text: &str) -> bool {
        self.pattern.search(text) == Search::Absent
    }

    /// What a search for it costs, in checks whether a text can be in another.
    pub(super) fn search_cost(&self) -> isize {
        if self.exact { 100 } else { 1_000 }
    }

    /// Whether case may matter to it in places.
    pub(super) fn knows_case(&self) -> bool {
        minds_case(self.pattern.as_str())
    }
}

/// Whether a pattern switches off somewhere that case is ignored, as `(?-i)` does.
fn minds_case(pattern: &str) -> bool {
    pattern.split("(?").skip(1).any(|group| {
        let flags = group.split(|c: char| c != '-' && !c.is_ascii_alphabetic()).next();
        flags.and_then(|flags| flags.split_once('-')).is_some_and(|(_, off)| off.contains('i'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_matters_only_where_a_flag_says_so() {
        for (pattern, minds) in [
            ("(?-i)Error", true),
            ("a(?s-ui:B)", true),
            ("(?:a|b)-i", false),
            ("(?i)a-z", false),
            ("(?s-m)a", false),
            ("[a-i](?P<a>b)", false),
        ] {
            assert_eq!(minds_case(pattern), minds, "{pattern}");
        }
    }
}
