//! ## What it does
//! Finds syntax that means something else, or nothing, in Python's `re`, in
//! PCRE2 or in JavaScript.
//!
//! ## Why is this bad?
//! The application that writes the log often reads the same taxonomy, to tag or
//! to test its own errors. There the pattern is refused, or finds other lines.
//! What means the same for log lines is not reported: that `$` may stand before
//! a final newline, or that `\d` may be ASCII only. Each construct is told once, where
//! the file has it first, with how often it comes again.
//!
//! ## Example
//! ```yaml
//! pattern: '(?i)worker [[:alpha:]]+\z'
//! ```
//!
//! ## Use instead
//! ```yaml
//! pattern: 'worker [A-Za-z]+$'
//! ```
//! `portable_to = ["python"]` in sigcheck.toml names the engines that matter;
//! an empty list switches the rule off.
//!
//! ## References
//! - [Python, re](https://docs.python.org/3/library/re.html#regular-expression-syntax)
//! - [PCRE2, pcre2pattern](https://www.pcre.org/current/doc/html/pcre2pattern.html)
//! - [JavaScript, regular expressions](https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Regular_expressions)

use std::{borrow::Cow, collections::HashMap};

use sigcheck_backtracking::Dialect;

use super::{
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
    widths::{self, Width},
};
use crate::{
    config::Config,
    finding::{Finding, Severity},
    pattern::{Token, TokenKind, WrittenPattern, closing, tokens},
};

pub(super) const RULE: Rule = Rule {
    name: "portability",
    severity: Severity::Warning,
    check: Check::Taxonomy(check),
    source: include_str!("portability.rs"),
};

/// What other engines make of a construct: none where they agree.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Elsewhere {
    python: Option<&'static str>,
    pcre2: Option<&'static str>,
    javascript: Option<&'static str>,
    instead: Cow<'static, str>,
}

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<Elsewhere, (usize, usize)> = HashMap::new();
    for pattern in WrittenPattern::all(file.source, file.taxonomy) {
        let text = pattern.text();
        let all = tokens(text);
        let parts = Parts { text, all: &all, is_backtracking: pattern.pattern.is_backtracking() };
        for (index, token) in all.iter().enumerate() {
            let Some(elsewhere) = parts.elsewhere(index) else { continue };
            let engines = elsewhere.engines(file.config);
            if engines.is_empty() {
                continue;
            }
            if let Some((_, again)) = seen.get_mut(&elsewhere) {
                *again += 1;
                continue;
            }
            let message = format!("`{}` is not portable: {}", token.text(text), engines.join(", "));
            let finding = RULE.finding(pattern.span(token.span.clone()), message);
            seen.insert(elsewhere.clone(), (findings.len(), 0));
            findings.push(finding.help(elsewhere.instead));
        }
    }
    for (first, again) in seen.into_values().filter(|(_, again)| *again > 0) {
        let places = if again == 1 { "place" } else { "places" };
        findings[first].message += &format!(" (and in {again} more {places})");
    }
}

impl Elsewhere {
    /// What it is to the engines that matter to a team.
    fn engines(&self, config: &Config) -> Vec<String> {
        [
            (Dialect::Python, "Python", self.python),
            (Dialect::Pcre2, "PCRE2", self.pcre2),
            (Dialect::JavaScript, "JavaScript", self.javascript),
        ]
        .into_iter()
        .filter(|(dialect, _, _)| config.is_portable_to(*dialect))
        .filter_map(|(_, name, what)| Some(format!("{name} {}", what?)))
        .collect()
    }

    /// What all refuse.
    fn refused(instead: &'static str) -> Self {
        Self { python: REFUSES, pcre2: REFUSES, javascript: REFUSES, instead: instead.into() }
    }

    /// What only JavaScript refuses.
    fn not_javascript(instead: impl Into<Cow<'static, str>>) -> Self {
        Self { javascript: REFUSES, instead: instead.into(), ..Self::default() }
    }
}

const REFUSES: Option<&str> = Some("refuses it");

/// A pattern, and what it is made of.
#[derive(Clone, Copy)]
struct Parts<'p> {
    text: &'p str,
    all: &'p [Token],
    is_backtracking: bool,
}

