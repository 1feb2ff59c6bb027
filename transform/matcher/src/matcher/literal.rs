//! What a text must contain before a pattern can match it.
//!
//! # The idea
//! Most patterns hold a stretch of plain text: `gunicorn.*worker timeout` can
//! match no text without `worker timeout`. Looking for such stretches, of all
//! patterns at once, is far cheaper than running the patterns, and the text
//! that has none of them is done with.
//!
//! # Why it is sound
//! [`Required::of`] walks the syntax tree and keeps this promise for every
//! node: *the folded text of each match contains one of the literals*.
//! Folding ([`fold`]) maps each character that is an ASCII letter to Unicode's
//! eyes to that letter in lower case; a class is listed by the folds of its
//! members, so case needs no further thought. A concatenation contains what its parts
//! contain, an alternation what one of its branches does; whatever is too
//! large to list, or may be absent, promises nothing. Spellings that end alike
//! may be cut down to their common ending, for a match contains that as well.
//!
//! That each match *begins* with a literal is promised only of what nothing
//! comes before that takes up text: the first stretch for as long as none of it
//! is cut off, and of an alternation that begins the pattern the literals that
//! begin their branches.
//!
//! # Example
//! `x509: .* expired|(certificate|cert) verify failed` gives `x509: `,
//! `certificate verify failed` and `cert verify failed`.
//!
//! # Sources
//! RE2's `FilteredRE2` (Russ Cox, "Regular Expression Matching with a Trigram
//! Index", 2012) and the inner literals of ripgrep. Unlike these, a literal
//! that says everything that its pattern says is known as such
//! ([`Required::sufficient`]), and saves running the pattern at all.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use regex_syntax::hir::{Class, Hir, HirKind, Repetition, literal::rank};

/// The most literals that a stretch of a pattern is spelt out into.
const MAX_SPELLINGS: usize = 64;

/// The most literals that one pattern may require, over all its alternatives.
const MAX_LITERALS: usize = 1024;

/// The most characters of a class that are spelt out.
const MAX_CLASS: usize = 10;

/// A stretch this long is distinctive: it is not multiplied any further.
const LONG_ENOUGH: usize = 4;

/// A stretch this long, in bytes, is broken off: more of it tells nothing more.
const MAX_LENGTH: usize = 256;

/// The most repetitions that are written out.
const MAX_REPEAT: u32 = 8;

/// The most sets of literals that are kept of one pattern.
const MAX_CHOICES: usize = 4;

/// Literals of which each match contains at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Literals {
    /// Folded, see [`fold`]. None at all: nothing matches.
    pub(crate) texts: Vec<Vec<u8>>,
    /// Whether the folded text of each match begins with one of them.
    pub(crate) leading: bool,
}

/// What a match of a pattern must contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Required {
    /// One or more sets of literals; each set alone is a condition.
    pub(crate) choices: Vec<Literals>,
    /// Whether a text that meets the condition is sure to match.
    pub(crate) sufficient: bool,
}

impl Required {
    /// The literals that are worth looking for, if the pattern has any.
    pub(crate) fn of(hir: &Hir) -> Option<Self> {
        let (choices, sufficient) = match part(hir) {
            Part::Listed(spellings) => {
                let complete = spellings.complete;
                (vec![spellings.into_literals()], complete)
            }
            Part::Containing(choices) => (choices, false),
        };
        let mut choices: Vec<Literals> = choices
            .into_iter()
            .map(Literals::without_superstrings)
            .filter(|literals| literals.are_usable() && literals.frequency() <= MAX_FREQUENCY)
            .collect();
        choices.sort_by_cached_key(|literals| cost(literals, |_| 1));
        choices.dedup_by(|later, earlier| later.texts == earlier.texts);
        choices.truncate(MAX_CHOICES);
        (!choices.is_empty()).then_some(Self { choices, sufficient })
    }
}

/// Sets of more literals than this are not looked for one by one.
const MAX_LOOKED_FOR: usize = 4;

impl Required {
    /// Whether a text that is folded and in lower case may match, going by all
    /// sets and not just by the one that was chosen.
    pub(super) fn may_match(&self, lower: &[u8]) -> bool {
        let found = |literal: &Vec<u8>| memchr::memmem::find(lower, literal).is_some();
        let few = self.choices.iter().filter(|literals| literals.texts.len() <= MAX_LOOKED_FOR);
        { few }.all(|literals| literals.texts.iter().any(found))
    }
}

