//! From byte offsets to what an editor shows.

use std::sync::OnceLock;

use super::{
    error::YamlError,
    span::Span,
    tree::{Comment, Node, Parsed, ScalarStyle},
};

/// A scalar of more bytes is not taken apart to point into it.
const LONG: usize = 64 << 10;

/// A place in a text, counted as an editor counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters (Unicode scalar values).
    pub column: usize,
}

/// A named text whose byte offsets can be told as lines and columns, and the
/// document that it holds.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    line_starts: Vec<usize>,
    parsed: OnceLock<Parsed>,
}

impl Source {
    /// Indexes the lines of a text; the name is what messages call it.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let ends = || text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        // Grown one by one, they could take twice of what they need.
        let mut line_starts = Vec::with_capacity(1 + ends().count());
        line_starts.push(0);
        line_starts.extend(ends());
        Self { name: name.into(), text, line_starts, parsed: OnceLock::new() }
    }

    /// What messages call the text, as a rule its path.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text itself.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The YAML document in the text; none when there is nothing in it. It is
    /// parsed when it is first asked for, and once.
    ///
    /// # Errors
    /// When the text is no document.
    pub fn document(&self) -> Result<Option<&Node>, &YamlError> {
        self.parsed().document.as_ref().map(Option::as_ref)
    }

    /// The comments in the text, up to the place where it stops being YAML; found
    /// as the document is parsed.
    pub fn comments(&self) -> &[Comment] {
        &self.parsed().comments
    }

    fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| Parsed::of(&self.text))
    }

    /// The line and column of a byte; past the end, those of the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        Position { line, column: self.text[start..offset].chars().count() + 1 }
    }

    /// Where a part of a scalar's value stands in the text.
    ///
    /// Exact for scalars on one line, whatever their quotes; of one that spans
    /// lines, or is very long, the whole.
    #[must_use]
    pub fn within_scalar(
        &self,
        scalar: Span,
        style: ScalarStyle,
        part: std::ops::Range<usize>,
    ) -> Span {
        let raw = &self.text[scalar.start..scalar.end];
        if raw.len() > LONG || raw.contains('\n') {
            return scalar;
        }
        let units: Vec<(usize, usize)> = match style {
            ScalarStyle::Plain => raw.char_indices().map(|(at, c)| (at, c.len_utf8())).collect(),
            ScalarStyle::SingleQuoted => single_quoted_units(raw),
            ScalarStyle::DoubleQuoted => double_quoted_units(raw),
            ScalarStyle::Block => return scalar,
        };
        // Walk value and source side by side, one character at a time.
        let (mut value_at, mut start, mut end) = (0, None, None);
        for (source_at, value_len) in units {
            if value_at >= part.start && start.is_none() {
                start = Some(source_at);
            }
            if value_at >= part.end && end.is_none() {
                end = Some(source_at);
            }
            value_at += value_len;
        }
        let closing = usize::from(style != ScalarStyle::Plain);
        let last = raw.len().saturating_sub(closing);
        let start = scalar.start + start.unwrap_or(last);
        Span::new(start, (scalar.start + end.unwrap_or(last)).max(start))
    }
}

/// Per character of the value: where it starts in the source, its value bytes.
fn single_quoted_units(raw: &str) -> Vec<(usize, usize)> {
    let mut units = Vec::with_capacity(raw.len());
    let mut chars = raw.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\'' && chars.next_if(|(_, next)| *next == '\'').is_none() {
            break;
        }
        units.push((at, c.len_utf8()));
    }
    units
}

/// As [`single_quoted_units`], with the escapes of a double-quoted scalar.
fn double_quoted_units(raw: &str) -> Vec<(usize, usize)> {
    let mut units = Vec::with_capacity(raw.len());
    let mut chars = raw.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => break,
            '\\' => {
                let Some((_, escape)) = chars.next() else { break };
                let digits = match escape {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    _ => 0,
                };
                let code: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
                let value_len = match escape {
                    'x' | 'u' | 'U' => u32::from_str_radix(&code, 16)
                        .ok()
                        .and_then(char::from_u32)
                        .map_or(0, char::len_utf8),
                    'N' | '_' => 2,
                    'L' | 'P' => 3,
                    _ => 1,
                };
                units.push((at, value_len));
            }
            c => units.push((at, c.len_utf8())),
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = Source::new("t", "ab\nä→c\n");
        let at = |offset| {
            let p = source.position(offset);
            (p.line, p.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (1, 3));
        assert_eq!(at(3), (2, 1));
        assert_eq!(at(8), (2, 3));
        assert_eq!(at(999), (3, 1));
    }

    #[test]
    fn a_part_of_a_scalar_is_found_whatever_the_quotes() {
        let cases = [
            ("ab[c", ScalarStyle::Plain, 2..3, "["),
            ("'it''s [x'", ScalarStyle::SingleQuoted, 5..6, "["),
            (r#""\t\\d [x""#, ScalarStyle::DoubleQuoted, 1..2, r"\\"),
            (r#""\u00e9[x""#, ScalarStyle::DoubleQuoted, 2..3, "["),
            ("'x('", ScalarStyle::SingleQuoted, 2..2, ""),
        ];
        for (raw, style, part, expected) in cases {
            let source = Source::new("t", format!("k: {raw}\n"));
            let span = source.within_scalar(Span::new(3, 3 + raw.len()), style, part);
            assert_eq!(&source.text()[span.start..span.end], expected, "{raw}");
        }
    }
}
