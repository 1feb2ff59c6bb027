//! ## What it does
//! Finds what differs only by case where case is not told apart, and a class of
//! upper-case letters alone in a pattern, which ignores case as all of them do.
//! Ids and categories that differ only by case are found too: there it is the
//! other way round, and the two are not the same.
//!
//! ## Why is this bad?
//! `[A-Z]{3}` finds `abc`, and `error|ERROR` looks twice for the same. Of two
//! ids `net_reset` and `NET_RESET` somebody will one day name the wrong one.
//!
//! ## Example
//! ```yaml
//! pattern: 'code [A-Z]{3}[0-9]'
//! ```
//!
//! ## Use instead
//! If case does not matter, say so:
//! ```yaml
//! pattern: 'code [A-Za-z]{3}[0-9]'
//! ```
//! If it does, switch case on:
//! ```yaml
//! pattern: 'code (?-i:[A-Z]{3})[0-9]'
//! ```

use std::collections::HashMap;

use regex_syntax::ast::{
    Ast, ClassSet, ClassSetItem, ClassUnicodeKind, Flag, FlagsItemKind, GroupKind,
};
use signatures_document::yaml::Span;

use super::{
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::{
    finding::{Finding, Severity},
    pattern::WrittenPattern,
};

pub(super) const RULE: Rule = Rule {
    name: "case-conflict",
    severity: Severity::Warning,
    check: Check::Taxonomy(check),
    source: include_str!("case_conflict.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    let taxonomy = file.taxonomy;
    let categories = taxonomy.categories.iter().map(|c| (c.name.as_str(), c.span));
    same_but_for_case("category", categories, findings);
    let ids = taxonomy.signatures.iter().filter_map(|s| s.declared_id.as_ref());
    same_but_for_case("id", ids.map(|id| (id.text.as_str(), id.at.span)), findings);
    for pattern in WrittenPattern::all(file.source, taxonomy) {
        if let Some(ast) = pattern.ast() {
            visit(&pattern, ast, true, findings);
        }
    }
}

fn same_but_for_case<'a>(
    what: &str,
    names: impl Iterator<Item = (&'a str, Span)>,
    findings: &mut Vec<Finding>,
) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (name, span) in names {
        let first = *seen.entry(name.to_lowercase()).or_insert(name);
        if first != name {
            let message = format!("the {what} `{name}` differs from `{first}` only by case");
            findings.push(RULE.finding(span, message).help("rename one of them"));
        }
    }
}

/// Looks through a pattern; answers whether case is ignored after it.
fn visit(
    pattern: &WrittenPattern<'_>,
    ast: &Ast,
    mut ignored: bool,
    findings: &mut Vec<Finding>,
) -> bool {
    match ast {
        Ast::Flags(flags) => return case_ignored(&flags.flags.items, ignored),
        Ast::Group(group) => {
            let inside = match &group.kind {
                GroupKind::NonCapturing(flags) => case_ignored(&flags.items, ignored),
                _ => ignored,
            };
            visit(pattern, &group.ast, inside, findings);
        }
        Ast::Concat(concat) => {
            for part in &concat.asts {
                ignored = visit(pattern, part, ignored, findings);
            }
        }
        Ast::Alternation(alternation) => {
            if ignored {
                equal_branches(pattern, &alternation.asts, findings);
            }
            for branch in &alternation.asts {
                ignored = visit(pattern, branch, ignored, findings);
            }
        }
        Ast::Repetition(repetition) => {
            visit(pattern, &repetition.ast, ignored, findings);
        }
        Ast::ClassBracketed(class) if ignored && upper_case_only(&class.kind) => {
            report(pattern, class.span.start.offset..class.span.end.offset, findings);
        }
        Ast::ClassUnicode(class) if ignored && is_case(&class.kind) => {
            report(pattern, class.span.start.offset..class.span.end.offset, findings);
        }
        _ => {}
    }
    ignored
}

fn case_ignored(items: &[regex_syntax::ast::FlagsItem], before: bool) -> bool {
    let mut on = true;
    let mut ignored = before;
    for item in items {
        match item.kind {
            FlagsItemKind::Negation => on = false,
            FlagsItemKind::Flag(Flag::CaseInsensitive) => ignored = on,
            FlagsItemKind::Flag(_) => {}
        }
    }
    ignored
}

fn report(pattern: &WrittenPattern<'_>, part: std::ops::Range<usize>, findings: &mut Vec<Finding>) {
    let class = &pattern.text()[part.clone()];
    let message = format!("`{class}` reads the other case too: patterns ignore case");
    findings.push(
        RULE.finding(pattern.span(part), message)
            .help(format!("write `(?-i:{class})` if case matters, or both cases if it does not")),
    );
}

/// Whether a class names `A-Z` and no letter in lower case.
fn upper_case_only(set: &ClassSet) -> bool {
    let ClassSet::Item(ClassSetItem::Union(union)) = set else {
        return matches!(set, ClassSet::Item(item) if is_upper(item));
    };
    union.items.iter().any(is_upper) && !union.items.iter().any(has_lower)
}

fn is_upper(item: &ClassSetItem) -> bool {
    match item {
        ClassSetItem::Range(range) => (range.start.c, range.end.c) == ('A', 'Z'),
        ClassSetItem::Ascii(class) => class.kind == regex_syntax::ast::ClassAsciiKind::Upper,
        ClassSetItem::Unicode(class) => is_case(&class.kind),
        _ => false,
    }
}

fn has_lower(item: &ClassSetItem) -> bool {
    match item {
        ClassSetItem::Range(range) => range.end.c.is_lowercase(),
        ClassSetItem::Literal(literal) => literal.c.is_lowercase(),
        ClassSetItem::Empty(_) => false,
        // A named class may hold them, and that it was meant to is likely.
        other => !is_upper(other),
    }
}

/// `\p{Lu}`, `\p{Uppercase}` and their counterparts.
fn is_case(kind: &ClassUnicodeKind) -> bool {
    let name = match kind {
        ClassUnicodeKind::Named(name) => name.to_lowercase(),
        _ => return false,
    };
    matches!(name.as_str(), "lu" | "ll" | "lt" | "uppercase" | "lowercase")
}

/// Branches that are the same once case is ignored.
fn equal_branches(pattern: &WrittenPattern<'_>, branches: &[Ast], findings: &mut Vec<Finding>) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for branch in branches {
        let part = branch.span().start.offset..branch.span().end.offset;
        let text = &pattern.text()[part.clone()];
        if switches_for_the_rest(text) {
            break;
        }
        // An escape may mean another thing in the other case, and a group tell it apart.
        if text.is_empty() || text.contains('\\') || switches(text) {
            continue;
        }
        let first = *seen.entry(text.to_lowercase()).or_insert(text);
        if first != text {
            let message = format!("`{text}` and `{first}` are the same: patterns ignore case");
            findings.push(RULE.finding(pattern.span(part), message).help("leave one of them out"));
        }
    }
}

/// Whether a branch has flags, so that case may matter in it.
fn switches(branch: &str) -> bool {
    let is_plain = |group: &str| [":", "P<", "<"].iter().any(|plain| group.starts_with(plain));
    branch.split("(?").skip(1).any(|group| !is_plain(group))
}

/// Whether it has flags that are for all that follows, in other branches too.
fn switches_for_the_rest(branch: &str) -> bool {
    let is_flag = |c: char| c.is_ascii_alphabetic() || c == '-';
    branch.split("(?").skip(1).any(|group| group.trim_start_matches(is_flag).starts_with(')'))
}
