//! The rules of `sigcheck`: one file each.
//!
//! A rule's file opens with its documentation, under the same headings in all
//! of them; `sigcheck explain` prints that very text, and `docs/rules.md` is made
//! of it, so that it cannot drift from the code beneath it. To add a rule: write
//! its file, put it on the list below, and add a fixture.

mod allowlist_hides_signature;
mod backtracking_engine;
mod bare_number;
mod case_conflict;
mod catastrophic_backtracking;
mod double_escaped;
mod duplicate_id;
mod duplicate_pattern;
mod empty_category;
pub(crate) mod example_mismatch;
mod invalid_regex;
mod invalid_yaml;
mod matches_empty;
mod matches_everything;
mod missing_secret;
mod missing_summary;
mod overlapping_signatures;
mod plain_secret;
mod portability;
mod redundant_wildcard;
mod regex_too_large;
mod schema;
mod shadowed_signature;
mod slow_prefilter;
mod unescaped_dot;
mod unknown_category;
mod unknown_key;
mod unknown_policy;
mod unknown_severity;
mod unknown_sink;
mod unreachable_threshold;
mod unrouted_sink;
mod unused_ignore;
mod unused_override;

use std::sync::OnceLock;

use signatures_delivery::Settings;
use signatures_document::{yaml::Node, yaml::NodeKind, yaml::Source, yaml::Span};
use signatures_engine::{Taxonomy, aggregate::Override};

use crate::{
    choices::Choices,
    finding::{Finding, Severity},
    language::Relations,
    pattern::WrittenPattern,
};

pub(crate) use unused_ignore::RULE as UNUSED_IGNORE;

/// All rules, by name.
pub(crate) const RULES: &[&Rule] = &[
    &allowlist_hides_signature::RULE,
    &backtracking_engine::RULE,
    &bare_number::RULE,
    &case_conflict::RULE,
    &catastrophic_backtracking::RULE,
    &double_escaped::RULE,
    &duplicate_id::RULE,
    &duplicate_pattern::RULE,
    &empty_category::RULE,
    &example_mismatch::RULE,
    &invalid_regex::RULE,
    &invalid_yaml::RULE,
    &matches_empty::RULE,
    &matches_everything::RULE,
    &missing_secret::RULE,
    &missing_summary::RULE,
    &overlapping_signatures::RULE,
    &plain_secret::RULE,
    &portability::RULE,
    &redundant_wildcard::RULE,
    &regex_too_large::RULE,
    &schema::RULE,
    &shadowed_signature::RULE,
    &slow_prefilter::RULE,
    &unescaped_dot::RULE,
    &unknown_category::RULE,
    &unknown_key::RULE,
    &unknown_policy::RULE,
    &unknown_severity::RULE,
    &unknown_sink::RULE,
    &unreachable_threshold::RULE,
    &unrouted_sink::RULE,
    &unused_ignore::RULE,
    &unused_override::RULE,
];

/// Something that a file may have wrong with it.
#[derive(Debug)]
pub(crate) struct Rule {
    /// In kebab case.
    pub(crate) name: &'static str,
    /// How much a finding weighs unless a team says otherwise.
    pub(crate) severity: Severity,
    /// How it is looked for.
    check: Check,
    /// The text of its file.
    source: &'static str,
}

