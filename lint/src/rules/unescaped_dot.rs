//! ## What it does
//! Finds a `.` that stands unescaped in what is plainly the name of a host or a
//! file, a version, or a name of three parts and more.
//!
//! ## Why is this bad?
//! An unescaped `.` reads any character: `1.2` also finds `132`, and
//! `app.log` also finds `app-log`.
//!
//! ## Example
//! ```yaml
//! pattern: 'cannot open settings.json'
//! ```
//!
//! ## Use instead
//! ```yaml
//! pattern: 'cannot open settings\.json'
//! ```

use std::ops::Range;

use regex_syntax::ast::Ast;

use super::rule::{Check, Rule};
use crate::{
    finding::{Finding, Severity},
    pattern::WrittenPattern,
};

pub(super) const RULE: Rule = Rule {
    name: "unescaped-dot",
    severity: Severity::Warning,
    check: Check::Pattern(check),
    source: include_str!("unescaped_dot.rs"),
};

/// Last labels by which a host is known.
const HOST_ENDINGS: [&str; 18] = [
    "com",
    "org",
    "net",
    "io",
    "dev",
    "internal",
    "local",
    "localdomain",
    "lan",
    "svc",
    "cluster",
    "cloud",
    "gov",
    "edu",
    "example",
    "test",
    "corp",
    "intranet",
];

/// Endings by which a file is known.
const FILE_ENDINGS: [&str; 42] = [
    "log", "txt", "py", "js", "mjs", "ts", "tsx", "java", "kt", "rb", "go", "rs", "php", "cs",
    "cpp", "conf", "cfg", "ini", "yml", "yaml", "json", "toml", "xml", "html", "sql", "csv", "sh",
    "exe", "dll", "so", "jar", "war", "sock", "pid", "service", "ico", "zip", "gz", "tar", "db",
    "pem", "crt",
];

fn check(pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
    let Some(ast) = pattern.ast() else { return };
    visit(ast, &mut |parts| {
        for name in names(parts) {
            report(pattern, &name, findings);
        }
    });
}

fn report(pattern: &WrittenPattern<'_>, name: &Name, findings: &mut Vec<Finding>) {
    let Some(what) = name.what() else { return };
    for dot in &name.dots {
        let message = format!("this `.` in {what} reads any character");
        findings.push(
            RULE.finding(pattern.span(dot.clone()), message)
                .help(r"write `\.`")
                .fix(pattern.fix(dot.clone(), r"\.")),
        );
    }
}

/// Words joined by dots, escaped or not.
#[derive(Default)]
struct Name {
    text: String,
    /// Where the unescaped ones are.
    dots: Vec<Range<usize>>,
}

impl Name {
    fn what(&self) -> Option<&'static str> {
        let words: Vec<_> = self.text.split('.').collect();
        let last = words.last()?.to_lowercase();
        let number = |word: &&str| word.bytes().all(|b| b.is_ascii_digit());
        if words.len() < 2 || words.iter().any(|word| word.is_empty()) {
            None
        } else if words.iter().all(number) {
            Some("a version or an address")
        } else if number(&words[0]) {
            None
        } else if FILE_ENDINGS.contains(&last.as_str()) {
            Some("the name of a file")
        } else if HOST_ENDINGS.contains(&last.as_str()) {
            Some("the name of a host")
        } else {
            (words.len() > 2).then_some("a name of several parts")
        }
    }
}

/// The names in a sequence of parts.
fn names(parts: &[Ast]) -> Vec<Name> {
    let mut names = vec![Name::default()];
    for part in parts {
        let Some(name) = names.last_mut() else { continue };
        match part {
            Ast::Literal(literal) if is_name(literal.c) || literal.c == '.' => {
                name.text.push(literal.c);
            }
            Ast::Dot(span) => {
                name.text.push('.');
                name.dots.push(span.start.offset..span.end.offset);
            }
            _ => names.push(Name::default()),
        }
    }
    names
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// Calls `found` with every sequence in the pattern.
fn visit(ast: &Ast, found: &mut impl FnMut(&[Ast])) {
    match ast {
        Ast::Concat(concat) => {
            found(&concat.asts);
            concat.asts.iter().for_each(|part| visit(part, found));
        }
        Ast::Alternation(alternation) => {
            alternation.asts.iter().for_each(|branch| visit(branch, found));
        }
        Ast::Group(group) => visit(&group.ast, found),
        Ast::Repetition(repetition) => visit(&repetition.ast, found),
        _ => {}
    }
}
