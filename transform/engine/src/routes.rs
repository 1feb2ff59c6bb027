//! `routes:` of alerts.yml: which alerts go to which sinks.

use crate::{
    alert::{Alert, AlertSeverity},
    problem::{Problem, Rule},
    reader::{Reader, closest},
    settings::Settings,
    sinks::ENVIRONMENT_SINKS,
    taxonomy::{Policy, Severity},
    yaml::{Node, NodeKind, Span},
};

/// One entry of `routes:`. The first that matches an alert decides, unless it
/// says `continue: true`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    /// Which alerts it takes.
    pub matches: RouteMatch,
    /// Where they go, and where each name stands; none drops them.
    pub sinks: Vec<(String, Span)>,
    /// Whether the routes after it are asked too.
    pub continues: bool,
}

/// Which alerts a route takes: all that is given must hold, and of a list one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RouteMatch {
    /// Names of categories.
    pub category: Vec<String>,
    /// Ids of signatures.
    pub signature: Vec<String>,
    /// Policies.
    pub policy: Vec<Policy>,
    /// `critical` and `anomaly` say how urgent the alert is, any other name how
    /// bad the signature is.
    pub severity: Vec<Severity>,
}

impl RouteMatch {
    /// Whether the route takes the alert.
    #[must_use]
    pub fn applies_to(&self, alert: &Alert) -> bool {
        fn any<T>(wanted: &[T], is: impl Fn(&T) -> bool) -> bool {
            wanted.is_empty() || wanted.iter().any(is)
        }
        any(&self.category, |category| *category == alert.category)
            && any(&self.signature, |id| Some(id) == alert.signature.as_ref())
            && any(&self.policy, |policy| *policy == alert.policy)
            && any(&self.severity, |severity| match severity.as_str() {
                "critical" => alert.severity == AlertSeverity::Critical,
                "anomaly" => alert.severity == AlertSeverity::Anomaly,
                _ => *severity == alert.severity_hint,
            })
    }
}

const ROUTE_KEYS: [&str; 3] = ["match", "sinks", "continue"];
const MATCH_KEYS: [&str; 4] = ["category", "signature", "policy", "severity"];

impl Reader {
    /// `routes:`, a list.
    pub(crate) fn routes(&mut self, node: &Node) -> Vec<Route> {
        self.sequence("routes", node).iter().map(|item| self.route(item)).collect()
    }

    fn route(&mut self, node: &Node) -> Route {
        let mut route = Route::default();
        let mut says_sinks = false;
        for entry in self.mapping("routes", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "match" => route.matches = self.route_match(value),
                "sinks" => {
                    says_sinks = true;
                    for item in one_or_more(value) {
                        route.sinks.extend(self.text(key, item).map(|name| (name, item.span)));
                    }
                }
                "continue" => route.continues = self.boolean(key, value).unwrap_or(false),
                _ => self.unknown_key(entry, "a route", &ROUTE_KEYS),
            }
        }
        if !says_sinks {
            let help = "add `sinks: [NAME]`; `sinks: []` drops what matches";
            self.report(Problem::schema(node.span, "a route does not say its sinks").help(help));
        }
        route
    }

    fn route_match(&mut self, node: &Node) -> RouteMatch {
        let mut matches = RouteMatch::default();
        for entry in self.mapping("match", node) {
            let key = entry.key.as_str();
            if one_or_more(&entry.value).is_empty() {
                self.schema(entry.value.span, format!("`{key}` is empty, and would match all"));
            }
            for item in one_or_more(&entry.value) {
                match key {
                    "category" => matches.category.extend(self.text(key, item)),
                    "signature" => matches.signature.extend(self.text(key, item)),
                    "policy" => matches.policy.extend(self.policy(key, item)),
                    "severity" => {
                        matches.severity.extend(self.text(key, item).map(|s| Severity::new(&s)));
                    }
                    _ => {}
                }
            }
            if !MATCH_KEYS.contains(&key) {
                // Ignored, it would make the route take more than meant.
                let message = format!("`match` knows {}, not `{key}`", MATCH_KEYS.join(", "));
                self.schema(entry.key_span, message);
            }
        }
        matches
    }

    /// What only both together can have wrong.
    pub(crate) fn routes_lead_to_sinks(&mut self, settings: &Settings) {
        let known = || settings.sinks.iter().map(|sink| sink.name.as_str());
        let named: Vec<_> = settings.routes.iter().flat_map(|route| &route.sinks).collect();
        for (name, span) in &named {
            if !known().chain(ENVIRONMENT_SINKS).any(|sink| sink == name) {
                let known: Vec<_> = known().collect();
                self.report(Problem {
                    rule: Rule::UnknownSink,
                    message: format!("there is no sink `{name}`"),
                    span: *span,
                    help: Some(match closest(name, &known) {
                        _ if known.is_empty() => "`sinks:` is empty".to_owned(),
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => format!("known here: {}", known.join(", ")),
                    }),
                });
            }
        }
        for sink in &settings.sinks {
            if !settings.routes.is_empty() && !named.iter().any(|(name, _)| *name == sink.name) {
                self.report(Problem {
                    rule: Rule::UnroutedSink,
                    message: format!("no route leads to the sink `{}`", sink.name),
                    span: sink.span,
                    help: Some(
                        "name it in a route; so far it gets only alerts that no route takes"
                            .to_owned(),
                    ),
                });
            }
        }
    }
}

