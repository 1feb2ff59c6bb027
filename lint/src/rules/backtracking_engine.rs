//! ## What it does
//! Finds look-around, back-references and the like, which the linear engine
//! cannot run, and what it reads otherwise than others: a `{` that stands for itself,
//! `\Z`, `{,3}`. Says how to do without, where that is known.
//!
//! ## Why is this bad?
//! Such a pattern runs on a backtracking engine, ten to a hundred times slower,
//! and under a step limit: on a long line it may give up, which counts as no
//! match. What overlaps with it is harder to decide, too.
//!
//! ## Example
//! ```yaml
//! pattern: 'Exited with code (?!0)\d+'
//! ```
//!
//! ## Use instead
//! ```yaml
//! pattern: 'Exited with code [1-9]\d*'
//! ```
//! (But for digits of other scripts, which `\d` reads, that is the same.) A condition at the edge of a pattern is a part of what is searched for:
//! `foo(?=bar)` finds the same lines as `foobar`, and `(?<!\d)499(?!\d)` the
//! same as `(?:^|\D)499(?:\D|$)`. To leave lines out, put a signature or
//! an entry of the allowlist for them before this one.
//!
//! ## References
//! - [Syntax of the regex crate](https://docs.rs/regex/latest/regex/#syntax)

use std::ops::Range;

use super::{
    excerpt::excerpt,
    rule::{Check, Rule},
};
use crate::{
    finding::{Finding, Severity},
    pattern::{Change, Token, TokenKind, WrittenPattern, closing, tokens},
};

pub(super) const RULE: Rule = Rule {
    name: "backtracking-engine",
    severity: Severity::Warning,
    check: Check::Pattern(check),
    source: include_str!("backtracking_engine.rs"),
};

/// What to do where nothing can be written instead.
const OTHERWISE: &str = "say what is there rather than what is not, or put a signature for the \
                         exception before this one";

fn check(pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
    if !pattern.pattern.is_backtracking() {
        return;
    }
    let text = pattern.text();
    let all = tokens(text);
    let braces = braces(text, &all);
    let constructs = (0..all.len()).filter_map(|index| construct(text, &all, index));
    let found: Vec<_> = braces.into_iter().chain(constructs).collect();
    if found.is_empty() {
        let message = format!("{} needs the backtracking engine", pattern.owner);
        let help = "write it in the syntax of the regex crate";
        findings.push(RULE.finding(pattern.whole(), message).help(help));
    }
    for construct in found {
        let message = format!("{} needs the backtracking engine, which is slower", construct.what);
        let finding = RULE.finding(pattern.span(construct.part), message);
        findings.push(match construct.rewrite {
            Some((part, linear)) => rewritten(pattern, finding, part, &linear),
            None => finding.help(construct.help),
        });
    }
}

/// The finding with what to write instead, as far as that finds the same.
fn rewritten(
    pattern: &WrittenPattern<'_>,
    finding: Finding,
    part: Range<usize>,
    linear: &str,
) -> Finding {
    let written = &pattern.text()[part.clone()];
    let help = match pattern.change(&part, linear) {
        Some(Change::Nothing) if linear.is_empty() => {
            format!("without `{written}` it finds the same")
        }
        Some(Change::Nothing) => format!("`{written}` finds the same as `{linear}`"),
        Some(Change::Less(lost)) => {
            format!(
                "`{linear}` finds what `{written}` does, but for texts like `{}`",
                excerpt(&lost)
            )
        }
        _ => return finding.help(OTHERWISE),
    };
    finding.help(help).fix(pattern.fix(part, linear))
}

/// A construct that the linear engine cannot run.
struct Construct {
    what: &'static str,
    part: Range<usize>,
    /// A part of the pattern, and what finds the same without backtracking.
    rewrite: Option<(Range<usize>, String)>,
    /// What to do where nothing does.
    help: &'static str,
}

/// The `{` that stand for themselves, as in JSON: all of them at once.
fn braces(text: &str, all: &[Token]) -> Option<Construct> {
    let is_brace = |token: &&Token| {
        token.kind == TokenKind::Literal && !token.in_class() && token.text(text) == "{"
    };
    let braces: Vec<_> = all.iter().filter(is_brace).map(|token| token.span.start).collect();
    let (first, last) = (*braces.first()?, *braces.last()?);
    let what = "a `{` that stands for itself";
    let part = first..first + 1;
    if text[..first].ends_with('%') {
        let help = "grok's `%{…}` means nothing here: write out what it stands for";
        return Some(Construct { what, part, rewrite: None, help });
    }
    let together = first..last + 1;
    let mut linear = text[together.clone()].to_owned();
    for at in braces.iter().rev() {
        linear.insert(at - first, '\\');
    }
    Some(Construct { what, part, rewrite: Some((together, linear)), help: OTHERWISE })
}

