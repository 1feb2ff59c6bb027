//! The tokens that open something: one to look, and one for each person who may
//! change something.

use std::{fmt, path::Path};

use signatures_delivery::Secret;

/// The tokens in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    /// Of those who may look; none where everybody on this machine may.
    reader: Option<Secret>,
    operators: Vec<Operator>,
}

/// Somebody who may change something.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Operator {
    name: String,
    token: Secret,
}

/// Who shows a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Somebody who may look.
    Reader,
    /// Somebody who may change something, by name.
    Operator(String),
}

/// Why a file of tokens is none. It says no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {fault}")]
pub(crate) struct KeysError {
    file: String,
    line: usize,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    NoPair,
    Name,
    Short,
    Twice,
    SameToken,
    Empty,
}

/// A token that could be guessed is none.
const LEAST_BYTES: usize = 16;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPair => "expected `name:token`, one a line",
            Self::Name => "a name has up to 64 letters, digits and any of `. _ - @`",
            Self::Short => "a token has at least 16 characters, without blanks",
            Self::Twice => "the name is there twice",
            Self::SameToken => "the token is another's: each person has one",
            Self::Empty => "there is no token in it",
        })
    }
}

impl Keys {
    /// Those: `reader` may look, and each line of `operators` is `name:token`. Empty
    /// lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// When a line is something else, or there is none.
    pub(crate) fn new(
        reader: Option<&str>,
        operators: Option<(&Path, &str)>,
    ) -> Result<Self, KeysError> {
        let operators = operators.map(|(path, text)| read(&path.display().to_string(), text));
        Ok(Self {
            reader: reader.map(Secret::new),
            operators: operators.transpose()?.unwrap_or_default(),
        })
    }

    /// Whether who looks has to show a token.
    pub(crate) fn has_reader(&self) -> bool {
        self.reader.is_some()
    }

    /// Whether anybody can change something.
    pub(crate) fn has_operators(&self) -> bool {
        !self.operators.is_empty()
    }

    /// Whose token that is. All are compared, whichever it is.
    pub(crate) fn holder(&self, given: &[u8]) -> Option<Holder> {
        let reader = self.reader.as_ref().is_some_and(|token| same(given, token));
        let of = |operator: &&Operator| same(given, &operator.token);
        // From the back, so that none is passed over for being found early.
        let operator = self.operators.iter().filter(of).last();
        match operator {
            Some(operator) => Some(Holder::Operator(operator.name.clone())),
            None => reader.then_some(Holder::Reader),
        }
    }

    /// The token of a holder, while it is in force.
    pub(crate) fn token_of(&self, holder: &Holder) -> Option<&Secret> {
        match holder {
            Holder::Reader => self.reader.as_ref(),
            Holder::Operator(name) => {
                self.operators.iter().find(|known| known.name == *name).map(|known| &known.token)
            }
        }
    }
}

/// Compares in a time that tells nothing of where two texts differ.
fn same(given: &[u8], token: &Secret) -> bool {
    let token = token.expose().as_bytes();
    let differences = given.iter().zip(token).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == token.len() && differences == 0
}

fn read(file: &str, text: &str) -> Result<Vec<Operator>, KeysError> {
    let mut operators: Vec<Operator> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let operator = operator(line, &operators).map_err(|fault| KeysError {
            file: file.to_owned(),
            line: index + 1,
            fault,
        })?;
        operators.push(operator);
    }
    if operators.is_empty() {
        return Err(KeysError { file: file.to_owned(), line: 1, fault: Fault::Empty });
    }
    Ok(operators)
}

fn operator(line: &str, known: &[Operator]) -> Result<Operator, Fault> {
    let (name, token) = line.split_once(':').ok_or(Fault::NoPair)?;
    let (name, token) = (name.trim(), token.trim());
    let may_stand = |c: char| c.is_ascii_alphanumeric() || ".-_@".contains(c);
    if !(1..=64).contains(&name.len()) || !name.chars().all(may_stand) {
        return Err(Fault::Name);
    }
    if token.len() < LEAST_BYTES || token.contains(char::is_whitespace) {
        return Err(Fault::Short);
    }
    if known.iter().any(|known| known.name == name) {
        return Err(Fault::Twice);
    }
    if known.iter().any(|known| known.token.expose() == token) {
        return Err(Fault::SameToken);
    }
    Ok(Operator { name: name.to_owned(), token: Secret::new(token) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<Keys, String> {
        Keys::new(Some("look"), Some((Path::new("tokens"), text))).map_err(|e| e.to_string())
    }

    #[test]
    fn each_token_has_its_holder() {
        let keys = keys("# who may\n\n dana: 0123456789abcdef \nlee:fedcba9876543210\n").unwrap();
        let holder = |token: &str| keys.holder(token.as_bytes());
        assert_eq!(holder("0123456789abcdef"), Some(Holder::Operator("dana".to_owned())));
        assert_eq!(holder("fedcba9876543210"), Some(Holder::Operator("lee".to_owned())));
        assert_eq!(holder("look"), Some(Holder::Reader));
        for wrong in ["", "0123456789abcde", "0123456789abcdefg", "0123456789ABCDEF", "dana"] {
            assert_eq!(holder(wrong), None, "{wrong}");
        }
        assert!(!format!("{keys:?}").contains("0123456789abcdef"));
    }

    #[test]
    fn what_is_no_file_of_tokens_is_told_without_them() {
        for (text, error) in [
            ("", "tokens:1: there is no token in it"),
            ("# dana:0123456789abcdef", "tokens:1: there is no token in it"),
            ("\n0123456789abcdef", "tokens:2: expected `name:token`, one a line"),
            (
                "da na:0123456789abcdef",
                "tokens:1: a name has up to 64 letters, digits and any of `. _ - @`",
            ),
            (
                ":0123456789abcdef",
                "tokens:1: a name has up to 64 letters, digits and any of `. _ - @`",
            ),
            ("dana:short", "tokens:1: a token has at least 16 characters, without blanks"),
            ("dana:0123456789abcdef\ndana:0123456789abcdeg", "tokens:2: the name is there twice"),
            (
                "dana:0123456789abcdef\nlee:0123456789abcdef",
                "tokens:2: the token is another's: each person has one",
            ),
        ] {
            assert_eq!(keys(text), Err(error.to_owned()), "{text}");
        }
    }
}
