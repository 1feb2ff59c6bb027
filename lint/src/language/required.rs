//! The plain text that a match must contain, and where it can be.
//!
//! Asking every pair of ten thousand patterns would be fifty million questions.
//! A pattern can be found in what another one reads only if the text that it
//! requires can be there, and that is checked in nanoseconds.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::shape;

/// More places than this and a pattern is taken to read anything.
const PLACE_LIMIT: usize = 1_024;

/// The longest plain text that is of use.
const LONGEST: usize = 40;

/// A character with its case folded: ASCII as it is, all others alike.
type Folded = u8;

/// Stands for every character beyond ASCII.
const BEYOND: Folded = 127;

fn fold(c: char) -> Folded {
    u8::try_from(shape::folded(c)).ok().filter(u8::is_ascii).unwrap_or(BEYOND)
}

/// A text, folded.
pub(super) fn folded(text: &str) -> Vec<Folded> {
    text.chars().map(fold).collect()
}

/// The folded characters of a class, a bit for each.
fn mask(class: &Class) -> u128 {
    let mut mask = 0;
    for range in shape::unicode(class).ranges() {
        for c in range.start()..=range.end().min('\u{7f}') {
            mask |= 1 << fold(c);
        }
        let folding = ['\u{17f}', '\u{212a}'].map(|c| range.start() <= c && c <= range.end());
        let [long_s, kelvin] = folding.map(u32::from);
        let beyond = u32::from(range.end()).saturating_sub(u32::from(range.start()).max(0x80) - 1);
        if beyond > long_s + kelvin {
            mask |= 1 << BEYOND;
        }
        mask |= u128::from(long_s) << b's' | u128::from(kelvin) << b'k';
    }
    mask
}

/// The plain texts that every match of a branch contains, folded.
pub(super) fn literals(branch: &Hir) -> Vec<Vec<Folded>> {
    let mut runs = vec![Vec::new()];
    collect(branch, &mut runs);
    runs.retain(|run| !run.is_empty());
    runs.iter_mut().for_each(|run| run.truncate(LONGEST));
    runs.sort_unstable();
    runs.dedup();
    runs
}

/// The length of the least plain text that a pattern requires: of all its
/// branches the least, of the parts of a branch the most.
pub(crate) fn shortest_literal(hir: &Hir) -> usize {
    shape::branches(hir).iter().map(of_branch).min().unwrap_or(0)
}

fn of_branch(hir: &Hir) -> usize {
    let inner = match hir.kind() {
        HirKind::Capture(capture) => shortest_literal(&capture.sub),
        HirKind::Alternation(parts) => parts.iter().map(of_branch).min().unwrap_or(0),
        HirKind::Concat(parts) => parts.iter().map(of_branch).max().unwrap_or(0),
        HirKind::Repetition(repetition) if repetition.min > 0 => of_branch(&repetition.sub),
        _ => 0,
    };
    inner.max(literals(hir).iter().map(Vec::len).max().unwrap_or(0))
}

/// Adds what a part requires to the last run, or begins a new one.
fn collect(hir: &Hir, runs: &mut Vec<Vec<Folded>>) {
    let mut read = |folded: Option<Folded>| match (folded.filter(|f| *f != BEYOND), runs.last_mut())
    {
        (Some(folded), Some(run)) => run.push(folded),
        _ => runs.push(Vec::new()),
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => {
            shape::characters(&literal.0).for_each(|c| read(Some(fold(c))));
        }
        HirKind::Class(class) => {
            let mask = mask(class);
            let only = u8::try_from(mask.trailing_zeros()).ok();
            read(only.filter(|_| mask.is_power_of_two()));
        }
        HirKind::Capture(capture) => collect(&capture.sub, runs),
        HirKind::Concat(parts) => parts.iter().for_each(|part| collect(part, runs)),
        HirKind::Repetition(Repetition { min: 1.., sub, .. }) => {
            collect(sub, runs);
            runs.push(Vec::new());
            collect(sub, runs);
        }
        HirKind::Repetition(_) | HirKind::Alternation(_) => runs.push(Vec::new()),
    }
}

