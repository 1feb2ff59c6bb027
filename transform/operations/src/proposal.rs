//! A signature for an error that none knows: what it could be.

use serde::Serialize;
use signatures_alerts::legible::{self, is_hidden};
use signatures_document::yaml::Source;
use signatures_engine::{Classifier, ClassifierSettings, Taxonomy};
use signatures_event::LogLine;
use signatures_ledger::record::{ErrorCount, Sample};

/// How long a proposed pattern's text may be, in characters: what follows is mostly
/// about one event.
const MOST_CHARACTERS: usize = 100;

/// So few letters would be in other lines as well.
const LEAST_LETTERS: usize = 8;

/// A signature for an error that none knows. People look at it before they take it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The pattern: what all samples have in common.
    pub pattern: String,
    /// The signature as the taxonomy has it, to be copied.
    pub yaml: String,
    /// What is wrong or doubtful about it; nothing where all is well.
    pub findings: Vec<String>,
}

impl Proposal {
    /// By what is known of an error, and by the rules in force.
    #[must_use]
    pub fn of(error: &ErrorCount, samples: &[Sample], rules: Option<&Classifier>) -> Self {
        let texts: Vec<&str> = samples.iter().map(|sample| sample.text.as_str()).collect();
        let common = match texts.is_empty() {
            true => error.canonical.split_whitespace().collect(),
            false => common_words(&texts),
        };
        let pattern = pattern(&common);
        let yaml = yaml(&id(&common), &pattern, &texts);
        let findings = findings(&yaml, &common, &texts, rules);
        Self { pattern, yaml, findings }
    }
}

/// The longest row of words that stands in all texts; of words that differ in their
/// digits alone it is no difference. What nobody sees, such as a colour, is in no row:
/// patterns are held against texts without it.
fn common_words<'a>(texts: &[&'a str]) -> Vec<&'a str> {
    let words: Vec<Vec<&str>> = texts.iter().map(|text| line(text).collect()).collect();
    let Some((first, others)) = words.split_first() else { return Vec::new() };
    let is_everywhere = |row: &[&str]| {
        if row.iter().any(|word| word.contains(is_hidden)) {
            return false;
        }
        let same = |window: &[&str]| window.iter().zip(row).all(|(a, b)| folded(a) == folded(b));
        others.iter().all(|other| other.windows(row.len()).any(same))
    };
    let letters = |row: &&[&str]| row.iter().map(|word| word.len()).sum::<usize>();
    // Of each word the longest row that begins there: they are few.
    let row_at = |start: usize| {
        let ends = (start + 1..=first.len()).take_while(|end| is_everywhere(&first[start..*end]));
        ends.last().map(|end| &first[start..end])
    };
    (0..first.len()).filter_map(row_at).max_by_key(letters).unwrap_or_default().to_vec()
}

/// The words of the first line, as far as a pattern goes.
fn line(text: &str) -> impl Iterator<Item = &str> {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut characters = 0;
    line.split_whitespace().take_while(move |word| {
        characters += word.chars().count() + 1;
        characters <= MOST_CHARACTERS
    })
}

/// Digits that follow each other, in the text of a word. Logs do not have it.
const DIGITS: char = '\0';

fn folded(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars() {
        match c.is_ascii_digit() {
            true if folded.ends_with(DIGITS) => {}
            true => folded.push(DIGITS),
            false => folded.push(c),
        }
    }
    folded
}

/// A pattern for words: what is special stands for itself, digits for any.
fn pattern(words: &[&str]) -> String {
    let mut pattern = String::new();
    for (index, word) in words.iter().enumerate() {
        pattern.push_str(if index > 0 { r"\s+" } else { "" });
        for c in folded(word).chars() {
            match c {
                DIGITS => pattern.push_str(r"\d+"),
                c if r"\.+*?()|[]{}^$".contains(c) => pattern.extend(['\\', c]),
                c => pattern.push(c),
            }
        }
    }
    pattern
}

