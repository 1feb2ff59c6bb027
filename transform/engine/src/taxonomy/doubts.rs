//! What a taxonomy says that can be used, and is not meant.

use signatures_document::{Code, Diagnostic, closest};

use super::model::{DeclaredId, Located, Signature, Taxonomy};
use crate::severity::Severity;

/// An id that an earlier signature has.
pub const DUPLICATE_ID: Code = Code::mistake("duplicate-id");

/// A severity that has no meaning.
pub const UNKNOWN_SEVERITY: Code = Code::warning("unknown-severity");

/// Words of other tools, and what they mean here.
const OTHER_WORDS: [(&str, &str); 9] = [
    ("crit", "critical"),
    ("fatal", "critical"),
    ("emergency", "critical"),
    ("error", "high"),
    ("major", "high"),
    ("warn", "warning"),
    ("minor", "low"),
    ("debug", "info"),
    ("moderate", "medium"),
];

/// A severity that has no meaning, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct UnknownSeverity<'t> {
    /// What the file says.
    pub severity: &'t Severity,
    /// Where.
    pub at: Located,
}

impl UnknownSeverity<'_> {
    /// The known one that was probably meant.
    #[must_use]
    pub fn meant(&self) -> Option<&'static str> {
        let name = self.severity.as_str().to_lowercase();
        let other = OTHER_WORDS.iter().find(|(other, _)| *other == name).map(|(_, known)| *known);
        other.or_else(|| closest(&name, Severity::KNOWN))
    }

    /// How it is told.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let message = format!("nothing goes by the severity `{}`", self.severity);
        Diagnostic::new(UNKNOWN_SEVERITY, self.at.span, message).help(match self.meant() {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("one of {}", Severity::KNOWN.join(", ")),
        })
    }
}

impl Taxonomy {
    /// All that can be used, and is not meant: ids that are there twice, severities
    /// without a meaning; in file order.
    #[must_use]
    pub fn doubts(&self) -> Vec<Diagnostic> {
        let severities = self.unknown_severities().map(|unknown| unknown.diagnostic());
        let mut doubts: Vec<_> = self.duplicate_ids().chain(severities).collect();
        doubts.sort_by_key(|diagnostic| diagnostic.span.start);
        doubts
    }

    /// The signatures whose id an earlier one has.
    pub fn duplicate_ids(&self) -> impl Iterator<Item = Diagnostic> {
        let renamed = |signature: &Signature, declared: &DeclaredId| {
            let message = format!(
                "an earlier signature has the id `{}`; this one becomes `{}`",
                declared.text, signature.id
            );
            Diagnostic::new(DUPLICATE_ID, declared.at.span, message)
                .help("give it a name of its own")
        };
        self.signatures.iter().filter_map(move |signature| {
            let declared = signature.declared_id.as_ref().filter(|d| d.text != signature.id)?;
            Some(renamed(signature, declared))
        })
    }

    /// The severities that have no meaning: those of categories, then those of
    /// signatures.
    pub fn unknown_severities(&self) -> impl Iterator<Item = UnknownSeverity<'_>> {
        let categories =
            self.categories.iter().map(|c| (&c.default_severity, c.default_severity_at));
        let signatures = self.signatures.iter().map(|s| (&s.severity, s.severity_at));
        categories.chain(signatures).filter_map(|(severity, at)| {
            let at = at.filter(|_| !severity.is_known())?;
            Some(UnknownSeverity { severity, at })
        })
    }
}

#[cfg(test)]
mod tests {
    use signatures_document::yaml::Source;

    use super::*;

    #[test]
    fn ids_that_repeat_and_severities_without_a_meaning_are_told_in_file_order() {
        let text = "categories: {a: {default_severity: crit, signatures: [\n\
                    {id: A, pattern: x},\n{id: A, pattern: y, severity: weird}]}}";
        let source = Source::new("t.yml", text);
        let doubts = Taxonomy::read(&source).into_result(&source).unwrap().doubts();
        let told: Vec<_> = doubts.iter().map(|doubt| doubt.located(&source)).collect();
        assert_eq!(
            told,
            [
                "t.yml:1:36: nothing goes by the severity `crit` [unknown-severity]; did you mean `critical`?",
                "t.yml:3:6: an earlier signature has the id `A`; this one becomes `A_1` [duplicate-id]; give it a name of its own",
                "t.yml:3:31: nothing goes by the severity `weird` [unknown-severity]; one of info, low, warning, medium, anomaly, high, critical",
            ]
        );
    }
}