/// How a rule looks.
#[derive(Debug)]
enum Check {
    /// Reading the file finds it.
    Reading,
    /// What delivers alerts finds it when it starts.
    Start,
    /// At one pattern after the other.
    Pattern(fn(&WrittenPattern<'_>, &mut Vec<Finding>)),
    /// At a taxonomy as a whole.
    Taxonomy(fn(&TaxonomyFile<'_>, &mut Vec<Finding>)),
    /// At alert settings.
    Alerts(fn(&AlertsFile<'_>, &mut Vec<Finding>)),
    /// At the values of any file.
    Values(fn(&Source, &Node, &mut Vec<Finding>)),
    /// At the comments that silence other findings, when all else is done.
    Ignores,
}

/// A taxonomy to be looked at.
pub(crate) struct TaxonomyFile<'a> {
    /// Its text.
    pub(crate) source: &'a Source,
    /// What it says, as far as it could be read.
    pub(crate) taxonomy: &'a Taxonomy,
    /// Whether all of it could be read.
    pub(crate) complete: bool,
    /// The alert settings that go with it.
    pub(crate) settings: &'a Settings,
    /// What the team has chosen.
    pub(crate) choices: &'a Choices,
    relations: OnceLock<Relations>,
}

/// Alert settings to be looked at.
pub(crate) struct AlertsFile<'a> {
    /// The tree of the file.
    pub(crate) root: &'a Node,
    /// What it says, as far as it could be read.
    pub(crate) settings: &'a Settings,
    /// The taxonomies that it goes with; none when none was given.
    pub(crate) taxonomies: &'a [&'a Taxonomy],
}

impl<'a> TaxonomyFile<'a> {
    pub(crate) fn new(
        source: &'a Source,
        taxonomy: &'a Taxonomy,
        complete: bool,
        settings: &'a Settings,
        choices: &'a Choices,
    ) -> Self {
        Self { source, taxonomy, complete, settings, choices, relations: OnceLock::new() }
    }

    /// How its patterns get in each other's way.
    fn relations(&self) -> &Relations {
        self.relations.get_or_init(|| Relations::of(self.taxonomy))
    }

    fn name(&self, index: usize) -> String {
        match self.taxonomy.signatures.get(index) {
            Some(signature) => signature.id.clone(),
            None => {
                let entry = &self.taxonomy.noise_allowlist[index - self.taxonomy.signatures.len()];
                format!("the allowlist's `{}`", entry.pattern.as_str())
            }
        }
    }

    /// Where the pattern of a signature, or of an entry of the allowlist, stands.
    fn pattern_span(&self, index: usize) -> Span {
        match self.taxonomy.signatures.get(index) {
            Some(signature) => signature.pattern_at.span,
            None => {
                let entry = index - self.taxonomy.signatures.len();
                self.taxonomy.noise_allowlist[entry].pattern_at.span
            }
        }
    }
}

impl<'a> AlertsFile<'a> {
    /// The value of a key at the top.
    fn value(&self, key: &str) -> Option<&'a Node> {
        match &self.root.kind {
            NodeKind::Mapping(entries) => {
                entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
            }
            _ => None,
        }
    }

    /// The overrides, and where they stand; none unless all could be read.
    fn overrides(&self) -> Vec<(&'a Node, &'a Override)> {
        let items = match self.value("overrides").map(|node| &node.kind) {
            Some(NodeKind::Sequence(items)) => items.as_slice(),
            _ => &[],
        };
        match items.len() == self.settings.engine.aggregation.overrides.len() {
            true => items.iter().zip(&self.settings.engine.aggregation.overrides).collect(),
            false => Vec::new(),
        }
    }
}

impl Rule {
    /// The rule of a name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.name == name).copied()
    }

    /// The name that was probably meant by one that no rule has.
    pub(crate) fn like(name: &str) -> Option<&'static str> {
        closest(name, RULES.iter().map(|rule| rule.name))
    }

    /// Its documentation, in Markdown.
    pub(crate) fn documentation(&self) -> String {
        let lines = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
    }

    /// Its first sentence.
    pub(crate) fn summary(&self) -> String {
        let text = self.documentation();
        let paragraph = text.split("\n\n").next().unwrap_or_default();
        let words = paragraph.lines().skip(1).collect::<Vec<_>>().join(" ");
        match words.split_once(". ") {
            Some((sentence, _)) => format!("{sentence}."),
            None => words,
        }
    }

    /// Whether it has nothing to say of alert settings by themselves.
    pub(crate) fn needs_taxonomy(&self) -> bool {
        [unknown_category::RULE.name, unused_override::RULE.name].contains(&self.name)
    }

    fn finding(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.name,
            severity: self.severity,
            message: message.into(),
            span,
            help: None,
            fix: None,
        }
    }

    pub(crate) fn check_pattern(&self, pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
        if let Check::Pattern(check) = self.check {
            check(pattern, findings);
        }
    }

    pub(crate) fn check_taxonomy(&self, file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
        if let Check::Taxonomy(check) = self.check {
            check(file, findings);
        }
    }

    pub(crate) fn check_alerts(&self, file: &AlertsFile<'_>, findings: &mut Vec<Finding>) {
        if let Check::Alerts(check) = self.check {
            check(file, findings);
        }
    }

    pub(crate) fn check_values(&self, source: &Source, root: &Node, findings: &mut Vec<Finding>) {
        if let Check::Values(check) = self.check {
            check(source, root, findings);
        }
    }
}

