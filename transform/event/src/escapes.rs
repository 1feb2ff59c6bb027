//! ANSI escape sequences, which programs write for terminals: colours, titles,
//! links. Nobody reads them in a log, so no pattern, level or time does.

use std::borrow::Cow;

use crate::bytes::{Few, MAX_SHORT};

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;

/// Whether an escape sequence begins in a text.
#[inline]
pub(crate) fn holds_escape(bytes: &[u8]) -> bool {
    match bytes.len() > MAX_SHORT {
        true => memchr::memchr(ESCAPE, bytes).is_some(),
        false => const { Few::of(&[ESCAPE]) }.is_any_in(bytes),
    }
}

/// A text without escape sequences; as it lies when it has none.
#[inline]
#[must_use]
pub fn without_escapes(text: Cow<'_, str>) -> Cow<'_, str> {
    match memchr::memchr(ESCAPE, text.as_bytes()) {
        None => text,
        Some(first) => Cow::Owned(stripped(&text, first)),
    }
}

fn stripped(text: &str, first: usize) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut copied, mut next) = (0, Some(first));
    while let Some(at) = next {
        out.push_str(&text[copied..at]);
        copied = sequence_end(bytes, at);
        next = memchr::memchr(ESCAPE, &bytes[copied..]).map(|offset| copied + offset);
    }
    out.push_str(&text[copied..]);
    out
}

/// One past the sequence that begins with the escape at `start`, by ECMA-48. It
/// never ends inside a character: only ASCII belongs to a sequence, but the text
/// of those that are closed by a terminator.
pub(crate) fn sequence_end(bytes: &[u8], start: usize) -> usize {
    let run = |from: usize, belongs: fn(&u8) -> bool| {
        from + bytes[from..].iter().take_while(|byte| belongs(byte)).count()
    };
    let with_final = |at: usize, first: u8| match bytes.get(at) {
        Some(byte) if (first..=0x7e).contains(byte) => at + 1,
        _ => at,
    };
    let at = start + 1;
    match bytes.get(at) {
        Some(b'[') => with_final(run(at + 1, |byte| (0x20..=0x3f).contains(byte)), 0x40),
        Some(b']' | b'P' | b'X' | b'^' | b'_') => terminated_end(bytes, at + 1),
        Some(0x20..=0x2f) => with_final(run(at, |byte| (0x20..=0x2f).contains(byte)), 0x30),
        Some(0x30..=0x7e) => at + 1,
        _ => at,
    }
}

/// One past the bell or the `ESC \` that closes a control string; where none
/// does, its text stays and is shown.
fn terminated_end(bytes: &[u8], start: usize) -> usize {
    match memchr::memchr2(BELL, ESCAPE, &bytes[start..]).map(|offset| start + offset) {
        Some(end) if bytes[end] == BELL => end + 1,
        Some(end) if bytes.get(end + 1) == Some(&b'\\') => end + 2,
        _ => start,
    }
}

/// One past an escape sequence that begins here, or one that is written as programs
/// show what they do not print: `\u001b[36m`, `\x1b[0m`, `\e[0m`, `\033[m`, `#033[0m`,
/// `^[[0m`.
pub(crate) fn shown_sequence_end(bytes: &[u8], start: usize) -> Option<usize> {
    const SHOWN: [&[u8]; 4] = [b"u001b", b"x1b", b"e", b"033"];
    /// Of JSON in JSON in JSON; a run is counted at each of its bytes.
    const MAX_SLASHES: usize = 16;
    let rest = bytes.get(start..)?;
    let open = match rest.first()? {
        &ESCAPE => return Some(sequence_end(bytes, start)),
        b'\\' => {
            let run = rest.iter().take(MAX_SLASHES).take_while(|byte| **byte == b'\\');
            let slashes = run.count();
            let begins = |shown: &&&[u8]| {
                let head = rest.get(slashes..slashes + shown.len());
                head.is_some_and(|head| head.eq_ignore_ascii_case(shown))
            };
            slashes + SHOWN.iter().find(begins)?.len()
        }
        b'#' if rest.starts_with(b"#033") => 4,
        b'^' if rest.starts_with(b"^[") => 2,
        _ => return None,
    };
    let parameters = rest.get(open..)?.strip_prefix(b"[")?;
    let length = parameters.iter().take_while(|byte| (0x20..=0x3f).contains(*byte)).count();
    let is_final = parameters.get(length).is_some_and(|byte| (0x40..=0x7e).contains(byte));
    is_final.then_some(start + open + 1 + length + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sequences_go_and_the_text_stays() {
        let cases = [
            ("\u{1b}[31mERROR\u{1b}[0m x", "ERROR x"),
            ("\u{1b}[38;2;1;2;3mé\u{1b}[m", "é"),
            ("a\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{7}b", "alinkb"),
            ("a\u{1b}]0;never closed", "a0;never closed"),
            ("a\u{1b}(Bb\u{1b}Mc\u{1b}", "abc"),
            ("a\u{1b}[31", "a"),
            ("a\u{1b}[3é", "aé"),
            ("a\u{1b}éb", "aéb"),
        ];
        for (text, expected) in cases {
            assert_eq!(without_escapes(text.into()), expected, "{text:?}");
        }
        assert!(matches!(without_escapes("plain".into()), Cow::Borrowed("plain")));
    }

    #[test]
    fn a_sequence_that_is_shown_ends_with_its_final_byte() {
        for text in
            ["\u{1b}[1;36m", r"\u001b[36m", r"\\\u001B[m", r"\x1b[0m", r"\e[0m", "#033[0m", "^[[0m"]
        {
            let found = shown_sequence_end(format!("{text}x").as_bytes(), 0);
            assert_eq!(found, Some(text.len()), "{text}");
        }
        for text in ["", "x", r"\n", r"\u001b", r"\e[0", r"\u0041[0m", "^[", "#0"] {
            assert_eq!(shown_sequence_end(text.as_bytes(), 0), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_escape_is_left(text in "[\\x1b\\[\\]\\\\\\x070-9;m(Pé ]{0,24}") {
            let once = without_escapes(text.as_str().into()).into_owned();
            prop_assert!(!once.as_bytes().contains(&ESCAPE));
        }
    }
}
