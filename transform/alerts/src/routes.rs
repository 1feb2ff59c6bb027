//! `routes:` of alerts.yml: which alerts go to which sinks.

use signatures_document::{
    Code, Diagnostic, Reader, closest, one_or_more,
    yaml::{Node, Span},
};
use signatures_engine::{Selector, aggregate::Trigger};

use crate::{alert::Alert, severity::AlertSeverity};

/// A route leads to a sink that is not there.
pub const UNKNOWN_SINK: Code = Code::error("unknown-sink");

/// A sink that no route leads to.
pub const UNROUTED_SINK: Code = Code::warning("unrouted-sink");

/// One entry of `routes:`. The first that matches an alert decides, unless it
/// says `continue: true`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    /// Which alerts it takes. Of severities `critical` and `anomaly` say how
    /// urgent the alert is, any other name how bad the signature is.
    pub matches: Selector,
    /// What raised the alert; whatever it was where none is named.
    pub triggers: Vec<Trigger>,
    /// Where they go, and where each name stands; none drops them.
    pub sinks: Vec<(String, Span)>,
    /// Whether the routes after it are asked too.
    pub continues: bool,
}

const KEYS: [&str; 3] = ["match", "sinks", "continue"];

impl Route {
    /// Whether the route takes the alert.
    #[must_use]
    pub fn applies_to(&self, alert: &Alert) -> bool {
        let triggers = &self.triggers;
        if !triggers.is_empty() && alert.trigger.is_none_or(|found| !triggers.contains(&found)) {
            return false;
        }
        selects(&self.matches, alert)
    }

    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Self {
        let mut route = Self::default();
        let mut says_sinks = false;
        for entry in reader.mapping("routes", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "match" => {
                    let triggers = &mut route.triggers;
                    route.matches =
                        Selector::read_with(reader, value, &["trigger"], |reader, entry| {
                            let items = one_or_more(&entry.value).iter();
                            let read = |item| Trigger::read(reader, "trigger", item);
                            triggers.extend(items.filter_map(read));
                        });
                }
                "sinks" => {
                    says_sinks = true;
                    for item in one_or_more(value) {
                        route.sinks.extend(reader.text(key, item).map(|name| (name, item.span)));
                    }
                }
                "continue" => route.continues = reader.boolean(key, value).unwrap_or(false),
                _ => reader.unknown_key(entry, "a route", &KEYS),
            }
        }
        if !says_sinks {
            let help = "add `sinks: [NAME]`; `sinks: []` drops what matches";
            let message = "a route does not say its sinks";
            reader.report(Diagnostic::schema(node.span, message).help(help));
        }
        route
    }
}

/// Whether a selector is for an alert: of severities `critical` and `anomaly` say how
/// urgent the alert is, any other name how bad the signature is.
pub(crate) fn selects(selector: &Selector, alert: &Alert) -> bool {
    let signature = alert.signature.as_deref();
    selector.selects(&alert.category, signature, alert.policy, |severity| match severity.as_str() {
        "critical" => alert.severity == AlertSeverity::Critical,
        "anomaly" => alert.severity == AlertSeverity::Anomaly,
        _ => *severity == alert.severity_hint,
    })
}

