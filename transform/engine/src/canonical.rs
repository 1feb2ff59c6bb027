//! Canonical text: what is left of an error without its accidents.
//!
//! Part of the fingerprint, and so a contract with applications that compute
//! it themselves: `schemas/fingerprint_vectors.json` pins it.

use std::{borrow::Cow, sync::LazyLock};

use regex_automata::{
    meta::{Builder, Regex},
    util::syntax,
};

use signatures_event::redact::Redactor;
use signatures_matcher::{Matcher, Pattern};

/// How long a canonical text may be, in Unicode scalar values.
pub const MAX_CHARS: usize = 200;

/// The known shapes, in the order they are tried. A group is a stretch that is
/// written as one `*`.
const SHAPES: [&str; 8] = [
    r"Out of memory|OOMKilled",
    r"gunicorn(.*)worker timeout",
    r"certificate verify failed|x509: (.*) expired",
    r"ECONNRESET|ETIMEDOUT|EAI_AGAIN|socket hang up",
    r"Too many open files|ENFILE|EMFILE",
    r"No space left on device|ENOSPC",
    r"Traceback ?\(|UnhandledPromiseRejection|TypeError:|ReferenceError:",
    r"Exited with code [1-9]\d*",
];

/// Which shape a text has. Most have none, and the matcher is quick to say so.
static FIRST_SHAPE: LazyLock<Matcher> = LazyLock::new(|| {
    let compiled = SHAPES
        .map(|shape| Pattern::compile(shape).expect("the shapes are fixed, and tests use them"));
    Matcher::new(compiled.into())
});

/// Where in a text each shape is.
static EACH_SHAPE: LazyLock<[Regex; 8]> = LazyLock::new(|| {
    SHAPES.map(|shape| {
        case_insensitive().build(shape).expect("the shapes are fixed, and tests use them")
    })
});

fn case_insensitive() -> Builder {
    let mut builder = Regex::builder();
    builder.syntax(syntax::Config::new().case_insensitive(true));
    builder
}

/// The canonical text of a subject.
///
/// A text that contains a known shape is what the first such shape matches,
/// with each stretch matched by `.*` written as `*`. Any other has each `0x`
/// with hex digits after it written as `0x?` and each other run of decimal
/// digits (Unicode category Nd) as `#`. Either is cut to [`MAX_CHARS`], and put in
/// lower case at the end.
#[must_use]
pub fn canonical(subject: &str) -> String {
    let canonical = canonical_in(&mut Buffer::new(), subject).into_owned();
    String::from_utf8(canonical).expect("it is a text, or ASCII")
}

/// The canonical text of a subject as people may see it. Secrets go first: what
/// is left of one after folding and cutting is no longer known for one.
#[must_use]
pub fn redacted_canonical(subject: &str) -> String {
    canonical(Redactor::of_texts().text(subject).as_deref().unwrap_or(subject))
}

/// The bytes of [`canonical`], without an allocation for most texts.
pub(crate) fn canonical_in<'b>(buffer: &'b mut Buffer, subject: &str) -> Cow<'b, [u8]> {
    if let Some(shape) = known_shape(subject) {
        let end = shape.char_indices().nth(MAX_CHARS).map_or(shape.len(), |(end, _)| end);
        return Cow::Owned(shape[..end].to_lowercase().into_bytes());
    }
    match buffer.fold_ascii(subject.as_bytes()) {
        Some(folded) => Cow::Borrowed(folded),
        None => Cow::Owned(fold_numbers(subject).to_lowercase().into_bytes()),
    }
}

fn known_shape(subject: &str) -> Option<Cow<'_, str>> {
    let shape = &EACH_SHAPE[FIRST_SHAPE.scan(subject).first?];
    let mut captures = shape.create_captures();
    shape.captures(subject, &mut captures);
    let whole = captures.get_match()?;
    Some(match captures.get_group(1) {
        Some(stretch) => {
            let head = &subject[whole.start()..stretch.start];
            let tail = &subject[stretch.end..whole.end()];
            Cow::Owned(format!("{head}*{tail}"))
        }
        None => Cow::Borrowed(&subject[whole.range()]),
    })
}

