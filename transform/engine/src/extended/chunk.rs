//! What a human would call one token, and whether it is a variable.

use signatures_event::is_error_name;

use super::{
    key::{Key, letters},
    roles::{ANY, LOCALHOST, Roles, SUFFIX, roles, roles_of},
    symbols::{
        AT, BACKSLASH, COLON, DIGIT, DOT, HEX, JOINER, JOINT, LETTER, LINK, NO_NUMBER, NO_WORD,
        SLASH, SPACE, STOP, WORD, class, is, run_end,
    },
};

/// It has groups of hex digits, as IPv6 and MAC addresses do.
const HEX_GROUPS: u32 = 1 << 31;

/// A stretch of symbols that belong together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The classes of all its symbols; of letters only what no letter is.
    seen: u32,
    /// The letters that it begins with, as far as there is a key.
    letters: usize,
    key: Key,
}

impl Chunk {
    /// The chunk that begins there: at a word's symbol, or at what begins a path.
    #[inline(always)]
    pub(super) fn read(symbols: &[u8], start: usize) -> Self {
        let mut chunk = Self { start, end: start, seen: 0, letters: 0, key: Key::default() };
        let begins = class(symbols[start]);
        if begins & LETTER != 0 {
            (chunk.letters, chunk.key) = letters(symbols, start);
            (chunk.end, chunk.seen) = (start + chunk.letters, NO_NUMBER);
        } else if begins & WORD == 0 {
            chunk.take(symbols, path_start(&symbols[start..]));
        }
        loop {
            let mut joint = 0;
            for symbol in &symbols[chunk.end..] {
                joint = class(*symbol);
                if joint & WORD == 0 {
                    break;
                }
                chunk.seen |= joint;
                chunk.end += 1;
            }
            if joint & JOINT == 0 {
                return chunk;
            }
            let next = symbols.get(chunk.end + 1).map_or(SPACE, |next| class(*next));
            let holds = joint & LINK != 0 && next & WORD != 0
                || joint & COLON != 0 && next & DIGIT != 0 && chunk.has_digit();
            if holds && is(symbols, chunk.end - 1, WORD) {
                // Most that hold it together stand between two words' symbols.
                chunk.seen |= joint;
                chunk.end += 1;
            } else if next & SPACE != 0 && joint & (SLASH | BACKSLASH) == 0 {
                return chunk;
            } else {
                match chunk.joined(symbols) {
                    0 => return chunk,
                    length => chunk.take(symbols, length),
                }
            }
        }
    }

    fn take(&mut self, symbols: &[u8], length: usize) {
        for symbol in &symbols[self.end..self.end + length] {
            self.seen |= class(*symbol);
        }
        self.end += length;
    }

    /// How many symbols that are no word's hold it together with what follows.
    fn joined(&mut self, symbols: &[u8]) -> usize {
        let end = self.end;
        let Some(&joint) = symbols.get(end) else { return 0 };
        let word_next = is(symbols, end + 1, WORD);
        if class(joint) & JOINER != 0 {
            return usize::from(self.is_joined_by(joint, word_next, symbols));
        }
        match joint {
            b'/' | b'\\' => usize::from(self.is_path_joined(word_next, symbols)),
            b':' => self.colons(symbols),
            b',' => {
                usize::from(is(symbols, end + 1, DIGIT) && is(symbols, end.wrapping_sub(1), DIGIT))
            }
            _ => 0,
        }
    }

    fn is_joined_by(&self, joint: u8, word_next: bool, symbols: &[u8]) -> bool {
        let end = self.end;
        let before = class(symbols[end - 1]);
        // `function+0x1f`: the function says where it was.
        let offset = || joint == b'+' && matches!(symbols[end..], [_, b'0', b'x' | b'X', ..]);
        if word_next {
            return before & (WORD | SLASH | BACKSLASH) != 0 && !offset();
        }
        before & (SLASH | BACKSLASH) != 0
            && matches!(joint, b'.' | b'-' | b'~')
            && matches!(symbols.get(end + 1), Some(b'.' | b'/'))
    }

    /// Whether the slash after it belongs to it: in the middle of a path, or at
    /// its end.
    fn is_path_joined(&self, word_next: bool, symbols: &[u8]) -> bool {
        let end = self.end;
        let last = || {
            is(symbols, end - 1, WORD)
                && (self.seen & DIGIT != 0
                    || self.seen & HEX_GROUPS != 0
                    || self.is_rooted(symbols))
        };
        match symbols.get(end + 1) {
            None => last(),
            Some(_) if word_next => true,
            Some(b'.' | b'_' | b'-' | b'~' | b'*' | b'$' | b'/' | b'\\')
                if end + 2 < symbols.len() && !is(symbols, end + 2, STOP) =>
            {
                true
            }
            Some(b'"' | b'\'' | b')' | b',' | b';' | b':' | b']' | b'}' | b'>') => last(),
            Some(next) => class(*next) & SPACE != 0 && last(),
        }
    }