fn one_or_more(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::Sequence(items) => items,
        _ => std::slice::from_ref(node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Source;

    fn read(text: &str) -> (Option<Settings>, Vec<String>) {
        let source = Source::new("a.yml", text);
        let reading = Settings::read(&source);
        (reading.value, reading.problems.iter().map(|p| p.located(&source)).collect())
    }

    #[test]
    fn a_route_is_read_with_single_values_and_lists() {
        let (settings, problems) = read(
            "sinks: {a: {type: console}}\nroutes:\n  - match: {policy: [retry, Notify], severity: high, category: db, signature: S}\n    sinks: a\n    continue: true\n  - sinks: [slack]\n",
        );
        assert_eq!(problems, Vec::<String>::new());
        let routes = settings.unwrap().routes;
        assert_eq!(
            routes[0].matches,
            RouteMatch {
                category: vec!["db".into()],
                signature: vec!["S".into()],
                policy: vec![Policy::Retry, Policy::Notify],
                severity: vec![Severity::new("high")],
            }
        );
        assert_eq!((routes[0].sinks[0].0.as_str(), routes[0].continues), ("a", true));
        assert_eq!(
            (routes[1].matches == RouteMatch::default(), routes[1].continues),
            (true, false)
        );
    }

    #[test]
    fn an_empty_list_does_not_match_all() {
        let (settings, problems) = read("routes: [{match: {category: []}, sinks: []}]\n");
        assert!(settings.is_none());
        assert_eq!(problems, ["a.yml:1:29: `category` is empty, and would match all [schema]"]);
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        let (settings, problems) = read(
            "sinks: {a: {type: console}, b: {type: console}}\nroutes:\n  - sinks: [a, typo]\n  - match: {kind: x, policy: loud}\n    sink: a\n",
        );
        assert!(settings.is_none());
        assert_eq!(
            problems,
            [
                "a.yml:1:29: no route leads to the sink `b` [unrouted-sink]; name it in a route; so far it gets only alerts that no route takes",
                "a.yml:3:16: there is no sink `typo` [unknown-sink]; known here: a, b",
                "a.yml:4:5: a route does not say its sinks [schema]; add `sinks: [NAME]`; `sinks: []` drops what matches",
                "a.yml:4:13: `match` knows category, signature, policy, severity, not `kind` [schema]",
                "a.yml:4:30: there is no policy `loud` [unknown-policy]; one of retry, notify, escalate",
                "a.yml:5:5: nothing reads the key `sink` of a route [unknown-key]; did you mean `sinks`?",
            ]
        );
    }
}
