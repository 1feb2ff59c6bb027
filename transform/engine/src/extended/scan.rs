//! Reads a text from left to right: words stay, what is of some [`Shape`] goes.
//!
//! At each place the first rule that applies decides, in the order in which the
//! functions stand here.

use std::ops::Range;

use super::{
    chunk::{Chunk, begins_path},
    ends::{Quotes, leads_date, quote},
    key::letters,
    roles::{
        ANY, BEFORE_CODE, BEFORE_FOR, BEFORE_USER, DATE, EXIT, FOR, HTTP, KEEPING, LOCALHOST,
        NOBODY, PROCESS, RESULT, Roles, STATUS, TYPE, UNIT, URN, USER, ZONE, roles, roles_of,
    },
    shape::Shape,
    symbols::{
        DIGIT, ESCAPE, HEX, JOINT, LETTER, NO_IPV6, SPACE, STOP, WORD, class, escape_end, is,
        run_end, run_end_before, run_end_of,
    },
    writer::{ROOM, Writer},
};

/// What was taken out, and why.
pub(super) type Taken = Vec<(Shape, Range<usize>)>;

/// What a scan makes of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanned {
    /// How many letters were written.
    pub(super) length: usize,
    /// Whether there are words among them.
    pub(super) has_words: bool,
}

/// Writes the canonical text of a line without its header.
pub(super) fn scan<L: Copy + From<u8>>(
    symbols: &[u8],
    letters: &[L],
    out: &mut [L; ROOM],
    taken: Option<&mut Taken>,
) -> Scanned {
    let mut scan = Scan {
        symbols,
        writer: Writer::new(symbols, letters, out),
        quotes: Quotes::default(),
        read_to: None,
        next_space: 0,
        base64_end: 0,
        taken,
    };
    let mut at = 0;
    while at < symbols.len() && !scan.writer.is_full() {
        let class = class(symbols[at]);
        at = if class & SPACE != 0 {
            at + 1
        } else if class & LETTER != 0 {
            scan.word(at)
        } else if class & WORD != 0 {
            scan.chunk(at)
        } else {
            scan.punctuation(at)
        };
    }
    let has_words = scan.writer.has_words();
    Scanned { length: scan.writer.finish(at.min(symbols.len())), has_words }
}

struct Scan<'t, 'o, L> {
    symbols: &'t [u8],
    writer: Writer<'t, 'o, L>,
    quotes: Quotes,
    /// The closing quote of a text that is read like any other.
    read_to: Option<usize>,
    /// The blank that was looked for last.
    next_space: usize,
    /// Where the run of base64's symbols ends that was looked at last.
    base64_end: usize,
    taken: Option<&'o mut Taken>,
}

impl<L: Copy + From<u8>> Scan<'_, '_, L> {
    fn symbol(&self, at: usize) -> Option<u8> {
        self.symbols.get(at).copied()
    }

    fn is(&self, at: usize, classes: u32) -> bool {
        is(self.symbols, at, classes)
    }

    fn is_after_word(&self, at: usize) -> bool {
        at > 0 && self.is(at - 1, WORD)
    }

    /// Writes a mask for what is there, and goes on after it.
    #[inline]
    fn mask(&mut self, shape: Shape, start: usize, end: usize, is_number: bool) -> usize {
        self.writer.mask(start, end, is_number);
        self.take(shape, start, end)
    }

    #[inline]
    fn take(&mut self, shape: Shape, start: usize, end: usize) -> usize {
        if let Some(taken) = &mut self.taken {
            taken.push((shape, start..end));
        }
        end
    }

    /// What begins with a symbol that is no blank and no word's. What no rule
    /// takes stands between words.
    fn punctuation(&mut self, at: usize) -> usize {
        let taken = match self.symbols[at] {
            ESCAPE => Some(escape_end(self.symbols, at)),
            b'-' | b'+' | b'#' | b'$' | b'<' | b'>' => self.signed(at),
            b':' => self.ipv6(at),
            b'[' => self.ipv6_in_brackets(at),
            b'/' | b'\\' | b'~' | b'.' => begins_path(self.symbols, at).then(|| self.chunk(at)),
            symbol if quote(symbol).is_some() => self.quoted(at),
            _ => None,
        };
        taken.unwrap_or(at + 1)
    }

