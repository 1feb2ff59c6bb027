//! Secrets out of free text.

use std::{borrow::Cow, ops::Range, sync::LazyLock};

use memchr::{memchr, memmem};
use regex_automata::{Input, meta::Regex};

use super::{
    block::block,
    forms::{Finder, matcher, patterns},
    names::{REDACTED, Secrecy},
    prefilter::first_suspect,
    standing::{is_name_service, says_how_it_stands},
    walk::Walk,
};
use crate::escapes::shown_sequence_end;

/// The longest name, in bytes, that is looked at around a word of a secret.
const MAX_NAME: usize = 64;

/// How many bytes that belong to nothing may stand before a value.
const MAX_MISTAKE: usize = 3;

/// Free text without its secrets: the values of `password=…`, `token: …`,
/// `Authorization: …` and the like, whatever their quotes, and what is known for
/// a secret by its form.
#[must_use]
pub fn redact_text(text: &str) -> Cow<'_, str> {
    match first_suspect(text.as_bytes()) {
        Some(_) => redact_suspect(text),
        None => Cow::Borrowed(text),
    }
}

/// As [`redact_text`], of a text in which there may be a secret.
pub(super) fn redact_suspect(text: &str) -> Cow<'_, str> {
    if text.len() < MIN_BYTES || !ANY.is_match(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
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
const WORDS: &str = "(?i)token|pass[ ._-]?w|pwd|pass[ ._-]?phrase|secret|cookie|authorization|\
                     api[ ._-]?key|access[ ._-]?key|private[ ._-]?key|credential";

static NAMES: LazyLock<Regex> = LazyLock::new(|| matcher(&[WORDS.to_owned()]));

/// Whatever a secret may be known by.
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    let words = [WORDS.to_owned()];
    matcher(&words.into_iter().chain(patterns()).collect::<Vec<_>>())
});

/// A text that is shorter holds no secret and what tells it: `pwd=x`.
pub(super) const MIN_BYTES: usize = 5;

/// Whether [`redact_text`] could find anything in a text of which these are the
/// bytes, escaped as in JSON or not: answered without the places.
pub(super) fn may_hold_secret(bytes: &[u8]) -> bool {
    let is_suspect = || first_suspect(bytes).is_some() && ANY.is_match(bytes);
    bytes.len() >= MIN_BYTES && (memchr(b'\\', bytes).is_some() || is_suspect())
}

/// Whether there may be the name of a secret among these bytes: a word that each
/// has, or a letter that is written as an escape of JSON.
pub(super) fn may_name_secret(bytes: &[u8]) -> bool {
    NAMES.is_match(bytes)
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
        while let Some(word) = NAMES.find(Input::new(text).range(at..)) {
            at = word.end();
            if let Some(secret) = value_of(text, word.range()) {
                at = at.max(secret.value.end);
                return Some(secret);
            }
        }
        None
    })
}