/// The places of a pattern that read a character, and which may follow which
/// (Glushkov's construction, look-around left out).
pub(super) struct Places {
    /// For each folded character the places that read it; a set is some words.
    readers: Vec<Vec<u64>>,
    /// For each place those that may read next.
    follow: Vec<Vec<u64>>,
    words: usize,
}

/// What a part of a pattern begins and ends with.
struct Part {
    first: Vec<usize>,
    last: Vec<usize>,
    may_be_empty: bool,
}

impl Places {
    /// The places of a pattern; none when there are too many.
    pub(super) fn new(hir: &Hir) -> Option<Self> {
        let mut masks = Vec::new();
        let mut follow = Vec::new();
        walk(hir, &mut masks, &mut follow)?;
        let words = masks.len().div_ceil(64);
        let set = |members: &mut dyn Iterator<Item = usize>| {
            let mut set = vec![0_u64; words];
            members.for_each(|place| set[place / 64] |= 1 << (place % 64));
            set
        };
        let readers = (0..=BEYOND)
            .map(|c| set(&mut (0..masks.len()).filter(|place| masks[*place] >> c & 1 == 1)))
            .collect();
        let follow =
            follow.into_iter().map(|next: Vec<usize>| set(&mut next.into_iter())).collect();
        Some(Self { readers, follow, words })
    }

    /// Whether a text of the pattern can contain another text.
    pub(super) fn may_contain(&self, text: &[Folded]) -> bool {
        let mut now = None;
        text.iter().all(|c| {
            let next = self.step(now.as_deref(), *c);
            let alive = next.iter().any(|word| *word != 0);
            now = Some(next);
            alive
        })
    }

    /// Those of the sorted texts that a text of the pattern can contain. What
    /// they begin with in common is looked at once; adds to `checks` how much
    /// was looked at.
    pub(super) fn contained<'t, T>(
        &self,
        texts: &'t [(Vec<Folded>, T)],
        checks: &mut usize,
    ) -> Vec<&'t T> {
        let mut found = Vec::new();
        let mut open = vec![(texts, 0, None)];
        while let Some((mut texts, depth, now)) = open.pop() {
            while let Some((text, item)) = texts.first() {
                let Some(c) = text.get(depth).copied() else {
                    found.push(item);
                    texts = &texts[1..];
                    continue;
                };
                let (same, rest) = texts.split_at(texts.partition_point(|t| t.0[depth] == c));
                *checks += 1;
                let next = self.step(now.as_deref(), c);
                if next.iter().any(|word| *word != 0) {
                    open.push((same, depth + 1, Some(next)));
                }
                texts = rest;
            }
        }
        found
    }

    /// The places that read `c`, of those that may follow.
    fn step(&self, now: Option<&[u64]>, c: Folded) -> Vec<u64> {
        let readers = &self.readers[usize::from(c)];
        let Some(now) = now else { return readers.clone() };
        let mut next = vec![0_u64; self.words];
        for (word, bits) in now.iter().enumerate() {
            let mut bits = *bits;
            while bits != 0 {
                let place = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                next.iter_mut().zip(&self.follow[place]).for_each(|(n, f)| *n |= f);
            }
        }
        next.iter_mut().zip(readers).for_each(|(n, r)| *n &= r);
        next
    }
}

fn walk(hir: &Hir, masks: &mut Vec<u128>, follow: &mut Vec<Vec<usize>>) -> Option<Part> {
    let empty = Part { first: Vec::new(), last: Vec::new(), may_be_empty: true };
    let mut read = |mask| {
        masks.push(mask);
        follow.push(Vec::new());
        let place = masks.len() - 1;
        (masks.len() <= PLACE_LIMIT).then(|| Part {
            first: vec![place],
            last: vec![place],
            may_be_empty: false,
        })
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(empty),
        HirKind::Class(class) => read(mask(class)),
        HirKind::Literal(literal) => shape::characters(&literal.0)
            .map(|c| read(1 << fold(c)))
            .collect::<Option<Vec<_>>>()
            .map(|parts| parts.into_iter().fold(empty, |a, b| join(a, b, follow))),
        HirKind::Capture(capture) => walk(&capture.sub, masks, follow),
        HirKind::Concat(parts) => parts.iter().try_fold(empty, |before, part| {
            let part = walk(part, masks, follow)?;
            Some(join(before, part, follow))
        }),
        HirKind::Alternation(parts) => {
            let mut all = Part { first: Vec::new(), last: Vec::new(), may_be_empty: false };
            for part in parts {
                let part = walk(part, masks, follow)?;
                all.first.extend(part.first);
                all.last.extend(part.last);
                all.may_be_empty |= part.may_be_empty;
            }
            Some(all)
        }
        HirKind::Repetition(repetition) => {
            let mut part = walk(&repetition.sub, masks, follow)?;
            if repetition.max != Some(1) {
                for last in &part.last {
                    follow[*last].extend(&part.first);
                }
            }
            part.may_be_empty |= repetition.min == 0;
            Some(part)
        }
    }
}

