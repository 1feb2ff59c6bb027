//! Which symbols pumps are made of.

use std::collections::HashSet;

use crate::alphabet::{Alphabet, Symbol, Symbols};

/// Which symbols pumps are made of, the preferred ones first. There are several
/// choices, since after a pump of one symbol there may be no suffix that makes the
/// match fail, while after a pump of another there is.
#[derive(Debug, Clone)]
pub(crate) struct Palette {
    pub(super) allowed: Symbols,
    order: Option<Vec<Symbol>>,
    /// Whether the same symbol again is preferred: the shortest pump has but one.
    repeats: bool,
}

impl Palette {
    /// All symbols, readable ones first.
    fn readable(alphabet: &Alphabet, repeats: bool) -> Palette {
        Palette { allowed: alphabet.all, order: None, repeats }
    }

    /// All symbols, those first that the fewest classes hold.
    fn strange_first(alphabet: &Alphabet) -> Palette {
        Palette { allowed: alphabet.all, order: Some(alphabet.by_strangeness()), repeats: false }
    }

    /// All but those in `tried`, those first that the fewest classes hold.
    fn strange(alphabet: &Alphabet, tried: &HashSet<Symbol>) -> Palette {
        let order = alphabet.by_strangeness().into_iter().filter(|s| !tried.contains(s));
        let order: Vec<Symbol> = order.collect();
        let mut allowed = Symbols::default();
        order.iter().for_each(|symbol| allowed.insert(*symbol));
        Palette { allowed, order: Some(order), repeats: false }
    }

    /// Whether symbols are preferred that few classes hold.
    pub(super) fn prefers_strange(&self) -> bool {
        self.order.is_some()
    }

    /// A symbol of the set to follow `before`.
    pub(super) fn pick_after(&self, before: Option<Symbol>, symbols: &Symbols) -> Option<Symbol> {
        let again =
            before.filter(|s| self.repeats && symbols.contains(*s) && self.allowed.contains(*s));
        again.or_else(|| self.pick(symbols))
    }

    pub(super) fn pick(&self, symbols: &Symbols) -> Option<Symbol> {
        match &self.order {
            None => symbols.first(),
            Some(order) => order.iter().copied().find(|symbol| symbols.contains(*symbol)),
        }
    }
}

/// How many choices of symbols there are.
const PALETTE_LIMIT: usize = 8;

/// The choices of symbols for pumps, one after the other.
#[derive(Default)]
pub(crate) struct Palettes {
    given: usize,
    tried: HashSet<Symbol>,
}

impl Palettes {
    /// The next choice, until all were given.
    pub(crate) fn next(&mut self, alphabet: &Alphabet) -> Option<Palette> {
        self.given += 1;
        match self.given {
            1 => Some(Palette::readable(alphabet, true)),
            2 => Some(Palette::readable(alphabet, false)),
            3 => Some(Palette::strange_first(alphabet)),
            4..=PALETTE_LIMIT => Some(Palette::strange(alphabet, &self.tried)),
            _ => None,
        }
    }

    /// Takes note of pumps that were tried: one that consists of a single symbol
    /// need not be tried again.
    pub(crate) fn tried<'w>(&mut self, words: impl Iterator<Item = &'w [Symbol]>) {
        for word in words {
            if word.iter().all(|symbol| *symbol == word[0]) {
                self.tried.insert(word[0]);
            }
        }
    }
}