/// Where the value begins of a name that ends at `name_end`, if it is a secret.
pub(super) fn value_assigned(text: &str, name_end: usize) -> Option<usize> {
    let value = named(text).next()?.value;
    (value.start > name_end).then_some(value.start)
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
    if let Some(value) = element_text(bytes, name.clone()) {
        let secret = secrecy == Secrecy::Secret && &text[value.clone()] != REDACTED;
        return secret.then_some(Named { value, quote: "" });
    }
    let begins = value_start(bytes, name.end)?;
    let start = behind_mistakes(bytes, begins);
    let header = Header::of(&text[name.clone()]);
    let lines = block(bytes, name.start, start);
    let value = lines.unwrap_or_else(|| value(text, start, header));
    let shown = &text[value.clone()];
    let word = |word: &str| shown.eq_ignore_ascii_case(word);
    // What has no letter and no digit is something that went wrong.
    let stays = !shown.bytes().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
        || shown == REDACTED
        || ["true", "false", "null", "none", "nil"].into_iter().any(word)
        || secrecy == Secrecy::Count && shown.bytes().all(is_of_number);
    // `volume "token-x" : secret "token-x" not found`, `Token.java:42`.
    let said = bytes[..begins].trim_ascii_end().ends_with(b" :")
        && shown.bytes().all(|byte| byte.is_ascii_alphabetic())
        && matches!(bytes.get(value.end..value.end + 2), Some(b" \"" | b" '"));
    let place = names_a_source(&text[name.clone()]) && shown.bytes().all(|b| b.is_ascii_digit());
    // `token: expired`; what is quoted is no sentence.
    let colon = bytes[name.end..begins].contains(&b':');
    let stands = value.start == start && says_how_it_stands(shown, &text[value.end..], colon);
    // `ExpiredTokenException: The …`
    let stands = stands || colon && names_an_error(&text[name.clone()]);
    // The tokens of a language: `Unexpected token: punc`.
    let parsed = text[name.clone()].eq_ignore_ascii_case("token")
        && before_word(bytes, name.start).eq_ignore_ascii_case(b"unexpected");
    let stays =
        stays || said || place || stands || parsed || is_name_service(&text[name.clone()], shown);
    // Behind a mistake it may be a name with a value of its own.
    let is_name = start > begins
        && shown.as_bytes().iter().all(is_name)
        && value_start(bytes, value.end).is_some();
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

/// Whether a name is that of an error of a program, which a sentence follows.
pub(super) fn names_an_error(name: &str) -> bool {
    ["Error", "Exception", "Warning"].iter().any(|end| name.ends_with(end))
}

/// The word before a place, with a blank between.
fn before_word(bytes: &[u8], at: usize) -> &[u8] {
    let before = bytes[..at].trim_ascii_end();
    let letters = before.iter().rev().take(MAX_NAME).take_while(|b| b.is_ascii_alphabetic());
    &before[before.len() - letters.count()..]
}

/// Whether a name is that of a file of a program, which a line number follows.
fn names_a_source(name: &str) -> bool {
    const ENDS: [&str; 16] = [
        "java", "kt", "scala", "js", "mjs", "ts", "tsx", "jsx", "py", "rb", "go", "rs", "cs",
        "php", "c", "cpp",
    ];
    name.rsplit_once('.').is_some_and(|(_, end)| ENDS.contains(&end))
}

/// The text of the XML element of a name, which has attributes or none.
fn element_text(bytes: &[u8], name: Range<usize>) -> Option<Range<usize>> {
    let before = bytes[..name.start].strip_suffix(b":").unwrap_or(&bytes[..name.start]);
    let prefix = before.iter().rev().take(MAX_NAME).take_while(|b| b.is_ascii_alphanumeric());
    let prefix = if before.len() == name.start { 0 } else { prefix.count() };
    if !before[..before.len() - prefix].ends_with(b"<") {
        return None;
    }
    let head = bytes[name.end..].iter().take(MAX_NAME).position(|byte| matches!(byte, b'>' | b'<'));
    let start = name.end + head?;
    let closed = bytes[start] == b'>' && bytes[start - 1] != b'/';
    let length = bytes[start..].iter().position(|byte| *byte == b'<')?;
    (closed && length > 1).then_some(start + 1..start + length)
}

fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

/// Where the value begins of a name that ends here: behind `=`, `:`, `=>` or
/// `:=`, and the quote and bracket that close the name.
fn value_start(bytes: &[u8], name_end: usize) -> Option<usize> {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || byte.is_ascii_control();
    let mut at = behind_sequences(bytes, name_end, |_| false);
    at = match written_quote(&bytes[at..]) {
        Some(quote) => at + quote,
        // One quote closes a name; where something is wrong there may be more.
        None => behind_sequences(bytes, at, |byte| matches!(byte, b'\\' | b'"' | b'\'' | b'`')),
    };
    at += typographic_quote(&bytes[at..]).map_or(0, str::len);
    at += usize::from(bytes.get(at) == Some(&b']'));
    at = behind_sequences(bytes, at, blank);
    at += match &bytes[at..] {
        // A path of a programming language.
        [b':', b':', ..] if at == name_end => return None,
        [b':', b'=', ..] | [b'=', b'>' | b'=', ..] => 2,
        [b':' | b'=', ..] => 1,
        [b'%', b'3', b'D' | b'd' | b'A' | b'a', ..] => 3,
        // The colon and the equals sign of Chinese and Japanese.
        [0xef, 0xbc, 0x9a | 0x9d, ..] => 3,
        _ => return None,
    };
    Some(behind_sequences(bytes, at, blank))
}

/// Behind what is wanted, and behind escape sequences: names and values are coloured
/// one by one.
fn behind_sequences(bytes: &[u8], mut at: usize, wanted: fn(&u8) -> bool) -> usize {
    loop {
        at = match (shown_sequence_end(bytes, at), bytes.get(at)) {
            (Some(end), _) => end,
            (None, Some(byte)) if wanted(byte) => at + 1,
            _ => return at,
        };
    }
}

/// The quotes of typographers, which word processors and messengers put.
const TYPOGRAPHIC: [&str; 10] = ["“", "”", "„", "‘", "’", "‚", "«", "»", "‹", "›"];

/// The quote of typographers that begins here.
fn typographic_quote(bytes: &[u8]) -> Option<&'static str> {
    TYPOGRAPHIC.into_iter().find(|quote| bytes.starts_with(quote.as_bytes()))
}

