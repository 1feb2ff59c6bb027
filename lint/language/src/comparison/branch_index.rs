//! Looking up branches by the text that they require.
//!
//! Each branch is filed under a stretch of a text that its matches contain, the
//! rarest that it has. Where a match must contain one of several texts, it is
//! filed under a stretch of each.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use super::{relations::PatternIndex, subject::Subject};
use crate::{
    folding::{Folded, folded},
    positions::Positions,
    required::Alternatives,
};

/// The longest stretch by which a branch is looked up.
const STRETCH: usize = 5;

/// The shortest: a single character is nearly everywhere.
const SHORTEST_STRETCH: usize = 2;

/// A branch of a pattern.
type Branch = (PatternIndex, usize);

/// The branches of some patterns, by stretches of what they require.
pub(super) struct BranchIndex {
    /// In order of the stretches.
    shelves: Vec<(Vec<Folded>, Vec<Branch>)>,
    /// The patterns with a branch that requires nothing to look up.
    anywhere: Vec<PatternIndex>,
}

impl BranchIndex {
    pub(super) fn new(subjects: &[Subject<'_>]) -> Self {
        let mut sharing: HashMap<&[Folded], usize> = HashMap::new();
        for branch in subjects.iter().flat_map(|subject| &subject.required) {
            let stretches: HashSet<_> =
                branch.iter().flatten().flat_map(|text| stretches(text)).collect();
            stretches.into_iter().for_each(|stretch| *sharing.entry(stretch).or_default() += 1);
        }
        let mut shelves: BTreeMap<&[Folded], Vec<Branch>> = BTreeMap::new();
        let mut anywhere = Vec::new();
        for (index, subject) in subjects.iter().enumerate() {
            for (branch, required) in subject.required.iter().enumerate() {
                match rarest(required, &sharing) {
                    Some(stretches) => stretches
                        .into_iter()
                        .for_each(|s| shelves.entry(s).or_default().push((index, branch))),
                    None => anywhere.push(index),
                }
            }
        }
        let owned = |(stretch, branches): (&[Folded], _)| (stretch.to_vec(), branches);
        Self { shelves: shelves.into_iter().map(owned).collect(), anywhere }
    }

    /// The patterns that may be found anywhere, whatever is there.
    pub(super) fn anywhere(&self) -> &[PatternIndex] {
        &self.anywhere
    }

    /// The patterns that may be found in one of these texts; adds to `checks` how
    /// much was looked at.
    pub(super) fn within_texts(
        &self,
        texts: &[String],
        subjects: &[Subject<'_>],
        checks: &mut usize,
    ) -> BTreeSet<PatternIndex> {
        let mut candidates = BTreeSet::new();
        for text in texts {
            let text = folded(text);
            let contains = |part: &[Folded]| text.windows(part.len()).any(|found| found == part);
            for stretch in (SHORTEST_STRETCH..=STRETCH).flat_map(|length| text.windows(length)) {
                let found = self.shelves.binary_search_by(|(own, _)| own.as_slice().cmp(stretch));
                let Ok(found) = found else { continue };
                let (_, branches) = &self.shelves[found];
                *checks += branches.len();
                candidates.extend(meeting(branches, subjects, contains));
            }
        }
        candidates
    }

    /// The patterns that may be found where these positions read; likewise.
    pub(super) fn within_positions(
        &self,
        positions: &Positions,
        subjects: &[Subject<'_>],
        checks: &mut usize,
    ) -> BTreeSet<PatternIndex> {
        let mut candidates = BTreeSet::new();
        for branches in positions.contained(&self.shelves, checks) {
            *checks += branches.len();
            candidates.extend(meeting(branches, subjects, |text| positions.may_contain(text)));
        }
        candidates
    }

    /// All patterns that do not stand in [`BranchIndex::anywhere`]; likewise.
    pub(super) fn all(&self, checks: &mut usize) -> BTreeSet<PatternIndex> {
        *checks += self.shelves.len();
        self.shelves.iter().flat_map(|(_, branches)| branches).map(|(index, _)| *index).collect()
    }
}

/// The patterns of those branches of whose requirements each has a text that
/// passes the test.
fn meeting<'a>(
    branches: &'a [Branch],
    subjects: &'a [Subject<'_>],
    test: impl Fn(&[Folded]) -> bool,
) -> impl Iterator<Item = PatternIndex> {
    let met = move |(index, branch): &&Branch| {
        subjects[*index].required[*branch].iter().all(|set| set.iter().any(|text| test(text)))
    };
    branches.iter().filter(met).map(|(index, _)| *index)
}

/// The stretches of a text by which it can be looked up.
fn stretches(text: &[Folded]) -> impl Iterator<Item = &[Folded]> {
    let length = if text.len() < SHORTEST_STRETCH { usize::MAX } else { text.len().min(STRETCH) };
    text.windows(length)
}

/// Of the alternatives that every match meets, those that are shared least: a
/// stretch of each of their texts.
fn rarest<'s>(
    required: &'s [Alternatives],
    sharing: &HashMap<&[Folded], usize>,
) -> Option<BTreeSet<&'s [Folded]>> {
    let shared = |stretch: &[Folded]| sharing.get(stretch).copied().unwrap_or_default();
    let stretch =
        |text: &'s Vec<Folded>| stretches(text).min_by_key(|s| (shared(s), Reverse(s.len()), *s));
    let of_each = |set: &'s Alternatives| set.iter().map(stretch).collect::<Option<BTreeSet<_>>>();
    let cost = |stretches: &BTreeSet<&'s [Folded]>| {
        let length = stretches.iter().map(|s| s.len()).min();
        (stretches.iter().map(|s| shared(s)).sum::<usize>(), Reverse(length))
    };
    required.iter().filter_map(of_each).min_by_key(cost)
}
