//! A pattern of the syntax of `regex`: linear in the text, whatever it is.

use std::{ops::Range, sync::OnceLock};

use regex_syntax::hir::{Hir, Look};

use crate::{
    error::PatternError,
    lazy_dfa::LazyDfa,
    limits::{CACHE_LIMIT, SIZE_LIMIT},
    occurrences::Occurrences,
    overapproximate::with_small_classes,
    size_bound::size_bound,
    syntax::parse,
};

/// The automata are made when they are needed: of a large taxonomy most patterns are
/// never run.
pub(crate) struct Linear {
    pub(crate) traits: Traits,
    /// The most bytes that a match has.
    longest: usize,
    /// What its automaton takes, in bytes, if that had to be made to tell.
    bytes: usize,
    /// For texts that are ASCII throughout.
    ascii: OnceLock<LazyDfa>,
    /// For all others.
    unicode: OnceLock<LazyDfa>,
}

/// What a pattern's matches hang on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Traits {
    /// They begin at the start of the text.
    pub(crate) anchored: bool,
    /// They take in word boundaries as Unicode has them.
    pub(crate) word_boundary: bool,
}

impl Linear {
    /// Sees to it that the pattern, of which this is the syntax tree, is not too
    /// large.
    pub(crate) fn new(source: &str, hir: &Hir) -> Result<Self, PatternError> {
        let properties = hir.properties();
        let mut bytes = 0;
        if size_bound(hir) > SIZE_LIMIT {
            let dfa = LazyDfa::new(&[hir], SIZE_LIMIT, CACHE_LIMIT);
            let dfa = dfa.map_err(|_| PatternError::larger_than(source, SIZE_LIMIT))?;
            bytes = dfa.memory_usage();
        }
        let traits = Traits {
            anchored: properties.look_set_prefix().contains(Look::Start),
            word_boundary: properties.look_set().contains_word_unicode(),
        };
        let longest = properties.maximum_len().unwrap_or(usize::MAX);
        Ok(Self { traits, longest, bytes, ascii: OnceLock::new(), unicode: OnceLock::new() })
    }

    /// What its automaton takes, in bytes, if that is known to be much.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The part of a text that holds all matches.
    pub(crate) fn region(&self, text: &str, literals: Occurrences) -> Range<usize> {
        literals.region(self.longest, text.len())
    }

    /// Whether the text contains the pattern, whose source this is.
    pub(crate) fn is_match(&self, source: &str, text: &str, literals: Occurrences) -> bool {
        let region = self.region(text, literals);
        let dfa = match text.is_ascii() {
            true => self.ascii.get_or_init(|| later(source, |hir| with_small_classes(&hir))),
            false => self.unicode.get_or_init(|| later(source, |hir| hir)),
        };
        dfa.is_match(text, region, literals.are_anchor())
    }
}

/// The automaton of a pattern that is known to be good and small enough.
fn later(source: &str, simplify: fn(Hir) -> Hir) -> LazyDfa {
    let source: Box<str> = source.into();
    let hir =
        move || parse(&source).map_or_else(|_| unreachable!("it was parsed before"), simplify);
    LazyDfa::later(hir, CACHE_LIMIT)
}