/// What stands between the quotes of typographers, the first of which is here: up to
/// the one that closes it by any custom, or to the end of the line.
fn typographic_text(text: &str, start: usize) -> Option<Range<usize>> {
    let quote = typographic_quote(&text.as_bytes()[start..])?;
    let single = ["‘", "’", "‚", "‹", "›"].contains(&quote);
    let open = start + quote.len();
    let closes = |c: char| match single {
        true => matches!(c, '‘' | '’' | '›' | '‹'),
        false => matches!(c, '“' | '”' | '»' | '«'),
    };
    // An apostrophe closes nothing.
    let ends = |(at, c): &(usize, char)| {
        let next = text[open + at + c.len_utf8()..].chars().next();
        *c == '\n' || closes(*c) && !next.is_some_and(char::is_alphanumeric)
    };
    let end = text[open..].char_indices().find(ends);
    Some(open..end.map_or(text.len(), |(at, _)| open + at))
}

/// How long a quote is that begins here and is written as an escape sequence: of
/// HTML, a URL, nginx, or JSON in JSON.
fn written_quote(bytes: &[u8]) -> Option<usize> {
    const WRITTEN: [&[u8]; 12] = [
        b"&quot;", b"&#34;", b"&#39;", b"&apos;", b"&#x22;", b"&#x27;", b"%22", b"%27", b"x22",
        b"x27", b"u0022", b"u0027",
    ];
    let slashes = bytes.iter().take_while(|byte| **byte == b'\\').count();
    let rest = &bytes[slashes..];
    let quote = WRITTEN.iter().find(|quote| {
        let begins = rest.get(..quote.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(quote))
    })?;
    let needs_slash = matches!(quote[0], b'x' | b'u');
    (needs_slash == (slashes > 0)).then_some(slashes + quote.len())
}