    fn quoted(&mut self, at: usize) -> Option<usize> {
        if self.is_after_word(at) || self.read_to == Some(at) {
            return None;
        }
        let closing = self.quotes.closing(self.symbols, at)?;
        if closing == at + 1 || self.is(closing + 1, WORD) {
            return None;
        }
        if self.next_space <= at {
            self.next_space = run_end_before(self.symbols, at + 1, SPACE);
        }
        if self.next_space >= closing {
            if let Some(colon) = self.json_colon(at, closing) {
                let key = roles(self.symbols, at + 1, closing);
                self.writer.word_in_quotes(at, closing, key);
                self.writer.begin_json_value(colon);
                let value = run_end_of(self.symbols, colon + 1, b" ");
                return Some(self.value(value, key));
            }
            if !self.says_what_went_wrong(at) {
                return Some(self.mask(Shape::Quoted, at, closing + 1, false));
            }
        }
        self.read_to = Some(closing);
        None
    }

    /// The colon after a quoted text that is a key of JSON.
    fn json_colon(&self, at: usize, closing: usize) -> Option<usize> {
        let colon = run_end_of(self.symbols, closing + 1, b" ");
        let is_key = self.symbol(colon) == Some(b':')
            && matches!(self.writer.end_of_gap(at), Some(b'{' | b','));
        is_key.then_some(colon)
    }

    /// Whether the word before a quote says that the quoted word is no name.
    fn says_what_went_wrong(&self, at: usize) -> bool {
        let before = self.writer.previous;
        let beside = before & (KEEPING | RESULT) != 0 && before & TYPE == 0;
        beside && self.writer.gap_is(at, &[b" "])
            || before & KEEPING != 0 && self.writer.gap_is(at, &[b"=", b":", b": "])
    }

    fn signed(&mut self, at: usize) -> Option<usize> {
        if !self.is(at + 1, DIGIT) || self.is_after_word(at) {
            return None;
        }
        let chunk = Chunk::read(self.symbols, at + 1);
        let in_brackets = self.symbols[at] == b'<' && self.symbol(chunk.end) == Some(b'>');
        (!in_brackets).then(|| self.mask(Shape::Signed, at, chunk.end, chunk.is_number()))
    }

    fn ipv6(&mut self, at: usize) -> Option<usize> {
        let begins = self.symbol(at + 1) == Some(b':')
            && (self.is(at + 2, HEX) || self.symbol(at + 2) == Some(b':'))
            && !self.is_after_word(at)
            && (at == 0 || self.symbols[at - 1] != b':');
        begins.then(|| {
            let end = run_end_before(self.symbols, at + 2, NO_IPV6);
            self.mask(Shape::Ipv6, at, end, false)
        })
    }

    fn ipv6_in_brackets(&mut self, at: usize) -> Option<usize> {
        let limit = self.symbols.len().min(at + 64);
        let inside = self.symbols[at + 1..limit].iter();
        let is_part = |symbol: &&u8| class(**symbol) & NO_IPV6 == 0 || **symbol == b'%';
        let closing = at + 1 + inside.take_while(is_part).count();
        let colons = self.symbols[at..closing].iter().filter(|symbol| **symbol == b':').count();
        if self.symbol(closing) != Some(b']') || colons < 2 {
            return None;
        }
        let end = match self.symbol(closing + 1) {
            Some(b':') if self.is(closing + 2, DIGIT) => run_end(self.symbols, closing + 2, DIGIT),
            _ => closing + 1,
        };
        Some(self.mask(Shape::Ipv6, at, end, false))
    }

