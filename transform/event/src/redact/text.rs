//! Secrets out of free text.

use std::{borrow::Cow, ops::Range, sync::LazyLock};

use memchr::{memchr, memmem};
use regex_automata::{Input, meta::Regex};

use super::{
    forms::Finder,
    names::{REDACTED, Secrecy},
    walk::Walk,
};

/// The longest name, in bytes, that is looked at around a word of a secret.
const MAX_NAME: usize = 64;

/// How many bytes that belong to nothing may stand before a value.
const MAX_MISTAKE: usize = 3;

/// Free text without its secrets: the values of `password=…`, `token: …`,
/// `Authorization: …` and the like, whatever their quotes, and what is known for
/// a secret by its form.
#[must_use]
pub fn redact_text(text: &str) -> Cow<'_, str> {
    let mut secrets: Vec<_> = named(text).map(|secret| secret.value).collect();
    let mut forms = Finder::new(text);
    let mut at = 0;
    while let Some(found) = forms.from(at) {
        at = found.secret.end;
        secrets.push(found.secret);
    }
    without(text, secrets)
}

/// Text that holds JSON without the values of names that are those of secrets;
/// in place of one without quotes stands a text, where the name is one.
pub(crate) fn redact_named(text: &str) -> Cow<'_, str> {
    let (mut out, mut copied) = (String::new(), 0);
    for Named { value, quote } in named(text) {
        out.push_str(&text[copied..value.start]);
        out.push_str(&format!("{quote}{REDACTED}{quote}"));
        copied = value.end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// The text with [`REDACTED`] in place of each of these ranges.
fn without(text: &str, mut secrets: Vec<Range<usize>>) -> Cow<'_, str> {
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    secrets.sort_unstable_by_key(|secret| (secret.start, std::cmp::Reverse(secret.end)));
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    for secret in secrets {
        if secret.start >= copied {
            out.push_str(&text[copied..secret.start]);
            out.push_str(REDACTED);
        }
        copied = copied.max(secret.end);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Words of which each name of a secret has one.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let words = "token|pass[_-]?w|pwd|pass[_-]?phrase|secret|cookie|authorization|\
                 api[_-]?key|access[_-]?key|private[_-]?key|credential";
    Regex::builder()
        .syntax(regex_automata::util::syntax::Config::new().unicode(false).utf8(false))
        .build(&format!("(?i){words}"))
        .expect("the pattern is fixed, and a test uses it")
});

/// Whether there may be the name of a secret among these bytes: a word that each
/// has, or a letter that is written as an escape of JSON.
pub(super) fn may_name_secret(bytes: &[u8]) -> bool {
    WORDS.is_match(bytes)
        || memchr(b'\\', bytes).is_some_and(|at| memmem::find(&bytes[at..], b"\\u00").is_some())
}

/// The value of a name that is that of a secret.
struct Named<'t> {
    value: Range<usize>,
    /// The quote of the name, with its backslashes, if the value has none itself.
    quote: &'t str,
}

/// The values of names that are those of secrets, in order.
fn named(text: &str) -> impl Iterator<Item = Named<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(word) = WORDS.find(Input::new(text).range(at..)) {
            at = word.end();
            if let Some(secret) = value_of(text, word.range()) {
                at = at.max(secret.value.end);
                return Some(secret);
            }
        }
        None
    })
}

/// The value that belongs to the name around a word, if there is a name and it
/// has a value that is a secret.
fn value_of(text: &str, word: Range<usize>) -> Option<Named<'_>> {
    let bytes = text.as_bytes();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let before = bytes[..word.start].iter().rev().take(MAX_NAME).take_while(|b| is_name(b));
    let after = bytes[word.end..].iter().take(MAX_NAME).take_while(|b| is_name(b));
    let name = word.start - before.count()..word.end + after.count();
    let secrecy = Secrecy::of(&text[name.clone()]);
    let begins = value_start(bytes, name.end)?;
    let start = behind_mistakes(bytes, begins);
    let header = Header::of(&text[name.clone()]);
    let value = value(text, start, header);
    let shown = &text[value.clone()];
    let word = |word: &str| shown.eq_ignore_ascii_case(word);
    // What has no letter and no digit is something that went wrong.
    let stays = !shown.bytes().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
        || shown == REDACTED
        || ["true", "false", "null", "none", "nil"].into_iter().any(word)
        || secrecy == Secrecy::Count && shown.bytes().all(is_of_number);
    // Behind a mistake it may be a name with a value of its own.
    let is_name = start > begins && value_start(bytes, value.end).is_some();
    let closing = &text[name.end..start];
    let quote = closing.find(['"', '\'']).map_or("", |at| &closing[..=at]);
    let quoted = matches!(bytes.get(value.start.wrapping_sub(1)), Some(b'"' | b'\''));
    let only_quote = quote.trim_start_matches('\\').len() == 1;
    let (quote, value) = match (only_quote, quoted) {
        (true, false) => (quote, begins..value.end),
        _ => ("", value),
    };
    (secrecy.hides_texts() && !stays && !is_name).then_some(Named { value, quote })
}

fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

/// Where the value begins of a name that ends here: behind `=`, `:`, `=>` or
/// `:=`, and the quote and bracket that close the name.
fn value_start(bytes: &[u8], name_end: usize) -> Option<usize> {
    let skip = |at: usize, wanted: fn(&u8) -> bool| {
        at + bytes[at..].iter().take_while(|byte| wanted(byte)).count()
    };
    let blank = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_control();
    // One quote closes a name; where something is wrong there may be more.
    let mut at = skip(name_end, |byte| matches!(byte, b'\\' | b'"' | b'\''));
    at += usize::from(bytes.get(at) == Some(&b']'));
    at = skip(at, blank);
    at += match &bytes[at..] {
        // A path of a programming language.
        [b':', b':', ..] if at == name_end => return None,
        [b':', b'=', ..] | [b'=', b'>' | b'=', ..] => 2,
        [b':' | b'=', ..] => 1,
        [b'%', b'3', b'D' | b'd' | b'A' | b'a', ..] => 3,
        _ => return None,
    };
    Some(skip(at, blank))
}

/// Behind what stands before a value by mistake.
fn behind_mistakes(bytes: &[u8], mut at: usize) -> usize {
    for _ in 0..MAX_MISTAKE {
        let slashes = bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
        let quoted = matches!(bytes.get(at + slashes), Some(b'"' | b'\''));
        match bytes.get(at) {
            Some(b'}' | b']' | b',' | b':' | b';' | b' ') => at += 1,
            Some(b'\\') if !quoted => at += 1,
            _ => break,
        }
    }
    at
}

/// A header whose value is more than one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Header {
    /// `Cookie`, `Set-Cookie`: pairs with `;` between them.
    Cookie,
    /// `Authorization`, `Proxy-Authorization`: a scheme, and a word or pairs with
    /// `,` between them (RFC 9110, 11.4).
    Authorization,
}

impl Header {
    fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let is = |word| name.contains(word);
        is("cookie").then_some(Self::Cookie).or(is("authorization").then_some(Self::Authorization))
    }

    const fn separator(self) -> u8 {
        match self {
            Self::Cookie => b';',
            Self::Authorization => b',',
        }
    }
}

/// The value that begins at a place.
fn value(text: &str, start: usize, header: Option<Header>) -> Range<usize> {
    let bytes = text.as_bytes();
    let slashes = bytes[start..].iter().take_while(|byte| **byte == b'\\').count();
    if let Some(quote @ (b'"' | b'\'')) = bytes.get(start + slashes) {
        let open = start + slashes + 1;
        return open..quoted_end(bytes, open, *quote, slashes);
    }
    match bytes.get(start) {
        Some(b'{' | b'[') if !text[start..].starts_with(REDACTED) => start..nested_end(text, start),
        _ if text[start..].starts_with(REDACTED) => start..start + REDACTED.len(),
        _ => match header {
            Some(header) => start..header_end(bytes, start, header),
            None => start..word_end(bytes, scheme_end(bytes, start)),
        },
    }
}

/// Where a quoted text ends whose quotes have so many backslashes before them;
/// the end of all when it is not closed.
fn quoted_end(bytes: &[u8], open: usize, quote: u8, slashes: usize) -> usize {
    let mut run = 0;
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        match byte {
            b'\\' => run += 1,
            byte if *byte == quote && Walk::closes(run, slashes) => return at - run.min(slashes),
            _ => run = 0,
        }
    }
    bytes.len()
}

/// Behind `Bearer ` and other words that say what kind of credentials follow.
fn scheme_end(bytes: &[u8], start: usize) -> usize {
    let letters = bytes[start..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = &bytes[start..start + letters];
    let known = ["bearer", "basic", "digest", "token", "apikey", "negotiate", "aws4-hmac-sha256"];
    let blanks = bytes[start + letters..].iter().take_while(|byte| **byte == b' ').count();
    match blanks > 0 && known.iter().any(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes())) {
        true => start + letters + blanks,
        false => start,
    }
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'\\,;&)]}<>`".contains(byte);
    bytes[start..].iter().position(ends).map_or(bytes.len(), |length| start + length)
}

