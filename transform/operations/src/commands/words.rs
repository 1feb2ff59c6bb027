//! The words of a line that somebody typed.

/// A quote that has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quote is not closed")]
pub struct UnclosedQuote;

/// The words of a line, parted by blanks. Within double quotes, also those in the
/// middle of a word, a blank is none: `service="card payments"` is one word.
///
/// # Errors
/// When a quote is not closed.
pub fn split(line: &str) -> Result<Vec<String>, UnclosedQuote> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    if quoted {
        return Err(UnclosedQuote);
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_keep_blanks() {
        let words = |line| split(line).unwrap();
        assert_eq!(words("  errors\t30m \n"), ["errors", "30m"]);
        assert_eq!(words("service=\"card payments\" x"), ["service=card payments", "x"]);
        assert_eq!(words("a\"\"b \"\""), ["ab", ""]);
        assert_eq!(split("reason \"open"), Err(UnclosedQuote));
    }
}