    /// A word of a few letters, where it is plain that no rule applies but the last:
    /// most are. Else a chunk like any other.
    #[inline(always)]
    fn word(&mut self, at: usize) -> usize {
        let (length, key) = letters(self.symbols, at);
        let end = at + length;
        if self.ends_word(end) && self.writer.previous & (USER | FOR) == 0 {
            let roles = roles_of(key);
            if roles & (LOCALHOST | UNIT | DATE | ZONE | URN) == 0 {
                self.writer.word(at, end, roles);
                return end;
            }
        }
        self.chunk(at)
    }

    /// Whether a chunk of letters ends there whatever it says.
    #[inline(always)]
    fn ends_word(&self, end: usize) -> bool {
        let Some(next) = self.symbol(end) else { return true };
        let class = class(next);
        match class & (WORD | JOINT) {
            0 => !matches!(next, b'=' | b')'),
            JOINT => self.symbol(end + 1).is_none_or(|after| after == b' '),
            _ => false,
        }
    }

    fn chunk(&mut self, at: usize) -> usize {
        let chunk = Chunk::read(self.symbols, at);
        let next = self.symbol(chunk.end);
        let roles = chunk.roles(self.symbols);
        let taken = match next {
            Some(b':') => self.with_scheme(chunk, roles),
            Some(b'+' | b'/') => self.base64(chunk),
            Some(b'=') => self.base64(chunk).or_else(|| self.key_with_value(chunk, roles)),
            _ => None,
        };
        if let Some(end) = taken {
            return end;
        }
        if self.is_code(chunk) {
            self.writer.word(at, chunk.end, ANY);
        } else if chunk.is_variable(self.symbols, roles) {
            return self.variable(chunk, next);
        } else if self.is_user(chunk, roles) {
            return self.mask(Shape::User, at, chunk.end, false);
        } else if next == Some(b')') && self.is_process(at) {
            return self.mask(Shape::Process, at, chunk.end, false);
        } else if self.is_unit(at, roles) {
            self.writer.drop_unit(chunk.end);
            return self.take(Shape::Unit, at, chunk.end);
        } else if self.is_date(chunk, roles) {
            return self.mask(Shape::Date, at, chunk.end, false);
        } else {
            self.writer.word(at, chunk.end, roles);
        }
        chunk.end
    }

    /// URLs, names of resources, and paths of Windows.
    fn with_scheme(&mut self, chunk: Chunk, roles: Roles) -> Option<usize> {
        let Chunk { start, end, .. } = chunk;
        if !self.is(start, LETTER) || end + 1 >= self.symbols.len() {
            return None;
        }
        let goes_on = |at| at < self.symbols.len() && !self.is(at, STOP);
        let slash = self.symbols[end + 1];
        let is_scheme = |symbol: &u8| {
            class(*symbol) & (LETTER | DIGIT) != 0 || matches!(symbol, b'+' | b'.' | b'-')
        };
        let shape = if slash == b'/'
            && (2..=32).contains(&chunk.len())
            && goes_on(end + 2)
            && chunk.of(self.symbols).iter().all(is_scheme)
        {
            Shape::Url
        } else if roles & URN != 0 {
            Shape::Urn
        } else if chunk.len() == 1 && matches!(slash, b'\\' | b'/') && goes_on(end + 2) {
            Shape::Drive
        } else {
            return None;
        };
        Some(self.mask(shape, start, run_end_before(self.symbols, end, STOP), false))
    }

    fn base64(&mut self, chunk: Chunk) -> Option<usize> {
        if chunk.len() < 8 || !chunk.has_digit() {
            return None;
        }
        if self.base64_end <= chunk.end {
            let is_part =
                |symbol: &&u8| class(**symbol) & WORD != 0 || matches!(symbol, b'+' | b'/');
            let run = self.symbols[chunk.end..].iter().take_while(is_part);
            self.base64_end = chunk.end + run.count();
        }
        let padding = self.symbols[self.base64_end..].iter().take(2);
        let end = self.base64_end + padding.take_while(|symbol| **symbol == b'=').count();
        let ends = end == self.symbols.len() || self.is(end, STOP);
        ends.then(|| self.mask(Shape::Base64, chunk.start, end, false))
    }