/// Room for a canonical text that is ASCII throughout, and for what may be
/// written past the cut.
pub(crate) struct Buffer([u8; Self::ROOM]);

impl Buffer {
    const ROOM: usize = MAX_CHARS + 8;

    pub(crate) fn new() -> Self {
        Self([0; _])
    }

    /// As [`fold_numbers`], in lower case, of a text whose part that counts is
    /// ASCII; nothing for any other.
    fn fold_ascii(&mut self, subject: &[u8]) -> Option<&[u8]> {
        let (mut at, mut length) = (0, 0);
        let mut in_number = false;
        while length < MAX_CHARS && at < subject.len() {
            // Eight bytes without digits are most of what there is.
            if let Some(eight) = subject[at..].first_chunk()
                && let Some(lower) = lower_case_of_no_digits(*eight)
            {
                self.0[length..length + 8].copy_from_slice(&lower);
                (at, length, in_number) = (at + 8, length + 8, false);
                continue;
            }
            let eight = subject.len().min(at + 8);
            while length < MAX_CHARS && at < eight {
                let byte = subject[at];
                if byte == b'0'
                    && let Some(after) = hex_number(&subject[at..])
                {
                    self.0[length..length + 3].copy_from_slice(b"0x?");
                    (at, length, in_number) = (subject.len() - after.len(), length + 3, false);
                    continue;
                }
                if !byte.is_ascii() {
                    return None;
                }
                // Each byte is written, and a digit after a digit written over.
                let digit = byte.is_ascii_digit();
                length -= usize::from(digit & in_number);
                self.0[length] = if digit { b'#' } else { byte.to_ascii_lowercase() };
                length += 1;
                (at, in_number) = (at + 1, digit);
            }
        }
        Some(&self.0[..length.min(MAX_CHARS)])
    }
}

/// Eight bytes in lower case if they are ASCII and none is a digit: all at once, in
/// one word (H. S. Warren, "Hacker's Delight", 2nd ed., § 6-1).
#[inline]
fn lower_case_of_no_digits(eight: [u8; 8]) -> Option<[u8; 8]> {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES * 0x80;
    let word = u64::from_le_bytes(eight);
    // The high bit of each byte that is no digit; sums of ASCII do not carry.
    let no_digit = (word ^ (ONES * b'0' as u64)).wrapping_add(ONES * (0x80 - 10));
    if word & HIGH != 0 || no_digit & HIGH != HIGH {
        return None;
    }
    let from_a = word + ONES * (0x80 - b'A' as u64);
    let past_z = word + ONES * (0x80 - b'Z' as u64 - 1);
    let capital = from_a & !past_z & HIGH;
    Some((word | capital >> 2).to_le_bytes())
}

fn fold_numbers(subject: &str) -> String {
    let mut folded = String::with_capacity(subject.len().min(MAX_CHARS));
    let mut rest = subject;
    let mut in_number = false;
    let mut chars = 0;
    while let Some(c) = rest.chars().next() {
        if chars >= MAX_CHARS {
            break;
        }
        if let Some(after) = hex_number(rest.as_bytes()) {
            // Its three characters count like any others.
            folded.extend("0x?".chars().take(MAX_CHARS - chars));
            (rest, in_number, chars) = (&rest[rest.len() - after.len()..], false, chars + 3);
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let digit = is_decimal_digit(c);
        if !digit || !in_number {
            folded.push(if digit { '#' } else { c });
            chars += 1;
        }
        in_number = digit;
    }
    folded
}

/// What follows a `0x` with hex digits at the start of the text, or a `0x?`,
/// which is one already.
fn hex_number(text: &[u8]) -> Option<&[u8]> {
    let digits = text.strip_prefix(b"0x")?;
    match digits.iter().position(|byte| !byte.is_ascii_hexdigit()) {
        Some(0) => digits.strip_prefix(b"?"),
        Some(end) => Some(&digits[end..]),
        None if digits.is_empty() => None,
        None => Some(&[]),
    }
}

fn is_decimal_digit(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_digit();
    }
    // Few characters beyond ASCII are numeric at all, fewer of them digits.
    c.is_numeric() && DECIMAL_DIGIT.is_match(c.encode_utf8(&mut [0; 4]) as &str)
}

