//! The comparison of many patterns, in shares for as many threads as there are.

use std::collections::HashSet;

use signatures_matcher::Pattern;

use crate::alphabet::{Alphabet, Classes};

use super::{
    branch_index::BranchIndex,
    relations::{PatternIndex, Relations, Touch},
    run::{Against, Budget, Run},
    subject::Subject,
};

/// Steps that the questions about one list of patterns may take: a second or two.
const STEP_LIMIT: isize = 60_000_000;

/// Checks whether a text can be in another, likewise.
const CHECK_LIMIT: isize = 300_000_000;

/// How many patterns are compared in one go.
const STRIDE: usize = 32;

/// Patterns that are to be compared, each with all others.
///
/// [`Relations::of`] does it on one thread. With more of them, each does some of
/// the [`shares`](Comparison::shares); the outcome is the same.
///
/// Where the first pattern that is found has the word, as in a taxonomy, one that an
/// earlier one shadows never has it, and what else it meets does not matter:
/// [`in_turn`](Comparison::in_turn), then a round of [`shadowed`](Comparison::shadowed),
/// [`without`](Comparison::without) what that found, then a round of
/// [`compare`](Comparison::compare).
///
/// ```
/// use sigcheck_language::{Comparison, Relations};
/// use signatures_matcher::Pattern;
///
/// let patterns = [Pattern::compile("connection reset")?, Pattern::compile("reset by peer")?];
/// let comparison = Comparison::of(&patterns);
/// let compared: Vec<_> = std::thread::scope(|scope| {
///     let shares: Vec<_> = comparison.shares().collect();
///     let threads: Vec<_> =
///         shares.into_iter().map(|share| scope.spawn(|| comparison.compare(share))).collect();
///     threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
/// });
/// assert_eq!(comparison.finish(compared), Relations::of(&patterns));
/// # Ok::<(), signatures_matcher::PatternError>(())
/// ```
pub struct Comparison<'p> {
    subjects: Vec<Subject<'p>>,
    index: BranchIndex,
    alphabet: Alphabet,
    /// When each is asked.
    turns: Vec<usize>,
    /// Those that never have the word, and which has it instead.
    shadowed: HashSet<PatternIndex>,
    shadows: Vec<Touch>,
}

/// A part of a [`Comparison`], to be done by any thread.
#[derive(Clone, Debug)]
pub struct Share {
    start: PatternIndex,
}

/// The patterns of a [`Share`] that an earlier one shadows.
pub struct Shadowed(Run);

/// What came of a [`Share`].
pub struct Compared(Run);

impl Relations {
    /// Compares patterns, each with all others, on this thread.
    #[must_use]
    pub fn of<'p>(patterns: impl IntoIterator<Item = &'p Pattern>) -> Self {
        let comparison = Comparison::of(patterns);
        comparison.finish(comparison.shares().map(|share| comparison.compare(share)).collect())
    }
}

impl<'p> Comparison<'p> {
    /// Prepares the comparison of these patterns. None is asked before another.
    #[must_use]
    pub fn of(patterns: impl IntoIterator<Item = &'p Pattern>) -> Self {
        Self::in_turn(patterns, |_| 0)
    }

    /// Prepares the comparison of these patterns, each of which is asked in its turn:
    /// lower ones first.
    #[must_use]
    pub fn in_turn(
        patterns: impl IntoIterator<Item = &'p Pattern>,
        turn: impl Fn(PatternIndex) -> usize,
    ) -> Self {
        let subjects: Vec<_> = patterns.into_iter().map(Subject::new).collect();
        let index = BranchIndex::new(&subjects);
        let mut classes = Classes::default();
        subjects.iter().for_each(|subject| subject.add_to(&mut classes));
        let alphabet = Alphabet::new(classes);
        let turns = (0..subjects.len()).map(turn).collect();
        let (shadowed, shadows) = (HashSet::new(), Vec::new());
        Self { subjects, index, alphabet, turns, shadowed, shadows }
    }

