//! Reads the literals off a pattern's syntax tree.
//!
//! # Why it is sound
//! [`extract`] walks the syntax tree and keeps this promise for every node: *the
//! folded text of each match contains one of the literals*. Folding maps each
//! character that is an ASCII letter to Unicode's eyes to that letter in lower
//! case; a class is listed by the folds of its members, so case needs no further
//! thought. A concatenation contains what its parts contain, an alternation what
//! one of its branches does; whatever is too large to list, or may be absent,
//! promises nothing. Spellings that end alike may be cut down to their common
//! ending, for a match contains that as well.
//!
//! That each match *begins* with a literal is promised only of what nothing
//! comes before that takes up text: the first stretch for as long as none of it
//! is cut off, and of an alternation that begins the pattern the literals that
//! begin their branches.
//!
//! # Example
//! `x509: .* expired|(certificate|cert) verify failed` gives `x509: `,
//! `certificate verify failed` and `cert verify failed`.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::{
    case::{fold_char, unfold},
    set::Literals,
};

/// The most literals that a stretch of a pattern is spelt out into.
const MAX_SPELLINGS: usize = 64;

/// The most literals that one pattern may require, over all its alternatives.
const MAX_LITERALS: usize = 1024;

/// The most characters of a class that are spelt out.
const MAX_CLASS: usize = 10;

/// A stretch this long is distinctive: it is not multiplied any further.
const LONG_ENOUGH: usize = 4;

/// A stretch this long, in bytes, is broken off: more of it tells nothing more.
pub(super) const MAX_LENGTH: usize = 256;

/// The most repetitions that are written out.
const MAX_REPEAT: u32 = 8;

/// Sets of literals of each of which every match contains at least one.
///
/// A match of the expression is one anywhere in a text, whatever surrounds it.
/// The sets stand in the order of the parts that they are from. There is none
/// where nothing can be said.
///
/// ```
/// use signatures_matcher::{Pattern, literals};
///
/// let pattern = Pattern::compile(r"(?:disk|volume) \w+ full")?;
/// let hir = pattern.hir().expect("it needs no look-around");
/// let sets: Vec<_> = literals::required(&hir).iter().map(|set| set.texts().join("|")).collect();
/// assert_eq!(sets, ["disk |volume ", " full"]);
/// # Ok::<(), signatures_matcher::PatternError>(())
/// ```
#[must_use]
pub fn required(hir: &Hir) -> Vec<Literals> {
    extract(hir).sets
}

/// What a match contains, and whether that is all.
pub(super) struct Extracted {
    pub(super) sets: Vec<Literals>,
    /// Whether a text that contains a literal of the only set is sure to match.
    pub(super) exact: bool,
}

/// As [`required`].
pub(super) fn extract(hir: &Hir) -> Extracted {
    let (sets, exact) = match part(hir) {
        Part::Listed(spellings) => {
            let exact = spellings.exact;
            (vec![spellings.into_literals()], exact)
        }
        Part::Containing(sets) => (sets, false),
    };
    let sets = sets.into_iter().map(Literals::without_superstrings);
    Extracted { sets: sets.filter(Literals::are_usable).collect(), exact }
}

/// Every text that a part of a pattern can match.
struct Spellings {
    texts: Vec<String>,
    /// Whether each of the texts, in any case, is matched wherever it stands.
    exact: bool,
}

impl Spellings {
    /// The one text that matches everywhere: the empty one.
    fn empty() -> Self {
        Self { texts: vec![String::new()], exact: true }
    }

    /// The same, when they are all there is.
    fn into_literals(self) -> Literals {
        Literals { texts: self.texts, leading: true }
    }
}

/// What is known about a part of a pattern.
enum Part {
    Listed(Spellings),
    /// Too much to list; of each of these sets, a match contains a literal.
    Containing(Vec<Literals>),
}

impl Part {
    fn best(self) -> Option<Literals> {
        match self {
            Self::Listed(spellings) => Some(spellings.into_literals()),
            Self::Containing(sets) => sets.into_iter().min_by_key(|literals| literals.cost(|_| 1)),
        }
    }
}

/// Reads a pattern from left to right.
///
/// The spellings grow for as long as they can be listed. Where they cannot,
/// what there is so far is one stretch that every match contains, and another
/// begins.
struct Stretch {
    current: Spellings,
    sets: Vec<Literals>,
    /// Whether `current` is all there has been.
    whole: bool,
}

