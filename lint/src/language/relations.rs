//! Which patterns of a taxonomy get in each other's way.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Range,
};

use regex_syntax::hir::Hir;
use signatures_engine::Taxonomy;
use signatures_matcher::{Pattern, Search};

use super::{
    automaton::Mode,
    question::{OutOfBudget, match_within, missed_by},
    required::{Places, folded, literals},
    shape::{branches, without_gaps},
    texts::texts,
};
use crate::{parallel, pattern::relaxed};

/// Questions that may be asked about one taxonomy: some seconds.
const QUESTION_LIMIT: isize = 40_000;

/// Checks whether a text can be in another, likewise.
const CHECK_LIMIT: isize = 300_000_000;

/// The index of a pattern: signatures in order, then the allowlist.
pub(crate) type Index = usize;

/// A branch of one pattern, in whose own text another pattern is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Touch {
    /// The pattern with the text.
    pub(crate) text_of: Index,
    /// Its branch, from 0.
    pub(crate) branch: usize,
    /// How many branches it has.
    pub(crate) branches: usize,
    /// The pattern that is found in it.
    pub(crate) found: Index,
    /// Whether it is found in every text that the branch is found in; none when
    /// that could not be decided.
    pub(crate) always: Option<bool>,
    /// Whether it is found at least in all that the branch spells out.
    pub(crate) special: bool,
    /// A text in which both are found.
    pub(crate) witness: String,
}

/// All that was found out about the patterns of a taxonomy.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    /// By the pattern with the text, then the pattern that is found.
    pub(crate) touches: Vec<Touch>,
    /// Pairs of which nothing could be decided.
    pub(crate) undecided: Vec<(Index, Index)>,
    /// Patterns that cannot be looked into at all.
    pub(crate) opaque: Vec<Index>,
    /// From which pattern on there was no budget left to compare.
    pub(crate) unfinished: Option<Index>,
}

/// A pattern to be compared.
struct Subject<'a> {
    pattern: &'a Pattern,
    /// The plain texts that each branch requires.
    literals: Vec<Vec<Vec<u8>>>,
    /// Whether its language is that of the pattern, not wider.
    exact: bool,
}

impl Relations {
    /// Compares all patterns of a taxonomy.
    pub(crate) fn of(taxonomy: &Taxonomy) -> Self {
        let patterns = taxonomy.signatures.iter().map(|s| &s.pattern);
        let patterns = patterns.chain(taxonomy.noise_allowlist.iter().map(|e| &e.pattern));
        let mut relations = Self::default();
        let mut subjects = Vec::new();
        for (index, pattern) in patterns.enumerate() {
            let hir = language(pattern);
            if hir.is_none() {
                relations.opaque.push(index);
            }
            let branches = hir.as_ref().map(branches).unwrap_or_default();
            subjects.push(Subject {
                pattern,
                literals: branches.iter().map(literals).collect(),
                exact: !pattern.is_backtracking(),
            });
        }
        compare(&subjects, &mut relations);
        relations
    }

    /// The touches of a pattern's own text, grouped by what is found in it.
    pub(crate) fn found_in(&self, text_of: Index) -> BTreeMap<Index, Vec<&Touch>> {
        let start = self.touches.partition_point(|touch| touch.text_of < text_of);
        let mut found: BTreeMap<Index, Vec<&Touch>> = BTreeMap::new();
        for touch in self.touches[start..].iter().take_while(|touch| touch.text_of == text_of) {
            found.entry(touch.found).or_default().push(touch);
        }
        found
    }
}

/// The language of a pattern, or a wider one for a backtracking pattern.
fn language(pattern: &Pattern) -> Option<Hir> {
    pattern.hir().or_else(|| relaxed(pattern.as_str()))
}

/// The comparison of some patterns with all others.
struct Comparison<'a> {
    subjects: &'a [Subject<'a>],
    relations: Relations,
    /// How many may still be asked; less than none when the last was one too many.
    questions: isize,
    /// How many may still be made, likewise.
    checks: isize,
    /// The patterns that are still to be compared.
    open: Range<Index>,
}

/// Stretches of plain text in order, and the branches that require them.
type Buckets = Vec<(Vec<u8>, Vec<(Index, usize)>)>;

/// The longest stretch by which a branch is looked up.
const STRETCH: usize = 5;

/// The shortest: a single character is nearly everywhere.
const SHORTEST_STRETCH: usize = 2;

/// How many patterns are compared in one go.
const STRIDE: usize = 32;