    /// The shares that the work falls into.
    pub fn shares(&self) -> impl Iterator<Item = Share> + use<> {
        (0..self.subjects.len()).step_by(STRIDE).map(|start| Share { start })
    }

    /// Finds the patterns of one of the shares that an earlier one shadows, within its
    /// part of the budget.
    #[must_use]
    pub fn shadowed(&self, share: Share) -> Shadowed {
        let mut run = self.run(share);
        run.find_shadowed(self.against());
        Shadowed(run)
    }

    /// The comparison without the patterns that were found to be shadowed, but for what
    /// shadows each.
    #[must_use]
    pub fn without(mut self, shadowed: Vec<Shadowed>) -> Self {
        for Shadowed(run) in shadowed {
            self.shadowed.extend(run.shadowed);
            self.shadows.extend(run.relations.touches);
        }
        self
    }

    /// Does one of the shares, within its part of the budget.
    #[must_use]
    pub fn compare(&self, share: Share) -> Compared {
        let mut run = self.run(share);
        run.go(self.against());
        Compared(run)
    }

    fn run(&self, share: Share) -> Run {
        let shares = self.subjects.len().div_ceil(STRIDE).max(1) as isize;
        Run {
            relations: Relations::default(),
            budget: Budget { steps: STEP_LIMIT / shares, checks: CHECK_LIMIT / shares },
            open: share.start..self.subjects.len().min(share.start + STRIDE),
            shadowed: Vec::new(),
        }
    }

    /// Puts together what came of all the shares, in any order. What they left of
    /// their budgets is for those that need more, from the first on; so the outcome
    /// is always the same.
    #[must_use]
    pub fn finish(&self, compared: Vec<Compared>) -> Relations {
        let mut runs: Vec<Run> = compared.into_iter().map(|compared| compared.0).collect();
        runs.sort_by_key(|run| run.open.end);
        let mut left = Budget { steps: 0, checks: 0 };
        for run in &runs {
            left.steps += run.budget.steps.max(0);
            left.checks += run.budget.checks.max(0);
        }
        let mut relations = Relations { touches: self.shadows.clone(), ..Relations::default() };
        let opaque = self.subjects.iter().enumerate().filter(|(_, subject)| !subject.is_readable());
        relations.opaque.extend(opaque.map(|(index, _)| index));
        for mut run in runs {
            if !run.open.is_empty() {
                run.budget = left;
                run.go(self.against());
                left = run.budget;
            }
            relations.unfinished = relations.unfinished.or(run.open.next());
            relations.touches.extend(run.relations.touches);
            relations.undecided.extend(run.relations.undecided);
        }
        relations.touches.sort_by_key(|touch| (touch.text_of, touch.found, touch.branch));
        relations
    }

