//! What a rule is: a name, a weight, a page of documentation and a check.

use signatures_document::yaml::{Node, Source, Span};

use super::{alerts_file::AlertsFile, taxonomy_file::TaxonomyFile};
use crate::{
    finding::{Finding, Severity},
    pattern::WrittenPattern,
};

/// Something that a file may have wrong with it.
#[derive(Debug)]
pub(crate) struct Rule {
    /// In kebab case.
    pub(crate) name: &'static str,
    /// How much a finding weighs unless a team says otherwise.
    pub(crate) severity: Severity,
    /// How it is looked for.
    pub(super) check: Check,
    /// The text of its file.
    pub(super) source: &'static str,
}

/// How a rule looks.
#[derive(Debug)]
pub(super) enum Check {
    /// Reading the file finds it.
    Reading,
    /// What delivers alerts finds it when it starts.
    Start,
    /// At one pattern after the other.
    Pattern(fn(&WrittenPattern<'_>, &mut Vec<Finding>)),
    /// At a taxonomy as a whole.
    Taxonomy(fn(&TaxonomyFile<'_>, &mut Vec<Finding>)),
    /// At each by itself.
    TaxonomyOrAlerts(
        fn(&TaxonomyFile<'_>, &mut Vec<Finding>),
        fn(&AlertsFile<'_>, &mut Vec<Finding>),
    ),
    /// At alert settings.
    Alerts(fn(&AlertsFile<'_>, &mut Vec<Finding>)),
    /// At alert settings, by the taxonomies that they go with; not without any.
    AlertsOfTaxonomies(fn(&AlertsFile<'_>, &mut Vec<Finding>)),
    /// At the values of any file.
    Values(fn(&Source, &Node, &mut Vec<Finding>)),
    /// At the comments that silence other findings, when all else is done.
    Ignores,
}

impl Rule {
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

    /// Whether a file is of no use that breaks it.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self.check, Check::Reading) && self.severity == Severity::Error
    }

    /// Whether it has nothing to say of alert settings by themselves.
    pub(crate) fn needs_taxonomy(&self) -> bool {
        matches!(self.check, Check::AlertsOfTaxonomies(_))
    }

    pub(super) fn finding(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.name,
            severity: self.severity,
            message: message.into(),
            span,
            help: None,
            fix: None,
            hindrance: None,
        }
    }

    pub(crate) fn check_pattern(&self, pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
        if let Check::Pattern(check) = self.check {
            check(pattern, findings);
        }
    }

    pub(crate) fn check_taxonomy(&self, file: &TaxonomyFile<'_>, findings: &mut Vec<Finding>) {
        if let Check::Taxonomy(check) | Check::TaxonomyOrAlerts(check, _) = self.check {
            check(file, findings);
        }
    }

    pub(crate) fn check_alerts(&self, file: &AlertsFile<'_>, findings: &mut Vec<Finding>) {
        match self.check {
            Check::Alerts(check) | Check::TaxonomyOrAlerts(_, check) => check(file, findings),
            Check::AlertsOfTaxonomies(check) if !file.taxonomies.is_empty() => {
                check(file, findings);
            }
            _ => {}
        }
    }

    pub(crate) fn check_values(&self, source: &Source, root: &Node, findings: &mut Vec<Finding>) {
        if let Check::Values(check) = self.check {
            check(source, root, findings);
        }
    }
}