fn construct(text: &str, all: &[Token], index: usize) -> Option<Construct> {
    let token = &all[index];
    let written = token.text(text);
    let here = token.span.clone();
    let (what, rewrite) = match token.kind {
        TokenKind::GroupOpen => {
            let what = match written {
                "(?=" => "look-ahead",
                "(?!" => "negative look-ahead",
                "(?<=" => "look-behind",
                "(?<!" => "negative look-behind",
                "(?>" => "an atomic group",
                "(?|" => "a branch reset",
                _ if written.starts_with("(?(") => "a condition",
                _ => return None,
            };
            (what, rewrite(text, all, index))
        }
        TokenKind::Escape if !token.in_class() => match written.as_bytes()[1] {
            b'1'..=b'9' | b'k' => ("a back-reference", None),
            b'Z' => ("`\\Z`", Some((here, "$".to_owned()))),
            b'e' => ("`\\e`", Some((here, r"\x1B".to_owned()))),
            b'h' => ("`\\h`", Some((here, "[0-9A-Fa-f]".to_owned()))),
            b'H' => ("`\\H`", Some((here, "[^0-9A-Fa-f]".to_owned()))),
            b'N' => ("`\\N`", Some((here, r"[^\n]".to_owned()))),
            b'G' | b'K' | b'g' | b'R' | b'X' | b'O' => ("this escape", None),
            _ => return None,
        },
        TokenKind::Quantifier if written.starts_with("{,") => {
            let linear = written.replacen("{,", "{0,", 1);
            ("a repeat without its least number", Some((here, linear)))
        }
        TokenKind::Flags if written.starts_with("(?#") => {
            ("a comment in a pattern", Some((here, String::new())))
        }
        TokenKind::Flags if is_call(written) => ("a call of a group", None),
        _ => return None,
    };
    let part = match token.kind {
        TokenKind::GroupOpen => token.span.start..all[closing(all, index)?].span.end,
        _ => token.span.clone(),
    };
    let help = match what {
        "this escape" | "a call of a group" | "a branch reset" => {
            "spell out what is meant, in the syntax of the regex crate"
        }
        _ => OTHERWISE,
    };
    Some(Construct { what, part, rewrite, help })
}

/// `(?R)`, `(?1)`, `(?P>name)` and `(?&name)`.
fn is_call(written: &str) -> bool {
    let inside = written.trim_start_matches("(?");
    inside.starts_with("R)")
        || inside.starts_with("P>")
        || inside.starts_with('&')
        || inside.starts_with(|c: char| c.is_ascii_digit())
}

/// Rewrites a look-around that has an equivalent without.
fn rewrite(text: &str, all: &[Token], open: usize) -> Option<(Range<usize>, String)> {
    let close = closing(all, open)?;
    let (start, end) = (all[open].span.start, all[close].span.end);
    let inner = &text[all[open].span.end..all[close].span.start];
    // Only where nothing else could see the difference: flags may change what
    // `$` and blanks mean, and a repeat what the condition is asked of.
    let disturbs = |token: &Token| token.kind == TokenKind::Bar || is_reference(token, text);
    let repeated = all.get(close + 1).is_some_and(|token| token.kind == TokenKind::Quantifier);
    if repeated || all.iter().any(|token| token.kind == TokenKind::Flags) {
        return None;
    }
    let whole = !all.iter().any(disturbs);
    let first = whole && open == 0;
    let last = whole && close + 1 == all.len();
    let outer = |class: Option<String>| class.map(|class| (start..end, class));
    match all[open].text(text) {
        "(?=" if last => Some((start..end, inner.to_owned())),
        "(?<=" if first => Some((start..end, inner.to_owned())),
        "(?!" if last => outer(negated(inner).map(|class| format!("(?:{class}|$)"))),
        "(?<!" if first => outer(negated(inner).map(|class| format!("(?:^|{class})"))),
        "(?!" => digits_but_zero(text, all, open, close),
        // What can be read in one way only is never tried in another.
        "(?>" if reads_one_text(&all[open + 1..close]) => {
            Some((start..end, format!("(?:{inner})")))
        }
        _ => None,
    }
}

fn reads_one_text(tokens: &[Token]) -> bool {
    tokens.iter().all(|token| matches!(token.kind, TokenKind::Literal | TokenKind::Dot))
}

fn is_reference(token: &Token, text: &str) -> bool {
    token.kind == TokenKind::Escape && matches!(token.text(text).as_bytes()[1], b'1'..=b'9' | b'k')
}