    fn against(&self) -> Against<'_> {
        Against {
            subjects: &self.subjects,
            index: &self.index,
            alphabet: &self.alphabet,
            turns: &self.turns,
            shadowed: &self.shadowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn relations(patterns: &[&str]) -> Relations {
        let compiled: Result<Vec<_>, _> = patterns.iter().map(|p| Pattern::compile(p)).collect();
        Relations::of(&compiled.unwrap())
    }

    fn outline(
        relations: Relations,
    ) -> Vec<(PatternIndex, usize, PatternIndex, Option<bool>, String)> {
        let outline = |t: Touch| (t.text_of, t.branch, t.found, t.always, t.witness);
        relations.touches.into_iter().map(outline).collect()
    }

    fn touches(
        patterns: &[&str],
    ) -> Vec<(PatternIndex, usize, PatternIndex, Option<bool>, String)> {
        let relations = relations(patterns);
        assert!(relations.undecided.is_empty() && relations.opaque.is_empty());
        outline(relations)
    }

    #[test]
    fn a_pattern_in_the_text_of_another_is_found() {
        assert_eq!(
            touches(&[
                "econnreset",
                "read ECONNRESET|boom",
                r"java\.(?:io|lang)Error",
                "ioerrors?"
            ]),
            [
                (1, 0, 0, Some(true), "read econnreset".to_owned()),
                (2, 0, 3, Some(false), "java.ioerror".to_owned()),
            ]
        );
    }

    #[test]
    fn what_stands_in_a_gap_does_not_count() {
        assert_eq!(
            touches(&["gunicorn.*timeout", "econnreset", "[a-z]+: failed", "^x [^ ]+ y"]),
            []
        );
    }

    #[test]
    fn look_around_is_decided_where_its_own_engine_confirms() {
        let relations = relations(&["code [0-9]+", "x code (?!0)[0-9]+", "x code 0"]);
        // Whether look-around hides a match from what it is found in is open, but for
        // texts that can be listed and tried.
        assert_eq!(relations.undecided, [(1, 2)]);
        assert_eq!(
            outline(relations),
            [
                (1, 0, 0, Some(true), "x code 1".to_owned()),
                (2, 0, 0, Some(true), "x code 0".to_owned()),
            ]
        );
    }

    fn in_turn(patterns: &[Pattern]) -> Relations {
        let comparison = Comparison::in_turn(patterns, |index| index);
        let shadowed = comparison.shares().map(|share| comparison.shadowed(share)).collect();
        let comparison = comparison.without(shadowed);
        comparison.finish(comparison.shares().map(|share| comparison.compare(share)).collect())
    }

    #[test]
    fn what_an_earlier_pattern_shadows_is_compared_no_further() {
        let patterns = ["reset", "connection reset|reset by peer", "a connection reset", "timeout"];
        let patterns = patterns.map(|pattern| Pattern::compile(pattern).unwrap());
        assert_eq!(
            outline(in_turn(&patterns)),
            [
                (1, 0, 0, Some(true), "connection reset".to_owned()),
                (1, 1, 0, Some(true), "reset by peer".to_owned()),
                (2, 0, 0, Some(true), "a connection reset".to_owned()),
            ]
        );
        assert_eq!(outline(Relations::of(&patterns)).len(), 4);
    }

    #[test]
    fn what_is_certain_of_a_backtracking_pattern_is_found_always() {
        let touches =
            touches(&[r"(?<![0-9])4(?>04|10)(?![0-9])", "code=404;|code=410;", r"(?>x|xy)z"]);
        let always = |branch, text: &str| (1, branch, 0, Some(true), text.to_owned());
        assert_eq!(touches, [always(0, "code=404;"), always(1, "code=410;")]);
    }

    proptest! {
        #[test]
        fn what_is_always_found_is_never_missed(
            patterns in proptest::collection::vec(
                "(a|b|[ab]|\\[\\^a\\]|\\\\b|\\^|a\\*|b\\+|\\(a\\|bb\\)|[.]\\*|\\\\w\\+|\\(\\?!b\\)){1,5}",
                2..5,
            ),
            text in "[ab é]{0,6}",
        ) {
            let patterns: Result<Vec<_>, _> = patterns.iter().map(|p| Pattern::compile(p)).collect();
            let Ok(patterns) = patterns else { return Ok(()) };
            let finds = |index: PatternIndex, text: &str| {
                patterns[index].search(text) == signatures_matcher::Search::Found
            };
            let all = Relations::of(&patterns);
            for touch in all.touches.iter().filter(|touch| touch.branches == 1) {
                prop_assert!(finds(touch.text_of, &touch.witness) && finds(touch.found, &touch.witness));
                if touch.always == Some(true) {
                    prop_assert!(!finds(touch.text_of, &text) || finds(touch.found, &text), "{touch:?}");
                }
            }
            // What stands in turn says the same of what is left, and of what shadows the rest.
            for touch in in_turn(&patterns).touches {
                prop_assert!(all.touches.iter().any(|other| {
                    (other.text_of, other.branch, other.found, other.always)
                        == (touch.text_of, touch.branch, touch.found, touch.always)
                }), "{touch:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert_eq!(relations(&[r"(?(1)a|b)(c)", "d"]).opaque, [0]);
    }
}