/// Chooses one set of literals for each pattern.
///
/// A literal that many patterns could be looked for by distinguishes none of
/// them: to find it means to ask them all. So of sets that are all rare in
/// logs, that one is taken which is also rare among the patterns.
pub(super) fn choose<'r>(required: &[Option<&'r Required>]) -> Vec<Option<&'r Literals>> {
    let mut sharing: HashMap<&[u8], usize> = HashMap::new();
    let offered = required.iter().flatten().flat_map(|required| &required.choices);
    for literal in offered.flat_map(|literals| &literals.texts) {
        *sharing.entry(literal).or_default() += 1;
    }
    let shared = |literal: &[u8]| sharing.get(literal).copied().unwrap_or(1);
    let rarest = |choices: &'r [Literals]| choices.iter().min_by_key(|l| cost(l, shared));
    required.iter().map(|required| rarest(&required.as_ref()?.choices)).collect()
}

/// The text in which folded literals are to be looked for.
///
/// Upper and lower case of ASCII need no folding here: whoever compares does
/// that. What remains are the two other characters that Unicode takes for
/// ASCII letters: U+017F (long s) and U+212A (Kelvin sign).
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    let special = memchr::memchr2_iter(0xC5, 0xE2, text.as_bytes())
        .any(|at| text[at..].starts_with(['\u{17F}', '\u{212A}']));
    if special {
        Cow::Owned(text.replace('\u{17F}', "s").replace('\u{212A}', "k"))
    } else {
        Cow::Borrowed(text)
    }
}

fn fold_char(c: char) -> char {
    match c {
        '\u{17F}' => 's',
        '\u{212A}' => 'k',
        c => c.to_ascii_lowercase(),
    }
}

/// Every text that a part of a pattern can match.
struct Spellings {
    texts: Vec<Vec<u8>>,
    /// Whether each of the texts, in any case, is matched wherever it stands.
    complete: bool,
}

impl Spellings {
    /// The one text that matches everywhere: the empty one.
    fn empty() -> Self {
        Self { texts: vec![Vec::new()], complete: true }
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
            Self::Containing(choices) => {
                choices.into_iter().min_by_key(|literals| cost(literals, |_| 1))
            }
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
    choices: Vec<Literals>,
    /// Whether `current` is all there has been.
    whole: bool,
}

impl Stretch {
    fn new() -> Self {
        Self { current: Spellings::empty(), choices: Vec::new(), whole: true }
    }

    fn finish(mut self) -> Part {
        if self.whole {
            return Part::Listed(self.current);
        }
        self.interrupt();
        Part::Containing(self.choices)
    }