    /// Colons in a time or after a number; and those of hex groups, `::` too.
    fn colons(&mut self, symbols: &[u8]) -> usize {
        let end = self.end;
        let Some(before) = end.checked_sub(1) else { return 0 };
        let digits = self.seen & (DIGIT | HEX_GROUPS) != 0;
        if digits && is(symbols, end + 1, DIGIT) && is(symbols, before, WORD) {
            return 1;
        }
        if !is(symbols, before, HEX) {
            return 0;
        }
        let length = match symbols.get(end + 1) {
            Some(b':') => 2,
            _ => 1,
        };
        if !is(symbols, end + length, HEX) || !self.are_hex_groups(symbols, end + length) {
            return 0;
        }
        self.seen |= HEX_GROUPS;
        length
    }

    /// One to four hex digits at its end, from its start or a colon on, and as
    /// many from `next` on, up to a colon or the end of the word.
    fn are_hex_groups(&self, symbols: &[u8], next: usize) -> bool {
        let own = &symbols[self.start..self.end];
        let digits = own.iter().rev().take(5).take_while(|s| class(**s) & HEX != 0).count();
        let begins = own.len() == digits || own[own.len() - digits - 1] == b':';
        let after = symbols[next..].iter().take(5).take_while(|s| class(**s) & HEX != 0).count();
        let ends = symbols.get(next + after) == Some(&b':') || !is(symbols, next + after, WORD);
        (1..=4).contains(&digits) && begins && (1..=4).contains(&after) && ends
    }

    /// Whether it begins with a slash, a tilde or a dot.
    fn is_rooted(&self, symbols: &[u8]) -> bool {
        matches!(symbols[self.start], b'/' | b'\\' | b'~' | b'.')
    }

    pub(super) fn of<'s>(&self, symbols: &'s [u8]) -> &'s [u8] {
        &symbols[self.start..self.end]
    }

    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    pub(super) fn has_digit(&self) -> bool {
        self.seen & DIGIT != 0
    }

    pub(super) fn has_dot(&self) -> bool {
        self.seen & DOT != 0
    }

    pub(super) fn has_slash(&self) -> bool {
        self.seen & SLASH != 0
    }

    /// Whether it is a few letters and nothing else.
    #[inline]
    pub(super) fn is_letters(&self) -> bool {
        self.start + self.letters == self.end
    }

    pub(super) fn is_word(&self) -> bool {
        self.seen & NO_WORD == 0
    }

    /// Whether it is digits, dots and commas.
    pub(super) fn is_number(&self) -> bool {
        self.seen & NO_NUMBER == 0
    }

    /// The roles that it has as a word.
    #[inline]
    pub(super) fn roles(&self, symbols: &[u8]) -> Roles {
        if self.is_letters() {
            roles_of(self.key)
        } else if self.is_word() && !self.has_digit() {
            roles(symbols, self.start, self.end)
        } else {
            ANY
        }
    }

    /// Whether it is a variable: not the error, but whom or what it hit.
    #[inline]
    pub(super) fn is_variable(&self, symbols: &[u8], own_roles: Roles) -> bool {
        if self.seen & (DIGIT | AT | BACKSLASH) != 0 || own_roles & LOCALHOST != 0 {
            return true;
        }
        if self.is_word() {
            return false;
        }
        if self.is_rooted(symbols) {
            return true;
        }
        if self.has_slash() && self.of(symbols).iter().filter(|s| **s == b'/').count() >= 2 {
            return true;
        }
        self.has_dot() && self.is_dotted_variable(symbols)
    }

    /// Names of hosts and files, as against those of errors, and of words with a
    /// dot between.
    fn is_dotted_variable(&self, symbols: &[u8]) -> bool {
        let own = self.of(symbols);
        let mut parts = own.rsplit(|symbol| *symbol == b'.');
        let last = parts.next().unwrap_or_default();
        if is_error_name(last) {
            return false;
        }
        parts.count() >= 2
            || roles(symbols, self.end - last.len(), self.end) & SUFFIX != 0
            || last.len() == 2 && run_end(last, 0, LETTER) == 2
    }
}

/// How many symbols begin a path that are no part of a name.
#[inline]
fn path_start(symbols: &[u8]) -> usize {
    match symbols {
        [b'/' | b'\\' | b'~', ..] => 1,
        [b'.', b'/', ..] => 2,
        [b'.', b'.', b'/', ..] => 3,
        _ => 0,
    }
}

/// Whether a chunk begins at a symbol that is no word's.
pub(super) fn begins_path(symbols: &[u8], at: usize) -> bool {
    match symbols[at..] {
        [b'/' | b'\\', next, ..] => {
            class(next) & WORD != 0 || matches!(next, b'.' | b'_' | b'-' | b'~' | b'*' | b'$')
        }
        [b'~', b'/', ..] => true,
        [b'.', b'/', _, ..] | [b'.', b'.', b'/', ..] => {
            let after_word = at > 0 && is(symbols, at - 1, WORD);
            !after_word && !is(symbols, at + 2, STOP)
        }
        _ => false,
    }
}