static DECIMAL_DIGIT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d").expect("the pattern is fixed, and tests use it"));

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_shapes_stand_for_the_whole_text() {
        let cases = [
            ("Killed process 7: OUT OF MEMORY now", "out of memory"),
            ("oomkilled and ECONNRESET", "oomkilled"),
            ("ECONNRESET after OOMKilled", "oomkilled"),
            (
                "gunicorn[12]: [CRITICAL] worker timeout (pid:9) worker timeout",
                "gunicorn*worker timeout",
            ),
            ("gunicornworker timeout", "gunicorn*worker timeout"),
            ("x509: certificate has expired", "x509: * expired"),
            ("x509:  expired", "x509: * expired"),
            (
                "SSL: CERTIFICATE_VERIFY_FAILED certificate verify failed: x",
                "certificate verify failed",
            ),
            ("Error: Socket hang up", "socket hang up"),
            ("accept4: EMFILE", "emfile"),
            ("write: ENOSPC: No space left on device", "enospc"),
            ("Traceback (most recent call last):", "traceback ("),
            ("Uncaught TypeError: x is not a function", "typeerror:"),
            ("job 5 exited with code 137 at 10:00", "exited with code 137"),
            ("job exited with code 0 at 10", "job exited with code # at #"),
            ("gunicorn\nworker timeout 5", "gunicorn\nworker timeout #"),
        ];
        for (subject, expected) in cases {
            assert_eq!(canonical(subject), expected, "{subject}");
        }
    }

    #[test]
    fn numbers_fold_and_the_rest_is_lower_case() {
        let cases = [
            ("User 123 failed at 0xDEADbeef", "user # failed at 0x?"),
            ("0x 0xg 0x? 10x5 0x0x1", "#x #xg 0x? #0x? 0x?x#"),
            ("0X1F", "#x#f"),
            ("٣٤ and 1٣", "# and #"),
            ("²½Ⅷ", "²½ⅷ"),
            ("", ""),
            ("ÄÖ ΑΣ", "äö ας"),
        ];
        for (subject, expected) in cases {
            assert_eq!(canonical(subject), expected, "{subject}");
        }
    }

    #[test]
    fn the_cut_counts_characters_after_folding() {
        assert_eq!(canonical(&"é".repeat(300)), "é".repeat(200));
        assert_eq!(canonical(&"1 ".repeat(300)), "# ".repeat(100));
        assert_eq!(canonical(&format!("{}0x1f tail", "a".repeat(199))), "a".repeat(199) + "0");
        let code = format!("exited with code 1{}", "7".repeat(60_000));
        assert_eq!(canonical(&code), code[..200]);
    }

    /// The rules as DESIGN has them, one after the other.
    fn model(subject: &str) -> String {
        let hex = regex_replace(r"0x[0-9A-Fa-f]+", subject, "0x?");
        let parts: Vec<String> =
            hex.split("0x?").map(|part| regex_replace(r"\d+", part, "#")).collect();
        parts.join("0x?").chars().take(MAX_CHARS).collect::<String>().to_lowercase()
    }

    fn regex_replace(pattern: &str, text: &str, with: &str) -> String {
        let regex = Regex::new(pattern).unwrap();
        let (mut out, mut copied) = (String::new(), 0);
        for found in regex.find_iter(text) {
            out.push_str(&text[copied..found.start()]);
            out.push_str(with);
            copied = found.end();
        }
        out + &text[copied..]
    }

    proptest! {
        #[test]
        fn folding_in_one_pass_agrees_with_the_rules_in_turn(subject in "[0-9a-gx?X ٣é²]{0,40}") {
            prop_assert_eq!(canonical(&subject), model(&subject));
        }

        #[test]
        fn ascii_by_itself_is_folded_like_any_text(subject in "[0-9a-gx?XZ@\\[/:\\x7f ]{180,240}é?") {
            let folded = fold_numbers(&subject).to_lowercase();
            prop_assert_eq!(canonical(&subject), folded);
        }

        #[test]
        fn canonical_text_is_its_own(subject in "[ -~]{0,60}") {
            let once = canonical(&subject);
            prop_assert_eq!(canonical(&once), once);
        }
    }
}
