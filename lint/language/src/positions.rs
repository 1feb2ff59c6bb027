//! Where a plain text can be in what a pattern reads.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::{
    characters::{characters, unicode},
    folding::{BEYOND, Folded, fold},
};

/// More positions than this and a pattern is taken to read anything.
const POSITION_LIMIT: usize = 1_024;

/// The positions of a pattern that read a character, and which may follow which
/// (Glushkov's construction, look-around left out).
pub(super) struct Positions {
    /// For each folded character the positions that read it; a set is some words.
    readers: Vec<Vec<u64>>,
    /// For each position those that may read next.
    follow: Vec<Vec<u64>>,
    words: usize,
}

/// What a part of a pattern begins and ends with.
struct Fragment {
    first: Vec<usize>,
    last: Vec<usize>,
    may_be_empty: bool,
}

impl Positions {
    /// The positions of a pattern; none when there are too many.
    pub(super) fn new(hir: &Hir) -> Option<Self> {
        let mut masks = Vec::new();
        let mut follow = Vec::new();
        walk(hir, &mut masks, &mut follow)?;
        let words = masks.len().div_ceil(64);
        let set = |members: &mut dyn Iterator<Item = usize>| {
            let mut set = vec![0_u64; words];
            members.for_each(|position| set[position / 64] |= 1 << (position % 64));
            set
        };
        let readers = (0..=BEYOND)
            .map(|c| set(&mut (0..masks.len()).filter(|position| masks[*position] >> c & 1 == 1)))
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

    /// The positions that read `c`, of those that may follow.
    fn step(&self, now: Option<&[u64]>, c: Folded) -> Vec<u64> {
        let readers = &self.readers[usize::from(c)];
        let Some(now) = now else { return readers.clone() };
        let mut next = vec![0_u64; self.words];
        for (word, bits) in now.iter().enumerate() {
            let mut bits = *bits;
            while bits != 0 {
                let position = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                next.iter_mut().zip(&self.follow[position]).for_each(|(n, f)| *n |= f);
            }
        }
        next.iter_mut().zip(readers).for_each(|(n, r)| *n &= r);
        next
    }
}

fn walk(hir: &Hir, masks: &mut Vec<u128>, follow: &mut Vec<Vec<usize>>) -> Option<Fragment> {
    let empty = Fragment { first: Vec::new(), last: Vec::new(), may_be_empty: true };
    let mut read = |mask| {
        masks.push(mask);
        follow.push(Vec::new());
        let position = masks.len() - 1;
        (masks.len() <= POSITION_LIMIT).then(|| Fragment {
            first: vec![position],
            last: vec![position],
            may_be_empty: false,
        })
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(empty),
        HirKind::Class(class) => read(mask(class)),
        HirKind::Literal(literal) => characters(&literal.0)
            .map(|c| read(1 << fold(c)))
            .collect::<Option<Vec<_>>>()
            .map(|parts| parts.into_iter().fold(empty, |a, b| join(a, b, follow))),
        HirKind::Capture(capture) => walk(&capture.sub, masks, follow),
        HirKind::Concat(parts) => parts.iter().try_fold(empty, |before, part| {
            let part = walk(part, masks, follow)?;
            Some(join(before, part, follow))
        }),
        HirKind::Alternation(parts) => {
            let mut all = Fragment { first: Vec::new(), last: Vec::new(), may_be_empty: false };
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

fn join(mut before: Fragment, after: Fragment, follow: &mut [Vec<usize>]) -> Fragment {
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
    Fragment { first: before.first, last, may_be_empty: before.may_be_empty && after.may_be_empty }
}

/// The folded characters of a class, a bit for each.
fn mask(class: &Class) -> u128 {
    let mut mask = 0;
    for range in unicode(class).ranges() {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use signatures_matcher::{Pattern, Search};

    use super::*;

    fn hir(pattern: &str) -> Hir {
        Pattern::compile(pattern).unwrap().hir().unwrap()
    }

    #[test]
    fn a_text_can_be_only_where_the_pattern_reads_it() {
        let positions = Positions::new(&hir(r"order [0-9]+ (?:lost|found)")).unwrap();
        for (text, possible) in
            [("order 4", true), ("99", true), ("r l", false), ("lostf", false), ("9 fou", true)]
        {
            assert_eq!(positions.may_contain(text.as_bytes()), possible, "{text}");
            let texts = [(text.as_bytes().to_vec(), ())];
            assert_eq!(positions.contained(&texts, &mut 0).len(), usize::from(possible), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_part_of_a_match_is_taken_to_be_possible(
            pattern in "(a|b|k|[ab]|\\(a\\|bb\\)|\\(ab\\)\\+|b\\?|a\\*|\\\\b){1,6}",
            text in "[abkAB\u{212a}]{0,8}",
        ) {
            let whole = Pattern::compile(&format!("^(?:{pattern})$")).unwrap();
            if whole.search(&text) == Search::Found {
                let folded: Vec<u8> = text.chars().map(fold).collect();
                let positions = Positions::new(&hir(&pattern)).unwrap();
                prop_assert!(folded.is_empty() || positions.may_contain(&folded));
                let (mut parts, mut checks) = (Vec::new(), 0);
                for start in 0..folded.len() {
                    parts.extend((start..folded.len()).map(|end| (folded[start..=end].to_vec(), ())));
                }
                parts.sort_unstable();
                prop_assert_eq!(positions.contained(&parts, &mut checks).len(), parts.len());
            }
        }
    }
}
