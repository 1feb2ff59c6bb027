//! From byte offsets to what an editor shows.

use std::sync::OnceLock;

use super::{
    error::YamlError,
    span::Span,
    tree::{Comment, Node, Parsed, ScalarStyle},
    written::{header, units},
};

/// A scalar of more bytes is not taken apart to point into it.
const LONG: usize = 64 << 10;

/// So many bytes at a time have their characters counted once.
const STRIDE: usize = 1 << 10;

/// An editor shows none, and counts none.
const BYTE_ORDER_MARK: char = '\u{feff}';

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
    /// How many characters come before each stride of the text: a line may be all
    /// of it, and its columns are asked for again and again.
    characters: OnceLock<Vec<usize>>,
    parsed: OnceLock<Parsed>,
}

impl Source {
    /// Indexes the lines of a text; the name is what messages call it.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let bytes = text.as_bytes();
        let is_end = |at: &usize| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let ends = || (0..bytes.len()).filter(is_end).map(|at| at + 1);
        // Grown one by one, they could take twice of what they need.
        let mut line_starts = Vec::with_capacity(1 + ends().count());
        line_starts.push(0);
        line_starts.extend(ends());
        Self {
            name: name.into(),
            text,
            line_starts,
            characters: OnceLock::new(),
            parsed: OnceLock::new(),
        }
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
        let mark = usize::from(start == 0 && offset > 0 && self.text.starts_with(BYTE_ORDER_MARK));
        let column = self.characters_before(offset) - self.characters_before(start) - mark + 1;
        Position { line, column }
    }

    /// The bytes of the lines that a range is in, without the break behind the last.
    #[must_use]
    pub fn lines(&self, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let after = |at: usize| self.line_starts.partition_point(|start| *start <= at);
        let start = self.line_starts[after(range.start) - 1];
        let end = match self.line_starts.get(after(range.end)) {
            Some(next) => self.text[..*next].trim_end_matches(['\r', '\n']).len(),
            None => self.text.len(),
        };
        start..end.max(range.end.min(self.text.len()))
    }

    /// How many characters begin before a byte.
    fn characters_before(&self, offset: usize) -> usize {
        let count = |bytes: &[u8]| bytes.iter().filter(|byte| !is_continuation(**byte)).count();
        let bytes = self.text.as_bytes();
        let before = self.characters.get_or_init(|| {
            let mut before = Vec::with_capacity(bytes.len() / STRIDE + 1);
            let mut total = 0;
            for stride in bytes.chunks(STRIDE) {
                before.push(total);
                total += count(stride);
            }
            before.push(total);
            before
        });
        let stride = offset / STRIDE;
        before[stride.min(before.len() - 1)] + count(&bytes[(stride * STRIDE).min(offset)..offset])
    }

    /// Where a part of a scalar's value stands in the text.
    ///
    /// Of one that is very long, or cannot be taken apart, the whole.
    #[must_use]
    pub fn within_scalar(
        &self,
        scalar: Span,
        style: ScalarStyle,
        part: std::ops::Range<usize>,
    ) -> Span {
        let raw = &self.text[scalar.start..scalar.end];
        // What follows an alias is its name, and none of the value.
        let is_alias = raw.starts_with('*') && style != ScalarStyle::Block;
        if raw.len() > LONG || is_alias {
            return scalar;
        }
        let units = units(&self.text, scalar.start, scalar.end, style);
        if units.is_empty() && !part.is_empty() {
            return scalar;
        }
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
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let last = raw.len().saturating_sub(usize::from(quoted));
        let start = scalar.start + start.unwrap_or(last);
        Span::new(start, (scalar.start + end.unwrap_or(last)).max(start))
    }

    /// Where a scalar begins for who reads the file: of a block scalar, whose text
    /// stands in the lines below, its header `|` or `>`.
    #[must_use]
    pub fn scalar_start(&self, scalar: Span, style: ScalarStyle) -> usize {
        let header = (style == ScalarStyle::Block).then(|| header(&self.text, scalar.start));
        header.flatten().unwrap_or(scalar.start)
    }
}

const fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::NodeKind;

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
            (r#""\ud83d\ude00[x""#, ScalarStyle::DoubleQuoted, 4..5, "["),
            (r#""\ud83d\ude00[x""#, ScalarStyle::DoubleQuoted, 0..4, r"\ud83d\ude00"),
            (r#""\U0001f600[x""#, ScalarStyle::DoubleQuoted, 4..5, "["),
            ("'it\n   is  [x'", ScalarStyle::SingleQuoted, 7..8, "["),
            ("\"it \r\n\r\n  is [x\"", ScalarStyle::DoubleQuoted, 6..7, "["),
            ("\"it \\\n  is [x\"", ScalarStyle::DoubleQuoted, 6..7, "["),
            ("it\n  is [x", ScalarStyle::Plain, 6..7, "["),
        ];
        for (raw, style, part, expected) in cases {
            let source = Source::new("t", format!("k: {raw}\n"));
            let span = source.within_scalar(Span::new(3, 3 + raw.len()), style, part);
            assert_eq!(&source.text()[span.start..span.end], expected, "{raw}");
        }
    }

    #[test]
    fn a_part_of_a_scalar_is_found_however_it_spans_lines() {
        let bodies = [
            "|\n  ab\n  c[d\n",
            "|-\n  ab\n\n   c[d\n\n",
            "| # why > or |\n  ab [d\n",
            ">-\n  ab\n  c[d",
            ">\n  ab\n\n\n  c[d\n",
            ">+\n  ab\n   more\n  c[d\n\n",
            "&a |\n\n  ab\n  c[d\n",
            "|2\n   ab\n  c[d\n",
            "'ab\n\n  c[d'",
            "\"ab\\\n  \\tc[d\"",
            "ab\n  c[d",
        ];
        for body in bodies {
            for line_break in ["\n", "\r\n", "\r"] {
                let text = format!("\u{feff}x: 1\nk: {body}\nz: 1\n").replace('\n', line_break);
                let source = Source::new("t", text);
                let Ok(Some(Node { kind: NodeKind::Mapping(entries), .. })) = source.document()
                else {
                    panic!("{body:?}")
                };
                let value = &entries[1].value;
                let NodeKind::Scalar { text, style } = &value.kind else { panic!("{body:?}") };
                for (at, c) in text.match_indices(['[', 'd', 'a']) {
                    let span = source.within_scalar(value.span, *style, at..at + 1);
                    assert_eq!(&source.text()[span.start..span.end], c, "{body:?} {text:?}");
                }
                let header = source.scalar_start(value.span, *style);
                assert_eq!(source.position(header).line, 2, "{body:?}");
            }
        }
    }

    #[test]
    fn a_place_in_an_alias_is_the_alias() {
        let source = Source::new("t", "- &x ab\n- *x\n");
        let span = source.within_scalar(Span::new(10, 12), ScalarStyle::Plain, 1..2);
        assert_eq!(span, Span::new(10, 12));
    }

    #[test]
    fn an_editor_counts_no_byte_order_mark_and_lines_end_in_three_ways() {
        let text = format!("\u{feff}ab\rcd\r\nef\n{}é", "ü".repeat(3000));
        let source = Source::new("t", text);
        let at = |what: &str| {
            let at = source.text().find(what).unwrap();
            let Position { line, column } = source.position(at);
            (line, column, &source.text()[source.lines(at..at + 1)])
        };
        assert_eq!(at("b"), (1, 2, "\u{feff}ab"));
        assert_eq!(at("d"), (2, 2, "cd"));
        assert_eq!(at("f"), (3, 2, "ef"));
        assert_eq!((at("é").0, at("é").1), (4, 3001));
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
    }
}
