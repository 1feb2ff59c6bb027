//! Which lines belong to the one before, by what languages print.

use memchr::{memchr, memmem};

use super::{
    json_line::is_tuple,
    reports::{Report, is_rule, is_symbol},
};
use crate::{
    level::{Level, LevelNames},
    line::looks_like_json,
    thrown::is_error_name,
};

/// So many blank lines may lie within an event.
const MAX_BLANKS: u8 = 2;

/// Lines by themselves that belong to the one before, whatever that is.
const ALWAYS: [&[u8]; 23] = [
    // Java, JavaScript, .NET.
    b"at ",
    b"Caused by:",
    b"Suppressed: ",
    b"Wrapped by: ",
    b"--- End of ",
    b"---> ",
    b"Node.js v",
    // Dart.
    b"<asynchronous suspension>",
    // Swift and Objective-C.
    b"*** First throw call stack:",
    // Python.
    b"During handling of ",
    b"The above exception ",
    // Go.
    b"goroutine ",
    b"[signal ",
    // Lua, Perl.
    b"stack traceback:",
    b"BEGIN failed--compilation aborted",
    b"Compilation failed in require",
    // C's library.
    b"======= Backtrace: ",
    // PHP, Rust.
    b"Stack trace:",
    b"stack backtrace:",
    b"Stack backtrace:",
    b"note: run with ",
    b"note: Some details ",
    b"note: the backtrace ",
];

/// Whether one of them begins with a byte: most lines begin with none.
const fn may_begin_one(first: u8) -> bool {
    matches!(
        first,
        b'a' | b'B'
            | b'C'
            | b'S'
            | b'W'
            | b'-'
            | b'N'
            | b'D'
            | b'T'
            | b'g'
            | b'['
            | b's'
            | b'n'
            | b'<'
            | b'*'
            | b'='
    )
}

const TRACEBACK: &[u8] = b"Traceback (most recent call last)";

/// What Python begins those of several exceptions at once with.
const EXCEPTION_GROUP: &[u8] = b"+ Exception Group Traceback";

/// What Python writes before the traceback of an exception that belongs to the one
/// above.
const ANNOUNCED: [&[u8]; 2] = [b"During handling of ", b"The above exception "];

/// Whether a line belongs to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follows {
    Yes,
    /// If what comes next says so.
    Perhaps,
    No,
}

/// What may follow in an event by what it has said so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Open {
    #[default]
    Nothing,
    /// Python's frames, and then the line that names the exception.
    Traceback,
    /// Any line: what a thread of Rust's panicked with, or Dart did not catch.
    Message,
    /// Go's functions, whose files are set in.
    Goroutine,
    Report(Report),
    /// A report that has ended.
    Over,
    /// PHP's frames, and exceptions that wrap the one before.
    Php,
    /// The line that names an exception, below the code that raised it.
    Caret,
}

/// What is known of the lines of an event so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    open: Open,
    /// Whether it has frames, or what stands before them.
    has_begun: bool,
    /// Whether it is one line so far.
    is_one_line: bool,
    /// Whether it is no more than a rule across the page.
    is_ruled: bool,
    /// Whether its last line ends in a colon.
    ends_in_colon: bool,
    /// Blank lines of which it is not known yet whose they are.
    blanks: u8,
    /// Whether a line names an exception, and whose it is the next one tells.
    named: bool,
    /// Whether its last line says that another exception comes.
    chained: bool,
    /// Whether Ruby was within a `rescue`, below the last line that named an exception.
    has_rescued: bool,
}

impl Trace {
    /// That of an event that begins with a line.
    #[inline]
    pub(super) fn of(head: &[u8]) -> Self {
        let mut trace = Self { is_one_line: true, ..Self::default() };
        trace.has_rescued = head.last() == Some(&b')') && is_rescue(head);
        trace.see(head);
        trace
    }

