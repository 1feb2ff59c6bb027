//! The level of a plain line, where log formats put one.
//!
//! A line is read from its start: what formats write before the message (a
//! priority, a time, host, process, thread, logger, all of which have digits,
//! brackets or such in them) is passed over, and the first word of the message
//! ends it. So a level is found in `2026-03-14 09:00:00 [main] INFO x`, and never
//! a word of what is said.

use super::{
    level::Level,
    level_names::LevelNames,
    marks::{BLOCK, Marks},
    number::Scale,
};
use crate::{json::JsonEvent, logfmt::quote_end};

/// How far into a line its level is looked for, in bytes.
const SEARCHED_BYTES: usize = 256;

/// The same for `level=` among the pairs of a line of logfmt.
const SEARCHED_PAIR_BYTES: usize = 4 << 10;

/// How many pieces formats put before a level.
const MAX_PIECES: usize = 14;

/// Bare words of capitals that may stand before a level: a zone, a component.
const MAX_CAPITALS: usize = 3;

/// The keys of logfmt that say a level.
const LEVEL_KEYS: [&str; 7] =
    ["level", "lvl", "severity", "loglevel", "log_level", "levelname", "log.level"];

impl Level {
    /// The level that a text has where log formats put one.
    #[must_use]
    pub fn of_text(text: &str, names: &LevelNames) -> Option<Self> {
        let bytes = &text.as_bytes()[..text.len().min(SEARCHED_BYTES)];
        let mut walk = Walk {
            text,
            bytes,
            at: 0,
            is_marked: false,
            marked: 0,
            marks: Marks::default(),
            names,
            implied: None,
            timed: false,
            redis: false,
        };
        walk.level().or(walk.implied)
    }
}

/// What a piece of a line is.
enum Piece {
    Level(Level),
    /// Something that formats put before the level.
    Passed,
    /// A tag, after which only a level comes, or the message.
    Tag,
    /// The message begins.
    End,
}

struct Walk<'t> {
    text: &'t str,
    /// What is searched of it.
    bytes: &'t [u8],
    at: usize,
    /// Where the block begins that `marks` are of, if they are of any; never behind
    /// `at`.
    marked: usize,
    is_marked: bool,
    marks: Marks,
    names: &'t LevelNames,
    /// What is said without a word, unless one comes: by a priority or a letter.
    implied: Option<Level>,
    /// Whether something with digits was passed, as a time is.
    timed: bool,
    redis: bool,
}

impl<'t> Walk<'t> {
    fn level(&mut self) -> Option<Level> {
        if let Some(level) = self.at_start() {
            return Some(level);
        }
        if self.is_of_the_kernel() {
            return None;
        }
        let (mut capitals, mut host, mut tagged) = (0, false, false);
        for _ in 0..MAX_PIECES {
            let byte = self.next_piece()?;
            let piece = match byte {
                b'{' if self.rest().get(1) == Some(&b'"') => return self.json(),
                b'[' | b'(' | b'<' | b'{' => self.group(byte),
                b'"' | b'\'' => return None,
                b'%' => return self.cisco(),
                _ => match self.frequent() {
                    Some(level) => return Some(level),
                    None => self.word(&mut capitals, &mut host, tagged),
                },
            };
            match piece {
                Piece::Level(level) => return Some(level),
                Piece::Passed if !tagged => {}
                // What the kernel says begins with words that are no levels of its.
                Piece::Tag if self.text[..self.at].ends_with("kernel:") => return None,
                Piece::Tag if !tagged => tagged = true,
                Piece::Passed | Piece::Tag | Piece::End => return None,
            }
        }
        None
    }