/// Where the value of a header ends: with its last pair, or with the quote that
/// the header stands in.
fn header_end(bytes: &[u8], start: usize, header: Header) -> usize {
    let mut at = start;
    if header == Header::Authorization {
        // Whatever the scheme is called.
        let word = word_end(bytes, at);
        let blanks = bytes[word..].iter().take_while(|byte| **byte == b' ').count();
        let next = bytes.get(word + blanks);
        if blanks > 0 && next.is_some_and(|byte| !byte.is_ascii_whitespace()) {
            at = match scheme_end(bytes, at) {
                known if known > at => known,
                _ if has_pair(&bytes[word + blanks..]) => word + blanks,
                _ => at,
            };
        }
    }
    loop {
        at = item_end(bytes, at);
        let mut next = at;
        next += bytes[next..].iter().take_while(|byte| **byte == b' ').count();
        if bytes.get(next) != Some(&header.separator()) {
            return at;
        }
        next += 1;
        next += bytes[next..].iter().take_while(|byte| **byte == b' ').count();
        let goes_on = match header {
            Header::Cookie => {
                bytes.get(next).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
            }
            Header::Authorization => has_pair(&bytes[next..]),
        };
        if !goes_on {
            return at;
        }
        at = next;
    }
}

/// Whether `name=` comes next.
fn has_pair(bytes: &[u8]) -> bool {
    let name = bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_-".contains(b)).count();
    name > 0 && bytes.get(name) == Some(&b'=')
}

/// Where one item of a header ends, its quoted value included.
fn item_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\r' | b'\n' => return at,
            b' ' | b'\t' | b',' | b';' => return at,
            b'"' | b'\'' | b'\\' => {
                let slashes = bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
                match bytes.get(at + slashes) {
                    Some(quote @ (b'"' | b'\'')) if at > start && bytes[at - 1] == b'=' => {
                        let end = quoted_end(bytes, at + slashes + 1, *quote, slashes);
                        let closed = end + slashes + 1;
                        // One that is not closed ends with its line.
                        let line = |byte: &u8| *byte == b'\n';
                        at = match closed > bytes.len() {
                            true => {
                                bytes[at..].iter().position(line).map_or(bytes.len(), |n| at + n)
                            }
                            false => closed,
                        };
                    }
                    _ => return at,
                }
            }
            _ => at += 1,
        }
    }
    at
}

/// Where the object or array that opens at `start` closes; the end of the text
/// if it never does.
fn nested_end(text: &str, start: usize) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_in_free_text_are_replaced() {
        let cases = [
            ("login password=hunter2 ok", "login password=[REDACTED] ok"),
            ("db_password: 'a b c', x", "db_password: '[REDACTED]', x"),
            ("{\"api_token\":\"abc\\\"d\",\"n\":1}", "{\"api_token\":\"[REDACTED]\",\"n\":1}"),
            (r#"{\"secret\":\"abc\"}"#, r#"{\"secret\":\"[REDACTED]\"}"#),
            ("Authorization: Bearer eyJ.abc-d_e x", "Authorization: [REDACTED] x"),
            ("authorization=Basic dXNlcg==", "authorization=[REDACTED]"),
            ("Cookie: a=1; b=2\nnext", "Cookie: [REDACTED]\nnext"),
            ("used Bearer abcdefgh123", "used Bearer [REDACTED]"),
            ("postgres://app:s3cr@t@db:5432/x", "postgres://app:[REDACTED]@db:5432/x"),
            ("GET /?token=abc&x=1", "GET /?token=[REDACTED]&x=1"),
            (
                r#"{"secret":{"v":"a}\"b"},"tokens":["x","y"],"n":1}"#,
                r#"{"secret":[REDACTED],"tokens":[REDACTED],"n":1}"#,
            ),
            (
                r#""password"=>"abc" [password] => def"#,
                r#""password"=>"[REDACTED]" [password] => [REDACTED]"#,
            ),
            ("secret: [1, 2", "secret: [REDACTED]"),
            ("é Bearer abcdefgh123", "é Bearer [REDACTED]"),
            ("TOKEN: abc", "TOKEN: [REDACTED]"),
            ("password=1234", "password=[REDACTED]"),
            ("max_tokens: 512 and tokens=7", "max_tokens: 512 and tokens=7"),
            ("unexpected token < in JSON", "unexpected token < in JSON"),
            ("http://host:80/a@b", "http://host:80/a@b"),
        ];
        for (text, expected) in cases {
            assert_eq!(redact_text(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn redacting_twice_is_redacting_once(text in "(password|token|secret|cookie|bearer|://|[ =:@;\"'a-z0-9\\\\\\[\\]]){0,12}") {
            let once = redact_text(&text).into_owned();
            prop_assert_eq!(redact_text(&once), once.as_str());
        }

        #[test]
        fn no_value_survives(name in "(db_)?(password|Token|SECRET)", value in "[a-z0-9]{12}") {
            let text = format!("before {name}={value} after");
            prop_assert!(!redact_text(&text).contains(&value));
        }
    }
}
