//! The list of all rules.

use signatures_document::closest;

use super::rule::Rule;

/// All rules, by name.
pub(crate) const RULES: &[&Rule] = &[
    &super::allowlist_hides_signature::RULE,
    &super::backtracking_engine::RULE,
    &super::bare_number::RULE,
    &super::case_conflict::RULE,
    &super::catastrophic_backtracking::RULE,
    &super::double_escaped::RULE,
    &super::duplicate_id::RULE,
    &super::duplicate_pattern::RULE,
    &super::empty_category::RULE,
    &super::example_mismatch::RULE,
    &super::invalid_regex::RULE,
    &super::invalid_yaml::RULE,
    &super::matches_empty::RULE,
    &super::matches_everything::RULE,
    &super::missing_secret::RULE,
    &super::missing_summary::RULE,
    &super::overlapping_signatures::RULE,
    &super::plain_secret::RULE,
    &super::portability::RULE,
    &super::redundant_wildcard::RULE,
    &super::regex_too_large::RULE,
    &super::schema::RULE,
    &super::shadowed_signature::RULE,
    &super::slow_prefilter::RULE,
    &super::surrounding_blanks::RULE,
    &super::unescaped_dot::RULE,
    &super::unknown_category::RULE,
    &super::unknown_key::RULE,
    &super::unknown_placeholder::RULE,
    &super::unknown_policy::RULE,
    &super::unknown_severity::RULE,
    &super::unknown_sink::RULE,
    &super::unreachable_threshold::RULE,
    &super::unrouted_sink::RULE,
    &super::unused_ignore::RULE,
    &super::unused_override::RULE,
    &super::useless_trigger::RULE,
];

/// The rule of a name.
pub(crate) fn rule_named(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name).copied()
}

/// The name that was probably meant by one that no rule has.
pub(crate) fn rule_like(name: &str) -> Option<&'static str> {
    closest(name, RULES.iter().map(|rule| rule.name))
}

/// Takes the name of a rule, or says which one was probably meant.
pub(crate) fn rule_name(name: &str) -> Result<String, String> {
    match (rule_named(name), rule_like(name)) {
        (Some(rule), _) => Ok(rule.name.to_owned()),
        (None, Some(guess)) => Err(format!("there is no rule `{name}`; did you mean `{guess}`?")),
        (None, None) => Err(format!("there is no rule `{name}`; `sigcheck rules` lists them")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signatures_document::yaml::Source;

    use crate::{
        config::Config,
        finding::Severity,
        rules::rule::Check,
        validation::{self, ReadFile},
    };

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
            "pattern" => list(&format!("- summary: x\n  {block}")),
            "policy" | "severity" => list(&format!("- pattern: x1\n  summary: x\n  {block}")),
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
        let config = Config::default();
        let read = |name: &str, text: String| ReadFile::new(Source::new(name, text));
        let found = |rule: &Rule, text: String| {
            let mut files = vec![read("alerts.yml", text)];
            if rule.needs_taxonomy() {
                files.push(read("beside.yml", BESIDE.to_owned()));
            }
            let found = validation::check(&files, &config).swap_remove(0);
            let counted = found.iter().filter(|finding| finding.severity != Severity::Info);
            counted.map(|finding| finding.rule).collect::<Vec<_>>()
        };
        for rule in RULES {
            let wrong = block(rule, "## Example\n").unwrap();
            let is_found = !matches!(rule.check, Check::Start);
            let finds =
                found(rule, wrong.clone()).contains(&rule.name) || rule.severity == Severity::Info;
            assert_eq!(finds, is_found, "{}:\n{wrong}", rule.name);
        }
        // Who takes the advice is not to hear of the next thing.
        let advice = RULES.iter().filter_map(|rule| {
            let right = block(rule, "## Use instead\n")?;
            let found = found(rule, right.clone());
            (!found.is_empty()).then(|| format!("{}: {found:?}\n{right}", rule.name))
        });
        assert_eq!(advice.collect::<Vec<_>>(), Vec::<String>::new());
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
            signatures_engine::taxonomy::DUPLICATE_ID,
            signatures_engine::taxonomy::UNKNOWN_SEVERITY,
            UNKNOWN_KEY,
            signatures_alerts::UNKNOWN_PLACEHOLDER,
            signatures_alerts::UNKNOWN_SINK,
            signatures_alerts::UNROUTED_SINK,
            signatures_delivery::PLAIN_SECRET,
            signatures_delivery::MISSING_SECRET,
        ] {
            let rule = rule_named(code.name()).unwrap();
            let error = code.severity() != diagnostic::Severity::Warning;
            assert_eq!(rule.severity == Severity::Error, error, "{code}");
        }
    }
}