fn join(mut before: Part, after: Part, follow: &mut [Vec<usize>]) -> Part {
    for last in &before.last {
        follow[*last].extend(&after.first);
    }
    if before.may_be_empty {
        before.first.extend(&after.first);
    }
    let mut last = after.last;
    if after.may_be_empty {
        last.extend(before.last);
    }
    Part { first: before.first, last, may_be_empty: before.may_be_empty && after.may_be_empty }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use signatures_matcher::{Pattern, Search};

    use super::*;

    fn hir(pattern: &str) -> Hir {
        Pattern::compile(pattern).unwrap().hir().unwrap()
    }

    #[test]
    fn the_texts_of_every_match_are_found() {
        for (pattern, expected) in [
            (r"gunicorn.*worker timeout", &["gunicorn", "worker timeout"][..]),
            (r"\bKelvin Street\b", &["kelvin street"]),
            ("(?:abc)+d", &["abc", "abcd"]),
            ("a(?:b|c)defg?", &["a", "def"]),
            ("[0-9]+", &[]),
        ] {
            let found = literals(&hir(pattern));
            let found: Vec<_> = found.iter().map(|t| str::from_utf8(t).unwrap()).collect();
            assert_eq!(found, expected, "{pattern}");
        }
        assert_eq!(shortest_literal(&hir("connection|ab|abc")), 2);
        assert_eq!(shortest_literal(&hir("(?:foo|barbar) [0-9]")), 3);
    }

    #[test]
    fn a_text_can_be_only_where_the_pattern_reads_it() {
        let places = Places::new(&hir(r"order [0-9]+ (?:lost|found)")).unwrap();
        for (text, possible) in
            [("order 4", true), ("99", true), ("r l", false), ("lostf", false), ("9 fou", true)]
        {
            assert_eq!(places.may_contain(text.as_bytes()), possible, "{text}");
            let texts = [(text.as_bytes().to_vec(), ())];
            assert_eq!(places.contained(&texts, &mut 0).len(), usize::from(possible), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_a_match_requires_is_in_every_text_that_it_is_found_in(
            pattern in "(a|b|k|[ab]|\\(a\\|bb\\)|\\(ab\\)\\+|b\\?|a\\*|\\\\b){1,6}",
            text in "[abkAB\u{212a}]{0,8}",
        ) {
            let compiled = Pattern::compile(&pattern).unwrap();
            let required = literals(&hir(&pattern));
            if compiled.search(&text) == Search::Found {
                let folded = folded(&text);
                for required in required {
                    let mut parts = folded.windows(required.len());
                    prop_assert!(parts.any(|p| p == required), "{required:?} in {folded:?}");
                }
            }
            let whole = Pattern::compile(&format!("^(?:{pattern})$")).unwrap();
            if whole.search(&text) == Search::Found {
                let folded: Vec<u8> = text.chars().map(fold).collect();
                let places = Places::new(&hir(&pattern)).unwrap();
                prop_assert!(folded.is_empty() || places.may_contain(&folded));
                let (mut parts, mut checks) = (Vec::new(), 0);
                for start in 0..folded.len() {
                    parts.extend((start..folded.len()).map(|end| (folded[start..=end].to_vec(), ())));
                }
                parts.sort_unstable();
                prop_assert_eq!(places.contained(&parts, &mut checks).len(), parts.len());
            }
        }
    }
}
