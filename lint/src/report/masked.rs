//! What a report may quote of a file: in a build's log everybody reads what was meant
//! for one file.

use std::{collections::BTreeSet, sync::OnceLock};

use serde_json::Value;
use signatures_document::yaml::Source;
use signatures_event::redact::is_secret_name;

use crate::files::{ALERTS_SCHEMA, FileKind, RELAY_SCHEMA};

/// A shorter text stands for many things.
const SHORTEST: usize = 6;

/// Of a longer one its beginning is looked for too: messages cut what they quote.
const LONG: usize = 40;

/// More of them are not looked for one by one: nothing is quoted then.
const MOST: usize = 500;

/// Which names hold a secret in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrets {
    /// Those that sound like it, and those that the schemas mark: an address may be
    /// all that is asked for.
    OfSettings,
    /// Those that sound like it.
    ByName,
}

impl Secrets {
    fn of(source: &Source) -> Self {
        match FileKind::of(source) {
            FileKind::Taxonomy => Self::ByName,
            _ => Self::OfSettings,
        }
    }
}

/// What a report says about a file, without the secrets that stand in it.
pub(super) struct Quotes {
    /// The secrets themselves, the longest first.
    secrets: Vec<String>,
    /// The file with masks over them.
    masked: String,
}

impl Quotes {
    pub(super) fn of(source: &Source) -> Self {
        let text = source.text();
        let masked = masked(text, Secrets::of(source));
        let mut found = BTreeSet::new();
        let mut start = None;
        // Masks are as long as what they hide.
        let bytes = text.bytes().zip(masked.bytes()).map(|(is, shown)| is != shown);
        for (at, is_hidden) in bytes.chain([false]).enumerate() {
            match (is_hidden, start) {
                (true, None) => start = Some(at),
                (false, Some(from)) => {
                    start = None;
                    let around = |c: char| c.is_whitespace() || "'\"[]{}".contains(c);
                    let secret = text.get(from..at).unwrap_or_default().trim_matches(around);
                    if secret.len() >= SHORTEST {
                        found.insert(secret.to_owned());
                    }
                    if let Some((cut, _)) = secret.char_indices().nth(LONG) {
                        found.insert(secret[..cut].to_owned());
                    }
                }
                _ => {}
            }
        }
        let mut secrets: Vec<_> = found.into_iter().collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets, masked }
    }

    /// A part of the file, as it may be shown: what is a secret in a line is told by
    /// the lines before it.
    pub(super) fn part(&self, range: std::ops::Range<usize>) -> &str {
        self.masked.get(range).unwrap_or_default()
    }

    /// The whole file, as it may be shown.
    pub(super) fn whole(&self) -> &str {
        &self.masked
    }

    /// A text of a finding, as it may be said.
    pub(super) fn said(&self, text: &str) -> String {
        if self.secrets.len() > MOST {
            let parts = text.split('`').enumerate();
            let parts = parts.map(|(index, part)| if index % 2 == 0 { part } else { "***" });
            return parts.collect::<Vec<_>>().join("`");
        }
        let mut said = text.to_owned();
        for secret in &self.secrets {
            if said.contains(&**secret) {
                said = said.replace(&**secret, "***");
            }
        }
        said
    }
}

/// The names that the schemas of settings mark as what is written and never shown.
fn marked() -> &'static BTreeSet<String> {
    static MARKED: OnceLock<BTreeSet<String>> = OnceLock::new();
    MARKED.get_or_init(|| {
        let mut names = BTreeSet::new();
        for schema in [ALERTS_SCHEMA, RELAY_SCHEMA] {
            collect_marked(&serde_json::from_str(schema).unwrap_or_default(), &mut names);
        }
        names
    })
}

fn collect_marked(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            for (name, value) in entries {
                if value["writeOnly"] == true {
                    names.insert(name.clone());
                }
                collect_marked(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_marked(item, names)),
        _ => {}
    }
}

/// The text with `*` for each byte of what may be a secret: values under such names,
/// and who is named before the `@` of an address. Places stay where they are.
fn masked(text: &str, secrets: Secrets) -> String {
    // The indentation of a name whose value stands in the lines below.
    let mut below = None;
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let indentation = line.len() - line.trim_start().len();
        match below {
            Some(of) if content.is_empty() || indentation > of => {
                let end = line.trim_end().len();
                out += &line[..indentation.min(end)];
                out.extend(std::iter::repeat_n('*', content.len()));
                out += &line[end..];
            }
            _ => {
                let (masked, is_below) = masked_line(line, secrets);
                below = is_below.then_some(indentation);
                out += &masked;
            }
        }
    }
    out
}

/// Also whether the value of a secret stands in the lines below.
fn masked_line(line: &str, secrets: Secrets) -> (String, bool) {
    let mut bytes = line.as_bytes().to_vec();
    let mut is_below = false;
    for (at, _) in line.match_indices(':') {
        let name = name_before(&line[..at]);
        let is_marked = secrets == Secrets::OfSettings && marked().contains(name);
        if is_secret_name(name) && !name.is_empty() || is_marked {
            let value = value_after(line, at + 1);
            let text = &line[value.clone()];
            is_below |= text.is_empty() || text.starts_with(['|', '>', '#', '&', '!', '{', '[']);
            if !stands_for_one(text.trim_matches(['\'', '"'])) {
                bytes[value].fill(b'*');
            }
        }
    }
    for (at, separator) in line.match_indices("://") {
        let from = at + separator.len();
        let end = line[from..].find(char::is_whitespace).map_or(line.len(), |end| from + end);
        if let Some(host) = line[from..end].rfind('@')
            && !stands_for_one(&line[from..from + host])
        {
            bytes[from..from + host].fill(b'*');
        }
    }
    // Whole values were replaced, and none begins or ends within a character.
    (String::from_utf8(bytes).unwrap_or_default(), is_below)
}