    fn push(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty => {}
            // The place matters, so containing the text is not enough.
            HirKind::Look(_) => self.current.complete = false,
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
        let complete = !text.chars().any(|c| fold_char(c).is_ascii_lowercase());
        self.push_spellings(Spellings { texts: vec![folded.into_bytes()], complete });
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
            Part::Containing(choices) => {
                let first = self.is_at_beginning();
                self.interrupt();
                let leading = |literals: &Literals| first && literals.leading;
                let choices = choices.into_iter();
                self.choices.extend(choices.map(|c| Literals { leading: leading(&c), ..c }));
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
        let crossed = self.current.texts.iter().flat_map(|head| {
            next.texts.iter().map(move |tail| [head.as_slice(), tail.as_slice()].concat())
        });
        self.current = Spellings {
            texts: crossed.collect(),
            complete: self.current.complete && next.complete,
        };
    }

    /// Of spellings that end alike keeps the shortest: what comes next follows
    /// that one in any case.
    fn keep_endings(&mut self) {
        let Spellings { texts, complete } = &mut self.current;
        let all = std::mem::take(texts);
        let is_ending = |text: &[u8], of: &[u8]| text.len() < of.len() && of.ends_with(text);
        let kept = all.iter().filter(|text| !all.iter().any(|other| is_ending(other, text)));
        *texts = kept.cloned().collect();
        if texts.len() < all.len() {
            (self.whole, *complete) = (false, false);
        }
    }

    /// Ends the stretch: what comes next does not follow it directly.
    fn interrupt(&mut self) {
        let leading = std::mem::replace(&mut self.whole, false);
        let texts = std::mem::replace(&mut self.current, Spellings::empty()).texts;
        let ended = Literals { texts, leading };
        if ended.are_usable() {
            self.choices.push(ended);
        }
    }

    /// Whether nothing that takes up text has been read.
    fn is_at_beginning(&self) -> bool {
        self.whole && self.current.texts.iter().all(Vec::is_empty)
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
        let mut all = Spellings { texts: Vec::new(), complete: true };
        for part in parts {
            if let Part::Listed(spellings) = part {
                all.texts.extend(spellings.texts);
                all.complete &= spellings.complete;
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
    let complete = folded.iter().flat_map(|&c| unfold(c)).all(|c| chars.contains(&c));
    let texts = folded.iter().map(|c| c.to_string().into_bytes()).collect();
    Part::Listed(Spellings { texts, complete })
}

/// All characters that [`fold_char`] maps to this one.
fn unfold(c: char) -> impl Iterator<Item = char> {
    let other = match c {
        's' => Some('\u{17F}'),
        'k' => Some('\u{212A}'),
        _ => None,
    };
    [c, c.to_ascii_uppercase()].into_iter().chain(other)
}

/// Patterns whose literals turn up more often than this, per byte of an
/// ordinary log, are better off without them.
const MAX_FREQUENCY: f64 = 1.0 / 100.0;

/// Nothing is taken to be rarer than this: what seems to be may still be a
/// phrase that is in every line.
const MIN_FREQUENCY: f64 = 1e-6;

impl Literals {
    /// Drops each literal that contains another: to contain the longer is to
    /// contain the shorter.
    fn without_superstrings(mut self) -> Self {
        self.texts.sort_unstable_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        self.texts.dedup();
        let mut kept: Vec<Vec<u8>> = Vec::new();
        for text in self.texts {
            let contains = |short: &Vec<u8>| memchr::memmem::find(&text, short).is_some();
            if !kept.iter().any(contains) {
                kept.push(text);
            } else {
                // A match that begins with the longer begins with the shorter.
                self.leading &= kept.iter().any(|short| text.starts_with(short));
            }
        }
        Self { texts: kept, ..self }
    }

    /// The empty literal is in every text, and tells nothing.
    fn are_usable(&self) -> bool {
        self.texts.iter().all(|text| !text.is_empty())
    }

    /// About how often, per byte of an ordinary log, one of them begins.
    fn frequency(&self) -> f64 {
        self.texts.iter().map(|text| text_frequency(text)).sum()
    }
}

/// Compares sets of literals: those found less often first; of equally rare
/// ones the longer. What many patterns share is likely to be more frequent than
/// it seems, and when found more of them have to be asked.
fn cost(literals: &Literals, sharing: impl Fn(&[u8]) -> usize) -> (u64, usize) {
    let one =
        |text: &Vec<u8>| text_frequency(text).max(MIN_FREQUENCY) * (sharing(text) as f64).powi(2);
    let shortest = literals.texts.iter().map(Vec::len).min().unwrap_or(0);
    ((literals.texts.iter().map(one).sum::<f64>() * 1e12) as u64, usize::MAX - shortest)
}

/// About how often, per byte of an ordinary log, this text begins.
///
/// What has begun is likely to go on: given those before it, a byte of a text
/// tells about half as many bits as it would alone.
pub(super) fn text_frequency(text: &[u8]) -> f64 {
    const NEWS: f64 = 0.55;
    let [first, rest @ ..] = text else { return 1.0 };
    byte_frequency(*first)
        * rest.iter().map(|&byte| byte_frequency(byte)).product::<f64>().powf(NEWS)
}

/// About how often a byte of an ordinary log is this one, or the one that
/// differs from it in the bit that tells upper from lower case.
///
/// From the rank of bytes that `regex-syntax` knows (255 the most frequent),
/// taken to halve every sixteen ranks. Digits it has too low for texts that are
/// full of times and numbers; and what is rare in logs it has at the top, lest
/// anyone look for it.
pub(super) fn byte_frequency(byte: u8) -> f64 {
    BYTE_FREQUENCIES[usize::from(byte)]
}

static BYTE_FREQUENCIES: LazyLock<[f64; 256]> = LazyLock::new(|| {
    let one = |byte: u8| match byte {
        b'0'..=b'9' => 0.025,
        _ if byte.is_ascii_control() || !byte.is_ascii() => 5e-4,
        _ => 0.09 * (-f64::from(255 - rank(byte)) / 16.0).exp2(),
    };
    std::array::from_fn(|byte| one(byte as u8 | 0x20) + one(byte as u8 & !0x20))
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;

    fn required(pattern: &str) -> Option<(Vec<String>, bool)> {
        let hir = Pattern::compile(pattern).unwrap().hir().unwrap();
        let required = Required::of(&hir)?;
        let literals = choose(&[Some(&required)]).remove(0)?.texts.iter();
        let texts = literals.map(|l| String::from_utf8(l.clone()).unwrap()).collect();
        Some((texts, required.sufficient))
    }

    fn some(literals: &[&str], sufficient: bool) -> Option<(Vec<String>, bool)> {
        Some((literals.iter().map(ToString::to_string).collect(), sufficient))
    }

    #[test]
    fn plain_text_is_its_own_literal_and_sufficient() {
        assert_eq!(required("Socket Hang Up"), some(&["socket hang up"], true));
        assert_eq!(required("(ENFILE|EMFILE)"), some(&["emfile", "enfile"], true));
        assert_eq!(required("jobs? done"), some(&["job done", "jobs done"], true));
    }

    #[test]
    fn a_literal_that_insists_on_case_or_place_is_not_sufficient() {
        assert_eq!(required("(?-i)Killed"), some(&["killed"], false));
        assert_eq!(required("^killed"), some(&["killed"], false));
        assert_eq!(required(r"\bkilled\b"), some(&["killed"], false));
        assert_eq!(required("(?-i:s)ocket"), some(&["socket"], false));
    }

    #[test]
    fn the_rarer_side_of_a_gap_is_chosen() {
        assert_eq!(required("gunicorn.*worker timeout"), some(&["worker timeout"], false));
        assert_eq!(required(r"\S+ x509: [a-z]+ expired"), some(&[" x509: "], false));
    }

    #[test]
    fn every_alternative_contributes() {
        assert_eq!(
            required("x509: .* expired|(certificate|cert) verify failed"),
            some(&[" expired", "cert verify failed", "certificate verify failed"], false)
        );
        assert_eq!(required(r"timeout|\d+"), None);
    }

    #[test]
    fn long_s_and_kelvin_sign_fold_to_letters() {
        assert_eq!(required("(?-i)\u{17F}oc\u{212A}et"), some(&["socket"], false));
        assert_eq!(fold("a \u{17F}oc\u{212A}et"), "a socket");
        assert!(matches!(fold("naïve Łódź … ∑"), Cow::Borrowed(_)));
    }

    #[test]
    fn repeats_are_spelt_out_or_broken_off() {
        assert_eq!(required("(?:ab){3}"), some(&["ababab"], true));
        assert_eq!(required("(?:abc){2,}d"), some(&["abcabc"], false));
        assert_eq!(required("x(?:error)*y"), None);
        assert_eq!(required("a{8}{8}{8}{8}{8}"), some(&["a".repeat(MAX_LENGTH).as_str()], false));
        assert_eq!(
            required("5[0-9][0-9] oops"),
            some(
                &[
                    "0 oops", "1 oops", "2 oops", "3 oops", "4 oops", "5 oops", "6 oops", "7 oops",
                    "8 oops", "9 oops"
                ],
                false
            )
        );
    }

    #[test]
    fn what_is_left_out_before_a_literal_does_not_end_it() {
        assert_eq!(
            required("[0-9](?:[.][0-9])?\" 4[0-2]"),
            some(&["\" 40", "\" 41", "\" 42"], false)
        );
    }

    #[test]
    fn a_literal_of_many_patterns_gives_way_to_one_of_few() {
        let of = |program| {
            let pattern = format!(r"{program}\[\d+\]: connection from");
            Required::of(&Pattern::compile(&pattern).unwrap().hir().unwrap())
        };
        let programs = ["smartd", "snmpd", "named"];
        let required = programs.map(of);
        let own = |program| Literals { texts: vec![format!("{program}[").into()], leading: true };
        let chosen = choose(&required.each_ref().map(Option::as_ref));
        assert_eq!(chosen, programs.map(own).each_ref().map(Some));
    }

    #[test]
    fn it_is_known_whether_matches_begin_with_a_literal() {
        let leading = |pattern| -> Vec<(Vec<u8>, bool)> {
            let required = Required::of(&Pattern::compile(pattern).unwrap().hir().unwrap());
            required.unwrap().choices.into_iter().map(|l| (l.texts.concat(), l.leading)).collect()
        };
        let expected = |choices: &[(&str, bool)]| -> Vec<(Vec<u8>, bool)> {
            choices.iter().map(|&(text, leading)| (text.into(), leading)).collect()
        };
        for (pattern, choices) in [
            (r"\bsocket hung.*broken pipe", &[("socket hung", true), ("broken pipe", false)][..]),
            (r"(?:socket|pipe_x) .*", &[("pipe_x socket ", true)]),
            (r"\d*socket", &[("socket", false)]),
            (r"(?:socket \d+|pipe_x)", &[("pipe_xsocket ", true)]),
            (r"k?(?:socket \d+|pipe_x)", &[("pipe_xsocket ", false)]),
            // `pipe_x` does not begin where a match with the other one does.
            (r"a pipe_x|pipe_x", &[("pipe_x", false)]),
            (r"pipe_xyz|pipe_x", &[("pipe_x", true)]),
        ] {
            assert_eq!(leading(pattern), expected(choices), "{pattern}");
        }
    }

    #[test]
    fn what_matches_everywhere_or_nowhere_is_told_apart() {
        assert_eq!(required(""), None);
        assert_eq!(required("(?:error)?"), None);
        assert_eq!(required(r"[a&&b]"), some(&[], true));
    }
}