    /// Whether a line belongs to it. `first`: its first line.
    #[inline]
    pub(super) fn follows(&self, line: &[u8], first: &[u8]) -> Follows {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self.open {
            Open::Message => return Follows::Yes,
            Open::Over => return Follows::No,
            Open::Report(report) if report.goes_on(line) => {
                return self.report_goes_on(report, line);
            }
            _ => {}
        }
        match line {
            _ if self.named => match is_frame(line) {
                true => Follows::Yes,
                // What it says may have several lines.
                false if is_set_in(line) => self.more_of_message(line),
                false => Follows::No,
            },
            [b'0'..=b'9', ..] => Follows::No,
            [] => self.blank(),
            [b' ' | b'\t', ..] => match line.trim_ascii() {
                [] => self.blank(),
                text if text.starts_with(EXCEPTION_GROUP) => yes_if(self.may_trace(first)),
                text => yes_if(
                    !(self.blanks > 0 && !self.has_begun && ruby_place(first) != Some(true)
                        || begins_anew(text)
                        || self.open != Open::Traceback && states_level(text)),
                ),
            },
            [b'}' | b']' | b')', rest @ ..] => {
                yes_if(!self.is_one_line && rest.len() <= 2 && self.blanks == 0)
            }
            [b'T', ..] if line.starts_with(TRACEBACK) => yes_if(self.may_trace(first)),
            // Elixir's loggers say first who failed.
            [b'*', b'*', b' ', b'(', ..] => {
                yes_if(!self.has_begun && self.blanks == 0 && is_loud(first))
            }
            [b'*' | 0xf0 | b'C', ..] if Report::that_begins(line) == Some(Report::Swift) => {
                yes_if(memmem::find(first, b"Fatal error: ").is_some())
            }
            _ if stands_by_itself(line) => yes_if(!is_mild(first)),
            [b'.', b'.', b'.', b' ', b'0'..=b'9', ..] => Follows::Yes,
            [b'#', b'0'..=b'9', ..] => yes_if(is_numbered_frame(line)),
            _ => self.by_what_is_open(line, first),
        }
    }

    /// Whether a traceback of Python's may belong to it: what has named its exception is
    /// over, unless another is announced.
    fn may_trace(&self, first: &[u8]) -> bool {
        (!self.has_begun && self.blanks == 0 || self.chained) && !is_mild(first)
    }

    /// Whether a line that may be of a report is, and begins no other.
    fn report_goes_on(&self, report: Report, line: &[u8]) -> Follows {
        use Report::{Flutter, Jvm, Sanitizer, ThreadSanitizer};
        match (report, Report::that_begins(line)) {
            // Below a rule, and no other.
            (Sanitizer, Some(Sanitizer | ThreadSanitizer)) => {
                yes_if(self.is_ruled && !is_rule(line, b"="))
            }
            (Jvm, Some(Jvm)) => Follows::No,
            (Flutter, _) => yes_if(level_of(line).is_none()),
            _ => Follows::Yes,
        }
    }

    fn by_what_is_open(&self, line: &[u8], first: &[u8]) -> Follows {
        let belongs = match self.open {
            Open::Nothing | Open::Message | Open::Report(_) | Open::Over => false,
            Open::Traceback => self.blanks == 0 && names_a_type(line),
            Open::Goroutine => {
                let starts = [&b"created by "[..], b"exit status "];
                self.blanks == 0
                    && (is_call(line) || starts.iter().any(|start| line.starts_with(start)))
            }
            Open::Php => line.starts_with(b"Next ") && names_a_type(&line[5..]),
            Open::Caret => names_an_error(line),
        };
        if belongs || self.is_place(line) {
            return Follows::Yes;
        }
        // As Java's and Node's loggers write it: a message, perhaps a blank line, and the
        // exception below.
        if !self.is_one_line || !names_an_error(line) || !is_loud(first) {
            return Follows::No;
        }
        // Where each record has its time, what has none is no record.
        match is_timed(first) && names_a_class(line) {
            true => Follows::Yes,
            false => Follows::Perhaps,
        }
    }

    /// Whether a line that is set in may be more of what an exception says, whose frames
    /// tell whose it is.
    fn more_of_message(&self, line: &[u8]) -> Follows {
        match line.trim_ascii() {
            [] => Follows::No,
            text if begins_anew(text) || states_level(text) => Follows::No,
            _ => Follows::Perhaps,
        }
    }

    /// Whether a line is a place in Ruby's code below the name of an exception, or one
    /// of a browser's.
    fn is_place(&self, line: &[u8]) -> bool {
        if (self.ends_in_colon || self.has_begun)
            && let Some(says) = ruby_place(line)
        {
            // Ruby goes on with the cause of what was raised while one was rescued.
            return !says || self.has_rescued;
        }
        is_browser_place(line) || is_symbol(line)
    }

    /// The report that a line is of, if that is known by now.
    #[inline]
    fn report(&self, line: &[u8]) -> Option<Report> {
        match self.open {
            // What stands below a rule says whose report it is.
            Open::Report(report) if !self.is_ruled => Some(report),
            _ => Report::that_begins(line),
        }
    }

    fn blank(&self) -> Follows {
        match self.blanks < MAX_BLANKS {
            true => Follows::Perhaps,
            false => Follows::No,
        }
    }

