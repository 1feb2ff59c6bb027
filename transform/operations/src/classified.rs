//! What a line would be.

use serde::Serialize;
use signatures_engine::{
    Classifier, Fingerprint, GroupId, Policy, Severity, Verdict, canonical::canonical,
};
use signatures_event::{LogLine, Skip};

/// What a line would be. As JSON it is what `sigcheck classify` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Classified {
    /// `match`, `noise` or `unmatched`.
    pub verdict: &'static str,
    /// Why it would pass without a look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<&'static str>,
    /// The category; none for noise.
    pub category: Option<String>,
    /// The signature that matches.
    pub signature: Option<String>,
    /// How bad that says it is.
    pub severity: Option<Severity>,
    /// What is to be done about it.
    pub policy: Option<Policy>,
    /// What it means.
    pub summary: Option<String>,
    /// Its text without accidents.
    pub canonical: String,
    /// What an application that computes it calls the error.
    pub fingerprint: Option<Fingerprint>,
    /// What counts as the same error.
    pub group: Option<GroupId>,
    /// The allowlist entry that makes it noise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

impl Classified {
    /// What a line would be, plain or JSON.
    #[must_use]
    pub fn of(classifier: &Classifier, text: &str) -> Self {
        let line = LogLine::parse(text);
        let found = classifier.judge(&line);
        let verdict = found.verdict;
        let steps = classifier.group_steps(verdict, found.subject.own(), &line);
        let signature = classifier.signature(verdict);
        let noise = classifier.allowlist_entry(verdict);
        let category = classifier.category(verdict);
        let canonical = canonical(found.subject.own());
        // What says nothing is in no group.
        let is_grouped = noise.is_none() && !canonical.trim_ascii().is_empty();
        Self {
            verdict: match verdict {
                Verdict::Match(_) => "match",
                Verdict::Noise(_) => "noise",
                Verdict::Unmatched => "unmatched",
            },
            skipped: classifier.skip(&line).map(|skip| match skip {
                Skip::BelowMinLevel => "its level is below `min_level`",
                Skip::LoopGuard => "this system wrote it, by its `event`",
            }),
            category: noise.is_none().then(|| category.to_owned()),
            signature: signature.map(|known| known.id.clone()),
            severity: signature.map(|known| known.severity.clone()),
            policy: signature.map(|known| known.policy),
            summary: signature.and_then(|known| known.summary.clone()),
            fingerprint: is_grouped.then(|| Fingerprint::new(category, &canonical)),
            canonical,
            group: is_grouped.then_some(steps.group),
            pattern: noise.map(|entry| entry.pattern.as_str().to_owned()),
        }
    }
}
