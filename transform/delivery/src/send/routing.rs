//! Which sinks an alert goes to.

use signatures_alerts::{Alert, Route};
use signatures_engine::Severity;
use signatures_ledger::{HeldAt, HeldBy};

/// Routes and the sinks that they lead to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routing {
    /// The routes, in order.
    pub(crate) routes: Vec<Route>,
    /// Every sink, in order.
    pub(crate) sinks: Vec<Destination>,
}

/// What routing needs to know of a sink.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Destination {
    /// Its name.
    pub(crate) name: String,
    /// Milder alerts are not for it.
    pub(crate) min_severity: Option<Severity>,
    /// Whether the environment added it, and not the file with the routes.
    pub(crate) from_environment: bool,
}

impl Routing {
    /// The names of the sinks that the alert goes to, each once, and why it goes to no
    /// other.
    ///
    /// Without routes, and when no route takes it, it goes to all. So it does,
    /// whatever the routes say, to a sink that the environment added and no
    /// route names.
    pub(crate) fn route(&self, alert: &Alert) -> (Vec<String>, Vec<HeldAt>) {
        let mut taken = false;
        let mut wanted: Vec<&str> = Vec::new();
        for route in self.routes.iter().filter(|route| route.applies_to(alert)) {
            taken = true;
            wanted.extend(route.sinks.iter().map(|(name, _)| name.as_str()));
            if !route.continues {
                break;
            }
        }
        let held = |sink: &Destination| {
            let unrouted = sink.from_environment && !self.is_named(&sink.name);
            if taken && !unrouted && !wanted.contains(&sink.name.as_str()) {
                return Some("no route that takes it leads there".to_owned());
            }
            let min = sink.min_severity.as_ref().filter(|min| !alert.reaches(min))?;
            Some(format!("milder than its min_severity, {}", min.as_str()))
        };
        let (mut goes, mut stays) = (Vec::new(), Vec::new());
        for sink in &self.sinks {
            let name = sink.name.clone();
            match held(sink) {
                None => goes.push(name),
                reason => stays.push(HeldAt { sink: name, by: HeldBy::Routes, reason }),
            }
        }
        (goes, stays)
    }

    /// That an alert goes to no sink at all, and why.
    pub(crate) fn hold(&self, by: HeldBy, reason: Option<&str>) -> Vec<HeldAt> {
        let held = |sink: &Destination| HeldAt {
            sink: sink.name.clone(),
            by,
            reason: reason.map(str::to_owned),
        };
        self.sinks.iter().map(held).collect()
    }

    /// Those of some sinks that there are.
    pub(crate) fn known(&self, sinks: Vec<String>) -> Vec<String> {
        let is_known = |name: &String| self.sinks.iter().any(|sink| sink.name == *name);
        sinks.into_iter().filter(is_known).collect()
    }

    fn is_named(&self, sink: &str) -> bool {
        self.routes.iter().flat_map(|route| &route.sinks).any(|(name, _)| name == sink)
    }
}

#[cfg(test)]
mod tests {
    use signatures_alerts::AlertSeverity;
    use signatures_document::yaml::Source;
    use signatures_engine::Policy;

    use super::*;
    use crate::settings::Settings;

    fn routing(yaml: &str, min_severity: Option<&str>) -> Routing {
        let text = format!("sinks: {{a: {{type: console}}, b: {{type: console}}}}\n{yaml}");
        let settings = Settings::read(&Source::new("a.yml", text)).value.unwrap();
        let destination = |name: &str, from_environment| Destination {
            name: name.into(),
            min_severity: min_severity.map(Severity::new),
            from_environment,
        };
        let sinks =
            vec![destination("a", false), destination("b", false), destination("slack", true)];
        Routing { routes: settings.alerts.routes, sinks }
    }

    fn alert(policy: Policy, hint: &str, severity: AlertSeverity) -> Alert {
        let alert = Alert::test("2026-01-02T03:04:05Z".parse().unwrap());
        Alert { policy, severity, severity_hint: Severity::new(hint), ..alert }
    }

    const ROUTES: &str = "
routes:
  - {match: {severity: critical}, sinks: [b], continue: true}
  - {match: {policy: retry, severity: [low, info]}, sinks: []}
  - {match: {policy: [retry, notify]}, sinks: [a]}
";

    #[test]
    fn the_first_route_that_matches_decides_unless_it_continues() {
        let routing = routing(ROUTES, None);
        for (policy, hint, severity, sinks) in [
            (Policy::Retry, "high", AlertSeverity::Anomaly, ["a", "slack"].as_slice()),
            (Policy::Retry, "low", AlertSeverity::Anomaly, &["slack"]),
            (Policy::Notify, "low", AlertSeverity::Critical, &["a", "b", "slack"]),
            (Policy::Escalate, "low", AlertSeverity::Critical, &["b", "slack"]),
            (Policy::Escalate, "high", AlertSeverity::Anomaly, &["a", "b", "slack"]),
        ] {
            assert_eq!(routing.route(&alert(policy, hint, severity)).0, sinks, "{policy} {hint}");
        }
    }

    #[test]
    fn without_routes_an_alert_goes_to_all() {
        let alert = alert(Policy::Retry, "low", AlertSeverity::Anomaly);
        assert_eq!(routing("", None).route(&alert).0, ["a", "b", "slack"]);
    }

    #[test]
    fn a_sink_of_the_environment_is_routed_once_a_route_names_it() {
        let routing =
            routing("routes: [{match: {policy: retry}, sinks: [slack]}, {sinks: [a, b]}]", None);
        let to = |policy| routing.route(&alert(policy, "low", AlertSeverity::Anomaly)).0;
        assert_eq!(
            (to(Policy::Retry), to(Policy::Notify)),
            (vec!["slack".into()], vec!["a".into(), "b".into()])
        );
    }

    #[test]
    fn a_milder_alert_is_not_for_a_sink_with_a_higher_minimum() {
        for (min, hint, severity, goes) in [
            ("anomaly", "low", AlertSeverity::Anomaly, true),
            ("high", "medium", AlertSeverity::Anomaly, false),
            ("high", "high", AlertSeverity::Anomaly, true),
            ("critical", "high", AlertSeverity::Anomaly, false),
            ("critical", "low", AlertSeverity::Critical, true),
        ] {
            let sinks = routing("", Some(min)).route(&alert(Policy::Retry, hint, severity)).0;
            assert_eq!(!sinks.is_empty(), goes, "{min} {hint} {severity}");
        }
    }

    #[test]
    fn an_alert_that_does_not_go_to_a_sink_says_why() {
        let routing = routing("routes: [{match: {policy: retry}, sinks: [a]}]", Some("high"));
        let (goes, held) = routing.route(&alert(Policy::Retry, "low", AlertSeverity::Anomaly));
        let held: Vec<_> =
            held.into_iter().map(|held| (held.sink, held.by, held.reason.unwrap())).collect();
        let elsewhere = "no route that takes it leads there".to_owned();
        let mild = "milder than its min_severity, high".to_owned();
        let expected = [("a", &mild), ("b", &elsewhere), ("slack", &mild)];
        let expected = expected.map(|(s, why)| (s.to_owned(), HeldBy::Routes, why.clone()));
        assert_eq!((goes, held), (Vec::<String>::new(), expected.to_vec()));
    }
}
