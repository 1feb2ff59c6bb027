//! Texts cut to what a service takes.

use crate::legible::characters;

/// As much of a text, [as anybody may be shown it](characters), as fits into `max`
/// UTF-16 units once each character is written by `write`, with `…` where it was cut.
/// Of what is hidden only line ends and tabs are given to `write`.
///
/// UTF-16 units are what Telegram counts; services that count characters are
/// on the safe side with them.
#[must_use]
pub fn excerpt(text: &str, max: usize, write: impl Fn(char, &mut String)) -> String {
    let (mut out, mut units) = (String::new(), 0);
    // The last place where the text could be cut and the mark still fit.
    let mut cut = 0;
    for (c, shown) in text.chars().zip(characters(text)) {
        let start = out.len();
        write(if matches!(c, '\n' | '\t') { c } else { shown }, &mut out);
        units += out[start..].encode_utf16().count();
        if units > max {
            out.truncate(cut);
            if max > 0 {
                out.push('…');
            }
            return out;
        }
        if units < max {
            cut = out.len();
        }
    }
    out
}

/// Writes a character as it is, but a tab as a blank; a line may end.
pub fn printable(c: char, out: &mut String) {
    out.push(if c == '\t' { ' ' } else { c });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_is_left_alone() {
        assert_eq!(excerpt("abc", 3, printable), "abc");
        assert_eq!(excerpt("", 0, printable), "");
    }

    #[test]
    fn a_long_text_is_cut_with_a_mark() {
        assert_eq!(excerpt("abcd", 3, printable), "ab…");
        assert_eq!(excerpt("🚀🚀", 3, printable), "🚀…");
        assert_eq!(excerpt("🚀", 1, printable), "…");
        assert_eq!(excerpt("a", 0, printable), "");
    }

    #[test]
    fn no_escape_is_cut_in_two() {
        let double = |c: char, out: &mut String| out.extend(['\\', c]);
        assert_eq!(excerpt("abcd", 5, double), "\\a\\b…");
        assert_eq!(excerpt("abcd", 4, double), "\\a…");
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(excerpt("a\u{1b}[31m\n\tb", 99, printable), "a\u{fffd}[31m\n b");
    }
}