impl Stretch {
    fn new() -> Self {
        Self { current: Spellings::empty(), sets: Vec::new(), whole: true }
    }

    fn finish(mut self) -> Part {
        if self.whole {
            return Part::Listed(self.current);
        }
        self.interrupt();
        Part::Containing(self.sets)
    }

    fn push(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty => {}
            // The place matters, so containing the text is not enough.
            HirKind::Look(_) => self.current.exact = false,
            HirKind::Literal(literal) => self.push_literal(&literal.0),
            HirKind::Class(class) => self.push_part(class_part(class)),
            HirKind::Repetition(repetition) => self.push_repetition(repetition),
            HirKind::Capture(capture) => self.push(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.push(part)),
            HirKind::Alternation(branches) => self.push_part(alternation(branches)),
        }
    }

    fn push_literal(&mut self, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else { return self.interrupt() };
        let folded: String = text.chars().map(fold_char).collect();
        // A letter outside a class is one that insists on its case.
        let exact = !text.chars().any(|c| fold_char(c).is_ascii_lowercase());
        self.push_spellings(Spellings { texts: vec![folded], exact });
    }

    fn push_repetition(&mut self, repetition: &Repetition) {
        let Repetition { min, max, ref sub, .. } = *repetition;
        if (min, max) == (0, Some(1)) {
            let skipped = Part::Listed(Spellings::empty());
            return self.push_part(either(vec![part(sub), skipped]));
        }
        for _ in 0..min.min(MAX_REPEAT) {
            self.push(sub);
        }
        if max != Some(min) || min > MAX_REPEAT {
            self.interrupt();
        }
    }

    fn push_part(&mut self, part: Part) {
        match part {
            Part::Listed(spellings) => self.push_spellings(spellings),
            Part::Containing(sets) => {
                let first = self.is_at_beginning();
                self.interrupt();
                let leading = |literals: &Literals| first && literals.leading;
                let sets = sets.into_iter();
                self.sets.extend(sets.map(|c| Literals { leading: leading(&c), ..c }));
            }
        }
    }

    fn push_spellings(&mut self, next: Spellings) {
        if self.current.texts.len().saturating_mul(next.texts.len()) > MAX_SPELLINGS {
            self.keep_endings();
        }
        let ways = self.current.texts.len().saturating_mul(next.texts.len());
        let all_have = |length| self.current.texts.iter().all(|text| text.len() >= length);
        if ways > MAX_SPELLINGS
            || next.texts.len() > 4 && all_have(LONG_ENOUGH)
            || all_have(MAX_LENGTH)
        {
            self.interrupt();
            self.current = next;
            return;
        }
        let crossed = self
            .current
            .texts
            .iter()
            .flat_map(|head| next.texts.iter().map(move |tail| [head.as_str(), tail].concat()));
        self.current =
            Spellings { texts: crossed.collect(), exact: self.current.exact && next.exact };
    }

    /// Of spellings that end alike keeps the shortest: what comes next follows
    /// that one in any case.
    fn keep_endings(&mut self) {
        let Spellings { texts, exact } = &mut self.current;
        let all = std::mem::take(texts);
        let is_ending = |text: &str, of: &str| text.len() < of.len() && of.ends_with(text);
        let kept = all.iter().filter(|text| !all.iter().any(|other| is_ending(other, text)));
        *texts = kept.cloned().collect();
        if texts.len() < all.len() {
            (self.whole, *exact) = (false, false);
        }
    }

    /// Ends the stretch: what comes next does not follow it directly.
    fn interrupt(&mut self) {
        let leading = std::mem::replace(&mut self.whole, false);
        let texts = std::mem::replace(&mut self.current, Spellings::empty()).texts;
        let ended = Literals { texts, leading };
        if ended.are_usable() {
            self.sets.push(ended);
        }
    }

    /// Whether nothing that takes up text has been read.
    fn is_at_beginning(&self) -> bool {
        self.whole && self.current.texts.iter().all(String::is_empty)
    }
}

fn part(hir: &Hir) -> Part {
    let mut stretch = Stretch::new();
    stretch.push(hir);
    stretch.finish()
}