/// Reports routes that lead nowhere and sinks that no route leads to. `sinks` are
/// those of the file, each with the place of its name; `others` may be named
/// too.
pub fn check_routes(
    reader: &mut Reader,
    routes: &[Route],
    sinks: &[(&str, Span)],
    others: &[&str],
) {
    let known: Vec<_> = sinks.iter().map(|(name, _)| *name).collect();
    let named: Vec<_> = routes.iter().flat_map(|route| &route.sinks).collect();
    for (name, span) in &named {
        if !known.iter().chain(others).any(|sink| sink == name) {
            let help = match closest(name, known.iter().copied()) {
                _ if known.is_empty() => "`sinks:` is empty".to_owned(),
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            let message = format!("there is no sink `{name}`");
            reader.report(Diagnostic::new(UNKNOWN_SINK, *span, message).help(help));
        }
    }
    for (name, span) in sinks {
        if !routes.is_empty() && !named.iter().any(|(named, _)| named == name) {
            let help = "name it in a route; so far it gets only alerts that no route takes";
            let message = format!("no route leads to the sink `{name}`");
            reader.report(Diagnostic::new(UNROUTED_SINK, *span, message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use signatures_document::{Sections, yaml::Source};
    use signatures_engine::{Policy, Severity};

    use super::*;
    use crate::settings::Settings;

    fn read(text: &str) -> (Option<Settings>, Vec<String>) {
        let source = Source::new("a.yml", text);
        let reading = Sections::read(&source, "alerts.yml", |reader, sections| {
            let settings = Settings::read(reader, sections);
            // What delivery reads of them, as far as it matters here.
            let sinks = sections.take(&["sinks"]);
            let sinks = sinks.iter().flat_map(|entry| reader.mapping("sinks", &entry.value));
            let sinks: Vec<_> = sinks.map(|sink| (sink.key.as_str(), sink.key_span)).collect();
            check_routes(reader, &settings.routes, &sinks, &["slack", "telegram"]);
            settings
        });
        (reading.value, reading.diagnostics.iter().map(|p| p.located(&source)).collect())
    }

    #[test]
    fn a_route_is_read_with_single_values_and_lists() {
        let (settings, diagnostics) = read(
            "sinks: {a: {type: console}}\nroutes:\n  - match: {policy: [retry, Notify], severity: high, category: db, signature: S, trigger: [new, spike]}\n    sinks: a\n    continue: true\n  - sinks: [slack]\n",
        );
        assert_eq!(diagnostics, Vec::<String>::new());
        let routes = settings.unwrap().routes;
        assert_eq!(
            routes[0].matches,
            Selector {
                category: vec!["db".into()],
                signature: vec!["S".into()],
                policy: vec![Policy::Retry, Policy::Notify],
                severity: vec![Severity::new("high")],
            }
        );
        assert_eq!(routes[0].triggers, [Trigger::New, Trigger::Spike]);
        assert_eq!((routes[0].sinks[0].0.as_str(), routes[0].continues), ("a", true));
        assert_eq!((routes[1].matches == Selector::default(), routes[1].continues), (true, false));
    }

    #[test]
    fn an_empty_list_does_not_match_all() {
        let (settings, diagnostics) = read("routes: [{match: {category: []}, sinks: []}]\n");
        assert!(settings.is_none());
        assert_eq!(diagnostics, ["a.yml:1:29: `category` is empty, and would match all [schema]"]);
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        let (settings, diagnostics) = read(
            "sinks: {a: {type: console}, b: {type: console}}\nroutes:\n  - sinks: [a, typo]\n  - match: {kind: x, policy: loud, trigger: spik}\n    sink: a\n",
        );
        assert!(settings.is_none());
        assert_eq!(
            diagnostics,
            [
                "a.yml:1:29: no route leads to the sink `b` [unrouted-sink]; name it in a route; so far it gets only alerts that no route takes",
                "a.yml:3:16: there is no sink `typo` [unknown-sink]; known here: a, b",
                "a.yml:4:5: a route does not say its sinks [schema]; add `sinks: [NAME]`; `sinks: []` drops what matches",
                "a.yml:4:13: `match` knows category, signature, policy, severity, trigger, not `kind` [schema]",
                "a.yml:4:30: there is no policy `loud` [unknown-policy]; one of retry, notify, escalate",
                "a.yml:4:45: `trigger` takes one of threshold, immediate, new, returned, spike, absent, distinct (did you mean `spike`?), not `spik` [schema]",
                "a.yml:5:5: nothing reads the key `sink` of a route [unknown-key]; did you mean `sinks`?",
            ]
        );
    }
}
