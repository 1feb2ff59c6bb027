//! The comparison of many patterns, in shares for as many threads as there are.

use signatures_matcher::Pattern;

use crate::{
    alphabet::{Alphabet, Classes},
    places::Automaton,
};

use super::{
    branch_index::BranchIndex,
    relations::{PatternIndex, Relations},
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
    /// For each pattern the automaton that finds it, where it is not too large.
    finders: Vec<Option<Automaton>>,
}

/// A part of a [`Comparison`], to be done by any thread.
#[derive(Clone, Debug)]
pub struct Share {
    start: PatternIndex,
}

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
    /// Prepares the comparison of these patterns.
    #[must_use]
    pub fn of(patterns: impl IntoIterator<Item = &'p Pattern>) -> Self {
        let subjects: Vec<_> = patterns.into_iter().map(Subject::new).collect();
        let index = BranchIndex::new(&subjects);
        let mut classes = Classes::default();
        subjects.iter().for_each(|subject| subject.add_to(&mut classes));
        let alphabet = Alphabet::new(classes);
        let finders = subjects.iter().map(|subject| subject.finder(&alphabet)).collect();
        Self { subjects, index, alphabet, finders }
    }

    /// The shares that the work falls into.
    pub fn shares(&self) -> impl Iterator<Item = Share> + use<> {
        (0..self.subjects.len()).step_by(STRIDE).map(|start| Share { start })
    }

    /// Does one of the shares, within its part of the budget.
    #[must_use]
    pub fn compare(&self, share: Share) -> Compared {
        let shares = self.subjects.len().div_ceil(STRIDE).max(1) as isize;
        let mut run = Run {
            relations: Relations::default(),
            budget: Budget { steps: STEP_LIMIT / shares, checks: CHECK_LIMIT / shares },
            open: share.start..self.subjects.len().min(share.start + STRIDE),
        };
        run.go(self.against());
        Compared(run)
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
        let mut relations = Relations::default();
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
            finders: &self.finders,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Touch;

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

    #[test]
    fn what_cannot_be_read_is_said() {
        assert_eq!(relations(&[r"(?(1)a|b)(c)", "d"]).opaque, [0]);
    }
}
