//! ## What it does
//! Finds syntax that means something else, or nothing, in Python's `re`, in
//! PCRE2 or in JavaScript.
//!
//! ## Why is this bad?
//! The application that writes the log often reads the same taxonomy, to tag or
//! to test its own errors. There the pattern is refused, or finds other lines.
//! What means the same for log lines is not reported: that `$` may stand before
//! a final newline, or that `\d` may be ASCII only.
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

use sigcheck_backtracking::Dialect;

use super::{
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
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
#[derive(Clone, Copy, Default)]
struct Elsewhere {
    python: Option<&'static str>,
    pcre2: Option<&'static str>,
    javascript: Option<&'static str>,
    instead: &'static str,
}

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    for pattern in WrittenPattern::all(file.source, file.taxonomy) {
        let text = pattern.text();
        let all = tokens(text);
        let backtracking = pattern.pattern.is_backtracking();
        for (index, token) in all.iter().enumerate() {
            let Some(elsewhere) = elsewhere(text, &all, index, backtracking) else { continue };
            let engines = elsewhere.engines(file.config);
            if !engines.is_empty() {
                let message =
                    format!("`{}` is not portable: {}", token.text(text), engines.join(", "));
                findings.push(
                    RULE.finding(pattern.span(token.span.clone()), message).help(elsewhere.instead),
                );
            }
        }
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
}

const REFUSES: Option<&str> = Some("refuses it");

fn elsewhere(text: &str, all: &[Token], index: usize, backtracking: bool) -> Option<Elsewhere> {
    let token = &all[index];
    let written = token.text(text);
    let javascript = Elsewhere { javascript: REFUSES, ..Elsewhere::default() };
    match token.kind {
        TokenKind::Escape => escape(written),
        TokenKind::Posix => Some(Elsewhere {
            python: Some("reads the letters between the colons"),
            javascript: Some("reads the letters between the colons"),
            instead: "spell the class out, as in `[A-Za-z]`",
            ..Elsewhere::default()
        }),
        TokenKind::ClassOperator if written == "--" && is_range(text, token) => None,
        TokenKind::ClassOperator => Some(literal_elsewhere("spell out the class that is meant")),
        TokenKind::ClassOpen if token.classes > 1 => {
            Some(literal_elsewhere("write one class, without another inside"))
        }
        TokenKind::ClassOpen if written.ends_with(']') => Some(Elsewhere {
            javascript: Some("reads an empty class"),
            instead: r"write `\]`",
            ..Elsewhere::default()
        }),
        TokenKind::Flags => Some(Elsewhere {
            python: (index > 0 || written.contains('-')).then_some("refuses it there"),
            instead: "leave it out: patterns ignore case anyway; else write `(?flags:…)`",
            ..javascript
        }),
        TokenKind::GroupOpen => group(text, all, index, written),
        TokenKind::Quantifier if written.len() > 1 && written.ends_with('+') && !backtracking => {
            let means = Some("never gives back what it has read");
            Some(Elsewhere {
                python: means,
                pcre2: means,
                instead: "leave out the second `+`, which changes nothing here",
                ..javascript
            })
        }
        TokenKind::Quantifier if written.len() > 1 && written.ends_with('+') => {
            Some(Elsewhere { instead: "leave out the `+`", ..javascript })
        }
        _ => None,
    }
}

fn group(text: &str, all: &[Token], open: usize, written: &str) -> Option<Elsewhere> {
    let javascript = Elsewhere { javascript: REFUSES, ..Elsewhere::default() };
    match written {
        "(" | "(?:" | "(?=" | "(?!" => None,
        "(?<=" | "(?<!" => {
            let end = closing(all, open)?;
            let varies = all[open..end].iter().any(|token| {
                let text = token.text(text);
                token.kind == TokenKind::Quantifier
                    && (!text.starts_with('{') || text.contains(','))
            });
            varies.then_some(Elsewhere {
                python: Some("refuses a look-behind that varies in length"),
                pcre2: Some("refuses one without a longest match"),
                instead: "let it read always the same number of characters",
                ..Elsewhere::default()
            })
        }
        "(?>" => Some(Elsewhere { instead: "write `(?:`", ..javascript }),
        _ if written.starts_with("(?P<") => {
            Some(Elsewhere { instead: "write `(`: nothing reads the name", ..javascript })
        }
        _ if written.starts_with("(?<") => Some(Elsewhere {
            python: REFUSES,
            instead: "write `(`: nothing reads the name",
            ..Elsewhere::default()
        }),
        _ if written.starts_with("(?(") => {
            Some(Elsewhere { instead: "write an alternation", ..javascript })
        }
        _ if written.ends_with(':') => {
            let known = written[2..].bytes().all(|b| b"ims-:".contains(&b));
            Some(Elsewhere {
                python: (!known).then_some("knows other flags"),
                pcre2: (!known).then_some("knows other flags"),
                javascript: Some("knows it only since 2025"),
                instead: "do without flags",
            })
        }
        _ => None,
    }
}

fn escape(written: &str) -> Option<Elsewhere> {
    let letter = written[1..].chars().next()?;
    let literal = Some("reads the letter itself");
    let none = Elsewhere::default();
    Some(match letter {
        'p' | 'P' => Elsewhere {
            python: REFUSES,
            javascript: Some("wants the flag `u`"),
            instead: "spell the class out, as in `[A-Za-z]`",
            ..none
        },
        'z' => Elsewhere {
            python: Some("refuses it before 3.14"),
            javascript: literal,
            instead: "write `$`",
            ..none
        },
        'Z' => Elsewhere {
            pcre2: Some("also takes it before a final newline"),
            javascript: literal,
            instead: "write `$`",
            ..none
        },
        'A' => Elsewhere { javascript: literal, instead: "write `^`", ..none },
        'a' => Elsewhere { javascript: literal, instead: r"write `\x07`", ..none },
        'v' => {
            Elsewhere { pcre2: Some("reads any vertical space"), instead: r"write `\x0B`", ..none }
        }
        'x' if written.contains('{') => Elsewhere {
            python: REFUSES,
            javascript: Some("wants the flag `u`"),
            instead: "write the character itself",
            ..none
        },
        'u' | 'U' => Elsewhere {
            python: written.contains('{').then_some("refuses it"),
            pcre2: REFUSES,
            javascript: (letter == 'U' || written.contains('{')).then_some("reads the letters"),
            instead: "write the character itself",
        },
        'b' if written.len() > 2 => Elsewhere {
            python: literal_braces(),
            pcre2: literal_braces(),
            javascript: literal_braces(),
            instead: r"write `\b`",
        },
        '<' | '>' => Elsewhere {
            python: literal,
            pcre2: literal,
            javascript: literal,
            instead: r"write `\b`",
        },
        'h' | 'H' | 'R' | 'G' | 'K' | 'e' | 'g' | 'O' | 'N' | 'X' => Elsewhere {
            python: REFUSES,
            pcre2: matches!(letter, 'h' | 'H').then_some("reads horizontal space"),
            javascript: literal,
            instead: "spell out what is meant",
        },
        'k' => Elsewhere { python: REFUSES, instead: r"write `\1`", ..none },
        _ => return None,
    })
}

fn literal_braces() -> Option<&'static str> {
    Some("reads the braces as they are")
}

fn literal_elsewhere(instead: &'static str) -> Elsewhere {
    let literal = Some("reads the characters themselves");
    Elsewhere { python: literal, pcre2: literal, javascript: literal, instead }
}

/// Whether `--` is the end of one range, as in `[+--]`, rather than an operator.
fn is_range(text: &str, token: &Token) -> bool {
    text[token.span.end..].starts_with(']')
}