fn alternation(branches: &[Hir]) -> Part {
    either(branches.iter().map(part).collect())
}

fn either(parts: Vec<Part>) -> Part {
    let listed = |part: &Part| match part {
        Part::Listed(spellings) => Some(spellings.texts.len()),
        Part::Containing(_) => None,
    };
    let ways: Option<usize> = parts.iter().map(listed).sum();
    if ways.is_some_and(|ways| ways <= MAX_LITERALS) {
        let mut all = Spellings { texts: Vec::new(), exact: true };
        for part in parts {
            if let Part::Listed(spellings) = part {
                all.texts.extend(spellings.texts);
                all.exact &= spellings.exact;
            }
        }
        all.texts.sort_unstable();
        all.texts.dedup();
        return Part::Listed(all);
    }
    let mut all = Literals { texts: Vec::new(), leading: true };
    for part in parts {
        match part.best() {
            Some(more) if all.texts.len() + more.texts.len() <= MAX_LITERALS => {
                all.texts.extend(more.texts);
                all.leading &= more.leading;
            }
            _ => return Part::Containing(Vec::new()),
        }
    }
    Part::Containing(vec![all])
}

fn class_part(class: &Class) -> Part {
    let chars: Vec<char> = match class {
        Class::Unicode(class) => {
            class.iter().flat_map(|r| r.start()..=r.end()).take(4 * MAX_CLASS).collect()
        }
        Class::Bytes(class) if class.is_ascii() => class
            .iter()
            .flat_map(|r| r.start()..=r.end())
            .take(4 * MAX_CLASS)
            .map(char::from)
            .collect(),
        Class::Bytes(_) => return Part::Containing(Vec::new()),
    };
    let mut folded: Vec<char> = chars.iter().map(|&c| fold_char(c)).collect();
    folded.sort_unstable();
    folded.dedup();
    if folded.len() > MAX_CLASS || chars.len() == 4 * MAX_CLASS {
        return Part::Containing(Vec::new());
    }
    let exact = folded.iter().flat_map(|&c| unfold(c)).all(|c| chars.contains(&c));
    let texts = folded.iter().map(|c| c.to_string()).collect();
    Part::Listed(Spellings { texts, exact })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        lazy_dfa::LazyDfa,
        literals::folded,
        pattern::{Pattern, Search},
    };

    fn sets(pattern: &str) -> Vec<Vec<String>> {
        let sets = required(&Pattern::compile(pattern).unwrap().hir().unwrap());
        sets.into_iter().map(|set| set.texts).collect()
    }

    #[test]
    fn each_set_is_a_condition_however_frequent_its_literals() {
        assert_eq!(sets("gunicorn.*worker timeout"), [["gunicorn"], ["worker timeout"]]);
        assert_eq!(sets("e+r?s"), [["e"].as_slice(), &["rs", "s"][1..]]);
        assert_eq!(sets(r"timeout|\d+"), [[""; 0]; 0]);
        assert_eq!(sets("[a&&b]"), [[""; 0]]);
    }

    proptest! {
        #[test]
        fn every_match_contains_a_literal_of_each_set(
            pattern in r"(a|b|K|é|[ab]|[ks]|x\d|\(a\|bb\)|\(ab\)\+|b\?|a\*|\\b|\^|\(\?-i:s\)|[.]){1,6}",
            text in "[abkAB1é\u{212A}\u{17F}]{0,10}",
        ) {
            let Ok(compiled) = Pattern::compile(&pattern) else { return Ok(()) };
            let hir = compiled.hir().unwrap();
            let (sets, whole) = (required(&hir), folded(&text));
            if compiled.search(&text) == Search::Found {
                for set in &sets {
                    let found = set.texts.iter().any(|literal| whole.contains(literal));
                    prop_assert!(found, "{set:?} in {whole:?}");
                }
            }
            let dfa = LazyDfa::new(&[&hir], usize::MAX, 1 << 20).unwrap();
            for (at, _) in text.char_indices().filter(|&(at, _)| dfa.is_match(&text, at..text.len(), true)) {
                let rest = folded(&text[at..]);
                for set in sets.iter().filter(|set| set.leading) {
                    let begins = set.texts.iter().any(|literal| rest.starts_with(literal));
                    prop_assert!(begins, "{set:?} begins {rest:?}");
                }
            }
        }
    }
}
