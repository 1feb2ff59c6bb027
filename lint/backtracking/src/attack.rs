//! The text that makes a pattern blow up.

use std::fmt::Write as _;

/// A text that grows with a number of repeats:
/// prefix, pump × n, prefix, pump × n, …, suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attack {
    /// What is repeated, in order; nearly always one.
    pub pumps: Vec<Pump>,
    /// What makes the match fail at last.
    pub suffix: String,
    /// So many repeats of each pump show the harm: some seconds of CPython, or
    /// as much as fits into the subject limit.
    pub repeats: usize,
}

/// A text that an [`Attack`] repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pump {
    /// What stands before the repeats.
    pub prefix: String,
    /// What is repeated.
    pub text: String,
}

impl Attack {
    /// The attack with `repeats` repeats of each pump.
    pub fn text(&self, repeats: usize) -> String {
        let mut text = String::new();
        for pump in &self.pumps {
            text.push_str(&pump.prefix);
            text.push_str(&pump.text.repeat(repeats));
        }
        text.push_str(&self.suffix);
        text
    }

    /// The attack as an expression of Python, such as `'a' * 31 + '!'`.
    pub fn expression(&self) -> String {
        self.expression_with(&self.repeats.to_string())
    }

    /// The attack as an expression of Python in which `repeats`, a number or a
    /// name, says how often each pump is repeated.
    pub fn expression_with(&self, repeats: &str) -> String {
        let mut terms = Vec::new();
        for pump in &self.pumps {
            if !pump.prefix.is_empty() {
                terms.push(quoted(&pump.prefix));
            }
            terms.push(format!("{} * {repeats}", quoted(&pump.text)));
        }
        if !self.suffix.is_empty() {
            terms.push(quoted(&self.suffix));
        }
        terms.join(" + ")
    }
}

/// A string literal that Python and JavaScript read alike, up to U+FFFF.
fn quoted(text: &str) -> String {
    let mut literal = String::from("'");
    for c in text.chars() {
        match c {
            '\'' => literal.push_str("\\'"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            ' '..='~' => literal.push(c),
            // Writing to a String cannot fail.
            _ if u32::from(c) < 0x100 => _ = write!(literal, "\\x{:02x}", u32::from(c)),
            _ if u32::from(c) < 0x10000 => _ = write!(literal, "\\u{:04x}", u32::from(c)),
            _ => _ = write!(literal, "\\U{:08x}", u32::from(c)),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attack() -> Attack {
        let pump = |prefix: &str, text: &str| Pump { prefix: prefix.into(), text: text.into() };
        let pumps = vec![pump("", "a'"), pump("x", "\n")];
        Attack { pumps, suffix: "\u{e9}".into(), repeats: 2 }
    }

    #[test]
    fn text_repeats_every_pump() {
        assert_eq!(attack().text(3), "a'a'a'x\n\n\n\u{e9}");
    }

    #[test]
    fn expression_is_python() {
        assert_eq!(attack().expression(), r"'a\'' * 2 + 'x' + '\n' * 2 + '\xe9'");
        assert_eq!(attack().expression_with("n"), r"'a\'' * n + 'x' + '\n' * n + '\xe9'");
    }
}
