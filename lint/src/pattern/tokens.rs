//! The smallest parts of a pattern, whatever the engine that reads it.
//!
//! `regex-syntax` refuses look-around and back-references, and the parser of
//! `fancy-regex` keeps no places. The rules that must point into such patterns
//! need no tree: where escapes, groups, classes and quantifiers stand is enough.

use std::ops::Range;

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// Its bytes in the pattern.
    pub(crate) span: Range<usize>,
    /// How many classes it stands inside of.
    pub(crate) classes: usize,
}

/// What a [`Token`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A character that stands for itself.
    Literal,
    /// `.`
    Dot,
    /// A backslash and what belongs to it.
    Escape,
    /// `[` or `[^`, with a `]` that comes first.
    ClassOpen,
    /// `]`
    ClassClose,
    /// `[:alpha:]`
    Posix,
    /// `&&`, `--` or `~~` inside a class.
    ClassOperator,
    /// `(`, `(?:`, `(?=`, `(?P<name>` …
    GroupOpen,
    /// `(?i)`: flags for what follows.
    Flags,
    /// `)`
    GroupClose,
    /// `|`
    Bar,
    /// `*`, `+?`, `{2,3}` …
    Quantifier,
    /// `^` or `$`
    Anchor,
}

impl Token {
    pub(crate) fn text<'p>(&self, pattern: &'p str) -> &'p str {
        &pattern[self.span.clone()]
    }

    /// Whether it is inside a class.
    pub(crate) fn in_class(&self) -> bool {
        self.classes > 0
    }
}

/// Takes a pattern apart; every byte of it belongs to one token.
pub(crate) fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut at, mut classes) = (0, 0_usize);
    while at < pattern.len() {
        let rest = &pattern[at..];
        let (kind, length) = match classes {
            0 => outside(rest),
            _ => inside(rest),
        };
        match kind {
            TokenKind::ClassOpen => classes += 1,
            TokenKind::ClassClose => classes -= 1,
            _ => {}
        }
        tokens.push(Token { kind, span: at..at + length, classes });
        at += length;
    }
    tokens
}

/// The index of the token that closes the group which `tokens[open]` opens.
pub(crate) fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            TokenKind::GroupOpen => depth += 1,
            TokenKind::GroupClose => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

fn outside(rest: &str) -> (TokenKind, usize) {
    match rest.as_bytes()[0] {
        b'\\' => (TokenKind::Escape, escape(rest)),
        b'[' => (TokenKind::ClassOpen, class_open(rest)),
        b'(' => group_open(rest),
        b')' => (TokenKind::GroupClose, 1),
        b'|' => (TokenKind::Bar, 1),
        b'.' => (TokenKind::Dot, 1),
        b'^' | b'$' => (TokenKind::Anchor, 1),
        b'*' | b'+' | b'?' => (TokenKind::Quantifier, 1 + mode(&rest[1..])),
        b'{' => match counted(rest) {
            Some(length) => (TokenKind::Quantifier, length + mode(&rest[length..])),
            None => (TokenKind::Literal, 1),
        },
        _ => (TokenKind::Literal, first(rest)),
    }
}

fn inside(rest: &str) -> (TokenKind, usize) {
    let operator = ["&&", "--", "~~"].iter().any(|operator| rest.starts_with(operator));
    match rest.as_bytes()[0] {
        b'\\' => (TokenKind::Escape, escape(rest)),
        b']' => (TokenKind::ClassClose, 1),
        b'[' => match rest.starts_with("[:").then(|| rest.find(":]")).flatten() {
            Some(end) => (TokenKind::Posix, end + 2),
            None => (TokenKind::ClassOpen, class_open(rest)),
        },
        _ if operator => (TokenKind::ClassOperator, 2),
        _ => (TokenKind::Literal, first(rest)),
    }
}

fn first(rest: &str) -> usize {
    rest.chars().next().map_or(0, char::len_utf8)
}

/// The `?` or `+` that makes a quantifier lazy or possessive.
fn mode(rest: &str) -> usize {
    usize::from(rest.starts_with(['?', '+']))
}