/// What reads any character but those of a class or a single character.
fn negated(class: &str) -> Option<String> {
    let all = tokens(class);
    let [only] = all.as_slice() else {
        let (first, last) = (all.first()?, all.last()?);
        let one_class = first.kind == TokenKind::ClassOpen
            && last.kind == TokenKind::ClassClose
            && all
                .iter()
                .filter(|t| matches!(t.kind, TokenKind::ClassOpen | TokenKind::ClassClose))
                .count()
                == 2;
        return match one_class {
            true if class.starts_with("[^") => Some(format!("[{}", &class[2..])),
            true => Some(format!("[^{}", &class[1..])),
            false => None,
        };
    };
    match (only.kind, class) {
        (TokenKind::Literal, _) => Some(format!("[^{class}]")),
        (TokenKind::Escape, r"\d") => Some(r"\D".to_owned()),
        (TokenKind::Escape, r"\w") => Some(r"\W".to_owned()),
        (TokenKind::Escape, r"\s") => Some(r"\S".to_owned()),
        (TokenKind::Escape, _) if !class.as_bytes()[1].is_ascii_alphanumeric() => {
            Some(format!("[^{class}]"))
        }
        _ => None,
    }
}

/// `(?!0)\d+`: a number that does not begin with a zero.
fn digits_but_zero(
    text: &str,
    all: &[Token],
    open: usize,
    close: usize,
) -> Option<(Range<usize>, String)> {
    let inner = &text[all[open].span.end..all[close].span.start];
    let (class, repeat) = (all.get(close + 1)?, all.get(close + 2));
    let digits = match class.text(text) {
        r"\d" => class.span.end,
        "[" => {
            let end = class.span.start + "[0-9]".len();
            (text.get(class.span.start..end) == Some("[0-9]")).then_some(end)?
        }
        _ => return None,
    };
    if inner != "0" {
        return None;
    }
    let written = &text[class.span.start..digits];
    let repeat = match written {
        r"\d" => repeat,
        _ => all.iter().find(|token| token.span.start == digits),
    };
    let (tail, end) = match repeat.filter(|t| t.kind == TokenKind::Quantifier) {
        None => (String::new(), digits),
        Some(token) if token.text(text) == "+" => (format!("{written}*"), token.span.end),
        Some(_) => return None,
    };
    Some((all[open].span.start..end, format!("[1-9]{tail}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use signatures_matcher::{Pattern, Search};

    use super::*;

    /// The pattern with its first rewrite.
    fn rewritten(text: &str) -> Option<String> {
        let all = tokens(text);
        let (part, linear) = (0..all.len()).find_map(|i| construct(text, &all, i)?.rewrite)?;
        Some(format!("{}{linear}{}", &text[..part.start], &text[part.end..]))
    }

    #[test]
    fn a_number_that_does_not_begin_with_zero_is_written_without_look_ahead() {
        assert_eq!(rewritten(r"code (?!0)\d+").as_deref(), Some(r"code [1-9]\d*"));
        assert_eq!(rewritten(r"code (?!0)[0-9]+ x").as_deref(), Some("code [1-9][0-9]* x"));
        assert_eq!(rewritten(r"code (?!0)\d{2}"), None);
        assert_eq!(rewritten(r"code (?!1)\d+"), None);
    }

    #[test]
    fn conditions_at_the_edges_become_part_of_the_search() {
        for (text, expected) in [
            ("foo(?=bar)", "foobar"),
            ("(?<=foo)bar", "foobar"),
            (r"foo(?!\d)", r"foo(?:\D|$)"),
            ("(?<![a-c])foo", "(?:^|[^a-c])foo"),
        ] {
            assert_eq!(rewritten(text).as_deref(), Some(expected));
        }
        assert_eq!(rewritten("a(?=b)|c"), None);
        assert_eq!(rewritten("^(?!.*x)y"), None);
        assert_eq!(rewritten(r"(?m)foo(?![\n])"), None);
        assert_eq!(rewritten("(?x)foo(?! )"), None);
        assert_eq!(rewritten("foo(?=bar)?"), None);
    }

    proptest! {
        #[test]
        fn a_rewrite_finds_the_same_texts(
            head in "(\\(\\?<[=!](a|[0-9]|\\[ab\\]|\\\\d|ab)\\))?",
            body in "[ab]{0,2}(\\(\\?!0\\)\\\\d[+]?)?[ab]{0,2}",
            tail in "(\\(\\?[=!](a|[0-9]|\\[\\^ab\\]|\\\\d|ab)\\))?",
            texts in prop::collection::vec("[ab01 ]{0,8}", 20),
        ) {
            let source = format!("{head}{body}{tail}");
            if let (Ok(old), Some(new)) = (Pattern::compile(&source), rewritten(&source)) {
                let new = Pattern::compile(&new).unwrap();
                for text in texts {
                    let both = (old.search(&text), new.search(&text));
                    prop_assert!(both.0 == both.1 || both.0 == Search::StepLimit, "{} {:?}: {:?}", source, new, text);
                }
            }
        }
    }
}
