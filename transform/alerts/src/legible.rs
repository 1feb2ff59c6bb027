//! Texts of logs made safe for those who read them.
//!
//! A log says what an attacker makes it say. Characters that do something to what
//! stands around them, or that nobody sees, are shown as U+FFFD to people, and
//! escaped in JSON, which stays exact.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// What stands in place of a character that is not shown.
const HIDDEN: char = '\u{fffd}';

/// Whether a character is seen by nobody, or changes how others are seen: control
/// characters (with C1, which terminals obey too), those that turn the direction of
/// text, those without a width, and line ends that few programs know.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// A character as anybody may be shown it.
#[must_use]
pub fn shown(c: char) -> char {
    if is_hidden(c) { HIDDEN } else { c }
}

/// How many columns of a terminal a text takes, at most: not all terminals join what
/// could be joined.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(c: char) -> usize {
    match c {
        // It makes a picture of the character before, which is wider then.
        '\u{fe0f}' => 1,
        c => c.width().unwrap_or(0),
    }
}

/// A text for a terminal, on one line and of so many columns at most, `…` included.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    let blank = |c: char| if c.is_whitespace() { ' ' } else { shown(c) };
    let (mut line, mut taken) = (String::new(), 0);
    // Where the line ends if it is to be cut.
    let mut cut = 0;
    for c in text.chars().map(blank) {
        taken += width(c);
        if taken > most {
            line.truncate(cut);
            if most > 0 {
                line.push('…');
            }
            return line;
        }
        line.push(c);
        if taken < most {
            cut = line.len();
        }
    }
    line
}

/// A text followed by as many blanks as it takes to fill so many columns.
#[must_use]
pub fn padded(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(columns(text));
    format!("{text}{:blanks$}", "")
}

/// JSON that says the same without a character that is hidden, as it may be read on
/// a terminal. Line ends between its values stay.
#[must_use]
pub fn json(text: String) -> String {
    let hidden = |c: char| c != '\n' && is_hidden(c);
    if !text.contains(hidden) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of each kind one, and what may stand.
    const HOSTILE: &str = "a\0\u{7}\u{1b}[2J\r\n\t\u{7f}\u{85}\u{9b}31m\u{ad}\u{61c}\u{200b}\u{200d}\
        \u{200f}\u{2028}\u{202e}\u{2066}\u{feff}\u{fff9}\u{e0041}é🚀";

    #[test]
    fn a_terminal_gets_one_line_of_what_can_be_seen() {
        assert_eq!(one_line(HOSTILE, 99), "a���[2J   � �31m����� �����é🚀");
        assert_eq!(one_line("abcd", 4), "abcd");
        assert_eq!(one_line("abcde", 4), "abc…");
        assert_eq!(one_line("abcde", 0), "");
        // Some take two columns, some none.
        assert_eq!(one_line("日本語", 6), "日本語");
        assert_eq!([one_line("日本語", 5), one_line("日本語", 4)], ["日本…", "日…"]);
        assert_eq!(one_line("e\u{301}e\u{301}", 2), "e\u{301}e\u{301}");
        assert_eq!([padded("日本", 6), padded("日本", 3)], ["日本  ", "日本"]);
    }

    #[test]
    fn json_says_the_same_without_them() {
        let written = serde_json::json!({ HOSTILE: [HOSTILE, 1] });
        let safe = json(written.to_string());
        assert!(!safe.contains(is_hidden), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), written);
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_shown(text in "\\PC*|[\\s\\S]*") {
            prop_assert!(!one_line(&text, 80).contains(is_hidden));
            prop_assert!(columns(&one_line(&text, 80)) <= 80);
            let safe = json(serde_json::to_string(&text).unwrap());
            prop_assert!(!safe.contains(is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
        }
    }
}
