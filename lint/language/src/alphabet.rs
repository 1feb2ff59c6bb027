//! The characters that matter to a question, sorted into symbols.
//!
//! Two characters that every class in question treats alike are one symbol, so
//! that some dozens of symbols stand for all of Unicode, and nothing is left out.

use std::{collections::HashMap, sync::LazyLock};

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use crate::{
    characters::{characters, unicode},
    gaps::FILLERS,
};

/// The index of a symbol.
pub(super) type Symbol = usize;

/// The index of a class.
pub(super) type ClassId = usize;

/// The class of all characters.
pub(super) const ALL: ClassId = 0;

/// A set of symbols, a bit for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Symbols(Box<[u64]>);

impl Symbols {
    fn new(members: impl Iterator<Item = bool>, count: usize) -> Self {
        let mut words = vec![0_u64; count.div_ceil(64)];
        for (symbol, _) in members.enumerate().filter(|(_, member)| *member) {
            words[symbol / 64] |= 1 << (symbol % 64);
        }
        Self(words.into())
    }

    /// These of so many symbols.
    pub(super) fn of(symbols: &[Symbol], count: usize) -> Self {
        let mut words = vec![0_u64; count.div_ceil(64)];
        symbols.iter().for_each(|symbol| words[symbol / 64] |= 1 << (symbol % 64));
        Self(words.into())
    }

    pub(super) fn contains(&self, symbol: Symbol) -> bool {
        self.0[symbol / 64] >> (symbol % 64) & 1 == 1
    }

    /// The symbols that are in both sets, in order.
    pub(super) fn common(&self, other: &Self) -> impl Iterator<Item = Symbol> {
        (0..).zip(self.0.iter().zip(&other.0)).flat_map(|(word, (a, b))| {
            let mut bits = a & b;
            std::iter::from_fn(move || {
                let lowest = (bits != 0).then(|| word * 64 + bits.trailing_zeros() as usize);
                bits &= bits.wrapping_sub(1);
                lowest
            })
        })
    }

    /// The lowest symbol that is in all three sets.
    pub(super) fn lowest_common(&self, second: &Self, third: &Self) -> Option<Symbol> {
        (0..).zip(self.0.iter().zip(&second.0).zip(&third.0)).find_map(|(word, ((a, b), c))| {
            let common = a & b & c;
            (common != 0).then(|| word * 64 + common.trailing_zeros() as usize)
        })
    }
}

/// What stands next to a place, as far as look-around tells it: an index into
/// [`Alphabet::kinds`].
pub(super) type Kind = usize;

/// The edge of the text.
pub(super) const EDGE: Kind = 0;

/// Any character, where look-around does not matter.
pub(super) const ANY: Kind = 1;

/// What a neighbouring character is to look-around.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Neighbour {
    /// No character at all: the start or the end of the text.
    pub(super) edge: bool,
    pub(super) word: bool,
    pub(super) ascii_word: bool,
    pub(super) line_feed: bool,
    pub(super) carriage_return: bool,
}

impl Neighbour {
    pub(super) const EDGE: Self = Self {
        edge: true,
        word: false,
        ascii_word: false,
        line_feed: false,
        carriage_return: false,
    };

    fn of(c: char) -> Self {
        Self {
            edge: false,
            word: regex_syntax::is_word_character(c),
            ascii_word: c.is_ascii_alphanumeric() || c == '_',
            line_feed: c == '\n',
            carriage_return: c == '\r',
        }
    }
}

/// The classes of a question, each once.
#[derive(Default)]
pub(super) struct Classes {
    ids: HashMap<Ranges, ClassId>,
    /// Whether look-around needs to know words and lines.
    pub(super) looks: bool,
}

/// `\w`.
static WORD: LazyLock<ClassUnicode> = LazyLock::new(|| {
    match regex_syntax::parse(r"\w").map(regex_syntax::hir::Hir::into_kind) {
        Ok(regex_syntax::hir::HirKind::Class(class)) => unicode(&class),
        // `\w` is a class.
        _ => ClassUnicode::empty(),
    }
});

/// The ranges of a class, to be hashed.
type Ranges = Vec<(u32, u32)>;

impl Classes {
    pub(super) fn id(&mut self, class: &ClassUnicode) -> ClassId {
        let next = self.ids.len();
        *self.ids.entry(ranges(class)).or_insert(next)
    }

    /// Adds the classes of a pattern, and those that its look-around tells apart.
    pub(super) fn add(&mut self, hir: &Hir) {
        self.looks |= !hir.properties().look_set().is_empty();
        self.add_leaves(hir);
    }

    fn add_leaves(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => {
                for c in characters(&literal.0) {
                    self.id(&single(c));
                }
            }
            HirKind::Class(class) => _ = self.id(&unicode(class)),
            HirKind::Repetition(repetition) => self.add_leaves(&repetition.sub),
            HirKind::Capture(capture) => self.add_leaves(&capture.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => {
                parts.iter().for_each(|part| self.add_leaves(part));
            }
        }
    }

    /// Adds the classes that look-around tells apart.
    fn add_neighbours(&mut self) {
        self.id(&WORD);
        let ascii = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
        self.id(&ClassUnicode::new(ascii.map(|(a, b)| ClassUnicodeRange::new(a, b))));
        self.id(&single('\n'));
        self.id(&single('\r'));
    }
}