    /// Takes a line that belongs to it.
    pub(super) fn take(&mut self, line: &[u8], follows: Follows) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_blank = line.trim_ascii().is_empty();
        match (follows, is_blank) {
            (Follows::Perhaps, true) => self.blanks += 1,
            (Follows::Perhaps, false) => self.named = true,
            _ => {
                (self.blanks, self.named, self.is_one_line) = (0, false, false);
                self.chained = ANNOUNCED.iter().any(|start| line.starts_with(start));
                self.has_rescued = is_rescue(line)
                    || self.has_rescued && (is_set_in(line) || ruby_place(line) != Some(true));
                self.see(line);
            }
        }
    }

    #[inline]
    fn see(&mut self, line: &[u8]) {
        self.ends_in_colon = line.last() == Some(&b':');
        let before = self.open;
        let is_set_in = is_set_in(line);
        self.open = match line {
            [b'T', ..] if line.starts_with(TRACEBACK) => Open::Traceback,
            [b'g', ..] if line.starts_with(b"goroutine ") => Open::Goroutine,
            [b'S', ..] if line.starts_with(b"Stack trace:") => Open::Php,
            _ if self.ends_in_colon && announces_message(line) => Open::Message,
            _ if let Some(report) = self.report(line) => {
                match report.is_ended_by(line) && !self.is_one_line {
                    true => Open::Over,
                    false => Open::Report(report),
                }
            }
            _ if is_set_in && is_caret(line) && before != Open::Traceback => Open::Caret,
            // What was open is closed by the line that it was open for.
            _ if before == Open::Traceback && !is_set_in => Open::Nothing,
            _ if matches!(before, Open::Message | Open::Caret) => Open::Nothing,
            _ => before,
        };
        self.is_ruled = self.is_one_line && is_rule(line, b"=");
        let begins = self.open != Open::Nothing
            || before != Open::Nothing
            || is_set_in && line.trim_ascii_start().starts_with(EXCEPTION_GROUP);
        self.has_begun |=
            begins || !self.is_one_line && (is_frame(line) || ruby_place(line).is_some());
    }
}

fn yes_if(belongs: bool) -> Follows {
    if belongs { Follows::Yes } else { Follows::No }
}

/// Whether what a program failed with stands in the next line, whatever it looks like.
fn announces_message(line: &[u8]) -> bool {
    line == b"Unhandled exception:" || memmem::find(line, b" panicked at ").is_some()
}

/// Whether a text that is set in is a record of its own: some programs set in all
/// their lines.
fn begins_anew(text: &[u8]) -> bool {
    match text {
        [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'-' | b'/', b'0'..=b'9', ..]
        | [b'0'..=b'9', b'0'..=b'9', b':', b'0'..=b'9', b'0'..=b'9', b':', ..] => true,
        [b'{', rest @ .., b'}'] if !is_tuple(rest) => {
            std::str::from_utf8(text).is_ok_and(looks_like_json)
        }
        _ => false,
    }
}

/// Whether a text that is set in says a level of its own, as programs write it that
/// align levels to the right: ` WARN app: …`.
fn states_level(text: &[u8]) -> bool {
    let word = text.strip_prefix(b"[").unwrap_or(text);
    let length = word.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let ends = word.get(length).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    length >= 3 && ends && level_of(text).is_some()
}

/// Whether what stands behind `at ` is a place in code, and no sentence.
fn is_at_frame(place: &[u8]) -> bool {
    let place = place.trim_ascii();
    let called = place.strip_prefix(b"async ").or(place.strip_prefix(b"new ")).unwrap_or(place);
    memchr(b'(', place).is_some() || memchr(b' ', called).is_none()
}

/// Whether a line is one of [`ALWAYS`]: by itself such a line may be a sentence.
fn stands_by_itself(line: &[u8]) -> bool {
    let Some(first) = line.first().filter(|byte| may_begin_one(**byte)) else { return false };
    ALWAYS.iter().any(|start| start[0] == *first && line.starts_with(start))
        && line.strip_prefix(b"at ").is_none_or(is_at_frame)
}

/// What stands in a trace and nowhere else, set in or not.
fn is_frame(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    if matches!(line, [b'#', b'0'..=b'9', ..]) {
        return is_numbered_frame(line);
    }
    text.starts_with(b"at ") && text.len() < line.len()
        || text.starts_with(b"Caused by: ")
        || text.starts_with(b"File \"")
        || matches!(text, [b'.', b'.', b'.', b' ', b'0'..=b'9', ..])
        || stands_by_itself(line)
        || is_browser_place(line)
        || is_symbol(line)
        // Perl's: `\tmain::total(5) called at /app/main.pl line 3`.
        || text.len() < line.len() && memmem::find(text, b") called at ").is_some()
}

