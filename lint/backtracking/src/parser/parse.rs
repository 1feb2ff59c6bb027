//! The way from a pattern to its syntax tree.

use super::{
    cursor::Parser, error::ParseError, grammar::Grammar, javascript::JAVASCRIPT, pcre2::PCRE2,
    python::PYTHON, rust::RUST,
};
use crate::{dialect::Dialect, flags::Flags, syntax::Node};

/// Higher trees are refused: what goes through one does so on the stack.
const HEIGHT_LIMIT: usize = 600;

/// A pattern that the engine accepts.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) root: Node,
    /// Capture groups, the whole match not counted.
    pub(crate) groups: u32,
}

/// Reads `pattern` as one of that dialect.
pub(crate) fn parse(pattern: &str, dialect: Dialect, flags: Flags) -> Result<Parsed, ParseError> {
    let mut parser = Parser::new(pattern, grammar(dialect), flags);
    let root = parser.alternation(0)?;
    if parser.peek().is_some() {
        return Err(parser.rejected(parser.at, "unbalanced parenthesis"));
    }
    if root.height_exceeds(HEIGHT_LIMIT) {
        return parser.unsupported(0, "nesting this deep");
    }
    // The census that let it pass counts parentheses, and not all make a group.
    let groups = parser.opened;
    if let Some(node) = root.find(&|node| node.asked_group().is_some_and(|group| group > groups)) {
        return Err(parser.rejected(node.span.start, "invalid group reference"));
    }
    Ok(Parsed { root, groups })
}

fn grammar(dialect: Dialect) -> &'static Grammar {
    match dialect {
        Dialect::Python => &PYTHON,
        Dialect::Pcre2 => &PCRE2,
        Dialect::JavaScript => &JAVASCRIPT,
        Dialect::Rust => &RUST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_has_its_own_syntax() {
        let table = [
            (r"(?<n>a)\k<n>", [false, true, true, true]),
            (r"\p{L}+", [false, true, true, true]),
            ("[[:alpha:]&&[a-c]]", [true, true, true, true]),
            ("a{,3}", [true, true, true, false]),
            ("[]", [false, false, true, false]),
            (r"\Aa\z", [false, true, true, true]),
            ("(?|(a)|(b))", [false, false, false, false]),
            ("(?(1))", [false, false, false, false]),
            (r"(?#()(a)\2", [false, false, false, false]),
        ];
        for (pattern, expected) in table {
            let accepted =
                Dialect::ALL.map(|dialect| parse(pattern, dialect, Flags::default()).is_ok());
            assert_eq!(accepted, expected, "{pattern}");
        }
    }
}
