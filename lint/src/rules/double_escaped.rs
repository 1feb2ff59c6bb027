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
//! A backslash that is really meant, as in the path `C:\\data`, is left alone
//! when a word goes on after it. Write `[\\]` where the rule is mistaken.
//!
//! ## References
//! - [YAML 1.2, single-quoted style](https://yaml.org/spec/1.2.2/#732-single-quoted-style)

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
    let after = |token: &Token| text[token.span.end..].chars().next();
    // One that cannot be a path makes the others suspicious too.
    let certain = doubled.iter().any(|token| is_certain(&text[token.span.end..]));
    let parentheses = balanced(&doubled, &after, '(', ')') || balanced(&doubled, &after, '[', ']');
    for token in &doubled {
        let Some(letter) = after(token) else { continue };
        let meant = match letter {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' => certain,
            '(' | ')' | '[' | ']' => parentheses,
            '.' => is_dot_in_name(text, token),
            _ => false,
        };
        if !meant {
            continue;
        }
        let part = token.span.start..token.span.end + letter.len_utf8();
        let message = format!(
            "`\\\\{letter}` looks for a backslash and then `{letter}`; `\\{letter}` was probably meant"
        );
        findings.push(
            RULE.finding(pattern.span(part.clone()), message)
                .help("double backslashes only inside double quotes, where YAML takes one away")
                .fix(pattern.fix(part, &format!("\\{letter}"))),
        );
    }
}

fn is_backslash(token: &Token, text: &str) -> bool {
    token.kind == TokenKind::Escape && token.text(text) == r"\\" && !token.in_class()
}

/// Whether the letter after the backslashes stands alone, as in `\\d+`, rather
/// than begins a word, as in `\\data`.
fn is_certain(rest: &str) -> bool {
    let mut chars = rest.chars();
    chars.next().is_some_and(|c| "dDwWsSbB".contains(c))
        && !chars.next().is_some_and(|next| next.is_alphanumeric() || next == '_')
}

/// `\\(` together with `\\)`.
fn balanced(
    doubled: &[&Token],
    after: &impl Fn(&Token) -> Option<char>,
    open: char,
    close: char,
) -> bool {
    let has = |wanted| doubled.iter().any(|token| after(token) == Some(wanted));
    has(open) && has(close)
}

/// `a\\.b`: between words, and not repeated, as it would be in `C:\\.*`.
fn is_dot_in_name(text: &str, token: &Token) -> bool {
    let before = text[..token.span.start].chars().next_back();
    let after = text[token.span.end..].chars().nth(1);
    [before, after].iter().all(|c| c.is_some_and(char::is_alphanumeric))
}
