//! Comments that silence findings: `# sigcheck: ignore[rule, rule]`.
//!
//! A comment behind a line is for that line, and behind the first line of a
//! signature, or of a value that goes on below, for all of it; a comment on a line of
//! its own is for what follows. What makes a file unusable cannot be silenced.

use std::ops::Range;

use signatures_document::yaml::{Source, Span};

use crate::{
    config::Config,
    finding::{Finding, Fix, Severity},
    rules::{Rule, UNUSED_IGNORE, rule_like, rule_name, rule_named},
};

/// A comment that silences findings.
struct Ignore {
    comment: Span,
    /// The rules it names, and where.
    rules: Vec<(String, Span)>,
    /// The bytes that it is for.
    reach: Range<usize>,
}

/// Takes away what comments silence, and reports those that silence nothing.
///
/// `blocks` are the spans that a comment at their first line is for;
/// `looked_for` tells whether a rule could have found anything.
pub(crate) fn apply(
    source: &Source,
    blocks: &[Span],
    findings: &mut Vec<Finding>,
    config: &Config,
    looked_for: Option<&dyn Fn(&Rule) -> bool>,
) {
    let ignores = read(source, blocks, config, findings);
    let mut used = vec![false; ignores.iter().map(|ignore| ignore.rules.len()).sum()];
    findings.retain(|finding| {
        let mut silenced = false;
        let named = ignores.iter().flat_map(|i| i.rules.iter().map(move |(rule, _)| (i, rule)));
        for (at, (ignore, rule)) in named.enumerate() {
            if rule == finding.rule && !is_fatal(rule) && ignore.reach.contains(&finding.span.start)
            {
                used[at] = true;
                silenced = true;
            }
        }
        !silenced
    });
    for ignore in &ignores {
        for (name, span) in ignore.rules.iter().filter(|(name, _)| is_fatal(name)) {
            let message = format!("`{name}` cannot be ignored: the file is of no use with it");
            let finding = Finding { severity: Severity::Error, ..finding(*span, message) };
            findings.push(removed(finding, source, ignore, *span));
        }
    }
    let Some(looked_for) = looked_for.filter(|_| config.wants(UNUSED_IGNORE.name)) else { return };
    let named =
        ignores.iter().flat_map(|i| i.rules.iter().map(move |(rule, span)| (i, rule, span)));
    for (at, (ignore, name, span)) in named.enumerate() {
        let known = rule_named(name);
        let wanted = known.is_none_or(|rule| config.wants(name) && looked_for(rule));
        if used[at] || !wanted || is_fatal(name) {
            continue;
        }
        let finding = match rule_name(name) {
            Ok(_) => finding(*span, format!("there is no `{name}` here to ignore")),
            Err(message) => Finding {
                help: rule_like(name).map(|meant| format!("write `ignore[{meant}]`, or remove it")),
                ..finding(*span, message)
            },
        };
        findings.push(removed(finding, source, ignore, *span));
    }
}

/// Whether a rule is about what makes a file unusable.
fn is_fatal(name: &str) -> bool {
    rule_named(name).is_some_and(Rule::is_fatal)
}

/// The finding with the edit that removes what it is about.
fn removed(finding: Finding, source: &Source, ignore: &Ignore, rule: Span) -> Finding {
    match removal(source, ignore, rule) {
        Some(fix) => finding.fix(Ok(fix)),
        None => finding,
    }
}

fn finding(span: Span, message: String) -> Finding {
    Finding {
        rule: UNUSED_IGNORE.name,
        severity: UNUSED_IGNORE.severity,
        message,
        span,
        help: Some("remove it".to_owned()),
        fix: None,
        hindrance: None,
    }
}

fn read(
    source: &Source,
    blocks: &[Span],
    config: &Config,
    findings: &mut Vec<Finding>,
) -> Vec<Ignore> {
    let mut ignores = Vec::new();
    for comment in source.comments() {
        let text = &source.text()[comment.span.start..comment.span.end];
        let Some(directive) = comment.text.trim_start().strip_prefix("sigcheck:") else { continue };
        let list = directive.trim().strip_prefix("ignore[").and_then(|list| list.split_once(']'));
        let Some((list, _)) = list else {
            if config.wants(UNUSED_IGNORE.name) {
                let message = "this silences nothing: the rule is missing".to_owned();
                findings.push(Finding {
                    severity: Severity::Warning,
                    help: Some("write `# sigcheck: ignore[rule]`".to_owned()),
                    ..finding(comment.span, message)
                });
            }
            continue;
        };
        // Found above, so it is there.
        let start = comment.span.start + text.find('[').unwrap_or(0) + 1;
        let mut rules = Vec::new();
        let mut at = start;
        for name in list.split(',') {
            let begin = at + (name.len() - name.trim_start().len());
            rules.push((name.trim().to_owned(), Span::new(begin, begin + name.trim().len())));
            at += name.len() + 1;
        }
        let reach = reach(source, comment.span, blocks);
        ignores.push(Ignore { comment: comment.span, rules, reach });
    }
    ignores
}

/// What a comment is for. The blocks are in the order of their beginnings.
fn reach(source: &Source, comment: Span, blocks: &[Span]) -> Range<usize> {
    let text = source.text();
    let mut line = source.lines(comment.start..comment.start);
    if is_blank(&text[line.start..comment.start]) {
        // The next line that is neither blank nor a comment.
        loop {
            let next = next_line(text, line.end);
            if next >= text.len() {
                return text.len()..text.len();
            }
            line = source.lines(next..next);
            let content = text[line.clone()].trim();
            if !content.is_empty() && !content.starts_with('#') {
                break;
            }
        }
    }
    let first = blocks.partition_point(|block| block.start < line.start);
    let begun = blocks[first..].iter().take_while(|block| block.start <= line.end);
    let end = begun.map(|block| block.end).chain([line.end]).max().unwrap_or(line.end);
    line.start..end + 1
}

fn is_blank(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim().is_empty()
}

/// Where the line begins behind one that ends at a place.
fn next_line(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    end + if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) }
}

/// The edit that removes a rule from a comment, or the comment with its last.
fn removal(source: &Source, ignore: &Ignore, rule: Span) -> Option<Fix> {
    let text = source.text();
    if ignore.rules.len() > 1 {
        let first = ignore.rules.first().is_some_and(|(_, span)| *span == rule);
        let span = match first {
            true => Span::new(rule.start, ignore.rules[1].1.start),
            false => Span::new(text[..rule.start].rfind(',')?, rule.end),
        };
        return Some(Fix::beside_values(span, String::new()));
    }
    let closing = text[rule.end..ignore.comment.end].strip_prefix(']')?.trim();
    if !closing.is_empty() {
        // It goes on with a reason, and whose that is only a person can tell.
        return None;
    }
    let line = source.lines(ignore.comment.start..ignore.comment.start);
    let before = text[line.start..ignore.comment.start].trim_end();
    let span = match is_blank(before) {
        true => Span::new(line.start + before.len(), next_line(text, line.end)),
        false => Span::new(line.start + before.len(), ignore.comment.end),
    };
    Some(Fix::beside_values(span, String::new()))
}