/// A name for it: its words, in capitals.
fn id(words: &[&str]) -> String {
    let words = words.iter().flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric()));
    let names = words.filter(|word| word.len() > 1 && !word.bytes().any(|b| b.is_ascii_digit()));
    let id = names.take(4).map(str::to_ascii_uppercase).collect::<Vec<_>>().join("_");
    if id.is_empty() { "NEW_ERROR".to_owned() } else { id }
}

fn yaml(id: &str, pattern: &str, samples: &[&str]) -> String {
    // JSON's texts are YAML's, and nothing of them is interpreted.
    let text = |text: &str| legible::json(serde_json::Value::from(text).to_string());
    let examples: String =
        samples.iter().map(|sample| format!("\n          - {}", text(sample))).collect();
    let examples =
        if examples.is_empty() { examples } else { format!("        examples:{examples}\n") };
    format!(
        "categories:\n  new:\n    signatures:\n      - id: {id}\n        pattern: {}\n        \
         policy: notify\n        severity: medium\n        summary: \"What it means, and what to do\"\n{examples}",
        text(pattern)
    )
}

fn findings(
    yaml: &str,
    common: &[&str],
    samples: &[&str],
    rules: Option<&Classifier>,
) -> Vec<String> {
    let source = Source::new("proposal", yaml);
    let taxonomy = match Taxonomy::read(&source).into_result(&source) {
        Ok(taxonomy) => taxonomy,
        Err(unusable) => return unusable.errors,
    };
    let proposed = Classifier::new(taxonomy, &ClassifierSettings::default());
    let knows = |classifier: &Classifier, text: &str| {
        classifier.signature(classifier.judge(&LogLine::parse(text)).verdict).map(|s| s.id.clone())
    };
    let mut findings = Vec::new();
    let letters = common.iter().flat_map(|word| word.chars()).filter(|c| c.is_alphabetic()).count();
    if letters < LEAST_LETTERS {
        findings.push(format!(
            "the samples have {letters} letters in common: it would match other lines too"
        ));
    }
    let missed = samples.iter().filter(|text| knows(&proposed, text).is_none()).count();
    if missed > 0 {
        findings.push(format!("{missed} of {} samples do not match it", samples.len()));
    }
    let known = samples.iter().find_map(|text| knows(rules?, text));
    findings.extend(known.map(|id| format!("`{id}`, which is in force now, knows it already")));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(texts: &[&str]) -> String {
        pattern(&common_words(texts))
    }

    #[test]
    fn a_pattern_is_what_all_samples_have_in_common() {
        assert_eq!(
            common(&[
                "job 17: pool (main) exhausted after 30s for dana",
                "job 4: pool (main) exhausted after 5s for lee",
            ]),
            r"job\s+\d+:\s+pool\s+\(main\)\s+exhausted\s+after\s+\d+s\s+for"
        );
        assert_eq!(common(&["one\ntwo"]), "one");
        assert_eq!(common(&["a b", "c d"]), "");
        assert_eq!(common(&[]), "");
        assert!(common(&["word ".repeat(9999).as_str()]).len() < 300);
    }

    #[test]
    fn what_is_proposed_can_be_read_and_is_judged() {
        let texts = [3, 44].map(|number| {
            format!("\u{1b}[31mx: \"quoted\" 'pool' exhausted #{number} C:\\temp \u{202e}dana")
        });
        let texts = texts.each_ref().map(String::as_str);
        let words = common_words(&texts);
        let yaml = yaml(&id(&words), &pattern(&words), &texts);
        assert_eq!(findings(&yaml, &words, &texts, None), <[&str; 0]>::default(), "{yaml}");
        assert!(!yaml.contains('\u{202e}'), "{yaml}");
        let few = common_words(&["a 1", "a 2"]);
        let yaml = super::yaml(&id(&few), &pattern(&few), &["a 1", "a b"]);
        assert_eq!(
            findings(&yaml, &few, &["a 1", "b"], None),
            [
                "the samples have 1 letters in common: it would match other lines too",
                "1 of 2 samples do not match it"
            ]
        );
    }
}
