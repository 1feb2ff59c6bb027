//! `escalation:` of alerts.yml: who else is told when nobody acts.

use jiff::SignedDuration;
use signatures_document::{
    Diagnostic, Reader, closest, one_or_more,
    yaml::{Node, Span},
};
use signatures_engine::Selector;

use crate::{
    alert::Alert,
    routes::{UNKNOWN_SINK, selects},
};

/// The longest that is waited, in minutes: a week.
const MOST_MINUTES: u64 = 7 * 24 * 60;

/// One entry of `escalation:`: further sinks for an incident that nobody acked,
/// silenced or resolved for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Escalation {
    /// How long after its first alert.
    pub after: SignedDuration,
    /// Which incidents, by their last alert.
    pub matches: Selector,
    /// Whom to tell, and where each name stands.
    pub sinks: Vec<(String, Span)>,
}

const KEYS: [&str; 3] = ["after_minutes", "match", "sinks"];

impl Escalation {
    /// Whether it is for the incident of an alert.
    #[must_use]
    pub fn applies_to(&self, alert: &Alert) -> bool {
        selects(&self.matches, alert)
    }

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let (mut after, mut matches, mut sinks) = (None, Selector::default(), Vec::new());
        let mut says_after = false;
        for entry in reader.mapping("escalation", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "after_minutes" => {
                    says_after = true;
                    after = reader.integer(key, value, 1, MOST_MINUTES);
                }
                "match" => matches = Selector::read(reader, value),
                "sinks" => {
                    for item in one_or_more(value) {
                        sinks.extend(reader.text(key, item).map(|name| (name, item.span)));
                    }
                }
                _ => reader.unknown_key(entry, "an escalation", &KEYS),
            }
        }
        if !says_after {
            let message = "an escalation does not say after how long";
            reader.report(Diagnostic::schema(node.span, message).help("add `after_minutes: 15`"));
        }
        if sinks.is_empty() {
            let message = "an escalation does not say its sinks";
            reader.report(Diagnostic::schema(node.span, message).help("add `sinks: [NAME]`"));
        }
        let after = SignedDuration::from_mins(i64::try_from(after?).ok()?);
        Some(Self { after, matches, sinks })
    }
}

/// Reports escalations to sinks that are not there. `sinks` are those of the file;
/// `others` may be named too.
pub fn check_escalation(
    reader: &mut Reader,
    escalation: &[Escalation],
    sinks: &[&str],
    others: &[&str],
) {
    for (name, span) in escalation.iter().flat_map(|step| &step.sinks) {
        if !sinks.iter().chain(others).any(|sink| sink == name) {
            let help = match closest(name, sinks.iter().copied()) {
                _ if sinks.is_empty() => "`sinks:` is empty".to_owned(),
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known here: {}", sinks.join(", ")),
            };
            let message = format!("there is no sink `{name}`");
            reader.report(Diagnostic::new(UNKNOWN_SINK, *span, message).help(help));
        }
    }
}
