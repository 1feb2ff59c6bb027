//! Looking at files with all rules.

use signatures_delivery::Settings;
use signatures_document::{yaml::Node, yaml::NodeKind, yaml::Source, yaml::Span};
use signatures_engine::Taxonomy;

use crate::{
    choices::Choices,
    files::Kind,
    finding::{Checked, Finding},
    ignores, parallel,
    pattern::WrittenPattern,
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
            (Content::Taxonomy(taxonomy), reading.diagnostics)
        }
        Kind::Alerts => {
            let reading = Settings::read(&source);
            let settings = reading.value.or(reading.salvaged).unwrap_or_default();
            (Content::Alerts(Box::new(settings)), reading.diagnostics)
        }
    };
    let complete = !problems.iter().any(signatures_document::Diagnostic::is_error);
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
    let root = file.source.document().ok().flatten();
    let rules = || RULES.iter().filter(|rule| choices.wants(rule.name));
    let mut blocks = Vec::new();
    match &file.content {
        Content::Taxonomy(taxonomy) => {
            let file = TaxonomyFile::new(&file.source, taxonomy, file.complete, settings, choices);
            let patterns: Vec<_> = WrittenPattern::all(file.source, file.taxonomy).collect();
            findings.extend(parallel::find(&patterns, |pattern, found| {
                // Goes again with its syntax, which takes memory.
                let pattern = pattern.clone();
                rules().for_each(|rule| rule.check_pattern(&pattern, found));
            }));
            let rules: Vec<_> = rules().collect();
            findings
                .extend(parallel::find(&rules, |rule, found| rule.check_taxonomy(&file, found)));
            blocks.extend(taxonomy.signatures.iter().map(|signature| signature.span));
        }
        Content::Alerts(settings) => {
            if let Some(root) = root {
                let file = AlertsFile { root, settings, taxonomies };
                rules().for_each(|rule| rule.check_alerts(&file, &mut findings));
                blocks.extend(items(root));
            }
        }
    }
    if let Some(root) = root {
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

/// Does to a taxonomy and alert settings, given as bytes, all that
/// `sigcheck validate` does: reads, looks, mends, prints in every format.
#[cfg(fuzzing)]
pub fn survey(taxonomy: &[u8], alerts: &[u8]) {
    let files = [("taxonomy.yml", taxonomy), ("alerts.yml", alerts)];
    let read = |(name, bytes): (&str, &[u8])| crate::files::source(name, bytes.to_vec()).ok();
    let sources: Vec<_> =
        files.into_iter().filter(|(_, bytes)| !bytes.is_empty()).filter_map(read).collect();
    let choices = Choices::default();
    let checked = check(sources, &choices);
    for format in <crate::report::Format as clap::ValueEnum>::value_variants() {
        let mut out = Vec::new();
        format.print(&checked, &mut out).expect("a vector takes everything");
        assert!(str::from_utf8(&out).is_ok(), "{format:?} is text");
    }
    let mended: Vec<_> = checked.iter().filter_map(fixed).map(|(source, _)| source).collect();
    check(mended, &choices);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::finding::Severity;

    fn found(name: &str, text: &str, choices: &Choices) -> Vec<(&'static str, Severity)> {
        let checked = check(vec![Source::new(name, text)], choices);
        checked[0].findings.iter().map(|f| (f.rule, f.severity)).collect()
    }

    #[test]
    fn a_team_says_what_is_looked_for_and_how_much_it_weighs() {
        let text = "categories: {a: {signatures: [{id: A, pattern: '404|foo.*'}]}}";
        let default = Choices::default();
        let all = [
            ("missing-summary", Severity::Warning),
            ("bare-number", Severity::Warning),
            ("redundant-wildcard", Severity::Warning),
        ];
        assert_eq!(found("t.yml", text, &default), all);
        let choices = Choices {
            ignore: vec!["missing-summary".to_owned()],
            severity: [("bare-number".to_owned(), Severity::Error)].into(),
            ..Choices::default()
        };
        let chosen = [("bare-number", Severity::Error), ("redundant-wildcard", Severity::Warning)];
        assert_eq!(found("t.yml", text, &choices), chosen);
    }

    #[test]
    fn what_could_be_read_of_a_broken_file_is_looked_at_too() {
        let text = "categories: {a: ['x(', '404']}";
        let expected = [("invalid-regex", Severity::Error), ("bare-number", Severity::Warning)];
        assert_eq!(found("t.yml", text, &Choices::default()), expected);
    }

    #[test]
    fn an_allowlist_that_comes_first_shadows_what_it_finds() {
        let taxonomy = "noise_allowlist: [reset]\ncategories: {a: ['connection reset']}";
        let alerts = "allowlist_first: true";
        let sources = vec![Source::new("t.yml", taxonomy), Source::new("alerts.yml", alerts)];
        let found = check(sources, &Choices::default());
        let messages: Vec<_> = found[0].findings.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "this entry drops what a_0 is to find, as `connection reset`",
                "a_0 never gives the verdict: the allowlist's `reset` finds everything that it finds, as `connection reset`",
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn arbitrary_bytes_are_looked_at_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = found("x", &String::from_utf8_lossy(&bytes), &Choices::default());
        }

        #[test]
        fn arbitrary_patterns_are_looked_at_and_mended_without_a_panic(
            patterns in prop::collection::vec("([a-c1é. ]|\\\\[dwb.\\\\]|[(]|[(][?][:=!]|[)]|[*+?|]|[.][*]|\\[[a^]|\\]|[{]2,3[}]|\\$|\\^){0,8}", 1..4),
            quote in "['\"]",
        ) {
            let list: String = patterns.iter().map(|p| format!("  - {quote}{p}{quote} # sigcheck: ignore[bare-number]\n")).collect();
            let text = format!("a:\n{list}noise_allowlist:\n{list}");
            let checked = check(vec![Source::new("x", text)], &Choices::default());
            for finding in &checked[0].findings {
                let range = finding.range(&checked[0].source);
                prop_assert!(checked[0].source.text().get(range).is_some(), "{finding:?}");
            }
            if let Some((source, _)) = fixed(&checked[0]) {
                check(vec![source], &Choices::default());
            }
        }
    }
}
