//! The characters that matter to one pattern, a few of each sort.
//!
//! Two characters that every class of the pattern treats alike are one symbol.
//! Rather than cut all of Unicode into such symbols, only a sample is sorted:
//! ASCII, the ends of the pattern's own ranges and their neighbours, and a few
//! characters of each sort from beyond. A symbol that the sample misses could
//! only hide an attack that no ASCII text mounts; it can never invent one.

use std::collections::HashMap;

use crate::syntax::{Class, Kind, Named, Node};

/// Beyond ASCII: letters with and without case, digits, spaces, signs.
const BEYOND_ASCII: &[char] = &[
    'é',
    'É',
    'ß',
    '中',
    '\u{660}',
    '²',
    '\u{a0}',
    '\u{3000}',
    '€',
    '—',
    '\u{85}',
    '\u{2028}',
    '\u{1f600}',
];

/// The most symbols that [`Symbols`] holds.
const SYMBOL_LIMIT: usize = 256;

/// A symbol of the alphabet: its index.
pub(crate) type Symbol = u8;

/// What assertions tell symbols apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Sort {
    Word,
    Newline,
    Other,
    /// The start or the end of the text: no symbol at all.
    Edge,
}

impl Sort {
    pub(crate) const ALL: [Sort; 4] = [Sort::Word, Sort::Newline, Sort::Other, Sort::Edge];
}

/// A set of symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Symbols([u64; SYMBOL_LIMIT / 64]);

impl Symbols {
    pub(crate) fn insert(&mut self, symbol: Symbol) {
        self.0[usize::from(symbol) / 64] |= 1 << (symbol % 64);
    }

    pub(crate) fn contains(&self, symbol: Symbol) -> bool {
        self.0[usize::from(symbol) / 64] & 1 << (symbol % 64) != 0
    }

