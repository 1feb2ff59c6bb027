//! ## What it does
//! Finds examples that the taxonomy does not classify as their own signature,
//! and counterexamples that the signature matches. `sigcheck test` looks for
//! nothing else. An example that is a JSON object is judged as the event that it
//! is, like a line of a log: its `event`, `error` or `message`, `error_code` and
//! `operation` are what a pattern sees.
//!
//! ## Why is this bad?
//! An example is what the author wanted to be found. If it is not, the pattern
//! is wrong, or an earlier signature takes it away.
//!
//! ## Example
//! ```yaml
//! - id: DISK_FULL
//!   pattern: 'disk is full'
//!   examples: ['No space left on device']
//! ```
//!
//! ## Use instead
//! ```yaml
//! - id: DISK_FULL
//!   pattern: 'disk is full|no space left on device'
//!   summary: The disk is full
//!   examples: ['No space left on device']
//! ```

use signatures_delivery::Settings;
use signatures_document::yaml::Span;
use signatures_engine::{Classification, Classifier, Taxonomy, Verdict, taxonomy::Signature};
use signatures_event::{LogLine, Skip};
use signatures_matcher::Search;

use super::{
    excerpt::excerpt,
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::{
    finding::{Finding, Severity},
    parallel,
};

pub(super) const RULE: Rule = Rule {
    name: "example-mismatch",
    severity: Severity::Error,
    check: Check::Taxonomy(check),
    source: include_str!("example_mismatch.rs"),
};

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    // Where some signatures could not be read, others take their examples.
    let tested = file
        .taxonomy
        .signatures
        .iter()
        .any(|s| !s.examples.is_empty() || !s.counterexamples.is_empty());
    if file.complete && tested {
        findings.extend(mismatches(file.taxonomy.clone(), file.settings));
    }
}

/// One of something else that is an example and does not hold.
pub(crate) fn example_mismatch(span: Span, message: String) -> Finding {
    RULE.finding(span, message)
}

/// A finding for each example that does not hold.
pub(crate) fn mismatches(taxonomy: Taxonomy, settings: &Settings) -> Vec<Finding> {
    let classifier = Classifier::new(taxonomy, &settings.engine.classifier);
    let signatures: Vec<_> = classifier.taxonomy().signatures.iter().enumerate().collect();
    parallel::find(&signatures, |(index, signature), findings| {
        check_examples(&classifier, *index, signature, findings);
    })
}

fn check_examples(
    classifier: &Classifier,
    index: usize,
    signature: &Signature,
    findings: &mut Vec<Finding>,
) {
    for example in &signature.examples {
        let line = LogLine::parse(&example.text);
        let judged = classifier.judge(&line);
        let mismatch = match classifier.skip(&line) {
            Some(skip) => passes(skip),
            None if judged.verdict == Verdict::Match(index) => continue,
            None => describe(classifier, signature, &line, &judged),
        };
        let (what, help) = mismatch;
        let message = format!("this example of {} {what}", signature.id);
        findings.push(RULE.finding(example.span, message).help(help));
    }
    for example in &signature.counterexamples {
        let line = LogLine::parse(&example.text);
        let judged = classifier.judge(&line);
        if signature.pattern.search(&judged.subject.text) == Search::Found {
            let message = format!("{} matches its counterexample", signature.id);
            findings.push(RULE.finding(example.span, message).help("make the pattern stricter"));
        }
    }
}

/// What is wrong with an example that passes without a look, and what to do.
fn passes(skip: Skip) -> (String, &'static str) {
    let reason = match skip {
        Skip::BelowMinLevel => "its level is below `min_level`",
        Skip::LoopGuard => "its `event` is of this system's own making",
    };
    (format!("passes without a look: {reason}"), "mend the example")
}

/// The same for one that gets another verdict.
fn describe(
    classifier: &Classifier,
    signature: &Signature,
    line: &LogLine<'_>,
    judged: &Classification<'_>,
) -> (String, &'static str) {
    let subject = &judged.subject.text;
    if signature.pattern.search(subject) != Search::Found {
        return match line {
            LogLine::Json(_) | LogLine::Broken(..) if subject.is_empty() => (
                "is an event without a text to match".to_owned(),
                "give it a `message`, or name the field in `subject_fields` of alerts.yml",
            ),
            LogLine::Json(_) | LogLine::Broken(..) => (
                format!("does not match its pattern: of the event it sees `{}`", excerpt(subject)),
                "mend the pattern or the example",
            ),
            LogLine::Plain(text) if signature.pattern.search(text) == Search::Found => {
                ("matches only beyond the subject limit".to_owned(), "shorten the example")
            }
            LogLine::Plain(_) => {
                ("does not match its pattern".to_owned(), "mend the pattern or the example")
            }
        };
    }
    let found = judged.verdict;
    match (classifier.signature(found), classifier.allowlist_entry(found)) {
        (Some(earlier), _) => (
            format!("is taken by {}, which comes first", earlier.id),
            "move the signature up, or narrow the other",
        ),
        (_, Some(entry)) => (
            format!("is dropped as noise by `{}`", entry.pattern.as_str()),
            "narrow the entry of the allowlist",
        ),
        _ => ("gets no verdict".to_owned(), "mend the pattern or the example"),
    }
}

#[cfg(test)]
mod tests {
    use signatures_document::yaml::Source;

    use super::*;

    fn messages(signature: &str) -> Vec<String> {
        let source =
            Source::new("t.yml", format!("categories: {{a: {{signatures: [{signature}]}}}}"));
        let taxonomy = Taxonomy::read(&source).value.unwrap();
        let findings = mismatches(taxonomy, &Settings::default());
        findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_json_example_is_judged_as_the_event_that_it_is() {
        for (example, expected) in [
            (r#"{"message": "disk full"}"#, None),
            (r#"{"level": "error", "error": "disk full", "message": "x"}"#, None),
            (r#"{"text": "disk full"}"#, Some("is an event without a text to match")),
            (
                r#"{"message": "disk", "detail": "full"}"#,
                Some("does not match its pattern: of the event it sees `disk`"),
            ),
            (
                r#"{"level": "info", "message": "disk full"}"#,
                Some("passes without a look: its level is below `min_level`"),
            ),
            (r#"["disk full"]"#, None),
        ] {
            let expected: Vec<_> =
                expected.iter().map(|what| format!("this example of D {what}")).collect();
            let signature = format!("{{id: D, pattern: disk full, examples: ['{example}']}}");
            assert_eq!(messages(&signature), expected, "{example}");
        }
        let counterexample = r#"{"message": "fine", "detail": "disk full"}"#;
        let signature =
            format!("{{id: D, pattern: disk full, counterexamples: ['{counterexample}']}}");
        assert_eq!(messages(&signature), Vec::<String>::new());
    }
}