/// Compares all patterns with all others, on all cores.
///
/// Each stretch of patterns has its share of the budget; what it leaves is for
/// those that need more, from the first on. So the outcome is always the same.
fn compare(subjects: &[Subject<'_>], relations: &mut Relations) {
    let (buckets, anywhere) = buckets(subjects);
    let starts: Vec<Index> = (0..subjects.len()).step_by(STRIDE).collect();
    let share = |limit: isize| limit / starts.len().max(1) as isize;
    let parts = parallel::map(&starts, |start| {
        let mut part = Comparison {
            subjects,
            relations: Relations::default(),
            questions: share(QUESTION_LIMIT),
            checks: share(CHECK_LIMIT),
            open: *start..subjects.len().min(start + STRIDE),
        };
        part.run(&buckets, &anywhere);
        part
    });
    let (mut questions, mut checks) = (0, 0);
    for part in &parts {
        questions += part.questions.max(0);
        checks += part.checks.max(0);
    }
    for mut part in parts {
        if !part.open.is_empty() {
            (part.questions, part.checks) = (questions, checks);
            part.run(&buckets, &anywhere);
            (questions, checks) = (part.questions, part.checks);
        }
        relations.unfinished = relations.unfinished.or(part.open.next());
        relations.touches.extend(part.relations.touches);
        relations.undecided.extend(part.relations.undecided);
    }
    relations.touches.sort_by_key(|touch| (touch.text_of, touch.found, touch.branch));
}

/// The branches by their rarest stretch, and those without one.
fn buckets(subjects: &[Subject<'_>]) -> (Buckets, Vec<Index>) {
    let stretches = |texts: &[Vec<u8>]| -> HashSet<Vec<u8>> {
        let long = texts.iter().filter(|text| text.len() >= SHORTEST_STRETCH);
        long.flat_map(|text| text.windows(text.len().min(STRETCH))).map(<[u8]>::to_vec).collect()
    };
    let mut shared: HashMap<Vec<u8>, usize> = HashMap::new();
    for texts in subjects.iter().flat_map(|subject| &subject.literals) {
        stretches(texts).into_iter().for_each(|s| *shared.entry(s).or_default() += 1);
    }
    let mut buckets: BTreeMap<Vec<u8>, Vec<(Index, usize)>> = BTreeMap::new();
    let mut anywhere = Vec::new();
    for (index, subject) in subjects.iter().enumerate() {
        for (branch, texts) in subject.literals.iter().enumerate() {
            let rarity = |s: &Vec<u8>| (shared[s], Reverse(s.len()), s.clone());
            match stretches(texts).into_iter().min_by_key(rarity) {
                Some(stretch) => buckets.entry(stretch).or_default().push((index, branch)),
                None => anywhere.push(index),
            }
        }
    }
    let buckets = buckets.into_iter().collect();
    (buckets, anywhere)
}

impl Comparison<'_> {
    /// Compares the patterns that are open, as far as the budget goes.
    fn run(&mut self, buckets: &Buckets, anywhere: &[Index]) {
        while let Some(text_of) = self.open.clone().next() {
            let known = (self.relations.touches.len(), self.relations.undecided.len());
            if self.compare(text_of, buckets, anywhere).is_err() {
                // Once more from the start, if there is budget left.
                self.relations.touches.truncate(known.0);
                self.relations.undecided.truncate(known.1);
                return;
            }
            self.open.next();
        }
    }

    /// Finds all patterns that are found in the text of one.
    fn compare(
        &mut self,
        text_of: Index,
        buckets: &Buckets,
        anywhere: &[Index],
    ) -> Result<(), OutOfBudget> {
        let Some(hir) = language(self.subjects[text_of].pattern) else { return Ok(()) };
        let all = branches(&hir);
        for (branch, hir) in all.iter().enumerate() {
            let own = without_gaps(hir);
            let texts = texts(&own);
            let mut candidates = match &texts {
                Some(texts) => self.within_texts(texts, buckets),
                None => self.within_places(&own, buckets),
            };
            candidates.extend(anywhere);
            candidates.remove(&text_of);
            for found in candidates {
                let place = (text_of, branch, all.len());
                if let Some(witness) = self.witness(text_of, found, &own, texts.as_deref()) {
                    self.describe(place, hir, found, witness);
                }
                if self.questions < 0 || self.checks < 0 {
                    return Err(OutOfBudget);
                }
            }
        }
        Ok(())
    }

    /// The patterns whose required texts are in one of these.
    fn within_texts(&mut self, texts: &[String], buckets: &Buckets) -> BTreeSet<Index> {
        let mut candidates = BTreeSet::new();
        for text in texts {
            let text = folded(text);
            let contains = |part: &Vec<u8>| text.windows(part.len()).any(|stretch| stretch == part);
            for stretch in (SHORTEST_STRETCH..=STRETCH).flat_map(|length| text.windows(length)) {
                let found = buckets.binary_search_by(|(own, _)| own.as_slice().cmp(stretch));
                let Ok(found) = found else { continue };
                let (_, bucket) = &buckets[found];
                self.checks -= bucket.len() as isize;
                candidates.extend(self.requiring(bucket, contains));
            }
        }
        candidates
    }

    /// The patterns whose required texts a pattern can read.
    fn within_places(&mut self, own: &Hir, buckets: &Buckets) -> BTreeSet<Index> {
        let Some(places) = Places::new(own) else {
            self.checks -= buckets.len() as isize;
            return buckets
                .iter()
                .flat_map(|(_, bucket)| bucket)
                .map(|(index, _)| *index)
                .collect();
        };
        let mut candidates = BTreeSet::new();
        let mut checks = 0;
        for bucket in places.contained(buckets, &mut checks) {
            checks += bucket.len();
            candidates.extend(self.requiring(bucket, |text| places.may_contain(text)));
        }
        self.checks -= checks as isize;
        candidates
    }

    /// The patterns of a bucket all whose required texts pass the test.
    fn requiring<'b>(
        &self,
        bucket: &'b [(Index, usize)],
        test: impl Fn(&Vec<u8>) -> bool,
    ) -> impl Iterator<Item = Index> {
        let required = move |(index, branch): &&'b (Index, usize)| {
            self.subjects[*index].literals[*branch].iter().all(&test)
        };
        bucket.iter().filter(required).map(|(index, _)| *index)
    }

    /// A text that a branch spells out, and in which another pattern is found.
    fn witness(
        &mut self,
        text_of: Index,
        found: Index,
        own: &Hir,
        texts: Option<&[String]>,
    ) -> Option<String> {
        let (one, other) = (&self.subjects[text_of], &self.subjects[found]);
        let both = |text: &str| one.finds(text) && other.finds(text);
        if let Some(texts) = texts.filter(|_| !other.knows_case()) {
            // A thousand times cheaper than a question.
            self.checks -= 200 * texts.len() as isize;
            return texts.iter().find(|text| both(text)).cloned();
        }
        let finder = language(other.pattern)?;
        self.questions -= 1;
        match match_within(own, &finder) {
            Ok(None) => None,
            Ok(Some(witness)) if both(&witness) => Some(witness),
            Ok(Some(_)) | Err(OutOfBudget) => {
                self.relations.undecided.push((text_of, found));
                None
            }
        }
    }

    /// Finds out what it means that a pattern is found in a branch's own text.
    fn describe(
        &mut self,
        (text_of, branch, branches): (Index, usize, usize),
        hir: &Hir,
        found: Index,
        witness: String,
    ) {
        let (one, other) = (&self.subjects[text_of], &self.subjects[found]);
        let Some(finder) = language(other.pattern) else { return };
        self.questions -= 2;
        let always = match missed_by(&finder, hir, Mode::Search) {
            // A wider language than the pattern's proves less.
            Ok(Some(text)) if one.exact || one.finds(&text) => Some(false),
            Ok(None) if other.exact => Some(true),
            _ => None,
        };
        let special =
            always == Some(true) || matches!(missed_by(&finder, hir, Mode::Whole), Ok(None));
        let touch = Touch { text_of, branch, branches, found, always, special, witness };
        self.relations.touches.push(touch);
    }
}

impl Subject<'_> {
    fn finds(&self, text: &str) -> bool {
        self.pattern.search(text) == Search::Found
    }

    /// Whether case may matter to it in places.
    fn knows_case(&self) -> bool {
        let text = self.pattern.as_str();
        text.contains("(?") && text.contains('-')
    }
}

#[cfg(test)]
mod tests {
    use signatures_document::yaml::Source;

    use super::*;

    fn relations(patterns: &[&str]) -> Relations {
        let list: String = patterns.iter().map(|p| format!("    - '{p}'\n")).collect();
        let source = Source::new("t.yml", format!("categories:\n  c:\n{list}"));
        Relations::of(&Taxonomy::read(&source).value.unwrap())
    }

    fn outline(relations: Relations) -> Vec<(Index, usize, Index, Option<bool>, String)> {
        let outline = |t: Touch| (t.text_of, t.branch, t.found, t.always, t.witness);
        relations.touches.into_iter().map(outline).collect()
    }

    fn touches(patterns: &[&str]) -> Vec<(Index, usize, Index, Option<bool>, String)> {
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
        // Whether look-around hides a match from what it is found in is open.
        assert_eq!(relations.undecided, [(1, 2), (2, 1)]);
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
