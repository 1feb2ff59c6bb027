//! ## What it does
//! Finds `\\d` and the like where `\d` was meant: two backslashes that reach
//! the regular expression, which reads them as one literal backslash and the
//! letter.
//!
//! ## Why is this bad?
//! The pattern looks right and matches nothing. It happens when a pattern is
//! copied from a program or from a YAML text in double quotes, where each
//! backslash must be doubled, into single quotes, where none must be.
//!
//! ## Example
//! ```yaml
//! pattern: 'Exited with code [1-9]\\d*'
//! ```
//!
//! ## Use instead
//! ```yaml
//! pattern: 'Exited with code [1-9]\d*'
//! ```
//! A backslash that is really meant, as in the path `C:\\data`, is left alone: behind
//! a drive's letter, beside a class `[^\\]`, before a word. Write `[\\]` where the rule
//! is mistaken.
//!
//! ## References
//! - [YAML 1.2, single-quoted style](https://yaml.org/spec/1.2.2/#732-single-quoted-style)

use std::ops::Range;

use super::rule::{Check, Rule};
use crate::{
    finding::{Finding, Severity},
    pattern::{Token, TokenKind, WrittenPattern, tokens},
};

pub(super) const RULE: Rule = Rule {
    name: "double-escaped",
    severity: Severity::Warning,
    check: Check::Pattern(check),
    source: include_str!("double_escaped.rs"),
};

fn check(pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
    let text = pattern.text();
    let tokens = tokens(text);
    let doubled: Vec<_> = tokens.iter().filter(|token| is_backslash(token, text)).collect();
    if doubled.is_empty() || is_path(text, &tokens, &doubled) {
        return;
    }
    let meant: Vec<_> = doubled.iter().filter_map(|token| meant(text, token, &doubled)).collect();
    let (Some(first), Some(last)) = (meant.first(), meant.last()) else { return };
    // One without the others may be no expression, as with parentheses.
    let together = first.part.start..last.part.end;
    let mut written = String::new();
    let mut at = together.start;
    for escape in &meant {
        written += &text[at..escape.part.start];
        written += &escape.written;
        at = escape.part.end;
    }
    let mut fix = Some(pattern.fix(together, &written));
    for Meant { letter, part, .. } in meant {
        let message = format!(
            "`\\\\{letter}` looks for a backslash and then `{letter}`; `\\{letter}` was probably meant"
        );
        let pair = part.start..part.start + r"\\".len() + letter.len_utf8();
        let finding = RULE
            .finding(pattern.span(pair), message)
            .help("double backslashes only inside double quotes, where YAML takes one away");
        findings.push(match fix.take() {
            Some(fix) => finding.fix(fix),
            None => finding,
        });
    }
}

/// An escape that was probably meant.
struct Meant {
    letter: char,
    /// The part of the pattern that is read otherwise, and what it should be.
    part: Range<usize>,
    written: String,
}

fn meant(text: &str, token: &Token, doubled: &[&Token]) -> Option<Meant> {
    let rest = &text[token.span.end..];
    let letter = rest.chars().next()?;
    let has = |wanted| doubled.iter().any(|token| text[token.span.end..].starts_with(wanted));
    let is_meant = match letter {
        'd' | 'D' | 'w' | 'W' | 's' | 'S' => stands_alone(rest),
        // As in `\\bword\\b`.
        'b' | 'B' => {
            let certain = |token: &&Token| {
                let rest = &text[token.span.end..];
                rest.starts_with(letter) && stands_alone(rest)
            };
            doubled.iter().any(certain)
        }
        '(' | ')' => has('(') && has(')'),
        '[' => closing_bracket(rest).is_some(),
        '.' => is_dot_in_name(text, token),
        '$' | '^' => rest[1..].starts_with(|c: char| c.is_alphanumeric()) && token.span.start > 0,
        _ => false,
    };
    let length = match letter {
        '[' => closing_bracket(rest)?,
        letter => letter.len_utf8(),
    };
    let part = token.span.start..token.span.end + length;
    let written = text[part.clone()].replace(r"\\", r"\");
    is_meant.then_some(Meant { letter, part, written })
}

/// Where the bracket ends that closes the one at the beginning, which stands in what is
/// now read as a class.
fn closing_bracket(rest: &str) -> Option<usize> {
    let end = rest.find(r"\\]")?;
    (!rest[1..end].contains(['[', ']', '^'])).then_some(end + r"\\]".len())
}

fn is_backslash(token: &Token, text: &str) -> bool {
    token.kind == TokenKind::Escape && token.text(text) == r"\\" && !token.in_class()
}

/// Whether the backslashes of a pattern are those of a path.
fn is_path(text: &str, tokens: &[Token], doubled: &[&Token]) -> bool {
    let in_class = |token: &Token| token.in_class() && token.text(text) == r"\\";
    let excluded = text.match_indices("[^").any(|(at, _)| {
        let class = text[at..].split(']').next().unwrap_or_default();
        class.contains(r"\\") && tokens.iter().any(in_class)
    });
    let behind_drive = |token: &&Token| {
        let before = text[..token.span.start].strip_suffix(':');
        before.is_some_and(|before| before.ends_with(|c: char| c.is_ascii_alphabetic() || c == ']'))
    };
    let before_word = |token: &&Token| {
        let rest = &text[token.span.end..];
        let word =
            rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        // A word that begins with one of these may be what follows a boundary.
        word.chars().count() > 1 && !rest.starts_with(['b', 'B'])
    };
    // Two of them one after the other: the name of a server follows, or an escape's
    // escape.
    let twice = |pair: &[&Token]| pair[0].span.end == pair[1].span.start;
    excluded
        || doubled.iter().any(behind_drive)
        || doubled.iter().any(before_word)
        || doubled.windows(2).any(twice)
}

/// Whether the letter after the backslashes stands alone, as in `\\d+`, rather
/// than begins a word, as in `\\data`.
fn stands_alone(rest: &str) -> bool {
    !rest.chars().nth(1).is_some_and(|next| next.is_alphanumeric() || next == '_')
}

/// `a\\.b`: between words, and not repeated, as it would be in `C:\\.*`.
fn is_dot_in_name(text: &str, token: &Token) -> bool {
    let before = text[..token.span.start].chars().next_back();
    let after = text[token.span.end..].chars().nth(1);
    [before, after].iter().all(|c| c.is_some_and(char::is_alphanumeric))
}