/// Whether a place in Ruby's code says what happened: `app/models/cart.rb:10:in
/// 'Cart#total'`, and with `: no price (KeyError)` behind it. None for another line.
fn ruby_place(line: &[u8]) -> Option<bool> {
    let place = memmem::find(line, b":in ")?;
    let digits = line[..place].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let [b'`' | b'\'', name @ ..] = &line[place + 4..] else { return None };
    let is_place = digits > 0 && line[..place - digits].ends_with(b":");
    is_place.then(|| memmem::find(name, b"': ").is_some())
}

fn is_rescue(line: &[u8]) -> bool {
    [&b"rescue in "[..], b"ensure in "].iter().any(|words| memmem::find(line, words).is_some())
}

fn is_set_in(line: &[u8]) -> bool {
    matches!(line, [b' ' | b'\t', ..])
}

/// `render@https://x.io/static/main.js:1:2345`.
fn is_browser_place(line: &[u8]) -> bool {
    line.last().is_some_and(u8::is_ascii_digit)
        && memchr(b'@', line).is_some()
        && memchr(b' ', line).is_none()
        && memmem::find(line, b"://").is_some()
}

/// `#0 /app/cart.php(12): …`, `#1  main () at src/main.cc:3`, `#2 {main}`.
fn is_numbered_frame(line: &[u8]) -> bool {
    let digits = line[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    match line[1 + digits..].trim_ascii_start() {
        [b'/' | b'[' | b'{', ..] | [b'0', b'x', ..] => line.get(1 + digits) == Some(&b' '),
        called => memchr(b'(', called).is_some() && line.get(1 + digits) == Some(&b' '),
    }
}

/// `main.main()`, `github.com/example/shop/cart.(*Cart).Total(...)`.
fn is_call(line: &[u8]) -> bool {
    let name = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    line.last() == Some(&b')') && memchr(b'(', &line[..name]).is_some() && line.contains(&b'.')
}

/// Nothing but marks below code.
fn is_caret(line: &[u8]) -> bool {
    let marks = line.trim_ascii();
    !marks.is_empty() && marks.iter().all(|byte| matches!(byte, b'^' | b'~' | b' '))
}

/// The name that a line begins with, where that stands alone or before a colon.
fn leading_name(line: &[u8]) -> Option<&[u8]> {
    let of_name = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b'\\') || *byte >= 0x80
    };
    let length = line.iter().take_while(|byte| of_name(byte)).count();
    let begins = line.first().is_some_and(|byte| !byte.is_ascii_digit() && *byte != b'.');
    match line.get(length..length + 2) {
        Some([b':', b' ']) if begins => Some(&line[..length]),
        _ if begins && matches!(&line[length..], [] | [b':']) => Some(&line[..length]),
        _ => None,
    }
}

fn names_a_type(line: &[u8]) -> bool {
    leading_name(line).is_some_and(|name| !name.is_empty())
}

fn names_an_error(line: &[u8]) -> bool {
    let is_error = |name: &[u8]| is_error_name(name) && !name.eq_ignore_ascii_case(b"error");
    leading_name(line).is_some_and(|name| is_error(name) || name == b"Error")
        // Node's codes: `TypeError [ERR_X]: …`.
        || memchr(b' ', line).is_some_and(|end| is_error(&line[..end]) && line[end + 1..].starts_with(b"[ERR_"))
}

/// Whether the name that a line begins with is that of a class in a package:
/// `java.io.IOException: …`.
fn names_a_class(line: &[u8]) -> bool {
    leading_name(line).is_some_and(|name| memchr(b'.', name).is_some())
}

/// Whether a record begins with its time, in brackets or not.
fn is_timed(first: &[u8]) -> bool {
    let first = first.strip_prefix(b"[").unwrap_or(first);
    first.first().is_some_and(u8::is_ascii_digit)
        && first.iter().take(24).filter(|byte| **byte == b':').count() >= 2
}

fn level_of(line: &[u8]) -> Option<Level> {
    Level::of_text(&String::from_utf8_lossy(line), &LevelNames::default())
}

/// Whether a line says a level below a warning: what raises no alert is no place for
/// an exception.
fn is_mild(line: &[u8]) -> bool {
    level_of(line).is_some_and(|level| level < Level::Warning)
}

fn is_loud(line: &[u8]) -> bool {
    level_of(line).is_some_and(|level| level >= Level::Warning)
}
