//! Whose regular expressions they are.

use std::{fmt, str::FromStr};

/// The language that a pattern is written in, and with it the engine that runs
/// the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// CPython's `re`, 3.11 and later.
    #[default]
    Python,
    /// PCRE2 without its just-in-time compiler's limits.
    Pcre2,
    /// ECMAScript without the `u` and `v` flags.
    JavaScript,
    /// The `regex` crate, and `fancy-regex` for look-around and
    /// back-references; only the latter can blow up.
    Rust,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Dialect; 4] =
        [Dialect::Python, Dialect::Pcre2, Dialect::JavaScript, Dialect::Rust];

    /// The name that [`FromStr`] reads: `python`, `pcre2`, `javascript` or `rust`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Python => "python",
            Dialect::Pcre2 => "pcre2",
            Dialect::JavaScript => "javascript",
            Dialect::Rust => "rust",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// No [`Dialect`] has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no dialect `{0}`; python, pcre2, javascript and rust are known")]
pub struct UnknownDialect(pub String);

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|dialect| dialect.name() == name);
        named.ok_or_else(|| UnknownDialect(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_is_known_by_its_name_alone() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.name().parse(), Ok(dialect));
        }
        assert_eq!("Python".parse::<Dialect>(), Err(UnknownDialect("Python".to_owned())));
    }
}