/// Behind what stands before a value by mistake.
fn behind_mistakes(bytes: &[u8], mut at: usize) -> usize {
    for _ in 0..MAX_MISTAKE {
        let slashes = bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
        let quoted = matches!(bytes.get(at + slashes), Some(b'"' | b'\''))
            || written_quote(&bytes[at..]).is_some();
        if let Some(end) = shown_sequence_end(bytes, at) {
            at = end;
            continue;
        }
        match bytes.get(at) {
            Some(b'}' | b']' | b',' | b':' | b';' | b'=' | b' ') => at += 1,
            Some(b'\\') if !quoted => at += 1,
            Some(byte) if byte.is_ascii_control() => at += 1,
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
    if let Some(length) = written_quote(&bytes[start..]) {
        let (quote, open) = (&bytes[start..start + length], start + length);
        let end = memchr::memmem::find(&bytes[open..], quote).map_or(bytes.len(), |end| open + end);
        return open..end;
    }
    if let Some(quoted) = typographic_text(text, start) {
        return quoted;
    }
    // `N'…'` of SQL, `b'…'` of Python, `@"…"` of C#.
    let prefix = match &bytes[start..] {
        // A quote that closes is none of those.
        [_, _, b',' | b':' | b';' | b']' | b'}' | b')', ..] => 0,
        [sign, quote @ (b'"' | b'\''), rest @ ..] => {
            usize::from(b"NbBuUrRfFEqLxX@$".contains(sign) && rest.contains(quote))
        }
        _ => 0,
    };
    let slashes = bytes[start..].iter().take_while(|byte| **byte == b'\\').count();
    if let Some(quote @ (b'"' | b'\'' | b'`')) = bytes.get(start + prefix + slashes) {
        let open = start + prefix + slashes + 1;
        if slashes == 0
            && let Some(doubled) = doubled_quote(bytes, open, *quote)
        {
            return doubled;
        }
        let mut end = quoted_end(bytes, open, *quote, slashes);
        while goes_on(bytes, open, end, *quote, slashes) {
            end = quoted_end(bytes, end + slashes + 1, *quote, slashes);
        }
        return open..elements_end(bytes, end, *quote, slashes);
    }
    if let Some(call) = call_end(text, start) {
        return start..call;
    }
    match bytes.get(start) {
        Some(b'{' | b'[') if !text[start..].starts_with(REDACTED) => start..nested_end(text, start),
        _ if text[start..].starts_with(REDACTED) => start..start + REDACTED.len(),
        _ => match header {
            Some(header) => start..header_end(bytes, start, header),
            None => start..unquoted_end(bytes, scheme_end(bytes, start)),
        },
    }
}

/// Whether a quote closes nothing: one with a letter right behind it, or the first of
/// two that mean one (`'it''s'`).
fn goes_on(bytes: &[u8], open: usize, end: usize, quote: u8, slashes: usize) -> bool {
    let next = end + slashes + 1;
    let doubled = || {
        let last = quoted_end(bytes, next + 1, quote, slashes);
        let behind = bytes.get(last + 1..).unwrap_or_default().trim_ascii_start();
        // Two texts, where a comma is missing.
        last < bytes.len() && !matches!(behind.first(), Some(b':' | b'='))
    };
    match bytes.get(next) {
        Some(byte) if *byte == quote => slashes == 0 && end > open && doubled(),
        Some(byte) => byte.is_ascii_alphanumeric(),
        None => false,
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

/// Where the last of quoted texts ends that follow the one that ends at `end`,
/// with a comma between and no values of their own: those of an array whose
/// bracket is missing.
fn elements_end(bytes: &[u8], mut end: usize, quote: u8, slashes: usize) -> usize {
    let blanks = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    };
    loop {
        let comma = blanks(end + slashes + 1);
        let open = blanks(comma + 1) + slashes;
        if bytes.get(comma) != Some(&b',') || bytes.get(open) != Some(&quote) {
            return end;
        }
        let close = quoted_end(bytes, open + 1, quote, slashes);
        if !matches!(bytes.get(blanks(close + slashes + 1)), Some(b',' | b']')) {
            return end;
        }
        end = close;
    }
}

/// What stands between doubled quotes, as CSV writes them, the second of which
/// opens at `open`; none where they are those of an empty text.
fn doubled_quote(bytes: &[u8], open: usize, quote: u8) -> Option<Range<usize>> {
    let inner = open + 1;
    let first = *bytes.get(inner).filter(|_| bytes.get(open) == Some(&quote))?;
    if first.is_ascii_whitespace() || b",:;]})\"'".contains(&first) {
        return None;
    }
    let end = memchr::memmem::find(&bytes[inner..], &[quote, quote]);
    Some(inner..end.map_or(bytes.len(), |end| inner + end))
}

/// Where the value ends that is inside a call or a constructor: `Some("…")`,
/// `SecretStr('…')`, `("…", "…")`.
fn call_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.');
    let open = start + bytes[start..].iter().take(MAX_NAME).take_while(is_name).count();
    (bytes.get(open) == Some(&b'(')).then(|| nested_end(text, open))
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

/// Where a value without quotes ends. What separates values belongs to one where
/// no other pair, blank or quote follows: passwords hold any sign.
fn unquoted_end(bytes: &[u8], start: usize) -> usize {
    let mut end = word_end(bytes, start);
    while let [sign @ (b',' | b';' | b'&' | b')' | b'"' | b'\'' | b'\\'), next, ..] = bytes[end..]
        && next.is_ascii_alphanumeric()
        && end > start
        && shown_sequence_end(bytes, end).is_none()
    {
        let next = word_end(bytes, end + 1);
        let pair = bytes[end + 1..next].iter().any(|byte| matches!(byte, b'=' | b':'));
        if matches!(sign, b'"' | b'\'' | b'\\') && !pair {
            end = next;
            continue;
        }
        // Escaped, written as another quote, or the beginning of a pair.
        if pair || matches!(bytes.get(next), Some(b'\\' | b'"' | b'\'' | b'>')) {
            break;
        }
        end = next;
    }
    end
}

fn word_end(bytes: &[u8], start: usize) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'\\,;&)]}<>`\x1b".contains(byte);
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
                _ if has_pair(&bytes[word + blanks..]) || is_opaque(&bytes[word + blanks..]) => {
                    word + blanks
                }
                _ => at,
            };
        }
    }
    loop {
        at = item_end(bytes, at, header);
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

/// Whether a word comes next that nobody says: one with digits and letters.
fn is_opaque(bytes: &[u8]) -> bool {
    let word = &bytes[..word_end(bytes, 0)];
    word.len() >= 8
        && word.iter().any(u8::is_ascii_digit)
        && word.iter().any(u8::is_ascii_alphabetic)
}

/// Whether `name=` comes next.
fn has_pair(bytes: &[u8]) -> bool {
    let name = bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_-".contains(b)).count();
    name > 0 && bytes.get(name) == Some(&b'=')
}

/// Where one item of a header ends, its quoted value included.
fn item_end(bytes: &[u8], start: usize, header: Header) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\r' | b'\n' => return at,
            // `SignedHeaders=host;x-amz-date` is one item.
            b';' if header == Header::Authorization && bytes.get(at + 1) != Some(&b' ') => at += 1,
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

/// Where the object, array or call that opens at `start` closes; the end of the
/// text if it never does. What closes something else is there by mistake.
fn nested_end(text: &str, start: usize) -> usize {
    let (mut open, mut in_string, mut escaped) = (Vec::new(), false, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'(' => open.push(b')'),
            byte if open.last() == Some(&byte) => {
                open.pop();
            }
            _ => {}
        }
        if open.is_empty() {
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
            ("pwd=x", "pwd=[REDACTED]"),
            ("max_tokens: 512 and tokens=7", "max_tokens: 512 and tokens=7"),
            ("unexpected token < in JSON", "unexpected token < in JSON"),
            ("http://host:80/a@b", "http://host:80/a@b"),
            ("API key: abc, x", "API key: [REDACTED], x"),
            ("api.key=abc", "api.key=[REDACTED]"),
            ("password：abc", "password：[REDACTED]"),
            ("&quot;token&quot;:&quot;a b&quot;,", "&quot;token&quot;:&quot;[REDACTED]&quot;,"),
            (r"{\x22token\x22:\x22a b\x22}", r"{\x22token\x22:\x22[REDACTED]\x22}"),
            ("%22token%22%3A%22a%20b%22%7D", "%22token%22%3A%22[REDACTED]%22%7D"),
            (r#"1,"{""token"":""a b"",""n"":1}""#, r#"1,"{""token"":""[REDACTED]"",""n"":1}""#),
            (r#"token="" x="1""#, r#"token="" x="1""#),
            ("password=N'a b' x", "password=N'[REDACTED]' x"),
            (r#"User { password: Some("a b"), n: 1 }"#, "User { password: [REDACTED], n: 1 }"),
            ("<ns:Password a='1'>a b</ns:Password>", "<ns:Password a='1'>[REDACTED]</ns:Password>"),
            ("<password/>x<b>", "<password/>x<b>"),
            ("password=a,b;c&d)e x", "password=[REDACTED] x"),
            (
                "f(password=a, b) password=a,b=c",
                "f(password=[REDACTED], b) password=[REDACTED],b=c",
            ),
            ("Authorization: GenieKey a1b2c3d4 x", "Authorization: [REDACTED] x"),
            ("at a.TokenFilter.b(TokenFilter.java:42)", "at a.TokenFilter.b(TokenFilter.java:42)"),
            (
                r#"volume "a-token-b" : secret "a-token-b" not found"#,
                r#"volume "a-token-b" : secret "a-token-b" not found"#,
            ),
            (r#"{"token":"a","b","c"],"n":"d"}"#, r#"{"token":"[REDACTED]"],"n":"d"}"#),
            (r#"{"token":[}"a","b"],"n":1}"#, r#"{"token":[REDACTED],"n":1}"#),
            (r#""token":"it"s a","n":1"#, r#""token":"[REDACTED]","n":1"#),
            (r#"\"token\": \""ab\", \"n\": 1"#, r#"\"token\": \"[REDACTED]\", \"n\": 1"#),
            (r#"\"token\": \NaN"ab\", \"n\": 1"#, r#"\"token\": [REDACTED]\", \"n\": 1"#),
            (r#"{"token": ="a","n":1}"#, r#"{"token": ="[REDACTED]","n":1}"#),
            ("Authorization: hunter2 for bob", "Authorization: [REDACTED] for bob"),
            (
                "Authorization: AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b;c, Signature=d x",
                "Authorization: [REDACTED] x",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(redact_text(text), expected, "{text}");
        }
    }

    /// As [`redact_text`] without the quick no.
    fn redact_each(text: &str) -> Cow<'_, str> {
        redact_suspect(text)
    }

    /// Texts with a secret of each kind in them, for something to be broken in.
    const KNOWN: [&str; 42] = [
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXX",
        "xoxb-0123456789-abcdef xapp-1-A0-123456789",
        "bot123456:AAabcdefghijklmnopqrstuvwxyz01234",
        "AKIAABCDEFGHIJKLMNOP ASIAABCDEFGHIJKLMNOP AGPAABCDEFGHIJKLMNOP",
        "AIDAABCDEFGHIJKLMNOP AROAABCDEFGHIJKLMNOP ANPAABCDEFGHIJKLMNOP ANVAABCDEFGHIJKLMNOP",
        "AIzaSyA0123456789012345678901234567890123",
        "ya29.abcdefghijklmnopqrstuvwxyz GOCSPX-abcdefghijklmnopqrst",
        "ghp_abcdefghijklmnopqrst github_pat_abcdefghijklmnopqrst gho_abcdefghijklmnopqrst",
        "glpat-abcdefghijklmnop gldt-abcdefghijklmnop glrt-abcdefghijklmnop glptt-abcdefghijklmnop",
        "glft-abcdefghijklmnop glsoat-abcdefghijklmnop glagent-abcdefghijklmnop glcbt-abcdefghijklmnop",
        "sk_live_abcdefghij rk_test_abcdefghij whsec_abcdefghijklmnop",
        "sk-abcdefghijklmnopqrstuv npm_abcdefghijklmnopqrstuvwxyz0123456789",
        "pypi-abcdefghijklmnopqrstuvwxyz0123456789 SG.abcdefghijklmnop.abcdefghijklmnop",
        "dop_v1_0123456789abcdef0123456789abcdef hf_abcdefghijklmnopqrstuvwxyz0123",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.abc",
        "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
        "postgres://app:s3cr@t@db:5432/x http://é:ü@h",
        r"redis:\/\/app:s3cret@db\/x",
        "a_AKIAABCDEFGHIJKLMNOP mysql -u a -p'b c' mysql -p\"b\"",
        "Bearer abcdefgh123 basic dXNlcjpwYXNz",
        "mysqldump -u root -phunter2 mariadb -h h -phunter2",
        "docker login -u a -p hunter2 redis-cli -a hunter2 mongosh\t-p hunter2",
        "IDENTIFIED BY 'hunter2' identified with x by 'a''b'",
        r#"{"name":"DB_PASSWORD","value":"hunter2"}"#,
        "AccountKey=abcdefghijklmnopqrstuvwxyz0123456789==",
        "sshpass -p hunter2 openssl x -passin pass:hunter2 y --passout pass:hunter2",
        "curl -u bob:hunter2 wget --user=bob:hunter2 http://x",
        "GET /a?X-Amz-Signature=0123456789abcdef&x-goog-signature=0123456789abcdef",
        "?sig=0123456789abcdef&signature=0123456789abcdef&code=0123456789abcdef",
        "&access_code=0123456789abcdef?X-Amz-Security-Token=0123456789abcdef",
        "--db-password \"a b\" --token 'x y' --api_key hunter2 --credentials x",
        "password hunter2hunter2 token abc123def456",
        "4111 1111 1111 1111 and 5500-0000-0000-0004 and 378282246310005",
        "6 0 1 1 1 1 1 1 1 1 1 1 1 1 1 7",
        "2026-03-14 4111111111111111 3",
        "pass word=x pass_phrase=y passwd:z pwd=p",
        "api key: a access.key=b private-key: c",
        "cookie: a=1; b=2",
        "authorization: Digest a=b, response=\"c\"",
        "client_secret=a&credential=b",
        "pwd：x <secret>y</secret> token%3Dabc",
        "p\u{212a}wd=x to\u{212a}en=y",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        #[test]
        fn the_quick_no_changes_nothing(
            known in prop::sample::select(&KNOWN[..]),
            before in "([a-zA-Z0-9 :=/@'\"\\\\-]|\\PC){0,70}",
            change in prop::option::of((any::<prop::sample::Index>(), "(?s).{0,2}")),
            after in "([0-9 -]{0,30}|\\PC{0,30})",
        ) {
            let mut text = known.to_owned();
            if let Some((at, with)) = change {
                let at = text.floor_char_boundary(at.index(text.len()));
                let end = text.ceil_char_boundary(at + 1);
                text.replace_range(at..end, &with);
            }
            let text = format!("{before}{text}{after}");
            prop_assert_eq!(redact_text(&text), redact_each(&text));
            let bytes = text.as_bytes();
            if first_suspect(bytes).is_none() {
                prop_assert!(!ANY.is_match(bytes) || !may_be_found(&text));
                prop_assert!(!may_name_secret(bytes));
            }
        }
    }

    /// Whether a form is found whose further checks hold.
    fn may_be_found(text: &str) -> bool {
        Finder::new(text).from(0).is_some()
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