/// `{2}`, `{2,}`, `{2,3}` and `{,3}`.
fn counted(rest: &str) -> Option<usize> {
    let end = rest.find('}')?;
    let body = &rest[1..end];
    let countable = body.bytes().all(|b| b.is_ascii_digit() || b == b',' || b == b' ');
    (countable && body.bytes().any(|b| b.is_ascii_digit())).then_some(end + 1)
}

fn class_open(rest: &str) -> usize {
    let length = if rest.starts_with("[^") { 2 } else { 1 };
    length + usize::from(rest[length..].starts_with(']'))
}

fn group_open(rest: &str) -> (TokenKind, usize) {
    let Some(head) = rest.strip_prefix("(?") else { return (TokenKind::GroupOpen, 1) };
    for fixed in ["<=", "<!", "=", "!", ">", ":", "|", "~"] {
        if head.starts_with(fixed) {
            return (TokenKind::GroupOpen, 2 + fixed.len());
        }
    }
    if head.starts_with("P<") || head.starts_with('<') || head.starts_with('\'') {
        let close = if head.starts_with('\'') { '\'' } else { '>' };
        let name = head.char_indices().skip(1).find(|(_, c)| *c == close);
        return (TokenKind::GroupOpen, 2 + name.map_or(head.len(), |(at, _)| at + 1));
    }
    if head.starts_with('(') {
        let end = head.find(')').map_or(head.len(), |at| at + 1);
        return (TokenKind::GroupOpen, 2 + end);
    }
    match head.find([':', ')']) {
        Some(end) if head.as_bytes()[end] == b':' => (TokenKind::GroupOpen, 2 + end + 1),
        Some(end) => (TokenKind::Flags, 2 + end + 1),
        None => (TokenKind::Flags, rest.len()),
    }
}

/// The length of an escape, its argument included.
fn escape(rest: &str) -> usize {
    let Some(letter) = rest[1..].chars().next() else { return rest.len() };
    let after = 1 + letter.len_utf8();
    let argument = &rest[after..];
    let enclosed = |close: char| argument.find(close).map_or(0, |end| end + close.len_utf8());
    let digits = |n: usize, hex: bool| {
        let digit = |b: &u8| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
        argument.bytes().take(n).take_while(digit).count()
    };
    after
        + match letter {
            'p' | 'P' if !argument.starts_with('{') => first(argument),
            'p' | 'P' | 'x' | 'u' | 'U' | 'b' | 'k' | 'g' if argument.starts_with('{') => {
                enclosed('}')
            }
            'k' | 'g' if argument.starts_with('<') => enclosed('>'),
            'k' | 'g' if argument.starts_with('\'') => {
                argument[1..].find('\'').map_or(0, |end| end + 2)
            }
            'x' => digits(2, true),
            'u' => digits(4, true),
            'U' => digits(8, true),
            '1'..='9' => digits(2, false),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(pattern: &str) -> Vec<&str> {
        tokens(pattern).iter().map(|token| token.text(pattern)).collect()
    }

    #[test]
    fn a_pattern_falls_into_its_parts() {
        assert_eq!(
            parts(r"^(?P<n>a\.b)(?i)[^]\d[:alpha:]&&[x]]+?(?!0)\x{41}{2,3}|\\d{x}"),
            [
                "^",
                "(?P<n>",
                "a",
                r"\.",
                "b",
                ")",
                "(?i)",
                "[^]",
                r"\d",
                "[:alpha:]",
                "&&",
                "[",
                "x",
                "]",
                "]",
                "+?",
                "(?!",
                "0",
                ")",
                r"\x{41}",
                "{2,3}",
                "|",
                r"\\",
                "d",
                "{",
                "x",
                "}",
            ]
        );
    }

    #[test]
    fn a_group_ends_at_its_own_parenthesis() {
        let found = tokens(r"(a(b)[)]\))c");
        let end = closing(&found, 0).unwrap();
        assert_eq!(found[end].span, 10..11);
    }

    proptest! {
        #[test]
        fn every_byte_of_any_text_belongs_to_one_token(pattern in "[a-c\\\\()\\[\\]{}?*+.|^$<=!:1,&~é'Ppxk>-]{0,30}") {
            let whole: String = parts(&pattern).concat();
            prop_assert_eq!(whole, pattern);
        }
    }
}
