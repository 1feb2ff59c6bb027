//! All rules on files that are used together.

use signatures_delivery::Settings;
use signatures_engine::Taxonomy;

use super::{
    blocks::blocks,
    read_file::{Content, ReadFile},
};
use crate::{
    config::Config,
    finding::{Finding, Severity},
    ignores, parallel,
    pattern::WrittenPattern,
    rules::{AlertsFile, RULES, Rule, TaxonomyFile},
};

/// Looks at files that are used together: what is found in each.
pub(crate) fn check(files: &[ReadFile], config: &Config) -> Vec<Vec<Finding>> {
    let defaults = Settings::default();
    let mut settings = &defaults;
    let mut taxonomies = Vec::new();
    for file in files {
        match &file.content {
            Content::Taxonomy(taxonomy) => taxonomies.push(taxonomy),
            Content::Alerts(found) => settings = found,
            Content::Relay => {}
        }
    }
    // Of a taxonomy of which nothing could be read it is not known either what is not there.
    if files.iter().any(is_unread_taxonomy) {
        taxonomies.clear();
    }
    files.iter().map(|file| findings(file, settings, &taxonomies, config)).collect()
}

fn is_unread_taxonomy(file: &ReadFile) -> bool {
    let is_empty = |taxonomy: &Taxonomy| taxonomy.categories.is_empty();
    !file.complete && matches!(&file.content, Content::Taxonomy(taxonomy) if is_empty(taxonomy))
}

fn findings(
    file: &ReadFile,
    settings: &Settings,
    taxonomies: &[&Taxonomy],
    config: &Config,
) -> Vec<Finding> {
    let mut findings = file.problems.clone();
    findings.retain(|finding| config.wants(finding.rule));
    let root = file.source.document().ok().flatten();
    let rules = || RULES.iter().filter(|rule| config.wants(rule.name));
    let blocks = root.map(|root| blocks(&file.source, root)).unwrap_or_default();
    match &file.content {
        Content::Taxonomy(taxonomy) => {
            let file = TaxonomyFile::new(&file.source, taxonomy, file.complete, settings, config);
            let patterns: Vec<_> = WrittenPattern::all(file.source, file.taxonomy).collect();
            findings.extend(parallel::find(&patterns, |pattern, found| {
                // Goes again with its syntax, which takes memory.
                let pattern = pattern.clone();
                rules().for_each(|rule| rule.check_pattern(&pattern, found));
            }));
            let rules: Vec<_> = rules().collect();
            findings
                .extend(parallel::find(&rules, |rule, found| rule.check_taxonomy(&file, found)));
        }
        Content::Alerts(settings) => {
            if let Some(root) = root {
                let file = AlertsFile { root, settings, taxonomies };
                rules().for_each(|rule| rule.check_alerts(&file, &mut findings));
            }
        }
        Content::Relay => {}
    }
    if let Some(root) = root.filter(|_| !matches!(file.content, Content::Relay)) {
        rules().for_each(|rule| rule.check_values(&file.source, root, &mut findings));
    }
    let looked_for = |rule: &Rule| !taxonomies.is_empty() || !rule.needs_taxonomy();
    // Of what could not be read nothing can be found.
    let looked_for = file.complete.then_some(&looked_for as &dyn Fn(&Rule) -> bool);
    ignores::apply(&file.source, &blocks, &mut findings, config, looked_for);
    for finding in &mut findings {
        // What could not be decided stays mere information.
        let decided = finding.severity != Severity::Info;
        if let Some(severity) = config.severity.get(finding.rule).filter(|_| decided) {
            finding.severity = *severity;
        }
    }
    findings.sort_by_key(|finding| (finding.span.start, finding.span.end, finding.rule));
    findings
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use signatures_document::yaml::Source;

    use super::*;
    use crate::validation::{Wanted, fixed};

    fn found(name: &str, text: &str, config: &Config) -> Vec<(&'static str, Severity)> {
        let found = check(&[ReadFile::new(Source::new(name, text))], config);
        found[0].iter().map(|f| (f.rule, f.severity)).collect()
    }

    #[test]
    fn what_cannot_be_read_is_said_to_lack_nothing() {
        let unknown = |taxonomy: &str| {
            let alerts = "immediate_categories: [critical]";
            let files = [("t.yml", taxonomy), ("alerts.yml", alerts)];
            let files = files.map(|(name, text)| ReadFile::new(Source::new(name, text)));
            let found = check(&files, &Config::default());
            found[1].iter().filter(|finding| finding.rule == "unknown-category").count()
        };
        assert_eq!(unknown("categories: {a: [boom]}"), 1);
        assert_eq!(unknown("categories: {critical: {signatures: [{id: A, pattern: \"\\d\"}]}}"), 0);
    }

    #[test]
    fn a_team_says_what_is_looked_for_and_how_much_it_weighs() {
        let text = "categories: {a: {signatures: [{id: A, pattern: '404|foo.*'}]}}";
        let default = Config::default();
        let all = [
            ("missing-summary", Severity::Warning),
            ("bare-number", Severity::Warning),
            ("redundant-wildcard", Severity::Warning),
        ];
        assert_eq!(found("t.yml", text, &default), all);
        let config = Config {
            ignore: vec!["missing-summary".to_owned()],
            severity: [("bare-number".to_owned(), Severity::Error)].into(),
            ..Config::default()
        };
        let chosen = [("bare-number", Severity::Error), ("redundant-wildcard", Severity::Warning)];
        assert_eq!(found("t.yml", text, &config), chosen);
    }

    #[test]
    fn what_could_be_read_of_a_broken_file_is_looked_at_too() {
        let text = "categories: {a: ['x(', '404']}";
        let expected = [("invalid-regex", Severity::Error), ("bare-number", Severity::Warning)];
        assert_eq!(found("t.yml", text, &Config::default()), expected);
    }

    #[test]
    fn an_allowlist_that_comes_first_shadows_what_it_finds() {
        let taxonomy = "noise_allowlist: [reset]\ncategories: {a: ['connection reset']}";
        let alerts = "allowlist_first: true";
        let sources = [Source::new("t.yml", taxonomy), Source::new("alerts.yml", alerts)];
        let found = check(&sources.map(ReadFile::new), &Config::default());
        let messages: Vec<_> = found[0].iter().map(|f| f.message.as_str()).collect();
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
            let _ = found("x", &String::from_utf8_lossy(&bytes), &Config::default());
        }

        #[test]
        fn arbitrary_patterns_are_looked_at_and_mended_without_a_panic(
            patterns in prop::collection::vec("([a-c1é. ]|\\\\[dwb.\\\\]|[(]|[(][?][:=!]|[)]|[*+?|]|[.][*]|\\[[a^]|\\]|[{]2,3[}]|\\$|\\^){0,8}", 1..4),
            quote in "['\"]",
        ) {
            let list: String = patterns.iter().map(|p| format!("  - {quote}{p}{quote} # sigcheck: ignore[bare-number]\n")).collect();
            let text = format!("a:\n{list}noise_allowlist:\n{list}");
            let file = ReadFile::new(Source::new("x", text));
            let found = check(std::slice::from_ref(&file), &Config::default()).remove(0);
            for finding in &found {
                let range = finding.range(&file.source);
                prop_assert!(file.source.text().get(range).is_some(), "{finding:?}");
            }
            if let Some((mended, _)) = fixed(&file, &found, Wanted::All) {
                check(&[mended], &Config::default());
            }
        }
    }
}
