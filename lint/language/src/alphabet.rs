//! The characters that matter to a question, sorted into symbols.
//!
//! Two characters that every class in question treats alike are one symbol, so
//! that some dozens of symbols stand for all of Unicode, and nothing is left out.

use std::{collections::HashMap, sync::LazyLock};

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use crate::{characters::unicode, gaps::FILLERS};

/// The index of a symbol.
pub(super) type Symbol = usize;

/// The index of a class.
pub(super) type ClassId = usize;

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
        let ranges = class.ranges().iter().map(|r| (r.start() as u32, r.end() as u32)).collect();
        let next = self.ids.len();
        *self.ids.entry(ranges).or_insert(next)
    }

    /// Adds the classes that look-around tells apart.
    fn add_neighbours(&mut self) {
        let one = |c| ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
        self.id(&WORD);
        let ascii = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
        self.id(&ClassUnicode::new(ascii.map(|(a, b)| ClassUnicodeRange::new(a, b))));
        self.id(&one('\n'));
        self.id(&one('\r'));
    }
}

/// The symbols of a question. Lower ones read better in a text.
pub(super) struct Alphabet {
    /// One character for each symbol.
    pub(super) characters: Vec<char>,
    pub(super) neighbours: Vec<Neighbour>,
    /// For each class the symbols in it.
    pub(super) members: Vec<Vec<bool>>,
}

impl Alphabet {
    pub(super) fn new(mut classes: Classes) -> Self {
        if classes.looks {
            classes.add_neighbours();
        } else {
            // A line feed is no part of a line, whatever the classes say.
            classes.id(&ClassUnicode::new([ClassUnicodeRange::new('\n', '\n')]));
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
        Self {
            members: (0..count).map(|id| contains(id).collect()).collect(),
            neighbours: symbols.iter().map(|(c, _)| Neighbour::of(*c)).collect(),
            characters: symbols.iter().map(|(c, _)| *c).collect(),
        }
    }
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
