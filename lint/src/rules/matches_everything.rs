//! ## What it does
//! Finds patterns that match every line, or every line that is long enough,
//! whatever it says: `.*` and its disguises, such as `[\s\S]+`, `^.{3,}$` or
//! `\d|\D`. Decided on the pattern's automaton, not by its looks. Those that match
//! every line with a word in it, such as `\S+`, `\w+` and `[a-z]+`, are found too.
//!
//! ## Why is this bad?
//! The first signature that matches wins. One that matches every line takes
//! all events, and no signature after it is ever asked; on the allowlist it
//! drops every line that no signature knows.
//!
//! ## Example
//! ```yaml
//! pattern: '.+'
//! ```
//!
//! ## Use instead
//! The words that make the line worth an alert. Errors that no signature knows
//! are grouped without a pattern: see `generic` in alerts.yml.

use sigcheck_language::{OutOfBudget, misses_few, reads_any_character};
use signatures_matcher::Search;

use super::rule::{Check, Rule};
use crate::{
    finding::{Finding, Severity},
    pattern::WrittenPattern,
};

pub(super) const RULE: Rule = Rule {
    name: "matches-everything",
    severity: Severity::Warning,
    check: Check::Pattern(check),
    source: include_str!("matches_everything.rs"),
};

/// Lines that have nothing in common but their length.
const UNLIKE: [&str; 5] = [
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "0101010101010101010101010101010101",
    "                                ",
    "!?!?!?!?!?!?!?!?!?!?!?!?!?!?!?!?!?",
    "\u{e000}\u{e001}\u{e000}\u{e001}\u{e000}\u{e001}\u{e000}\u{e001}\u{e000}\u{e001}",
];

/// Lines of nothing but a letter: of one word, and of some.
const WORDS: [&[usize]; 3] = [&[5], &[4, 6], &[3, 2, 7, 5, 4]];

fn check(pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
    if !pattern.pattern.is_backtracking() && finds_any_word(pattern) {
        let all = UNLIKE.iter().all(|line| pattern.pattern.search(line) == Search::Found);
        if !all && !is_empty(pattern) {
            let message = format!("{} matches every line with a word in it", pattern.owner);
            findings.push(RULE.finding(pattern.whole(), message).help(help(pattern)));
            return;
        }
    }
    if UNLIKE.iter().any(|line| pattern.pattern.search(line) != Search::Found) {
        return;
    }
    let finding = |message| RULE.finding(pattern.whole(), message);
    match pattern.hir().map(misses_few) {
        Some(Ok(true)) if !is_empty(pattern) || is_wildcard(pattern) => {
            let message = format!("{} matches every line, whatever it says", pattern.owner);
            findings.push(finding(message).help(help(pattern)));
        }
        Some(Ok(_)) => {}
        None if misses_its_words(pattern) => {}
        None | Some(Err(OutOfBudget)) => {
            let message = format!("could not decide whether {} matches every line", pattern.owner);
            findings.push(finding(message).undecided());
        }
    }
}

const fn help(pattern: &WrittenPattern<'_>) -> &'static str {
    match pattern.is_noise {
        true => "write the words that make a line harmless",
        false => "write the words that make a line worth an alert",
    }
}

/// Whether it is found in words of any one letter.
fn finds_any_word(pattern: &WrittenPattern<'_>) -> bool {
    let line = |letter: char, lengths: &[usize]| {
        let words: Vec<_> = lengths.iter().map(|n| letter.to_string().repeat(*n)).collect();
        words.join(" ")
    };
    let found = |line: &str| pattern.pattern.search(line) == Search::Found;
    ('a'..='z').all(|letter| WORDS.iter().all(|lengths| found(&line(letter, lengths))))
}

fn is_empty(pattern: &WrittenPattern<'_>) -> bool {
    pattern.pattern.search("") == Search::Found
}

/// Whether each character by itself is matched by more than the empty text.
pub(super) fn is_wildcard(pattern: &WrittenPattern<'_>) -> bool {
    pattern.hir().is_some_and(reads_any_character)
}

/// Whether a line is missed that holds a word or a character of the pattern itself, as
/// look-around may ask for what is not there.
pub(super) fn misses_its_words(pattern: &WrittenPattern<'_>) -> bool {
    let words = pattern.text().split(|c: char| !c.is_alphanumeric());
    let texts = words.flat_map(|word| [word.to_owned(), format!("x {word} x")]);
    let mut texts = texts.chain(pattern.text().chars().map(String::from));
    texts.any(|text| pattern.pattern.search(&text) != Search::Found)
}