    #[inline]
    fn rest(&self) -> &'t [u8] {
        &self.bytes[self.at..]
    }

    /// What only stands at the very start.
    fn at_start(&mut self) -> Option<Level> {
        let bytes = self.text.as_bytes();
        match bytes {
            // `2026-03-14 09:00:00`, which most lines begin with.
            [
                b'0'..=b'9',
                _,
                _,
                _,
                b'-' | b'/',
                _,
                _,
                b'-' | b'/',
                _,
                _,
                _,
                _,
                _,
                b':',
                _,
                _,
                b':',
                _,
                _,
                ..,
            ] => {
                self.at = 19 + word_len(&self.bytes[19..]);
                self.timed = true;
                None
            }
            // `Mar 14 09:00:00`, as syslog has it.
            [b'A'..=b'Z', _, _, b' ', _, _, b' ', _, _, b':', _, _, b':', _, _, b' ', ..] => {
                self.at = 15;
                self.timed = true;
                None
            }
            // `26/03/14 09:00:00`.
            [
                b'0'..=b'9',
                _,
                b'/',
                _,
                _,
                b'/',
                _,
                _,
                b' ',
                _,
                _,
                b':',
                _,
                _,
                b':',
                _,
                _,
                b' ',
                ..,
            ] => {
                self.at = 17;
                self.timed = true;
                None
            }
            [b'<', ..] => {
                let digits = bytes[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                let closed = (1..=3).contains(&digits) && bytes.get(digits + 1) == Some(&b'>');
                if closed {
                    let priority = self.text[1..=digits].parse().ok();
                    self.implied = priority.and_then(|number| Scale::SyslogPriority.level(number));
                    self.at = digits + 2;
                }
                None
            }
            // klog and glog: `E0314 09:00:00.123456`.
            [letter, b'0'..=b'1', b'0'..=b'9', b'0'..=b'3', b'0'..=b'9', b' ', _, _, b':', ..] => {
                single_letter(*letter)
            }
            // Tornado and Jupyter: `[I 260314 09:00:00 x:1] `.
            [b'[', letter, b' ', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', ..] => {
                single_letter(*letter)
            }
            // Ruby: `E, [2026-03-14T09:00:00 #7] ERROR -- :`.
            [letter, b',', b' ', b'[', ..] => {
                self.implied = single_letter(*letter);
                self.at = 3;
                None
            }
            // logcat: `E/Tag( 7): `.
            [letter, b'/', tag, ..] if tag.is_ascii_alphanumeric() => single_letter(*letter),
            _ => None,
        }
    }

    /// Whether the kernel speaks: after its own `[  12.345678] `, or with the words
    /// that its reports of stalled tasks begin with.
    fn is_of_the_kernel(&self) -> bool {
        match self.rest() {
            [b'[', b' ' | b'0'..=b'9', ..] => {
                let rest = self.rest();
                let counted = |byte: &u8| matches!(byte, b' ' | b'.') || byte.is_ascii_digit();
                let end = rest[1..].iter().position(|byte| !counted(byte));
                end.is_some_and(|end| rest[end + 1] == b']' && rest[1..=end].contains(&b'.'))
            }
            [b'I', b'N', b'F', b'O', b':', b' ', rest @ ..] => {
                rest.starts_with(b"task ") || rest.starts_with(b"rcu")
            }
            _ => false,
        }
    }

    /// The byte at which the next piece begins that is no number. Those are passed:
    /// times, processes, addresses.
    #[inline]
    fn next_piece(&mut self) -> Option<u8> {
        let (bytes, mut at) = (self.bytes, self.at);
        loop {
            let byte = *bytes.get(at)?;
            let kind = KINDS[usize::from(byte)];
            if kind & (DIGIT | BLANK) != 0 {
                if kind & DIGIT != 0 {
                    self.redis |=
                        at == 0 && matches!(bytes, [_, b':', b'M' | b'S' | b'C' | b'X', ..]);
                    self.timed = true;
                }
                at = self.behind_numbers(at);
            } else if byte == b',' {
                at += 1;
            } else {
                self.at = at;
                return Some(byte);
            }
        }
    }

    /// Where, from a blank or a number on, the first word begins that is no number;
    /// or else some place before it, behind others.
    #[inline]
    fn behind_numbers(&mut self, at: usize) -> usize {
        let kind = |at: usize| self.bytes.get(at).map(|byte| KINDS[usize::from(*byte)]);
        let blank = |kind| kind & BLANK != 0;
        // One blank, as most often, and then a word.
        if kind(at).is_some_and(blank) && kind(at + 1).is_some_and(|k| k & (BLANK | DIGIT) == 0) {
            return at + 1;
        }
        self.mark(at);
        let offset = at - self.marked;
        let starts = self.marks.starts() >> offset;
        let numbers = self.marks.digits >> offset & starts;
        let next = (starts ^ numbers).trailing_zeros();
        if let Some(next_bit) = 1_u64.checked_shl(next) {
            self.timed |= numbers & (next_bit - 1) != 0;
            return at + next as usize;
        }
        self.timed |= numbers != 0;
        if self.marks.blanks >> offset == 0 {
            return at + word_len(&self.bytes[at..]);
        }
        // The last of the numbers may go on behind the block.
        let last = numbers.checked_ilog2().filter(|last| *last > 0);
        last.map_or(self.marked + BLOCK, |last| at + last as usize)
    }

    /// Marks the block in which a place is, unless it is marked already.
    #[inline]
    fn mark(&mut self, at: usize) {
        if !self.is_marked || at - self.marked >= BLOCK {
            self.mark_from(at);
        }
    }

    #[inline]
    fn mark_from(&mut self, at: usize) {
        (self.is_marked, self.marked, self.marks) = (true, at, Marks::of(&self.bytes[at..]));
    }

    /// The word that begins at a place.
    #[inline]
    fn word_from(&mut self, at: usize) -> Word {
        self.mark(at);
        if let Some(word) = Word::of(self.marks, at - self.marked) {
            return word;
        }
        self.mark_from(at);
        Word::of(self.marks, 0).unwrap_or_else(|| Word::longer_than_block(&self.bytes[at..]))
    }

    /// `[main]`, `[error]`, `[09:00:00 INF]`, `[core:error]`, `<warn>`.
    fn group(&mut self, open: u8) -> Piece {
        let close = match open {
            b'[' => b']',
            b'(' => b')',
            b'{' => b'}',
            _ => b'>',
        };
        let rest = self.rest();
        let Some(end) = memchr::memchr(close, rest) else { return Piece::End };
        let colon = rest.get(end + 1) == Some(&b':');
        let level = self.in_group(self.at + 1, self.at + end);
        self.at += end + 1 + usize::from(colon);
        level.map_or(Piece::Passed, Piece::Level)
    }

    /// The level between two places: all there is, or what is after a colon or a
    /// slash, as in `core:error` and `Server thread/INFO`, or in capitals the first
    /// word without digits, as in `2026-03-14: INFO/MainProcess`.
    fn in_group(&mut self, mut start: usize, mut end: usize) -> Option<Level> {
        let bytes = self.text.as_bytes();
        while start < end && bytes[start] == b' ' {
            start += 1;
        }
        while start < end && bytes[end - 1] == b' ' {
            end -= 1;
        }
        let group = &bytes[start..end];
        self.timed = self.timed || group.iter().any(u8::is_ascii_digit);
        let ends = |byte: &u8| KINDS[usize::from(*byte)] & (BLANK | BREAK) != 0;
        let last = group.iter().rposition(ends).map_or(0, |at| at + 1);
        let marked = match last.checked_sub(1).map(|before| group[before]) {
            None | Some(b':') => Some(Mark::Enclosed),
            Some(b'/') => Some(Mark::Capitals),
            Some(_) => None,
        };
        let named = |at: usize, length: usize, mark| {
            let word = self.text.get(start + at..start + at + length)?;
            self.named(word, mark)
        };
        let mut at = 0;
        while at < group.len() {
            let length = group[at..].iter().position(ends).unwrap_or(group.len() - at);
            if length > 0 && !group[at..at + length].iter().any(u8::is_ascii_digit) {
                let mark = if at == last { marked } else { None };
                if let Some(level) = named(at, length, mark.unwrap_or(Mark::Capitals)) {
                    return Some(level);
                }
                break;
            }
            at += length + 1;
        }
        // Whatever is between the first word and the last is no level.
        let word = &group[last..];
        let other = at < last && !word.is_empty() && !word.iter().any(u8::is_ascii_digit);
        marked.filter(|_| other).and_then(|mark| named(last, word.len(), mark))
    }

    /// JSON after what stands before a message.
    fn json(&self) -> Option<Level> {
        let text = self.text[self.at..].trim_end();
        Level::of(&JsonEvent::parse(text).ok()?, self.names)
    }

    /// `%ASA-3-106023:`, `%LINK-5-CHANGED:`.
    fn cisco(&self) -> Option<Level> {
        let rest = self.rest();
        let word = str::from_utf8(&rest[1..word_len(rest).max(1)]).ok()?;
        let (_, numbered) = word.split_once('-')?;
        let mut parts = numbered.splitn(3, '-').skip_while(|part| part.len() != 1);
        Scale::Syslog.level(parts.next()?.parse().ok()?)
    }

    /// What most lines say, found without a search.
    #[inline]
    fn frequent(&self) -> Option<Level> {
        let (rest, ends) = (self.rest(), |byte: Option<&u8>| byte.is_none_or(is_blank));
        let (level, next) = match *rest.first_chunk()? {
            [b'I', b'N', b'F', b'O'] => (Level::Info, &rest[4..]),
            [b'W', b'A', b'R', b'N'] => (Level::Warning, &rest[4..]),
            [b'E', b'R', b'R', b'O'] => (Level::Error, rest[4..].strip_prefix(b"R")?),
            [b'D', b'E', b'B', b'U'] => (Level::Debug, rest[4..].strip_prefix(b"G")?),
            _ => return None,
        };
        (ends(next.first()) && self.names.is_empty()).then_some(level)
    }

    fn word(&mut self, capitals: &mut usize, host: &mut bool, tagged: bool) -> Piece {
        let start = self.at;
        let Word { length, has_digits, has_equals } = self.word_from(start);
        // A character may be cut in two where the search ends.
        let Some(word) = self.text.get(start..start + length) else { return Piece::End };
        self.at = start + length;
        if has_equals {
            return self.pairs(start).map_or(Piece::End, Piece::Level);
        }
        let bytes = word.as_bytes();
        // The names of hosts, processes and files, which most often have digits; but
        // `WARN[0003]` is a level.
        let shouts = matches!(bytes, [b'A'..=b'Z', b'A'..=b'Z', ..]);
        if has_digits && !tagged && !shouts {
            return if bytes.ends_with(b":") { Piece::Tag } else { Piece::Passed };
        }
        let shape = Shape::of(bytes);
        if let Some(level) = self.level_word(word, shape) {
            return Piece::Level(level);
        }
        if tagged {
            return Piece::End;
        }
        if let (true, [sign]) = (self.redis, bytes) {
            return match sign {
                b'.' | b'-' => Piece::Level(Level::Debug),
                b'*' => Piece::Level(Level::Notice),
                b'#' => Piece::Level(Level::Warning),
                _ => Piece::End,
            };
        }
        self.before_message(word, shape, capitals, host)
    }

    /// A word that is a level, by what is behind it.
    fn level_word(&self, word: &str, shape: Shape) -> Option<Level> {
        let breaks = |byte: u8| KINDS[usize::from(byte)] & BREAK != 0;
        let end = match shape.holds(BREAK) {
            true => word.bytes().position(breaks).unwrap_or(word.len()),
            false => word.len(),
        };
        let (name, behind) = word.split_at(end);
        if let [letter] = name.as_bytes() {
            // logcat, MongoDB and etcd, after the time.
            let alone = behind.is_empty() || behind.starts_with('/');
            return (self.timed && alone).then(|| single_letter(*letter)).flatten();
        }
        if shape.holds(CAPITAL)
            && !behind.starts_with('(')
            && let Some(level) = self.named(name, Mark::Capitals)
        {
            return Some(level);
        }
        if matches!(behind.as_bytes(), [b':' | b'!', ..]) {
            let level = self.named(name, Mark::Colon);
            let in_capitals = name.as_bytes().last().is_some_and(u8::is_ascii_uppercase);
            if level.is_some() || !(in_capitals && shape.holds(NAME)) {
                return level;
            }
            // `production.ERROR:`, as Laravel has it.
            return name.rsplit_once('.').and_then(|(_, last)| self.named(last, Mark::Capitals));
        }
        let columns = || {
            let after = self.rest();
            matches!(after, [b'\t', ..] | [b' ', b' ', ..] | [b'|', ..] | [b' ', b'|', ..])
        };
        if self.timed && behind.is_empty() && columns() {
            return self.named(name, Mark::Enclosed);
        }
        None
    }

    #[inline]
    fn named(&self, word: &str, mark: Mark) -> Option<Level> {
        if mark == Mark::Capitals && !is_capitals(word) {
            return None;
        }
        match Level::WORDS.may_hold_lower(word.as_bytes()) {
            true => self.names.own(word).or_else(|| known(word, mark)),
            false => self.names.own(word),
        }
    }

    /// Whether a word that is no level is of what comes before a message.
    fn before_message(
        &self,
        word: &str,
        shape: Shape,
        capitals: &mut usize,
        host: &mut bool,
    ) -> Piece {
        if word.ends_with(':') {
            let sign = !shape.holds(CAPITAL | SMALL | DIGIT | OTHER);
            return if sign { Piece::Passed } else { Piece::Tag };
        }
        // Signs, numbers, the names of hosts, files and modules.
        if !shape.holds(CAPITAL | SMALL | OTHER)
            || shape.holds(DIGIT | NAME)
            || shape.holds(BREAK) && word.contains("::")
        {
            return Piece::Passed;
        }
        if self.timed {
            let rest = self.rest();
            // A name before a bar or a dash is that of a logger.
            if matches!(rest, [b' ', b'-' | b'|', b' ', ..] | [b'|', ..]) {
                return Piece::Passed;
            }
            if is_capitals(word) && *capitals < MAX_CAPITALS {
                *capitals += 1;
                return Piece::Passed;
            }
            // A host has the tag of a program after it.
            let rest = rest.trim_ascii_start();
            if !*host && rest[..word_len(rest)].ends_with(b":") {
                *host = true;
                return Piece::Passed;
            }
        }
        let next = self.rest().iter().find(|byte| **byte != b' ');
        let before_a_date = next.is_some_and(|byte| !byte.is_ascii_lowercase());
        if before_a_date && is_month_or_day(word) || matches!(word, "PHP" | "npm") {
            return Piece::Passed;
        }
        Piece::End
    }

    /// The level among the pairs of logfmt that begin here.
    fn pairs(&self, start: usize) -> Option<Level> {
        let text = &self.text[start..];
        let mut end = text.len().min(SEARCHED_PAIR_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut pairs = Pairs(&text[..end]);
        let level = |(key, value): (&str, &str)| {
            let says = LEVEL_KEYS.iter().any(|name| name.eq_ignore_ascii_case(key));
            says.then(|| self.names.level_of(value)).flatten()
        };
        pairs.find_map(level)
    }
}

/// A word, as far as marks tell.
struct Word {
    length: usize,
    has_digits: bool,
    has_equals: bool,
}

impl Word {
    /// The word that begins at an offset of a marked block, if it ends in there.
    #[inline]
    fn of(marks: Marks, offset: usize) -> Option<Self> {
        let length = (marks.blanks >> offset).trailing_zeros();
        let word = 1_u64.checked_shl(length)? - 1;
        Some(Self {
            length: length as usize,
            has_digits: marks.digits >> offset & word != 0,
            has_equals: marks.equals >> offset & word != 0,
        })
    }

    #[cold]
    fn longer_than_block(bytes: &[u8]) -> Self {
        let length = word_len(bytes);
        let word = &bytes[..length];
        let has_digits = word.iter().any(u8::is_ascii_digit);
        Self { length, has_digits, has_equals: word.contains(&b'=') }
    }
}

/// The kinds of bytes that a word is made of.
#[derive(Clone, Copy)]
struct Shape(u8);

const CAPITAL: u8 = 1;
const SMALL: u8 = 2;
const DIGIT: u8 = 4;
/// Of dotted names, addresses and paths.
const NAME: u8 = 8;
/// What ends the name of a level.
const BREAK: u8 = 32;
const OTHER: u8 = 64;
/// What ends a word.
const BLANK: u8 = 128;

const KINDS: [u8; 256] = {
    let mut kinds = [OTHER; 256];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte] = match byte as u8 {
            b' ' | b'\t' | b'|' => BLANK,
            b'0'..=b'9' => DIGIT,
            b'A'..=b'Z' => CAPITAL,
            b'a'..=b'z' => SMALL,
            b'.' | b'@' | b'\\' | b'_' => NAME,
            b'/' => BREAK | NAME,
            b':' | b'[' | b'(' | b'!' => BREAK,
            // Signs say nothing.
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

impl Shape {
    #[inline]
    fn of(word: &[u8]) -> Self {
        Self(word.iter().fold(0, |kinds, byte| kinds | KINDS[usize::from(*byte)]))
    }

    #[inline]
    fn holds(self, kinds: u8) -> bool {
        self.0 & kinds != 0
    }
}

/// What marks a word as a level.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// It is written in capitals.
    Capitals,
    /// It is in brackets, or in a column.
    Enclosed,
    /// A colon follows.
    Colon,
}

/// The levels that a plain line may have: fewer than a field, since a line may
/// well begin with `config:` or `help:`.
#[inline]
fn known(word: &str, mark: Mark) -> Option<Level> {
    if word.len() < 3 {
        return None;
    }
    let level = Level::from_name(word)?;
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
    let capitals = is_capitals(word);
    let refused = match level {
        Level::Error => is(&["fail", "failure"]) && (capitals || mark == Mark::Capitals),
        // MySQL writes `[System]`; in small letters it is a component.
        Level::Notice => {
            is(&["note", "system"]) && (capitals || mark != Mark::Enclosed) || word == "system"
        }
        Level::Critical => is(&["assert"]) && mark != Mark::Enclosed,
        Level::Info => is(&["help", "data"]) || is(&["log"]) && !(mark == Mark::Colon && capitals),
        Level::Trace => {
            is(&["all", "verb"]) || is(&["trace"]) && !capitals && mark != Mark::Enclosed
        }
        Level::Debug => {
            is(&["config", "http", "prompt", "input", "deb"])
                || is(&["fine"]) && !capitals && mark != Mark::Enclosed
        }
        _ => false,
    };
    if refused { None } else { Some(level) }
}

/// The letter that Android, klog, Ruby and MongoDB write for a level.
fn single_letter(letter: u8) -> Option<Level> {
    Some(match letter {
        b'V' => Level::Trace,
        b'D' => Level::Debug,
        b'I' => Level::Info,
        b'W' => Level::Warning,
        b'E' => Level::Error,
        b'F' => Level::Critical,
        _ => return None,
    })
}

fn is_capitals(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[inline]
fn is_blank(byte: &u8) -> bool {
    KINDS[usize::from(*byte)] & BLANK != 0
}

/// How long the word is that the bytes begin with: mostly so short that a call to
/// look for its end takes longer.
#[inline]
fn word_len(bytes: &[u8]) -> usize {
    bytes.iter().position(is_blank).unwrap_or(bytes.len())
}

fn is_month_or_day(word: &str) -> bool {
    const NAMES: [&str; 19] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let word = word.trim_end_matches([',', '.']);
    let begins = |name: &&str| name.get(..word.len()).is_some_and(|n| n.eq_ignore_ascii_case(word));
    word.len() >= 3 && NAMES.iter().any(begins)
}

/// The pairs of a line of logfmt: `key=word key="some words"`.
struct Pairs<'t>(&'t str);

impl<'t> Iterator for Pairs<'t> {
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, rest) = self.0.trim_ascii_start().split_once('=')?;
        let of_key = |byte: u8| byte.is_ascii_alphanumeric() || b"_.@-/".contains(&byte);
        if key.is_empty() || !key.bytes().all(of_key) {
            return None;
        }
        let (value, rest) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = quote_end(quoted.as_bytes())?;
                (&quoted[..end], &quoted[end + 1..])
            }
            None => rest.split_at(rest.find([' ', '\t']).unwrap_or(rest.len())),
        };
        self.0 = rest;
        Some((key, value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn level(line: &str) -> Option<Level> {
        Level::of_text(line, &LevelNames::default())
    }

    #[test]
    fn a_level_is_found_where_formats_put_it() {
        use Level::{Alert, Critical, Debug, Emergency, Error, Info, Notice, Trace, Warning};
        let cases = [
            // log4j, logback, Spring, ZooKeeper, Kafka, Elasticsearch, JUL, Minecraft.
            ("2026-03-14 09:00:00,123 [main] ERROR com.foo.Bar - x", Some(Error)),
            ("2026-03-14 09:00:00.123  INFO 1234 --- [main] c.e.App : x", Some(Info)),
            ("2015-10-18 18:01:47,978 INFO [main] org.x.Y: x", Some(Info)),
            ("2026-03-14 09:00:00,123 [myid:1] - WARN  [main:X@1] - x", Some(Warning)),
            ("[2026-03-14 09:00:00,123] ERROR [Broker id=1] x", Some(Error)),
            ("[2026-03-14T09:00:00,123][INFO ][o.e.n.Node] [n] x", Some(Info)),
            ("09:00:00.123 [http-nio-8080-exec-1] DEBUG x", Some(Debug)),
            ("SEVERE: x", Some(Error)),
            ("INFO: x", Some(Info)),
            ("[09:00:00] [Server thread/WARN]: x", Some(Warning)),
            ("INFO  [main] 2026-03-14 09:00:00,123 Foo.java:1 - x", Some(Info)),
            ("17/06/09 20:10:40 INFO spark.X: x", Some(Info)),
            ("081109 203615 148 INFO dfs.DataNode: x", Some(Info)),
            // Python, celery, uvicorn, gunicorn, loguru, Airflow.
            ("ERROR:root:x", Some(Error)),
            ("2026-03-14 09:00:00,123 - app.db - WARNING - x", Some(Warning)),
            ("2026-03-14 09:00:00,123 - name - INFO - x", Some(Info)),
            ("[2026-03-14 09:00:00,123: INFO/MainProcess] x", Some(Info)),
            ("INFO:     127.0.0.1:5 - \"GET / HTTP/1.1\" 200 OK", Some(Info)),
            ("[2026-03-14 09:00:00 +0000] [7] [CRITICAL] x", Some(Critical)),
            ("2026-03-14 09:00:00.123 | ERROR    | a:b:1 - x", Some(Error)),
            ("2026-03-14 09:00:00.123 | SUCCESS  | a:b:1 - x", Some(Info)),
            ("[2026-03-14T09:00:00.123+0000] {file.py:1} INFO - x", Some(Info)),
            ("[2026-03-14 09:00:00] production.ERROR: x", Some(Error)),
            (
                "nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova.x x",
                Some(Info),
            ),
            // Ruby, PHP, Node.
            ("E, [2026-03-14T09:00:00.123456 #7] ERROR -- : x", Some(Error)),
            ("I, [2026-03-14T09:00:00.123456 #7]  ERROR -- : x", Some(Error)),
            ("[14-Mar-2026 09:00:00 UTC] PHP Warning:  x", Some(Warning)),
            ("npm ERR! code 1", Some(Error)),
            ("info: x", Some(Info)),
            ("warn: Microsoft.X[0]", Some(Warning)),
            ("fail: Microsoft.X[0]", Some(Error)),
            ("[09:00:00 INF] x", Some(Info)),
            ("2026-03-14 09:00:00.1234|ERROR|Logger|x", Some(Error)),
            // Go, Rust.
            ("level=info ts=2026-03-14T09:00:00Z msg=x", Some(Info)),
            ("ts=2026-03-14T09:00:00Z caller=x.go:1 level=error msg=x", Some(Error)),
            ("time=\"2026-03-14T09:00:00Z\" level=warning msg=\"level=error\"", Some(Warning)),
            ("msg=\"level=error x\" lvl=dbug", Some(Debug)),
            ("2026-03-14T09:00:00.123Z\tERROR\tcaller\tx", Some(Error)),
            ("2026/03/14 09:00:00.123\tinfo\thttp\tx", Some(Info)),
            ("I0314 09:00:00.123456    1 main.go:5] x", Some(Info)),
            ("E0314 09:00:00.123456    1 main.go:5] x", Some(Error)),
            ("[E 260314 09:00:00 web:1] x", Some(Error)),
            ("[E 2026-03-14 09:00:00.123 App] x", Some(Error)),
            ("[system] x", None),
            ("2026-03-14 09:00:00.123456 W | etcdserver: x", Some(Warning)),
            ("2026-03-14T09:00:00Z INF x", Some(Info)),
            ("2026-03-14T09:00:00.123Z [INFO]  agent: x", Some(Info)),
            ("[2026-03-14T09:00:00Z DEBUG crate::x] x", Some(Debug)),
            ("WARN[0003] x", Some(Warning)),
            // Servers and databases.
            ("2026/03/14 09:00:00 [error] 7#7: *1 x", Some(Error)),
            ("[Sun Dec 04 04:47:44 2005] [notice] x", Some(Notice)),
            ("[Sun Dec 04 04:47:44.1 2005] [core:error] [pid 1] x", Some(Error)),
            ("2026-03-14 09:00:00 UTC [123] LOG:  x", Some(Info)),
            ("2026-03-14 09:00:00.123 UTC [123] app@shop ERROR:  x", Some(Error)),
            ("2026-03-14T09:00:00.123456Z 0 [Warning] [MY-1] [Server] x", Some(Warning)),
            ("2026-03-14T09:00:00.123456Z 0 [System] [MY-1] [Server] x", Some(Notice)),
            ("260314  9:00:00 [ERROR] x", Some(Error)),
            ("2026-03-14T09:00:00.123+0000 I NETWORK  [conn1] x", Some(Info)),
            ("7:M 14 Mar 2026 09:00:00.123 # x", Some(Warning)),
            ("7:M 14 Mar 2026 09:00:00.123 * x", Some(Notice)),
            ("[ALERT] 073/090000 (1) : x", Some(Alert)),
            // syslog, the kernel, network devices, logcat, Windows.
            ("<3>x", Some(Error)),
            ("<3>[  120.345678] INFO: task x blocked", Some(Error)),
            ("<30>Mar 14 09:00:00 web app[7]: x", Some(Info)),
            ("<14>1 2026-03-14T09:00:00Z web app - - - x", Some(Info)),
            ("<14>Mar 14 09:00:00 web app[7]: level=error msg=x", Some(Error)),
            ("Mar 14 09:00:00 web postfix/smtpd[7]: warning: x", Some(Warning)),
            ("Mar 14 09:00:00 web sshd[7]: error: x", Some(Error)),
            ("Mar 14 09:00:00 web dockerd: time=\"x\" level=info msg=x", Some(Info)),
            ("Mar 14 09:00:00 web app[7]: {\"level\":\"debug\"}", Some(Debug)),
            ("Mar 14 2026 09:00:00 host: %ASA-3-106023: x", Some(Error)),
            ("03-17 16:13:38.811  1702  2395 D WindowManager: x", Some(Debug)),
            ("E/Tag( 7): x", Some(Error)),
            ("V/Tag( 7): x", Some(Trace)),
            ("2016-09-28 04:30:30, Info                  CBS    x", Some(Info)),
            (
                "- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.675872 R02-M1 RAS KERNEL INFO x",
                Some(Info),
            ),
            ("panic: x", Some(Emergency)),
        ];
        for (line, expected) in cases {
            assert_eq!(level(line), expected, "{line}");
        }
    }

    #[test]
    fn a_word_of_the_message_is_no_level() {
        for line in [
            "",
            "read ECONNRESET",
            "no error here",
            "2026-03-14 09:00:00 app: connection error, see INFO",
            "2026-03-14 09:00:00 payment failed with ERROR",
            "2026-03-14 09:00:00 Error while reading",
            "Mar 14 09:00:00 web app: info about OOMKilled pods",
            "Mar 14 09:00:00 combo kernel: Out of memory: Killed process 7 (ERROR)",
            "config: cannot read, ECONNRESET",
            "log: x",
            "10.0.0.9 - - [14/Mar/2026:09:00:00 +0000] \"GET /INFO HTTP/1.1\" 200 51",
            "message level=info",
            "x=\"level=info",
            "informational text",
            "E x",
            "Traceback (most recent call last):",
            "  at com.foo.Bar (INFO)",
            "kernel: INFO: task jbd2/sdb1-8:417 blocked for more than 120 seconds.",
            "Mar 14 09:00:00 web kernel: INFO: task x blocked for more than 120 seconds.",
            "[  120.345678] INFO: task x blocked for more than 120 seconds.",
            "INFO: task x blocked for more than 120 seconds.",
            "\"INFO\" x",
        ] {
            assert_eq!(level(line), None, "{line}");
        }
    }

    #[test]
    fn a_team_names_its_levels_in_plain_lines_too() {
        let names = LevelNames::from([("ANOMALY", Level::Error)]);
        assert_eq!(Level::of_text("2026-03-14 09:00:00 ANOMALY x", &names), Some(Level::Error));
        assert_eq!(Level::of_text("[anomaly] x", &names), Some(Level::Error));
        assert_eq!(Level::of_text("x ANOMALY", &names), None);
    }

    /// What lines are made of.
    fn pieces() -> impl Strategy<Value = String> {
        let words = [
            "INFO",
            "ERROR",
            "error",
            "[",
            "]",
            "(",
            ")",
            "<",
            ">",
            "{",
            ":",
            "/",
            ",",
            "|",
            "-",
            "  ",
            "\t",
            "level=info",
            "kernel:",
            "2026-03-14",
            "09:00:00.123",
            "host",
            "sshd[7]:",
            "RAS",
            "E",
            "x",
            "PHP",
            "main",
            "é",
            "*",
            "production.ERROR:",
            "com.foo.Bar",
            "Sun",
            "=",
        ];
        let word = prop::sample::select(words.to_vec()).prop_map(str::to_owned);
        let piece = prop_oneof![3 => word, 2 => Just(" ".to_owned()), 1 => "[0-9a-z:|=]{0,9}"];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        /// Where the blocks begin that are looked at together is of no concern.
        #[test]
        fn a_longer_number_before_it_changes_no_level(line in pieces(), digits in 2_usize..140) {
            let behind = |digits: usize| format!("{} {line}", "1".repeat(digits));
            prop_assert_eq!(level(&behind(digits)), level(&behind(1)));
        }

        #[test]
        fn arbitrary_lines_do_not_panic(line in "[0-9EI<>\\[\\](){}=:/,|\"% é.-]{0,40}(INFO|error)?[é ]{0,300}") {
            let _ = level(&line);
        }
    }
}
