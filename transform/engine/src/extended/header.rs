//! Where the message of a line begins: after a time with what stands around it,
//! or after a level; and after groups in brackets.

use signatures_event::is_error_name;

use super::{
    chunk::Chunk,
    clock::is_time,
    ends::{group_end, leads_date},
    roles::{DATE, LEVEL, MONTH, Roles, STREAM, ZONE, roles},
    symbols::{
        ESCAPE, LETTER, NO_NUMBER, OPENING, WORD, class, escape_end, is, run_end, run_end_of,
    },
};

/// How far a header may reach.
const MAX_HEADER: usize = 400;
/// How far into a line without a time a level may stand.
const MAX_BEFORE_LEVEL: usize = 60;
const MAX_LEADING_GROUP: usize = 128;
const MAX_TAG_GROUP: usize = 64;

/// Where the message begins; 0 where there is no header.
pub(super) fn message_start(symbols: &[u8]) -> usize {
    let mut header = Header { symbols, mark: 0, timed: false, level: false, tagged: false };
    let limit = symbols.len().min(MAX_HEADER);
    let mut at = 0;
    while at < limit {
        match header.step(at, limit) {
            Some(next) => at = next,
            None => break,
        }
    }
    let found = header.timed || header.level && header.mark > 0;
    if !found {
        return 0;
    }
    let start = run_end_of(symbols, header.mark, b" \t-|,;:*#>]");
    if start < symbols.len() { start } else { 0 }
}

/// Where the text after the groups at the very beginning starts, that have a digit
/// in them and something after them.
pub(super) fn after_leading_groups(symbols: &[u8]) -> usize {
    let mut start = 0;
    loop {
        let opening = run_end_of(symbols, start, b" ");
        if symbols.get(opening) != Some(&b'[') {
            return start;
        }
        let limit = symbols.len().min(opening + MAX_LEADING_GROUP);
        let Some(end) = group_end(symbols, opening, limit) else { return start };
        let has_digit = symbols[opening..end].iter().any(u8::is_ascii_digit);
        if !has_digit || run_end_of(symbols, end, b" ") >= symbols.len() {
            return start;
        }
        start = end;
    }
}

/// What is known of a header so far.
struct Header<'t> {
    symbols: &'t [u8],
    /// Where the message begins as far as is known.
    mark: usize,
    /// There was a time.
    timed: bool,
    level: bool,
    /// It is of a kind in which a program or logger tells its name: syslog, logcat.
    tagged: bool,
}