/// The name that is most like another, if it is like it at all.
pub(crate) fn closest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_lowercase();
    known
        .map(|known| (strsim::osa_distance(&lower, &known.to_lowercase()), known))
        .min()
        .filter(|(distance, known)| *distance <= known.len().div_ceil(3))
        .map(|(_, known)| known)
}

/// A text as it is quoted in a message: not too long, and in one line.
fn excerpt(text: &str) -> String {
    let line: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    // Quotes need no escape where backquotes enclose the text.
    let line = line.replace("\\'", "'").replace("\\\"", "\"").replace("\\\\", "\\");
    if text.chars().nth(80).is_some() { format!("{line}…") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_in_order_and_each_is_there_once() {
        let names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
    }

    #[test]
    fn every_rule_is_documented_under_the_same_headings() {
        for rule in RULES {
            let text = rule.documentation();
            let headings: Vec<_> = text.lines().filter(|line| line.starts_with("## ")).collect();
            let expected =
                ["## What it does", "## Why is this bad?", "## Example", "## Use instead"];
            assert_eq!(headings[..4], expected, "{}", rule.name);
            assert!(matches!(headings[4..], [] | ["## References"]), "{}", rule.name);
            assert!(rule.summary().ends_with('.'), "{}: {}", rule.name, rule.summary());
        }
    }

    /// The first block of YAML under a heading, as a whole file.
    fn block(rule: &Rule, heading: &str) -> Option<String> {
        let text = rule.documentation();
        let section = text.split_once(heading)?.1.split("\n## ").next()?;
        let block = section.split_once("```yaml\n")?.1.split_once("```")?.0;
        let list = |items: &str| {
            let lines = items.lines().map(|line| format!("      {line}\n"));
            format!("categories:\n  a:\n    signatures:\n{}", lines.collect::<String>())
        };
        Some(match block.split([':', ' ']).next()? {
            "-" => list(block),
            "pattern" => list(&format!("- {block}")),
            "policy" | "severity" => list(&format!("- pattern: x1\n  {block}")),
            _ => block.to_owned(),
        })
    }

    #[test]
    fn the_page_of_a_rule_shows_what_it_finds_and_recommends_what_it_does_not() {
        const BESIDE: &str = "categories:
  critical:
    signatures:
      - { id: CRASH_LOOP, pattern: crash loop }
      - { id: LOGIN_FAILED, pattern: login failed }
";
        let choices = Choices::default();
        let finds = |rule: &Rule, text: String| {
            let mut sources = vec![Source::new("alerts.yml", text)];
            if rule.needs_taxonomy() {
                sources.push(Source::new("beside.yml", BESIDE));
            }
            let checked = crate::validation::check(sources, &choices);
            checked.iter().flat_map(|file| &file.findings).any(|found| found.rule == rule.name)
        };
        for rule in RULES {
            let wrong = block(rule, "## Example\n").unwrap();
            let found = !matches!(rule.check, Check::Start);
            assert_eq!(finds(rule, wrong.clone()), found, "{}:\n{wrong}", rule.name);
            if let Some(right) = block(rule, "## Use instead\n") {
                assert!(!finds(rule, right.clone()), "{}:\n{right}", rule.name);
            }
        }
    }

    #[test]
    fn whatever_reading_reports_is_a_rule_here_of_the_same_severity() {
        use signatures_document::diagnostic::{self, INVALID_YAML, SCHEMA, UNKNOWN_KEY};
        for code in [
            INVALID_YAML,
            SCHEMA,
            signatures_engine::taxonomy::INVALID_REGEX,
            signatures_engine::taxonomy::REGEX_TOO_LARGE,
            signatures_engine::UNKNOWN_POLICY,
            UNKNOWN_KEY,
            signatures_alerts::UNKNOWN_SINK,
            signatures_alerts::UNROUTED_SINK,
            signatures_delivery::PLAIN_SECRET,
            signatures_delivery::MISSING_SECRET,
        ] {
            let rule = Rule::named(code.name()).unwrap();
            let error = code.severity() == diagnostic::Severity::Error;
            assert_eq!(rule.severity == Severity::Error, error, "{code}");
        }
    }
}