    fn key_with_value(&mut self, chunk: Chunk, roles: Roles) -> Option<usize> {
        let Chunk { start, end, .. } = chunk;
        if self.is(start, DIGIT) || matches!(self.symbol(end + 1), Some(b'=' | b'~' | b'>')) {
            return None;
        }
        match chunk.has_digit() {
            true => self.writer.word_without_digits(start, end, roles),
            false => self.writer.word(start, end, roles),
        }
        Some(self.value(end + 1, roles))
    }

    /// What follows a key. Returns where to go on.
    fn value(&mut self, at: usize, key: Roles) -> usize {
        let ends = |symbol| matches!(symbol, b',' | b';' | b')' | b']' | b'}' | b'|' | b'&');
        match self.symbol(at) {
            None => return self.mask(Shape::Value, at, at, false),
            Some(symbol) if ends(symbol) || class(symbol) & SPACE != 0 => {
                return self.mask(Shape::Value, at, at, false);
            }
            Some(_) if key & KEEPING != 0 => return at,
            Some(symbol) if quote(symbol).is_some() => {
                return match self.quotes.closing(self.symbols, at) {
                    Some(closing) => self.mask(Shape::Value, at, closing + 1, false),
                    None => at,
                };
            }
            Some(_) => {}
        }
        let is_part = |symbol: &&u8| class(**symbol) & STOP == 0 && **symbol != b'&';
        let end = at + self.symbols[at..].iter().take_while(is_part).count();
        if end == at { at } else { self.mask(Shape::Value, at, end, false) }
    }

    /// Whether a number says what went wrong.
    fn is_code(&self, chunk: Chunk) -> bool {
        let (before, length) = (self.writer.previous, chunk.len());
        if length > 5 || !chunk.is_number() || chunk.has_dot() {
            return false;
        }
        let follows = before & BEFORE_CODE != 0
            || before & STATUS != 0 && self.writer.before_previous & EXIT != 0
            || before & HTTP != 0 && length == 3;
        follows && self.writer.gap_is_of(chunk.start, b" :=(#\"'")
    }

    fn variable(&mut self, chunk: Chunk, next: Option<u8>) -> usize {
        let query = next == Some(b'?') && chunk.has_slash();
        let end = if query { run_end_before(self.symbols, chunk.end, STOP) } else { chunk.end };
        self.mask(Shape::Variable, chunk.start, end, chunk.is_number())
    }

    fn is_user(&self, chunk: Chunk, roles: Roles) -> bool {
        let (before, first) = (self.writer.previous, self.writer.before_previous);
        let follows = before & USER != 0 && first & BEFORE_USER != 0
            || before & FOR != 0 && first & BEFORE_FOR != 0;
        follows
            && roles & NOBODY == 0
            && chunk.is_word()
            && self.writer.gap_is(chunk.start, &[b" "])
    }

    fn is_process(&self, at: usize) -> bool {
        self.writer.is_after_mask()
            && self.writer.owner & PROCESS != 0
            && self.writer.gap_is(at, &[b" (", b"("])
    }

    fn is_unit(&self, at: usize, roles: Roles) -> bool {
        roles & UNIT != 0 && self.writer.is_after_number() && self.writer.gap_is(at, &[b"", b" "])
    }

    fn is_date(&self, chunk: Chunk, roles: Roles) -> bool {
        roles & (DATE | ZONE) != 0
            && (self.writer.is_after_mask() && self.writer.gap_is_of(chunk.start, b" ,")
                || roles & DATE != 0
                    && self.symbols[chunk.start].is_ascii_uppercase()
                    && leads_date(self.symbols, chunk.end))
    }
}
