//! ## What it does
//! Finds a `.` that stands unescaped in what is plainly the name of a host, a file or
//! a class, in a version or an address, and beside one that is escaped. Where words
//! make a sentence, as in `connection.reset.by.peer`, any character may be meant.
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

use regex_syntax::ast::{Ast, ClassPerlKind, ClassSet, ClassSetItem};

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

/// What packages of programming languages begin with.
const PACKAGES: [&str; 28] = [
    "java",
    "javax",
    "jakarta",
    "jdk",
    "sun",
    "android",
    "androidx",
    "kotlin",
    "kotlinx",
    "scala",
    "akka",
    "org",
    "com",
    "net",
    "io",
    "system",
    "microsoft",
    "django",
    "flask",
    "celery",
    "sqlalchemy",
    "requests",
    "urllib",
    "asyncio",
    "rest_framework",
    "golang",
    "github",
    "www",
];

/// Words of sentences, which are no part of a name.
const OF_SENTENCES: [&str; 34] = [
    "a", "an", "and", "are", "as", "at", "be", "by", "cannot", "could", "did", "does", "for",
    "from", "has", "in", "into", "is", "it", "no", "not", "of", "on", "or", "out", "the", "to",
    "too", "was", "were", "while", "with", "without", "failed",
];

/// Words joined by dots, escaped or not.
#[derive(Default)]
struct Name {
    text: String,
    /// Where the unescaped ones are.
    dots: Vec<Range<usize>>,
    /// Whether some are escaped.
    has_escaped: bool,
}

impl Name {
    fn what(&self) -> Option<&'static str> {
        let words: Vec<_> = self.text.split('.').collect();
        let (first, last) = (words.first()?.to_lowercase(), words.last()?.to_lowercase());
        let number = |word: &&str| word.bytes().all(|b| b.is_ascii_digit());
        if words.len() < 2 || words.iter().any(|word| word.is_empty()) {
            None
        } else if words.iter().all(number) {
            Some("a version or an address")
        } else if number(&words[0]) || words.iter().any(is_of_sentence) {
            None
        } else if FILE_ENDINGS.contains(&last.as_str()) {
            Some("the name of a file")
        } else if HOST_ENDINGS.contains(&last.as_str()) {
            Some("the name of a host")
        } else if is_class(words[words.len() - 1]) {
            Some("the name of a class")
        } else if self.has_escaped || words.len() > 2 && PACKAGES.contains(&first.as_str()) {
            Some("a name of several parts")
        } else {
            (words.len() > 2 && is_versioned(&words)).then_some("a name of several parts")
        }
    }
}

/// Whether numbers are a part of a name: `v1.2.3`, `libssl.so.1`.
fn is_versioned(words: &[&str]) -> bool {
    let has_digit = |word: &&&str| word.bytes().any(|b| b.is_ascii_digit());
    let mixed = |word: &&str| word.bytes().any(|b| b.is_ascii_alphabetic()) && has_digit(&word);
    let of_file =
        words.windows(2).any(|pair| FILE_ENDINGS.contains(&pair[0]) && has_digit(&&pair[1]));
    words.iter().any(mixed) || words.iter().filter(has_digit).count() > 1 || of_file
}

fn is_of_sentence(word: &&str) -> bool {
    OF_SENTENCES.contains(&word.to_lowercase().as_str())
}

/// Whether a word has capitals in it as classes do, as in `SocketException`.
fn is_class(word: &str) -> bool {
    let is_upper = |c: char| c.is_ascii_uppercase();
    word.starts_with(is_upper)
        && word[1..].contains(is_upper)
        && word.contains(|c: char| c.is_ascii_lowercase())
}

/// The names in a sequence of parts.
fn names(parts: &[Ast]) -> Vec<Name> {
    let mut names = vec![Name::default()];
    for part in parts {
        let Some(name) = names.last_mut() else { continue };
        match part {
            Ast::Literal(literal) if literal.c == '.' => {
                name.text.push('.');
                name.has_escaped = true;
            }
            Ast::Literal(literal) if is_name(literal.c) => name.text.push(literal.c),
            Ast::Dot(span) => {
                name.text.push('.');
                name.dots.push(span.start.offset..span.end.offset);
            }
            // Which one it is does not matter.
            part if is_digits(part) => name.text.push('0'),
            _ => names.push(Name::default()),
        }
    }
    names
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// `\d`, `[0-9]`, and the like repeated.
fn is_digits(ast: &Ast) -> bool {
    match ast {
        Ast::ClassPerl(class) => class.kind == ClassPerlKind::Digit && !class.negated,
        Ast::ClassBracketed(class) if !class.negated => match &class.kind {
            ClassSet::Item(ClassSetItem::Range(range)) => {
                range.start.c.is_ascii_digit() && range.end.c.is_ascii_digit()
            }
            ClassSet::Item(ClassSetItem::Union(union)) => union.items.iter().all(
                |item| matches!(item, ClassSetItem::Literal(literal) if literal.c.is_ascii_digit()),
            ),
            _ => false,
        },
        Ast::Repetition(repetition) => is_digits(&repetition.ast),
        _ => false,
    }
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
