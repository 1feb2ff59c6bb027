//! Which sinks an alert goes to.

use signatures_alerts::{Alert, Route};
use signatures_engine::Severity;

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
    /// The names of the sinks that the alert goes to, each once.
    ///
    /// Without routes, and when no route takes it, it goes to all. So it does,
    /// whatever the routes say, to a sink that the environment added and no
    /// route names.
    pub(crate) fn sinks_for(&self, alert: &Alert) -> Vec<String> {
        let mut taken = false;
        let mut wanted: Vec<&str> = Vec::new();
        for route in self.routes.iter().filter(|route| route.applies_to(alert)) {
            taken = true;
            wanted.extend(route.sinks.iter().map(|(name, _)| name.as_str()));
            if !route.continues {
                break;
            }
        }
        let goes = |sink: &&Destination| {
            let unrouted = sink.from_environment && !self.is_named(&sink.name);
            (!taken || unrouted || wanted.contains(&sink.name.as_str()))
                && sink.min_severity.as_ref().is_none_or(|min| alert.reaches(min))
        };
        self.sinks.iter().filter(goes).map(|sink| sink.name.clone()).collect()
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
            assert_eq!(routing.sinks_for(&alert(policy, hint, severity)), sinks, "{policy} {hint}");
        }
    }

    #[test]
    fn without_routes_an_alert_goes_to_all() {
        let alert = alert(Policy::Retry, "low", AlertSeverity::Anomaly);
        assert_eq!(routing("", None).sinks_for(&alert), ["a", "b", "slack"]);
    }

    #[test]
    fn a_sink_of_the_environment_is_routed_once_a_route_names_it() {
        let routing =
            routing("routes: [{match: {policy: retry}, sinks: [slack]}, {sinks: [a, b]}]", None);
        let to = |policy| routing.sinks_for(&alert(policy, "low", AlertSeverity::Anomaly));
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
            let sinks = routing("", Some(min)).sinks_for(&alert(Policy::Retry, hint, severity));
            assert_eq!(!sinks.is_empty(), goes, "{min} {hint} {severity}");
        }
    }
}