impl Parts<'_> {
    fn elsewhere(self, index: usize) -> Option<Elsewhere> {
        let token = &self.all[index];
        let written = token.text(self.text);
        match token.kind {
            TokenKind::Escape => escape(written),
            TokenKind::Posix => Some(Elsewhere {
                python: Some("reads the letters between the colons"),
                javascript: Some("reads the letters between the colons"),
                instead: "spell the class out, as in `[A-Za-z]`".into(),
                ..Elsewhere::default()
            }),
            TokenKind::ClassOperator if written == "--" && is_range(self.text, token) => None,
            TokenKind::ClassOperator => {
                Some(literal_elsewhere("spell out the class that is meant"))
            }
            TokenKind::ClassOpen if token.classes > 1 => {
                Some(literal_elsewhere("write one class, without another inside"))
            }
            TokenKind::ClassOpen if written.ends_with(']') => Some(Elsewhere {
                javascript: Some("reads an empty class"),
                instead: r"write `\]`".into(),
                ..Elsewhere::default()
            }),
            TokenKind::Flags => Some(self.flags(index)),
            TokenKind::GroupOpen => self.group(index),
            TokenKind::Quantifier => self.quantifier(index),
            _ => None,
        }
    }

    fn quantifier(self, index: usize) -> Option<Elsewhere> {
        let written = self.all[index].text(self.text);
        let repeated = index.checked_sub(1).map(|before| &self.all[before])?;
        match repeated.kind {
            TokenKind::Quantifier => {
                return Some(Elsewhere::refused(
                    "leave one of the two repeats out, or put a group around the first",
                ));
            }
            TokenKind::Anchor => return Some(Elsewhere::refused("leave the repeat out")),
            TokenKind::Escape if widths::is_condition(repeated.text(self.text)) => {
                return Some(Elsewhere::refused("leave the repeat out"));
            }
            _ => {}
        }
        if written.starts_with("{,") {
            return Some(Elsewhere {
                pcre2: Some("reads the characters themselves before 10.43"),
                javascript: Some("reads the characters themselves"),
                instead: "write the least number too, as in `{0,3}`".into(),
                ..Elsewhere::default()
            });
        }
        let is_possessive = written.len() > 1 && written.ends_with('+');
        match (is_possessive, self.is_backtracking) {
            (false, _) => None,
            (true, true) => Some(Elsewhere::not_javascript("leave out the `+`")),
            (true, false) => {
                let means = Some("never gives back what it has read");
                Some(Elsewhere {
                    python: means,
                    pcre2: means,
                    ..Elsewhere::not_javascript(
                        "leave out the second `+`, which changes nothing here",
                    )
                })
            }
        }
    }

    /// `(?i)` and all else in parentheses that encloses nothing.
    fn flags(self, index: usize) -> Elsewhere {
        let inside = self.all[index].text(self.text);
        let inside = inside.trim_start_matches("(?").trim_end_matches(')');
        if inside.starts_with('#') {
            return Elsewhere::not_javascript("leave the comment out");
        }
        if inside.starts_with("P=") {
            return Elsewhere::not_javascript(r"write `\1`, by the group's number");
        }
        let is_call = |c: char| c.is_ascii_digit() || "R&+".contains(c);
        if inside.starts_with("P>") || inside.starts_with(is_call) {
            let instead = "write what the group holds once more";
            return Elsewhere { python: REFUSES, ..Elsewhere::not_javascript(instead) };
        }
        let python = match inside.contains('-') || index > 0 {
            _ if !inside.bytes().all(|flag| b"aimsux-".contains(&flag)) => REFUSES,
            true => Some("refuses it there"),
            false => None,
        };
        let pcre2 = if inside.bytes().all(|f| b"imsxnUJ-^".contains(&f)) { None } else { REFUSES };
        Elsewhere { python, pcre2, ..Elsewhere::not_javascript(without_flags(inside)) }
    }

    fn group(self, open: usize) -> Option<Elsewhere> {
        let written = self.all[open].text(self.text);
        match written {
            "(" | "(?:" | "(?=" | "(?!" => None,
            "(?<=" | "(?<!" => {
                let end = closing(self.all, open)?;
                let branches = widths::of_branches(self.text, &self.all[open + 1..end]);
                look_behind(&branches, written == "(?<!")
            }
            "(?>" => Some(Elsewhere::not_javascript("write `(?:`")),
            _ if written.starts_with("(?P<") => {
                let plain = |c: char| c.is_alphanumeric() || c == '_';
                let odd = !written[4..].trim_end_matches('>').chars().all(plain);
                let refused = if odd { REFUSES } else { None };
                Some(Elsewhere {
                    python: refused,
                    pcre2: refused,
                    ..Elsewhere::not_javascript(self.unnamed())
                })
            }
            _ if written.starts_with("(?<") => Some(Elsewhere {
                python: REFUSES,
                instead: self.unnamed().into(),
                ..Elsewhere::default()
            }),
            "(?|" => Some(Elsewhere {
                python: REFUSES,
                ..Elsewhere::not_javascript("give each branch a group of its own")
            }),
            _ if written.starts_with("(?(") => {
                Some(Elsewhere::not_javascript("write an alternation"))
            }
            _ if written.ends_with(':') => {
                let flags = &written[2..written.len() - 1];
                let known = flags.bytes().all(|b| b"ims-".contains(&b));
                Some(Elsewhere {
                    python: (!known).then_some("knows other flags"),
                    pcre2: (!known).then_some("knows other flags"),
                    javascript: Some("knows it only since 2025"),
                    instead: match flags.contains('-') {
                        true => "do without flags".into(),
                        false => without_flags(flags).into(),
                    },
                })
            }
            _ => None,
        }
    }

    /// What to write for a group with a name.
    fn unnamed(self) -> &'static str {
        let reads_name = |token: &Token| {
            let written = token.text(self.text);
            ["(?P=", "(?P>", "(?&", r"\k", r"\g<", "(?(<", "(?('"]
                .iter()
                .any(|r| written.starts_with(r))
        };
        match self.all.iter().any(reads_name) {
            true => BY_NUMBER,
            false => "write `(`: nothing reads the name",
        }
    }
}