/// The symbols of some questions. Lower ones read better in a text.
pub(super) struct Alphabet {
    /// One character for each symbol.
    pub(super) characters: Vec<char>,
    /// For each class the symbols in it; the first is [`ALL`].
    pub(super) members: Vec<Symbols>,
    /// The kinds of neighbours that a line has, each with its symbols; the first two
    /// are [`EDGE`] and [`ANY`].
    pub(super) kinds: Vec<(Neighbour, Symbols)>,
    ids: HashMap<Ranges, ClassId>,
}

impl Alphabet {
    pub(super) fn new(mut classes: Classes) -> Self {
        if classes.looks {
            classes.add_neighbours();
        } else {
            // A line feed is no part of a line, whatever the classes say.
            classes.id(&single('\n'));
        }
        let count = classes.ids.len();
        let mut changes: Vec<(u32, ClassId)> = Vec::new();
        for (ranges, id) in &classes.ids {
            for (start, end) in ranges {
                changes.extend([(*start, *id), (end + 1, *id)]);
            }
        }
        changes.sort_unstable();
        let mut found: HashMap<Vec<u64>, Option<char>> = HashMap::new();
        let mut within = vec![0_u64; count.div_ceil(64)];
        let (mut at, mut index) = (0, 0);
        while at <= u32::from(char::MAX) {
            while let Some((_, id)) = changes.get(index).filter(|(start, _)| *start <= at) {
                within[id / 64] ^= 1 << (id % 64);
                index += 1;
            }
            let end = changes.get(index).map_or(u32::from(char::MAX) + 1, |(start, _)| *start);
            let known = found.entry(within.clone()).or_default();
            // Nothing beyond ASCII reads better than what is printable there.
            if at <= 0x7f || known.is_none_or(|c| !matches!(c, ' '..='~')) {
                let best = most_readable(at, end);
                *known = [*known, best].into_iter().flatten().min_by_key(|c| unreadable(*c));
            }
            at = end;
        }
        let mut symbols: Vec<_> = found
            .into_iter()
            .filter_map(|(within, character)| Some((character?, within)))
            .collect();
        symbols.sort_by_key(|(character, _)| unreadable(*character));
        let contains =
            |id: ClassId| symbols.iter().map(move |(_, w)| w[id / 64] >> (id % 64) & 1 == 1);
        let everything = Symbols::new(symbols.iter().map(|_| true), symbols.len());
        let members = (0..count).map(|id| Symbols::new(contains(id), symbols.len()));
        let members = [everything].into_iter().chain(members).collect();
        let neighbours: Vec<_> = symbols.iter().map(|(c, _)| Neighbour::of(*c)).collect();
        let such = |test: &dyn Fn(&Neighbour) -> bool| {
            Symbols::new(neighbours.iter().map(test), neighbours.len())
        };
        let of_lines = such(&|neighbour| !neighbour.line_feed);
        let mut kinds = vec![(Neighbour::EDGE, such(&|_| false)), (Neighbour::default(), of_lines)];
        for neighbour in neighbours.iter().filter(|neighbour| !neighbour.line_feed) {
            if classes.looks && kinds[ANY + 1..].iter().all(|(known, _)| known != neighbour) {
                kinds.push((*neighbour, such(&|other| other == neighbour)));
            }
        }
        let characters = symbols.iter().map(|(c, _)| *c).collect();
        Self { characters, members, kinds, ids: classes.ids }
    }

    /// The kinds of neighbours to tell apart.
    pub(super) fn kinds_for(&self, looks: bool) -> std::ops::Range<Kind> {
        if looks { ANY + 1..self.kinds.len() } else { ANY..ANY + 1 }
    }

    /// The number of a class, if it was among those that the alphabet was made of.
    pub(super) fn class(&self, class: &ClassUnicode) -> Option<ClassId> {
        self.ids.get(&ranges(class)).map(|id| id + 1)
    }
}

fn ranges(class: &ClassUnicode) -> Ranges {
    class.ranges().iter().map(|r| (r.start() as u32, r.end() as u32)).collect()
}

/// The class of one character.
pub(super) fn single(c: char) -> ClassUnicode {
    ClassUnicode::new([ClassUnicodeRange::new(c, c)])
}

/// How badly a character reads in an example.
fn unreadable(c: char) -> (u8, char) {
    let rank = match c {
        'a'..='z' => 0,
        '1'..='9' => 1,
        '0' => 2,
        ' ' => 3,
        '!'..='~' => 4,
        _ if c == FILLERS[0] => 5,
        _ if c.is_alphanumeric() => 6,
        _ if c.is_control() => 8,
        _ => 7,
    };
    (rank, c)
}

/// The character from `start` up to, not including, `end` that reads best.
fn most_readable(start: u32, end: u32) -> Option<char> {
    let preferred = ['a', 'x', '1', '0', ' ', '.', '-', FILLERS[0]];
    let inside = |c: &char| (start..end).contains(&u32::from(*c));
    let ends = [start, end - 1, 0x61, 0x31, 0x21, 0xe000].into_iter().filter_map(char::from_u32);
    preferred.into_iter().chain(ends).filter(inside).min_by_key(|c| unreadable(*c))
}
