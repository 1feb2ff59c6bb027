//! Secrets in lists of texts: the arguments of a command, the variables of an
//! environment, headers.

use std::borrow::Cow;

use super::{
    forms::Finder,
    names::{REDACTED, Secrecy},
    text::value_assigned,
};

/// Whether a text of a list may be an argument with a secret, or tell that the next
/// is one: an option, or `NAME=…` and `Name: …`.
pub(super) fn may_be_argument(text: &str) -> bool {
    match text.as_bytes() {
        // A number.
        [b'-', b'0'..=b'9', ..] => false,
        [b'-', ..] => true,
        _ => assigned_name(text).is_some(),
    }
}

/// What stands in place of those of a list that have a secret, by their places in it.
pub(super) fn redact_list(items: &[Cow<'_, str>]) -> Vec<(usize, String)> {
    let mut redacted: Vec<_> = items.iter().map(|item| redact_assigned(item)).collect();
    Line::of(items, 0..items.len()).redact(items, &mut redacted);
    // Behind a secret the program is not seen any more: each option is looked at with it.
    let is_option = |index: &usize| items[*index].starts_with('-');
    let words = (0..items.len()).filter(|index| !is_option(index)).take(MAX_PROGRAM);
    let program: Vec<_> = words.filter(|index| items[*index].len() <= MAX_WORD).collect();
    for option in (0..items.len()).filter(is_option).take(MAX_OPTIONS) {
        let before = program.iter().copied().take_while(|index| *index < option);
        let behind = option..items.len().min(option + 2);
        Line::of(items, before.chain(behind)).redact(items, &mut redacted);
    }
    let redacted = redacted.into_iter().enumerate();
    redacted
        .filter_map(|(index, text)| Some((index, text?)))
        .filter(|(index, text)| *text != items[*index])
        .collect()
}

/// Among how many of the first words a program is looked for: `sudo -u root mysql`.
const MAX_PROGRAM: usize = 4;

/// The longest of them, in bytes.
const MAX_WORD: usize = 256;

/// How many options are looked at one by one.
const MAX_OPTIONS: usize = 256;

/// Some of a list as the line of a shell, in which what a shell takes for a sign is
/// another one: each item is one word.
struct Line {
    text: String,
    /// Where the items begin, and which they are.
    places: Vec<(usize, usize)>,
    /// Whether the program is not among them.
    guessed: bool,
}

impl Line {
    fn of(items: &[Cow<'_, str>], indexes: impl Iterator<Item = usize>) -> Self {
        let guessed = items.first().is_some_and(|first| first.starts_with('-'));
        // It could be that of which most is known.
        let mut text = if guessed { "mysql " } else { "" }.to_owned();
        let mut places = Vec::new();
        for index in indexes {
            places.push((text.len(), index));
            text.extend(items[index].chars().map(|c| if is_sign(c) { '_' } else { c }));
            text.push(' ');
        }
        Self { text, places, guessed }
    }

    /// Takes out the secrets of it where none is taken out yet.
    fn redact(&self, items: &[Cow<'_, str>], redacted: &mut [Option<String>]) {
        let (mut finder, mut at) = (Finder::new(&self.text), 0);
        while let Some(found) = finder.from(at) {
            let secret = found.secret.clone();
            at = secret.end;
            // In one word, as there are no blanks in those of commands.
            let next = self.places.partition_point(|(start, _)| *start <= secret.start);
            let Some((start, index)) = next.checked_sub(1).map(|last| self.places[last]) else {
                continue;
            };
            let text = &*items[index];
            let (from, to) = (secret.start - start, (secret.end - start).min(text.len()));
            let attached = self.guessed && from == 2;
            if found.is_of_command() && (!attached || is_attached_secret(&text[2..])) {
                let replaced = || format!("{}{REDACTED}{}", &text[..from], &text[to..]);
                redacted[index].get_or_insert_with(replaced);
            }
        }
    }
}

fn is_sign(c: char) -> bool {
    c.is_ascii_whitespace() || c.is_ascii_control() || "\"'\\`,;&|()<>{}[]".contains(c)
}

/// Whether what is behind `-p` is a secret where the program is not known: neither a
/// number or two nor the rest of an option.
fn is_attached_secret(text: &str) -> bool {
    let of_option = |byte: u8| byte.is_ascii_lowercase() || b"-_.,:/=".contains(&byte);
    text.bytes().any(|byte| byte.is_ascii_alphabetic()) && !text.bytes().all(of_option)
}

/// The name in `NAME=…`, `--name=…` or `Name: …`, if it is that of a secret.
fn assigned_name(text: &str) -> Option<&str> {
    const MAX_NAME: usize = 64;
    let length = text.bytes().take(MAX_NAME).position(|byte| matches!(byte, b'=' | b':'))?;
    let name = &text[..length];
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte);
    (name.bytes().all(belongs) && Secrecy::of(name) == Secrecy::Secret).then_some(name)
}

/// A text of that kind without its value, which goes to the end.
fn redact_assigned(text: &str) -> Option<String> {
    let name = assigned_name(text)?;
    let start = value_assigned(text, name.len())?;
    Some(format!("{}{REDACTED}", &text[..start]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(items: &[&str]) -> String {
        let list: Vec<_> = items.iter().map(|item| Cow::Borrowed(*item)).collect();
        let mut items: Vec<_> = items.iter().map(|item| (*item).to_owned()).collect();
        redact_list(&list).into_iter().for_each(|(index, text)| items[index] = text);
        items.join("|")
    }

    #[test]
    fn secrets_in_arguments_are_replaced() {
        for (items, expected) in [
            (&["run", "--password", "a b", "x"][..], "run|--password|[REDACTED]|x"),
            (&["mysql", "-uroot", "-psecret word"], "mysql|-uroot|-p[REDACTED]"),
            (&["-uroot", "-pSECRET"], "-uroot|-p[REDACTED]"),
            (&["-p8080", "-path", "-p1:2"], "-p8080|-path|-p1:2"),
            (&["mysql", "--password=a, b", "x"], "mysql|--password=[REDACTED]|x"),
            (
                &["mysql", "--password", "x", "-psecret", "-h"],
                "mysql|--password|[REDACTED]|-p[REDACTED]|-h",
            ),
            (&["sudo", "-u", "root", "mysql", "-psecret"], "sudo|-u|root|mysql|-p[REDACTED]"),
            (&["docker", "login", "-u", "a", "-p", "x"], "docker|login|-u|a|-p|[REDACTED]"),
            (&["/usr/bin/redis-cli", "-a", "x"], "/usr/bin/redis-cli|-a|[REDACTED]"),
            (&["curl", "-u", "bob:a b", "x"], "curl|-u|bob:[REDACTED]|x"),
            (&["curl", "-H", "Cookie: a=1; b=2"], "curl|-H|Cookie: [REDACTED]"),
            (&["PATH=/bin", "DB_PASSWORD=a b"], "PATH=/bin|DB_PASSWORD=[REDACTED]"),
            (&["java", "-Ddb.password=x"], "java|-Ddb.password=[REDACTED]"),
            (&["--password", "--verbose"], "--password|--verbose"),
            (&["token: expired", "password: must be set"], "token: expired|password: must be set"),
            (&["--max-tokens=5"], "--max-tokens=5"),
            (&["--token", "é\u{2028}ü"], "--token|[REDACTED]"),
        ] {
            assert_eq!(redacted(items), expected);
        }
    }
}