const BY_NUMBER: &str = r"go by the group's number: `(…)`, and `\1` for what it has read";

/// What to write in place of flags.
fn without_flags(flags: &str) -> String {
    let (on, off) = flags.split_once('-').unwrap_or((flags, ""));
    let mut instead = Vec::new();
    for (flag, advice) in [
        ('s', r"write `[\s\S]` for a `.` that is to read the end of a line"),
        ('m', r"write `(?:^|\n)` for the start of a line, and `(?:$|\n)` for its end"),
        ('x', "write it without blanks and comments"),
        ('U', "turn the repeats about, as in `+?` for `+`"),
        ('R', r"write `\r?` before the end of a line"),
    ] {
        if on.contains(flag) {
            instead.push(advice);
        }
    }
    if !off.is_empty() {
        instead.push("Python knows it around what it is for: `(?-i:…)`");
    } else if instead.is_empty() {
        instead.push("leave it out: patterns ignore case anyway");
    }
    instead.join("; ")
}

/// Of a look-behind whose branches read so many characters.
fn look_behind(branches: &[Width], is_negative: bool) -> Option<Elsewhere> {
    let first = branches.first()?;
    let fixed = branches.iter().all(|width| width.most == Some(width.least));
    if fixed && branches.iter().all(|width| width == first) {
        return None;
    }
    let bounded = branches.iter().all(|width| width.most.is_some());
    Some(Elsewhere {
        python: Some("refuses a look-behind that varies in length"),
        pcre2: match (fixed, bounded) {
            (true, _) => None,
            (false, true) => Some("refuses it before 10.43"),
            (false, false) => Some("refuses one without a longest match"),
        },
        instead: match (fixed, is_negative) {
            (true, true) => "write one for each length, as in `(?<!a)(?<!bc)`".into(),
            (true, false) => "write one for each length, as in `(?:(?<=a)|(?<=bc))`".into(),
            (false, _) => "let it read always the same number of characters".into(),
        },
        ..Elsewhere::default()
    })
}

fn escape(written: &str) -> Option<Elsewhere> {
    let letter = written[1..].chars().next()?;
    let literal = Some("reads the letter itself");
    let none = Elsewhere::default();
    Some(match letter {
        'p' | 'P' => Elsewhere {
            python: REFUSES,
            javascript: Some("wants the flag `u`"),
            instead: "spell the class out, as in `[A-Za-z]`".into(),
            ..none
        },
        'z' => Elsewhere {
            python: Some("refuses it before 3.14"),
            javascript: literal,
            instead: "write `$`".into(),
            ..none
        },
        'Z' => Elsewhere {
            pcre2: Some("also takes it before a final newline"),
            javascript: literal,
            instead: "write `$`".into(),
            ..none
        },
        'A' => Elsewhere { javascript: literal, instead: "write `^`".into(), ..none },
        'a' => Elsewhere { javascript: literal, instead: r"write `\x07`".into(), ..none },
        'v' => Elsewhere {
            pcre2: Some("reads any vertical space"),
            instead: r"write `\x0B`".into(),
            ..none
        },
        'x' if written.contains('{') => Elsewhere {
            python: REFUSES,
            javascript: Some("wants the flag `u`"),
            instead: "write the character itself".into(),
            ..none
        },
        'u' | 'U' => Elsewhere {
            python: written.contains('{').then_some("refuses it"),
            pcre2: REFUSES,
            javascript: (letter == 'U' || written.contains('{')).then_some("reads the letters"),
            instead: "write the character itself".into(),
        },
        'b' if written.len() > 2 => Elsewhere {
            python: literal_braces(),
            pcre2: literal_braces(),
            javascript: literal_braces(),
            instead: r"write `\b`".into(),
        },
        '<' | '>' => Elsewhere {
            python: literal,
            pcre2: literal,
            javascript: literal,
            instead: r"write `\b`".into(),
        },
        'h' | 'H' | 'R' | 'G' | 'K' | 'e' | 'g' | 'O' | 'N' | 'X' => Elsewhere {
            python: REFUSES,
            pcre2: matches!(letter, 'h' | 'H').then_some("reads horizontal space"),
            javascript: literal,
            instead: "spell out what is meant".into(),
        },
        'k' => Elsewhere { python: REFUSES, instead: r"write `\1`".into(), ..none },
        _ => return None,
    })
}

fn literal_braces() -> Option<&'static str> {
    Some("reads the braces as they are")
}

fn literal_elsewhere(instead: &'static str) -> Elsewhere {
    let literal = Some("reads the characters themselves");
    Elsewhere { python: literal, pcre2: literal, javascript: literal, instead: instead.into() }
}

/// Whether `--` is the end of one range, as in `[+--]`, rather than an operator.
fn is_range(text: &str, token: &Token) -> bool {
    text[token.span.end..].starts_with(']')
}
