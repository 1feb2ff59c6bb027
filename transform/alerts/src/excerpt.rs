//! Texts cut to what a service takes.

/// As much of a text as fits into `max` UTF-16 units once each character is
/// written by `write`, with `…` where it was cut.
///
/// UTF-16 units are what Telegram counts; services that count characters are
/// on the safe side with them.
#[must_use]
pub fn excerpt(text: &str, max: usize, write: impl Fn(char, &mut String)) -> String {
    let (mut out, mut units) = (String::new(), 0);
    // The last place where the text could be cut and the mark still fit.
    let mut cut = 0;
    for c in text.chars() {
        let start = out.len();
        write(c, &mut out);
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

/// A character as it is.
pub fn verbatim(c: char, out: &mut String) {
    out.push(c);
}

/// A character as it is; of control characters only those that end a line.
pub fn printable(c: char, out: &mut String) {
    out.push(if c.is_control() && c != '\n' { '\u{fffd}' } else { c });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_is_left_alone() {
        assert_eq!(excerpt("abc", 3, verbatim), "abc");
        assert_eq!(excerpt("", 0, verbatim), "");
    }

    #[test]
    fn a_long_text_is_cut_with_a_mark() {
        assert_eq!(excerpt("abcd", 3, verbatim), "ab…");
        assert_eq!(excerpt("🚀🚀", 3, verbatim), "🚀…");
        assert_eq!(excerpt("🚀", 1, verbatim), "…");
        assert_eq!(excerpt("a", 0, verbatim), "");
    }

    #[test]
    fn no_escape_is_cut_in_two() {
        let double = |c: char, out: &mut String| out.extend(['\\', c]);
        assert_eq!(excerpt("abcd", 5, double), "\\a\\b…");
        assert_eq!(excerpt("abcd", 4, double), "\\a…");
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(excerpt("a\u{1b}[31m\nb", 99, printable), "a\u{fffd}[31m\nb");
    }
}
