//! The block scalars of YAML: a value of several lines that are further to the right
//! than its name (YAML 1.2, 8.1).

use std::ops::Range;

/// The lines that follow `|` or `>` as the value at `start` of a name at `name`; none
/// where that opens no block. Line ends may be written as JSON does.
pub(super) fn block(bytes: &[u8], name: usize, start: usize) -> Option<Range<usize>> {
    let head = bytes.get(start..)?;
    if !matches!(head.first(), Some(b'|' | b'>')) {
        return None;
    }
    let of_head = |byte: &&u8| matches!(byte, b'+' | b'-' | b'0'..=b'9' | b' ' | b'\t');
    let mut at = start + 1 + head[1..].iter().take_while(of_head).count();
    // A comment may follow.
    if bytes.get(at) == Some(&b'#') {
        at += bytes[at..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\\')).count();
    }
    let written = bytes.get(at) == Some(&b'\\');
    at += line_end(bytes, at)?;
    let outer = indent_of(bytes, name);
    let (mut first, mut end) = (None, at);
    while at < bytes.len() {
        let blanks = bytes[at..].iter().take_while(|byte| **byte == b' ').count();
        let text = at + blanks;
        let length = (text..bytes.len())
            .position(|at| {
                line_end(bytes, at).is_some() || written && matches!(bytes[at], b'"' | b'\'')
            })
            .unwrap_or(bytes.len() - text);
        // Behind what cut the lines off the left of all may be missing.
        let misplaced = first.is_none() && !bytes[text..text + length].contains(&b':');
        if length > 0 {
            if blanks <= outer && !misplaced {
                break;
            }
            first.get_or_insert(text);
            end = text + length;
        }
        match line_end(bytes, text + length) {
            Some(line_end) => at = text + length + line_end,
            None => break,
        }
    }
    first.map(|first| first..end)
}

/// How long the end of a line is that is here.
fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    const ENDS: [&[u8]; 4] = [b"\n", b"\r\n", b"\\n", b"\\r\\n"];
    ENDS.iter().find(|end| bytes[at..].starts_with(end)).map(|end| end.len())
}

/// How far the line of a name is to the right.
fn indent_of(bytes: &[u8], name: usize) -> usize {
    /// How long a line is before a name, at most, in bytes.
    const MAX_LINE: usize = 1 << 10;
    let before = &bytes[name.saturating_sub(MAX_LINE)..name];
    let raw = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let written = memchr::memmem::rfind(before, b"\\n").map_or(0, |at| at + 2);
    before[raw.max(written)..].iter().take_while(|byte| matches!(byte, b' ' | b'-')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_block_are_found() {
        for (text, expected) in [
            ("password: |\n  a b\n  c\nnext: d", Some("a b\n  c")),
            ("  - password: >-\r\n      a\r\n\r\n      b\r\n    next: d", Some("a\r\n\r\n      b")),
            ("x password: |2+ # why\n   a", Some("a")),
            ("password: |\na\nb", Some("a")),
            (r#""password: |\n  a\n  b\n", "c": 1"#, Some(r"a\n  b")),
            ("password: |\nnext: d", None),
            ("password: | more", None),
            ("password: x", None),
        ] {
            let name = text.find("password").unwrap();
            let found = block(text.as_bytes(), name, name + "password: ".len());
            assert_eq!(found.map(|found| &text[found]), expected, "{text}");
        }
    }
}
