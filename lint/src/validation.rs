//! Looking at files with all rules.

use signatures_engine::{
    settings::Settings,
    taxonomy::Taxonomy,
    yaml::{Node, NodeKind, Source, Span, parse},
};

use crate::{
    choices::Choices,
    files::Kind,
    finding::{Checked, Finding},
    ignores,
    rules::{AlertsFile, RULES, Rule, TaxonomyFile},
};

/// A file as far as it could be read.
struct Read {
    source: Source,
    content: Content,
    /// Whether all of it could be read.
    complete: bool,
    problems: Vec<Finding>,
}

enum Content {
    Taxonomy(Taxonomy),
    Alerts(Box<Settings>),
}

/// Looks at files that are used together.
pub(crate) fn check(sources: Vec<Source>, choices: &Choices) -> Vec<Checked> {
    let files: Vec<_> = sources.into_iter().map(read).collect();
    let defaults = Settings::default();
    let mut settings = &defaults;
    let mut taxonomies = Vec::new();
    for file in &files {
        match &file.content {
            Content::Taxonomy(taxonomy) => taxonomies.push(taxonomy),
            Content::Alerts(found) => settings = found,
        }
    }
    let found: Vec<_> =
        files.iter().map(|file| findings(file, settings, &taxonomies, choices)).collect();
    let checked = |(file, findings): (Read, _)| Checked { source: file.source, findings };
    files.into_iter().zip(found).map(checked).collect()
}

fn read(source: Source) -> Read {
    let (content, problems) = match Kind::of(&source) {
        Kind::Taxonomy => {
            let reading = Taxonomy::read(&source);
            let taxonomy = reading.value.or(reading.salvaged).unwrap_or_default();
            (Content::Taxonomy(taxonomy), reading.problems)
        }
        Kind::Alerts => {
            let reading = Settings::read(&source);
            let settings = reading.value.or(reading.salvaged).unwrap_or_default();
            (Content::Alerts(Box::new(settings)), reading.problems)
        }
    };
    let complete = !problems.iter().any(signatures_engine::problem::Problem::is_error);
    Read { source, content, complete, problems: problems.into_iter().map(Finding::from).collect() }
}

fn findings(
    file: &Read,
    settings: &Settings,
    taxonomies: &[&Taxonomy],
    choices: &Choices,
) -> Vec<Finding> {
    let mut findings = file.problems.clone();
    findings.retain(|finding| choices.wants(finding.rule));
    let root = parse(file.source.text()).ok().flatten();
    let rules = || RULES.iter().filter(|rule| choices.wants(rule.name));
    let mut blocks = Vec::new();
    match &file.content {
        Content::Taxonomy(taxonomy) => {
            let file = TaxonomyFile::new(&file.source, taxonomy, file.complete, settings, choices);
            rules().for_each(|rule| rule.check_taxonomy(&file, &mut findings));
            blocks.extend(taxonomy.signatures.iter().map(|signature| signature.span));
        }
        Content::Alerts(settings) => {
            if let Some(root) = &root {
                let file = AlertsFile { root, settings, taxonomies };
                rules().for_each(|rule| rule.check_alerts(&file, &mut findings));
                blocks.extend(items(root));
            }
        }
    }
    if let Some(root) = &root {
        rules().for_each(|rule| rule.check_values(&file.source, root, &mut findings));
    }
    let looked_for = |rule: &Rule| !taxonomies.is_empty() || !rule.needs_taxonomy();
    // Of what could not be read nothing can be found.
    let looked_for = file.complete.then_some(&looked_for as &dyn Fn(&Rule) -> bool);
    ignores::apply(&file.source, &blocks, &mut findings, choices, looked_for);
    for finding in &mut findings {
        // What could not be decided stays mere information.
        let decided = finding.severity != crate::finding::Severity::Info;
        if let Some(severity) = choices.severity.get(finding.rule).filter(|_| decided) {
            finding.severity = *severity;
        }
    }
    findings.sort_by_key(|finding| (finding.span.start, finding.span.end, finding.rule));
    findings
}

/// The entries of the lists at the top of a file.
fn items(root: &Node) -> Vec<Span> {
    let NodeKind::Mapping(entries) = &root.kind else { return Vec::new() };
    let lists = entries.iter().filter_map(|entry| match &entry.value.kind {
        NodeKind::Sequence(items) => Some(items),
        _ => None,
    });
    lists.flatten().map(|item| item.span).collect()
}

/// Applies all fixes that do not meet; none where the file would be the worse
/// for it.
pub(crate) fn fixed(checked: &Checked) -> Option<(Source, usize)> {
    let mut fixes: Vec<_> = checked.findings.iter().filter_map(|f| f.fix.as_ref()).collect();
    fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
    let text = checked.source.text();
    let (mut edited, mut at, mut count) = (String::with_capacity(text.len()), 0, 0);
    for fix in fixes {
        if fix.span.start < at || fix.span.end > text.len() {
            continue;
        }
        edited.push_str(&text[at..fix.span.start]);
        edited.push_str(&fix.text);
        at = fix.span.end;
        count += 1;
    }
    edited.push_str(&text[at..]);
    let source = Source::new(checked.source.name(), edited);
    let (before, after) = (read(checked.source.clone()), read(source.clone()));
    let worse = after.problems.len() > before.problems.len() || before.complete && !after.complete;
    (count > 0 && !worse && source.text() != text).then_some((source, count))
}