    pub(crate) fn and(&self, other: &Symbols) -> Symbols {
        Symbols(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    pub(crate) fn or(&self, other: &Symbols) -> Symbols {
        Symbols(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// The symbol that reads best, if there is one.
    pub(crate) fn first(&self) -> Option<Symbol> {
        let word = self.0.iter().position(|word| *word != 0)?;
        // Below 256, as there are four words.
        Some((word * 64) as Symbol + self.0[word].trailing_zeros() as Symbol)
    }
}

/// A class of the pattern by number.
pub(crate) type SetId = usize;

/// The symbols of one pattern. Lower ones read better in an attack string.
#[derive(Debug)]
pub(crate) struct Alphabet {
    /// One character for each symbol.
    pub(crate) characters: Vec<char>,
    pub(crate) sorts: Vec<Sort>,
    /// The least symbol that each equals when case is ignored.
    pub(crate) folded: Vec<Symbol>,
    /// What each class of the pattern holds.
    pub(crate) sets: Vec<Symbols>,
    pub(crate) of_sort: [Symbols; 4],
    pub(crate) all: Symbols,
    ids: HashMap<Class, SetId>,
}

impl Alphabet {
    /// The symbol that `c` belongs to, if the sample has one.
    pub(crate) fn symbol(&self, c: char) -> Option<Symbol> {
        if let Some(symbol) = self.characters.iter().position(|known| *known == c) {
            return Symbol::try_from(symbol).ok();
        }
        let holds = |own: char, class: &Class| class.contains(own);
        (0..).zip(&self.characters).find_map(|(symbol, known)| {
            let same = sort_of(*known) == sort_of(c)
                && self.ids.keys().all(|class| holds(c, class) == holds(*known, class));
            same.then_some(symbol)
        })
    }

    /// The alphabet of the patterns, or nothing when they have too many symbols.
    pub(crate) fn new(roots: &[&Node]) -> Option<Alphabet> {
        let mut ids = HashMap::new();
        roots.iter().for_each(|root| collect_classes(root, &mut ids));
        let mut classes: Vec<(&Class, SetId)> =
            ids.iter().map(|(class, id)| (class, *id)).collect();
        classes.sort_by_key(|(_, id)| *id);

        let mut by_signature: HashMap<Vec<u64>, Symbol> = HashMap::new();
        let mut characters = Vec::new();
        let mut sets = vec![Symbols::default(); classes.len()];
        for c in sample(&classes) {
            let signature = signature(c, &classes);
            if by_signature.contains_key(&signature) {
                continue;
            }
            let symbol = Symbol::try_from(characters.len()).ok()?;
            characters.push(c);
            for (_, id) in &classes {
                if signature[id / 64] & 1 << (id % 64) != 0 {
                    sets[*id].insert(symbol);
                }
            }
            by_signature.insert(signature, symbol);
        }

        let sorts: Vec<Sort> = characters.iter().map(|c| sort_of(*c)).collect();
        let mut of_sort = [Symbols::default(); 4];
        let mut all = Symbols::default();
        for (symbol, sort) in (0..).zip(&sorts) {
            of_sort[*sort as usize].insert(symbol);
            all.insert(symbol);
        }
        let folded = (0..).zip(&characters).map(|(own, c)| fold_of(own, *c, &characters)).collect();
        Some(Alphabet { characters, sorts, folded, sets, of_sort, all, ids })
    }

    /// The number of a class of the pattern.
    pub(crate) fn set_id(&self, class: &Class) -> SetId {
        self.ids[class]
    }

    /// All symbols, those first that the fewest classes hold: they end most matches.
    pub(crate) fn by_strangeness(&self) -> Vec<Symbol> {
        let mut symbols: Vec<Symbol> = (0..).take(self.characters.len()).collect();
        symbols.sort_by_cached_key(|s| self.sets.iter().filter(|set| set.contains(*s)).count());
        symbols
    }

    pub(crate) fn text(&self, symbols: &[Symbol]) -> String {
        symbols.iter().map(|symbol| self.characters[usize::from(*symbol)]).collect()
    }
}

fn collect_classes(node: &Node, ids: &mut HashMap<Class, SetId>) {
    if let Kind::Set(class) = &node.kind
        && !ids.contains_key(class)
    {
        ids.insert(class.clone(), ids.len());
    }
    for child in node.children() {
        collect_classes(child, ids);
    }
}

/// The characters that are sampled, those first that read best in an attack.
fn sample(classes: &[(&Class, SetId)]) -> Vec<char> {
    let mut sample: Vec<char> = ('a'..='z').chain('0'..='9').chain('A'..='Z').collect();
    sample.extend("!@#%&,;:/=~_-.$<>'\"`?*+^|()[]{}\\ \t\n\r".chars());
    sample.extend((0..128u8).map(char::from));
    sample.extend(BEYOND_ASCII);
    for (class, _) in classes {
        class.ends(&mut |end| {
            if !end.is_ascii() {
                let near = [u32::from(end), u32::from(end) + 1, u32::from(end) - 1];
                sample.extend(near.into_iter().filter_map(char::from_u32));
            }
        });
    }
    sample
}

/// Which classes hold `c`, and its sort.
fn signature(c: char, classes: &[(&Class, SetId)]) -> Vec<u64> {
    let mut signature = vec![0u64; classes.len().div_ceil(64) + 1];
    for (class, id) in classes {
        if class.contains(c) {
            signature[id / 64] |= 1 << (id % 64);
        }
    }
    if let Some(last) = signature.last_mut() {
        *last = sort_of(c) as u64;
    }
    signature
}

fn sort_of(c: char) -> Sort {
    match c {
        '\n' => Sort::Newline,
        c if (Named::Word { ascii: false }).contains(c) => Sort::Word,
        _ => Sort::Other,
    }
}

fn fold_of(own: Symbol, c: char, characters: &[char]) -> Symbol {
    let folded = Class::literal(c, true);
    (0..own)
        .zip(characters)
        .find(|(_, other)| folded.contains(**other))
        .map_or(own, |(symbol, _)| symbol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dialect::Dialect, flags::Flags, parser::parse};

    fn alphabet(pattern: &str, flags: Flags) -> Alphabet {
        let parsed = parse(pattern, Dialect::Python, flags).unwrap();
        Alphabet::new(&[&parsed.root]).unwrap()
    }

    #[test]
    fn characters_that_no_class_tells_apart_are_one_symbol() {
        let alphabet = alphabet(r"[a-f]+x", Flags::default());
        assert_eq!(alphabet.characters, ['a', 'g', 'x', '!', '\n']);
    }

    #[test]
    fn case_folds_symbols_together_only_when_it_is_ignored() {
        assert_eq!(alphabet("a", Flags::default()).characters, ['a', 'b', '!', '\n']);
        let flags = Flags { ignore_case: true, ..Flags::default() };
        assert_eq!(alphabet("[A]", flags).characters, ['a', 'b', '!', '\n']);
    }
}
