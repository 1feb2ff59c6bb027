//! Which line of several says what went wrong, and where it was.

use std::ops::Range;

use memchr::memmem;

use super::symbols::{SPACE, class, run_end_of};

/// The line that says what went wrong, and the name of the nearest frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) line: Range<usize>,
    pub(super) frame: Option<Range<usize>>,
}

const TRACEBACK: &[u8] = b"Traceback (most recent call last)";

/// What several lines say. Blank ones do not count.
pub(super) fn said(symbols: &[u8]) -> Said {
    if memchr::memchr(b'\n', symbols).is_none() {
        return Said { line: 0..symbols.len(), frame: None };
    }
    let lines: Vec<_> = lines(symbols).collect();
    let first = lines.first().cloned().unwrap_or(0..0);
    if lines.len() < 2 {
        return Said { line: first, frame: None };
    }
    if let Some(said) = traceback(symbols, &lines) {
        return said;
    }
    let frame = lines[1..].iter().find_map(|line| at_frame(symbols, line));
    let line = below_category(symbols, &lines).unwrap_or(first);
    Said { line, frame }
}

/// The second line, where the first is no more than a level and a category: so .NET's
/// console writes what all loggers of an application say.
fn below_category(symbols: &[u8], lines: &[Range<usize>]) -> Option<Range<usize>> {
    const LEVELS: [&[u8]; 6] = [b"trce: ", b"dbug: ", b"info: ", b"warn: ", b"fail: ", b"crit: "];
    let (head, said) = (&symbols[lines[0].clone()], &lines[1]);
    let category = LEVELS.iter().find_map(|level| head.strip_prefix(*level))?;
    let id = category.strip_suffix(b"]")?;
    let digits = id.iter().rev().take_while(|symbol| symbol.is_ascii_digit()).count();
    let name = id[..id.len() - digits].strip_suffix(b"[")?;
    let is_category = digits > 0 && !name.is_empty() && memchr::memchr(b' ', category).is_none();
    let start = after_blanks(symbols, said).filter(|_| is_category)?;
    let end = start + symbols[start..said.end].trim_ascii_end().len();
    Some(start..end)
}

/// The lines with anything but blanks, without carriage returns behind.
fn lines(symbols: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', symbols).chain([symbols.len()]);
    ends.filter_map(move |end| {
        let line = start..end;
        start = end + 1;
        let text = &symbols[line.clone()];
        let blank = text.iter().all(|symbol| class(*symbol) & SPACE != 0);
        let returns = text.iter().rev().take_while(|symbol| **symbol == b'\r').count();
        (!blank).then(|| line.start..line.end - returns)
    })
}

/// What Python says last: after the last traceback, the first line that is not set
/// in; and the last frame before it, which is the innermost.
fn traceback(symbols: &[u8], lines: &[Range<usize>]) -> Option<Said> {
    let is_head = |line: &Range<usize>| memmem::find(&symbols[line.clone()], TRACEBACK).is_some();
    let head = lines.iter().rposition(is_head)?;
    let set_in = |line: &Range<usize>| matches!(symbols.get(line.start), Some(b' ' | b'\t'));
    let last = head + 1 + lines[head + 1..].iter().position(|line| !set_in(line))?;
    let frame = lines[head..last].iter().rev().find_map(|line| file_frame(symbols, line));
    Some(Said { line: lines[last].clone(), frame })
}

/// The name in `  at NAME(…`, of Java and JavaScript.
fn at_frame(symbols: &[u8], line: &Range<usize>) -> Option<Range<usize>> {
    let at = after_blanks(symbols, line)?;
    let start = after(symbols, at, line.end, b"at ")?;
    let called = [b"async ".as_slice(), b"new "].iter().find_map(|word| {
        let start = after(symbols, start, line.end, word)?;
        called_name(symbols, start..line.end)
    });
    called.or_else(|| called_name(symbols, start..line.end))
}

/// A name at the start of a stretch, before `(`.
fn called_name(symbols: &[u8], line: Range<usize>) -> Option<Range<usize>> {
    let text = &symbols[line.clone()];
    let first =
        text.first().filter(|symbol| symbol.is_ascii_alphabetic() || b"_$".contains(symbol));
    first?;
    let is_part = |symbol: &&u8| symbol.is_ascii_alphanumeric() || b"_.$<>/".contains(symbol);
    let end = line.start + text.iter().take_while(is_part).count();
    let bracket = end + usize::from(symbols.get(end) == Some(&b' '));
    (bracket < line.end && symbols[bracket] == b'(').then_some(line.start..end)
}

/// The name in `  File "…", line 5, in NAME`, of Python.
fn file_frame(symbols: &[u8], line: &Range<usize>) -> Option<Range<usize>> {
    let text = &symbols[..line.end];
    let path = after(text, after_blanks(text, line)?, line.end, b"File \"")?;
    let quote = path + memchr::memchr(b'"', &text[path..])?;
    let number = after(text, quote, line.end, b"\", line ")?;
    let comma = number + text[number..].iter().take_while(|s| s.is_ascii_digit()).count();
    let name = after(text, comma, line.end, b", in ").filter(|_| comma > number)?;
    let end = name + text[name..].iter().take_while(|symbol| **symbol != b' ').count();
    (end > name).then_some(name..end)
}

/// The place after the spaces and tabs that a line begins with, of which there is
/// at least one.
fn after_blanks(symbols: &[u8], line: &Range<usize>) -> Option<usize> {
    let at = run_end_of(&symbols[..line.end], line.start, b" \t");
    (at > line.start).then_some(at)
}

fn after(symbols: &[u8], at: usize, end: usize, text: &[u8]) -> Option<usize> {
    symbols.get(at..end)?.starts_with(text).then_some(at + text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (&str, &str) {
        let Said { line, frame } = said(text.as_bytes());
        (&text[line], &text[frame.unwrap_or(0..0)])
    }

    #[test]
    fn one_line_of_several_says_it() {
        let cases = [
            ("one line", ("one line", "")),
            ("\n \r\none line\r\n\n", ("one line", "")),
            ("\n \n", ("", "")),
            ("first\n  at a.B.c(D.java:1)\n  at e.F(G.java)", ("first", "a.B.c")),
            ("first\n    at /app/x.js:1\n\tat async new (x)", ("first", "new")),
            ("first\n    at new Foo (x)\n    at b(c)", ("first", "Foo")),
            ("fail: a.B[5]\n      what it says \n      more", ("what it says", "")),
            ("fail: a.B[5]\nother", ("fail: a.B[5]", "")),
            ("fail: a B[5]\n  other", ("fail: a B[5]", "")),
            ("fail: a.B[x]\n  other", ("fail: a.B[x]", "")),
            ("first\nat a(b)\n  at a b(c)", ("first", "")),
            (
                "Traceback (most recent call last):\n  File \"a\", line 1, in f\n    x\n  \
                 File \"b\", line 22, in <module> y\n    z\nKeyError: 1\nmore",
                ("KeyError: 1", "<module>"),
            ),
            (
                "Traceback (most recent call last):\n  File \"a\", line 1, in f",
                ("Traceback (most recent call last):", ""),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(told(text), expected, "{text:?}");
        }
    }
}
