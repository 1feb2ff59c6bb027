//! How a scalar is written: where in the text each character of its value stands.

use std::iter::Peekable;

use super::tree::ScalarStyle;

/// A character of a value: where it begins in the source, and the bytes that it has
/// in the value.
pub(super) type Unit = (usize, usize);

/// The characters of a scalar's value in their order; its source begins at `start` of
/// the text. There are none where that cannot be told without its surroundings.
pub(super) fn units(text: &str, start: usize, end: usize, style: ScalarStyle) -> Vec<Unit> {
    let raw = &text[start..end];
    match style {
        ScalarStyle::Plain => flow(raw, None),
        ScalarStyle::SingleQuoted => flow(raw, Some('\'')),
        ScalarStyle::DoubleQuoted => flow(raw, Some('"')),
        ScalarStyle::Block => block(text, start, raw),
    }
}

type Characters<'s> = Peekable<std::str::CharIndices<'s>>;

/// Of a scalar that is folded where it goes on in the next line.
fn flow(raw: &str, quote: Option<char>) -> Vec<Unit> {
    let mut units = Vec::with_capacity(raw.len());
    let mut chars = raw.char_indices().peekable();
    if quote.is_some() {
        chars.next();
    }
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if quote == Some('\'') && chars.next_if(|(_, next)| *next == '\'').is_none() => {
                break;
            }
            '"' if quote == Some('"') => break,
            '\\' if quote == Some('"') => match escape(raw, &mut chars) {
                Some(0) => {}
                Some(length) => units.push((at, length)),
                None => break,
            },
            ' ' | '\t' | '\r' | '\n' => {
                let blank = blank(raw, at);
                let breaks = line_breaks(&raw[at..blank]);
                match breaks {
                    0 => units.extend((at..blank).map(|at| (at, 1))),
                    // One is a blank, of more all but the first are themselves.
                    1 => units.push((at, 1)),
                    more => units.extend((1..more).map(|_| (at, 1))),
                }
                while chars.next_if(|(at, _)| *at < blank).is_some() {}
            }
            c => units.push((at, c.len_utf8())),
        }
    }
    units
}

/// Where the blanks and line breaks that begin at a place end.
fn blank(raw: &str, at: usize) -> usize {
    let rest = raw[at..].trim_start_matches([' ', '\t', '\r', '\n']);
    raw.len() - rest.len()
}

fn line_breaks(blanks: &str) -> usize {
    blanks.matches(['\n', '\r']).count() - blanks.matches("\r\n").count()
}

/// How many bytes of the value an escape in double quotes stands for, of which the
/// backslash has been read.
fn escape(raw: &str, chars: &mut Characters<'_>) -> Option<usize> {
    let (at, letter) = chars.next()?;
    Some(match letter {
        '\n' | '\r' => {
            let end = blank(raw, at);
            while chars.next_if(|(at, _)| *at < end).is_some() {}
            0
        }
        'x' => code(chars, 2).and_then(char::from_u32).map_or(0, char::len_utf8),
        'u' => match code(chars, 4)? {
            // JSON writes what is beyond the 16 bits as two halves.
            0xd800..=0xdbff => {
                chars.next_if(|(_, c)| *c == '\\');
                chars.next_if(|(_, c)| *c == 'u');
                code(chars, 4)?;
                4
            }
            unit => char::from_u32(unit).map_or(0, char::len_utf8),
        },
        'U' => code(chars, 8).and_then(char::from_u32).map_or(0, char::len_utf8),
        'N' | '_' => 2,
        'L' | 'P' => 3,
        _ => 1,
    })
}

fn code(chars: &mut Characters<'_>, digits: usize) -> Option<u32> {
    let digits: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
    u32::from_str_radix(&digits, 16).ok()
}

/// Of a block scalar, whose first line begins behind its indentation.
fn block(text: &str, start: usize, raw: &str) -> Vec<Unit> {
    let Some(header) = header(text, start) else { return Vec::new() };
    // The parser gives the place of the first character, behind the indentation.
    let before = &text[..start];
    let indentation = before.len() - before.trim_end_matches(' ').len();
    let folded = text[header..].starts_with('>');
    let lines: Vec<Line<'_>> = lines(raw, indentation).collect();
    let mut units = Vec::with_capacity(raw.len());
    // Empty lines that come first stand before the place that the parser gives.
    let above = text[header..start].trim_end_matches(' ');
    units.extend((1..line_breaks(above)).map(|_| (0, 1)));
    for (index, line) in lines.iter().enumerate() {
        units.extend(line.text.char_indices().map(|(at, c)| (line.start + at, c.len_utf8())));
        if line.has_break && !(folded && line.is_folded_away(lines.get(index + 1))) {
            units.push((line.start + line.text.len(), 1));
        }
    }
    units
}

/// Where the header of a block scalar stands whose text begins at `start`: its `|` or
/// `>`.
pub(super) fn header(text: &str, start: usize) -> Option<usize> {
    let above = text[..start].trim_end();
    let line_start = above.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = &above[line_start..];
    let is_header = |at: usize| {
        let before = line[..at].chars().next_back();
        let rest = line[at + 1..]
            .trim_start_matches(['-', '+', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        let after = rest.trim_start();
        before.is_none_or(char::is_whitespace)
            && (after.is_empty() || after.starts_with('#') && after.len() < rest.len())
    };
    line.match_indices(['|', '>'])
        .map(|(at, _)| at)
        .find(|at| is_header(*at))
        .map(|at| line_start + at)
}

/// A line of a block scalar without its indentation.
struct Line<'s> {
    text: &'s str,
    start: usize,
    has_break: bool,
}

impl Line<'_> {
    /// Whether `>` takes its break away altogether: an empty line follows that stands
    /// for it.
    fn is_folded_away(&self, next: Option<&Self>) -> bool {
        !self.text.is_empty()
            && !self.text.starts_with([' ', '\t'])
            && next.is_some_and(|next| next.has_break && next.text.is_empty())
    }
}

fn lines(raw: &str, indentation: usize) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let first = at == 0;
        let rest = raw.get(at..).filter(|rest| !rest.is_empty())?;
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let break_length = match rest[end..].starts_with("\r\n") {
            true => 2,
            false => usize::from(end < rest.len()),
        };
        let blanks = end - rest[..end].trim_start_matches(' ').len();
        let skipped = if first { 0 } else { blanks.min(indentation) };
        let line =
            Line { text: &rest[skipped..end], start: at + skipped, has_break: break_length > 0 };
        at += end + break_length;
        Some(line)
    })
}
