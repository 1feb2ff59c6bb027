//! ## What it does
//! Finds patterns on which a backtracking engine can take time without measure,
//! and proves it: with an expression for a text on which the time grows
//! exponentially, or with a power of its length. Level: an error for exponential
//! growth and the third power up; a warning for the square, where a line of 16 KiB
//! costs a second or more (or one of `limits.subject_bytes` in alerts.yml, where that
//! is less: no longer text is looked at). What is not decided is said, as information.
//!
//! ## Why is this bad?
//! The application that shares the taxonomy runs it on such an engine. One line
//! in its log, which a stranger may well have a hand in, stops it.
//! This project's own engine runs in linear time, but for what
//! `backtracking-engine` reports, which a step limit ends. Each finding says for whom
//! it is dangerous.
//!
//! ## Example
//! ```yaml
//! pattern: '^(\w+\s?)+: failed'
//! ```
//!
//! ## Use instead
//! A pattern that can read each text in one way only.
//! ```yaml
//! pattern: '^\w[\w\s]*: failed'
//! ```
//! `--engine python|pcre2|javascript|rust`, or `engine` in sigcheck.toml, says
//! who runs the patterns; under `rust` only those count that need the
//! backtracking engine. What that engine cannot read is read as the others do.
//!
//! ## References
//! - Weideman et al., Analyzing Matching Time Behavior of Backtracking Regular
//!   Expression Matchers by Using Ambiguity of NFA (CIAA 2016)
//! - Davis et al., The Impact of Regular Expression Denial of Service in Practice
//!   (FSE 2018)

use std::collections::{HashMap, HashSet};

use sigcheck_backtracking::{Analysis, Budget, Complexity, Dialect, Flags, Undecided};

use super::{
    rule::{Check, Rule},
    taxonomy_file::TaxonomyFile,
};
use crate::{
    cache::Cache,
    finding::{Finding, Severity},
    parallel,
    pattern::{Change, WrittenPattern},
};

pub(super) const RULE: Rule = Rule {
    name: "catastrophic-backtracking",
    severity: Severity::Error,
    check: Check::Taxonomy(check),
    source: include_str!("catastrophic_backtracking.rs"),
};

/// As all patterns are searched for.
const FLAGS: Flags =
    Flags { ignore_case: true, multi_line: false, dot_all: false, extended: false };

fn check(file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
    let (dialect, cache) = (file.config.dialect, &file.config.cache);
    let default = Budget::default();
    let longest = file.settings.engine.classifier.subject_bytes;
    let budget = Budget { subject_limit: default.subject_limit.min(longest), ..default };
    let patterns = || WrittenPattern::all(file.source, file.taxonomy);
    // The same pattern gets the same answer.
    let texts: HashSet<&str> = patterns().map(|pattern| pattern.text()).collect();
    let texts: Vec<_> = texts.into_iter().collect();
    let analyses = parallel::map(&texts, |text| analysed(text, dialect, &budget, cache));
    let known: HashMap<&str, (Dialect, Analysis)> = texts.into_iter().zip(analyses).collect();
    for pattern in patterns() {
        let (dialect, analysis) = &known[pattern.text()];
        findings.extend(report(&pattern, analysis, *dialect, &budget, cache));
    }
}

/// How a pattern's time grows, and by whose syntax: what the engine in question cannot
/// read, as ours can, another one may, and that is who runs it.
fn analysed(text: &str, dialect: Dialect, budget: &Budget, cache: &Cache) -> (Dialect, Analysis) {
    let analysis = |dialect| (dialect, cache.analysis(text, dialect, FLAGS, budget));
    let refused = |(_, analysis): &(Dialect, Analysis)| {
        matches!(analysis, Analysis::Undecided(Undecided::Rejected { .. }))
    };
    let own = analysis(dialect);
    if !refused(&own) || dialect == Dialect::Rust {
        return own;
    }
    let others = [Dialect::Pcre2, Dialect::JavaScript, Dialect::Rust].into_iter();
    others.map(analysis).find(|other| !refused(other)).unwrap_or(own)
}

fn report(
    pattern: &WrittenPattern<'_>,
    analysis: &Analysis,
    dialect: Dialect,
    budget: &Budget,
    cache: &Cache,
) -> Option<Finding> {
    let found = match analysis {
        Analysis::Linear => return None,
        Analysis::Undecided(reason) => {
            let message = format!(
                "could not decide whether {} backtracks without end: {reason}",
                pattern.owner
            );
            return Some(RULE.finding(pattern.whole(), message).undecided());
        }
        Analysis::Vulnerable(found) if found.is_harmless(budget) => return None,
        Analysis::Vulnerable(found) => found,
    };
    let severity = match found.complexity {
        Complexity::Polynomial { degree: 2 } => Severity::Warning,
        Complexity::Polynomial { .. } | Complexity::Exponential => Severity::Error,
    };
    let (growth, attack) = (found.complexity, found.attack.expression());
    let whom = whom(pattern, dialect);
    let cost = cost(found.seconds, budget);
    let message = format!("the time to match is {growth} {whom}, as on `{attack}`{cost}");
    let span = pattern.span(found.culprit.clone());
    let help = match cure(pattern, analysis, dialect, budget, cache) {
        Some(cure) => format!("write `{cure}`, which finds the same"),
        None => "let each text be read in one way only: no repeat inside a repeat, \
                 and no two in a row that read the same characters"
            .to_owned(),
    };
    Some(Finding { severity, ..RULE.finding(span, message) }.help(help))
}

/// For whom a pattern is dangerous.
fn whom(pattern: &WrittenPattern<'_>, dialect: Dialect) -> &'static str {
    match (dialect, pattern.pattern.is_backtracking()) {
        (Dialect::Rust, _) => "here, up to the step limit",
        (_, true) => "in Python, PCRE, Java and JavaScript, and here up to the step limit",
        (_, false) => "in Python, PCRE, Java and JavaScript (here it is linear)",
    }
}

/// How long the worst text within the subject limit takes, by what was measured.
fn cost(seconds: f64, budget: &Budget) -> String {
    let kib = budget.subject_limit >> 10;
    match seconds {
        s if s >= 1e6 => ": it would not end".to_owned(),
        s if s >= 10.0 => format!(": some {s:.0} s of Python for {kib} KiB"),
        s => format!(": some {s:.1} s of Python for {kib} KiB"),
    }
}

/// What to write instead: only what is no longer flagged, and finds the same.
fn cure(
    pattern: &WrittenPattern<'_>,
    analysis: &Analysis,
    dialect: Dialect,
    budget: &Budget,
    cache: &Cache,
) -> Option<String> {
    let cure = cache.rewritten(pattern.text(), dialect, FLAGS, budget, analysis)?;
    let is_cured = match cache.analysis(&cure, dialect, FLAGS, budget) {
        Analysis::Linear => true,
        Analysis::Vulnerable(found) => found.is_harmless(budget),
        Analysis::Undecided(_) => false,
    };
    let is_same = || pattern.change(&(0..pattern.text().len()), &cure) == Some(Change::Nothing);
    (is_cured && is_same()).then_some(cure)
}