impl Header<'_> {
    /// Takes in what is there. Returns where to go on, or nothing where the header
    /// ends.
    fn step(&mut self, at: usize, limit: usize) -> Option<usize> {
        let symbols = self.symbols;
        let symbol = symbols[at];
        let class = class(symbol);
        if class & WORD != 0 {
            return self.chunk(at);
        }
        match symbol {
            b' ' | b'\t' | b'-' | b'|' | b',' | b';' | b':' | b'*' | b'#' | b']' => Some(at + 1),
            ESCAPE => Some(escape_end(symbols, at)),
            _ if class & OPENING != 0 => self.group(at, group_end(symbols, at, limit)?),
            _ => None,
        }
    }

    fn group(&mut self, at: usize, end: usize) -> Option<usize> {
        let body = &self.symbols[at + 1..end - 1];
        let after_colon = memchr::memrchr(b':', body).map_or(0, |colon| colon + 1);
        if roles(body, after_colon, body.len()) & LEVEL != 0 {
            (self.level, self.mark) = (true, end);
            return Some(end);
        }
        let opening = self.symbols[at];
        if matches!(opening, b'[' | b'(') && is_time(body) {
            return Some(self.time(end));
        }
        let is_number = || !body.is_empty() && !body.iter().any(|s| class(*s) & NO_NUMBER != 0);
        // `<13>` is syslog's priority.
        if self.timed || opening == b'[' && self.level || opening == b'<' && is_number() {
            return Some(self.pass(end));
        }
        None
    }

    fn time(&mut self, end: usize) -> usize {
        (self.timed, self.mark) = (true, end);
        end
    }

    /// What is passed over is a part of the header only once there was a time.
    fn pass(&mut self, end: usize) -> usize {
        if self.timed {
            self.mark = end;
        }
        end
    }

    fn chunk(&mut self, at: usize) -> Option<usize> {
        let symbols = self.symbols;
        let chunk = Chunk::read(symbols, at);
        let (end, next) = (chunk.end, symbols.get(chunk.end).copied());
        if next == Some(b'=') {
            return None;
        }
        let roles = chunk.roles(symbols);
        if roles & DATE != 0 && symbols[at].is_ascii_uppercase() && leads_date(symbols, end) {
            self.tagged = roles & MONTH != 0;
            return Some(end);
        }
        if chunk.has_digit() && !chunk.is_word() && is_time(chunk.of(symbols)) {
            return Some(self.time(end));
        }
        // `1:M ` is Redis's process and role.
        if chunk.is_number() && matches!(symbols[end..], [b':', b'A'..=b'Z', b' ', ..]) {
            return Some(end + 2);
        }
        if !self.level && self.is_level(chunk, roles, next) {
            self.level = true;
            self.tagged |= chunk.len() == 1 && next == Some(b' ');
            if self.timed || next == Some(b':') {
                self.mark = end;
            }
            return Some(end);
        }
        if self.timed
            && let Some(end) = tag_end(symbols, chunk, self.tagged)
        {
            self.mark = end;
            return None;
        }
        if chunk.is_variable(symbols, roles) {
            return self.variable(chunk);
        }
        self.timed.then(|| self.after_time(chunk, roles)).flatten()
    }

    fn is_level(&self, chunk: Chunk, roles: Roles, next: Option<u8>) -> bool {
        let own = chunk.of(self.symbols);
        if roles & LEVEL != 0 {
            return next == Some(b':') || self.timed && own.iter().all(u8::is_ascii_uppercase);
        }
        matches!(own, [b'D' | b'I' | b'W' | b'E' | b'F' | b'V'])
            && matches!(next, Some(b' ' | b',' | b'/'))
            && (self.timed || chunk.start == 0)
    }

    fn variable(&mut self, chunk: Chunk) -> Option<usize> {
        if !self.timed && chunk.start > MAX_BEFORE_LEVEL {
            return None;
        }
        // A name with dots after a level is the logger's, or the message's first word.
        let name = self.timed && self.level && !chunk.has_digit();
        let next = run_end_of(self.symbols, chunk.end, b" ");
        if name && !matches!(self.symbols.get(next), Some(b'[' | b'-' | b':')) {
            return None;
        }
        Some(self.pass(chunk.end))
    }

    /// A word after a time: a zone, a stream, a host before a tag, a logger before a
    /// level, or the message.
    fn after_time(&mut self, chunk: Chunk, roles: Roles) -> Option<usize> {
        let (symbols, end) = (self.symbols, chunk.end);
        if roles & ZONE != 0 {
            self.mark = end;
            return Some(end);
        }
        if roles & STREAM != 0 && matches!(symbols[end..], [b' ', b'F' | b'P', b' ', ..]) {
            self.mark = end + 2;
            return Some(end + 2);
        }
        let next = run_end_of(symbols, end, b" ");
        if next == end || self.level {
            return None;
        }
        if is(symbols, next, WORD) {
            let tag = Chunk::read(symbols, next);
            let has_group = matches!(symbols.get(tag.end), Some(b'[' | b'('));
            if (self.tagged || has_group)
                && let Some(end) = tag_end(symbols, tag, true)
            {
                self.mark = end;
            }
            return None;
        }
        let level = next + 2;
        let is_dash = matches!(symbols[next..], [b'-', b' ', ..]);
        (is_dash && roles_of_letters(symbols, level) & LEVEL != 0).then_some(level)
    }
}

fn roles_of_letters(symbols: &[u8], start: usize) -> Roles {
    roles(symbols, start, run_end(symbols, start, LETTER))
}

/// Where a tag ends: the name of a program or logger, then `(…)` or `[…]`, then a
/// colon or a dash. Without a dot or a group the name has to be `sure`ly one.
fn tag_end(symbols: &[u8], name: Chunk, sure: bool) -> Option<usize> {
    let has_group = matches!(symbols.get(name.end), Some(b'(' | b'['));
    if name.is_number() || !(has_group || name.has_dot() || sure) {
        return None;
    }
    let mut end = name.end;
    while let Some(b'(' | b'[') = symbols.get(end) {
        end = group_end(symbols, end, symbols.len().min(end + MAX_TAG_GROUP))?;
    }
    let end = if matches!(symbols[end..], [b':'] | [b':', b' ', ..]) {
        end + 1
    } else {
        let dash = run_end_of(symbols, end, b" ");
        let is_dash = dash > end && matches!(symbols[dash..], [b'-' | b':', b' ', ..]);
        (name.has_dot() && is_dash).then_some(dash + 2)?
    };
    let own = name.of(symbols);
    let last = own.rsplit(|symbol| *symbol == b'.').next().unwrap_or_default();
    let is_none =
        is_error_name(last) || name.roles(symbols) & LEVEL != 0 || name.has_digit() && is_time(own);
    (!is_none).then_some(end)
}
