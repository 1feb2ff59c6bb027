//! Where the fault lies that the backtracking engine found: it often tells where it
//! noticed.

use std::ops::Range;

use fancy_regex::ParseError;

/// What is wrong, in the words of the linear engine where it has some, and where.
pub(super) fn fault(source: &str, at: usize, kind: &ParseError) -> (String, Range<usize>) {
    let open = Open::at_the_end(source);
    let (message, place) = match kind {
        ParseError::UnclosedOpenParen => ("unclosed group".to_owned(), open.group),
        ParseError::InvalidClass => ("unclosed character class".to_owned(), open.class),
        kind => (kind.to_string(), None),
    };
    match place {
        Some(place) => (message, place..place + 1),
        None => (kind.to_string(), at.min(source.len())..source.len()),
    }
}

/// The first class `\p{…}` that Unicode does not know.
pub(super) fn class_without_meaning(source: &str) -> Option<(String, Range<usize>)> {
    let mut at = 0;
    while let Some(found) = source[at..].find('\\') {
        let start = at + found;
        let rest = &source[start..];
        let letter = rest[1..].chars().next()?;
        at = start + 1 + letter.len_utf8();
        if !matches!(letter, 'p' | 'P') {
            continue;
        }
        let length = match rest[2..].starts_with('{') {
            true => rest.find('}').map_or(rest.len(), |end| end + 1),
            false => 2 + rest[2..].chars().next().map_or(0, char::len_utf8),
        };
        let class = &rest[..length];
        let told = match regex_syntax::parse(class).err() {
            Some(regex_syntax::Error::Parse(error)) => error.kind().to_string(),
            Some(regex_syntax::Error::Translate(error)) => error.kind().to_string(),
            _ => continue,
        };
        return Some((told, start..start + length));
    }
    None
}

/// What is still open where a pattern ends.
#[derive(Default)]
struct Open {
    /// The innermost group.
    group: Option<usize>,
    class: Option<usize>,
}

impl Open {
    fn at_the_end(source: &str) -> Self {
        let mut groups = Vec::new();
        let mut classes = Vec::new();
        let mut bytes = source.bytes().enumerate().peekable();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'\\' => _ = bytes.next(),
                b'[' => {
                    classes.push(at);
                    bytes.next_if(|(_, next)| *next == b'^');
                    // One that comes first is a member.
                    bytes.next_if(|(_, next)| *next == b']');
                }
                b']' => _ = classes.pop(),
                b'(' if classes.is_empty() => groups.push(at),
                b')' if classes.is_empty() => _ = groups.pop(),
                _ => {}
            }
        }
        Self { group: groups.pop(), class: classes.first().copied() }
    }
}