/// The key that ends here, in quotes or not.
fn name_before(text: &str) -> &str {
    let text = text.trim_end().trim_end_matches(['\'', '"']);
    let is_part = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let start = text
        .rfind(|c| !is_part(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    &text[start..]
}

/// Where the value lies that begins behind a colon: to its quote, or the end of the
/// line or of what is in braces.
fn value_after(line: &str, from: usize) -> std::ops::Range<usize> {
    let rest = &line[from..];
    let start = from + rest.len() - rest.trim_start().len();
    let value = &line[start..];
    let first = value.chars().next();
    let length = match first {
        Some(quote @ ('\'' | '"')) => Some(with_rubbish(value, quoted_length(value, quote))),
        Some('{' | '[') => Some(nested_length(value)),
        _ if line[..from].contains('{') && !value.starts_with("${") => value.find([',', '}']),
        _ => None,
    };
    start..start + length.unwrap_or(value.trim_end().len())
}

/// How long a value in quotes is with what stands behind it and should not: the quote
/// may be a part of the secret.
fn with_rubbish(value: &str, quoted: usize) -> usize {
    let rest = &value[quoted..];
    let is_fine = rest.trim_start().chars().next().is_none_or(|c| ",}]#:".contains(c));
    if is_fine { quoted } else { quoted + rest.find([',', '}']).unwrap_or(rest.trim_end().len()) }
}

/// How long a value in quotes is, with both: one that is escaped or doubled ends none.
/// One that does not end is as long as the line.
fn quoted_length(value: &str, quote: char) -> usize {
    let mut characters = value.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        let is_escape = c == '\\' && quote == '"';
        let is_doubled = c == quote && quote == '\'' && value[at + 1..].starts_with('\'');
        if is_escape || is_doubled {
            characters.next();
        } else if c == quote {
            return at + 1;
        }
    }
    value.trim_end().len()
}

/// How long a list or mapping on one line is, with its brackets; one that does not end
/// is as long as the line.
fn nested_length(value: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(c) = value[at..].chars().next() {
        match c {
            '\'' | '"' => {
                at += quoted_length(&value[at..], c).max(1);
                continue;
            }
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += c.len_utf8();
        if depth == 0 {
            return at;
        }
    }
    value.trim_end().len()
}

/// Whether a variable stands here, and nothing else.
fn stands_for_one(value: &str) -> bool {
    let name = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_quoted() {
        for (line, shown) in [
            ("bot_token: 12:AB", "bot_token: *****"),
            ("  \"bot_token\" : 'a b' # why", "  \"bot_token\" : ***** # why"),
            (
                "x: {type: slack, webhook_url: https://h/x, a: b}",
                "x: {type: slack, webhook_url: ***********, a: b}",
            ),
            ("bot_token: ${TOKEN}", "bot_token: ${TOKEN}"),
            ("url: 'http://${U}@h'", "url: *************".get(..5).unwrap_or_default()),
            ("runbook: http://me:pä@h/x", "runbook: http://******@h/x"),
            ("password_file: /x", "password_file: **"),
            ("min_count_default: 3", "min_count_default: 3"),
            ("bot_token: \"${BOT_ID}:AAHsecret\"", "bot_token: *********************"),
            ("bot_token: ${X}-default", "bot_token: ************"),
            (r#"bot_token: "12:A\"AHsecret4", x: 1"#, "bot_token: *****************, x: 1"),
            ("hmac_secret: 'it''s-secret' # why", "hmac_secret: ************** # why"),
            ("bot_token: \"never ends", "bot_token: ***********"),
            ("headers: {A: '}x', B: y}, z: 1", "headers: ***************, z: 1"),
            ("headers: {A: x, B: s3cret", "headers: ****************"),
            ("chat_id: -100", "chat_id: ****"),
            ("token: [a, b] # c", "token: ****** # c"),
        ] {
            let masked = masked(line, Secrets::OfSettings);
            assert_eq!(masked.len(), line.len());
            assert!(masked.starts_with(shown), "{masked}");
        }
        for text in
            ["a:\n  bot_token:\n    12:AAH: x\n\n    y\n  b: 1\n", "bot_token: |\n  s3cret\nb: 1\n"]
        {
            let masked = masked(text, Secrets::OfSettings);
            let visible: String = masked.chars().filter(|c| !"*| \n".contains(*c)).collect();
            assert!(["a:bot_token:b:1", "bot_token:b:1"].contains(&&*visible), "{masked}");
            assert_eq!(masked.len(), text.len());
        }
        assert_eq!(
            masked("url: http://h/x\ntoken: x\n", Secrets::ByName),
            "url: http://h/x\ntoken: *\n"
        );
    }
}
