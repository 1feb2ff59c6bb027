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
/// characters (with C1, which terminals obey too), those that Unicode has programs
/// leave out of what they show (`Default_Ignorable_Code_Point`: marks of direction,
/// joiners, fillers, variation selectors, tags), line ends that few programs know,
/// marks of interlinear notes, and the blank of Braille.
///
/// That an emoji is to be shown as one is said by such a character, too: as
/// [`characters`] shows a text it stays where it does that.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || is_default_ignorable(c)
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{2800}' | '\u{fff9}'..='\u{fffb}')
}

/// `Default_Ignorable_Code_Point` of Unicode 16.0, which reserves more than it has
/// characters for.
fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A character as anybody may be shown it, wherever it stands.
#[must_use]
pub fn shown(c: char) -> char {
    if is_hidden(c) { HIDDEN } else { c }
}

/// The characters of a text as anybody may be shown them. Behind an emoji the one
/// selector that says so stays, and one joiner: they are how people write ⚠️ and 👩‍💻,
/// and so few of them hide nothing.
pub fn characters(text: &str) -> impl Iterator<Item = char> + '_ {
    const JOINER: char = '\u{200d}';
    const SELECTOR: char = '\u{fe0f}';
    let mut before = [HIDDEN; 2];
    text.chars().map(move |c| {
        let stays = match c {
            SELECTOR => is_emoji(before[1]),
            JOINER => is_emoji(before[1]) || before[1] == SELECTOR && is_emoji(before[0]),
            _ => false,
        };
        before = [before[1], c];
        if stays { c } else { shown(c) }
    })
}

/// Whether a character is of the blocks that emoji are of. All that they have is seen.
const fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2100}'..='\u{27ff}'
        | '\u{2900}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1faff}')
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
    let blank = |(c, shown): (char, char)| if c.is_whitespace() { ' ' } else { shown };
    let (mut line, mut taken) = (String::new(), 0);
    // Where the line ends if it is to be cut.
    let mut cut = 0;
    for c in text.chars().zip(characters(text)).map(blank) {
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

/// A text for a terminal, each of its lines on one.
#[must_use]
pub fn lines(text: &str) -> String {
    let shown = |(c, shown): (char, char)| match c {
        '\n' => c,
        c if c.is_whitespace() => ' ',
        _ => shown,
    };
    text.chars().zip(characters(text)).map(shown).collect()
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
        assert_eq!(lines(HOSTILE), "a���[2J \n � �31m����� �����é🚀");
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
    fn every_character_that_unicode_leaves_out_is_hidden_and_no_other_but_the_known() {
        let class = regex_syntax::parse(
            r"[\p{Default_Ignorable_Code_Point}\p{Cc}\u{2028}\u{2029}\u{2800}\u{fff9}-\u{fffb}]",
        );
        let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(class)) =
            class.unwrap().into_kind()
        else {
            panic!("not a class")
        };
        let expected: Vec<_> = class.iter().map(|range| (range.start(), range.end())).collect();
        let mut hidden: Vec<(char, char)> = Vec::new();
        for c in ('\0'..=char::MAX).filter(|c| is_hidden(*c)) {
            match hidden.last_mut() {
                Some((_, end)) if u32::from(*end) + 1 == u32::from(c) => *end = c,
                _ => hidden.push((c, c)),
            }
        }
        assert_eq!(hidden, expected);
    }

    #[test]
    fn an_emoji_stays_one_and_nothing_hides_behind_it() {
        for text in ["⚠\u{fe0f} disk", "👩\u{200d}💻", "❤\u{fe0f}\u{200d}🔥"] {
            assert_eq!(one_line(text, 99), text);
        }
        for (text, shown) in [
            ("⚠\u{fe0f}\u{fe0f}", "⚠\u{fe0f}�"),
            ("👩\u{200d}\u{200d}💻", "👩\u{200d}�💻"),
            ("⚠\u{fe0e}\u{fe01}", "⚠��"),
            ("a\u{fe0f}\u{200d}b", "a��b"),
            ("\u{fe0f}", "�"),
            ("⚠\u{e0100}", "⚠�"),
        ] {
            assert_eq!(one_line(text, 99), shown, "{text:?}");
        }
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
        fn nothing_hidden_is_shown(text in "(\\PC|[\\s\\S]|⚠|\u{fe0f}|\u{200d})*") {
            let line = one_line(&text, 80);
            let of_emoji = |c: char| matches!(c, '\u{fe0f}' | '\u{200d}');
            prop_assert!(!line.contains(|c| is_hidden(c) && !of_emoji(c)));
            // Never more than one of each in a row, and none at the beginning.
            let bare = line.replace("\u{fe0f}\u{200d}", "\u{fe0f}");
            let pairs = bare.chars().zip(bare.chars().skip(1));
            prop_assert!(!pairs.clone().any(|(one, other)| of_emoji(one) && of_emoji(other)));
            prop_assert!(!line.starts_with(of_emoji));
            prop_assert!(columns(&line) <= 80);
            let safe = json(serde_json::to_string(&text).unwrap());
            prop_assert!(!safe.contains(is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
        }
    }
}
