//! From what alerts.yml and the environment say to sinks that can be talked to.

use std::{cell::RefCell, collections::BTreeSet};

use jiff::SignedDuration;
use signatures_alerts::{Alert, LinkTemplate, OperationsSettings, UNKNOWN_SINK};
use signatures_configuration::environment::told_as;
use signatures_document::{Diagnostic, Unusable, yaml::Source};
use signatures_engine::aggregate::AggregationSettings;

use super::{
    configured_sink::{Built, ConfiguredSink},
    environment::{FromEnvironment, from_environment, min_severity},
    routing::Routing,
};
use crate::{
    secret::Environment,
    settings::Settings,
    sink::{Kind, SinkSettings, fallback, in_environment, name_in_environment},
};

/// The sinks, and which alerts go to which.
#[derive(Clone, Debug)]
pub struct Config {
    /// The sinks, at least one, those of the file first.
    pub sinks: Vec<ConfiguredSink>,
    /// Which alerts go to which.
    pub(crate) routing: Routing,
    /// What happens after an alert is decided.
    pub(crate) operations: OperationsSettings,
    /// By which incidents are over, where nothing else is said.
    pub(crate) aggregation: AggregationSettings,
    /// Where to read on about an error.
    pub(crate) sentry_url: Option<LinkTemplate>,
}

/// What has been built so far, and what could not be.
#[derive(Default)]
struct Building {
    sinks: Vec<Built>,
    /// What has its place in the file.
    diagnostics: Vec<Diagnostic>,
    /// What the environment has wrong.
    mistakes: Vec<String>,
    /// Of which kinds of sinks.
    mistaken: Vec<&'static Kind>,
    /// The sinks of the file that the environment names again, each with its kind.
    named_again: Vec<(&'static Kind, String)>,
}

impl Config {
    /// Looks up the secrets, adds the sinks that the environment names, and the
    /// console when there is no other.
    ///
    /// # Errors
    /// With every secret that is missing, every address that cannot be used, and
    /// every route to a sink that is not there.
    pub fn resolve(
        settings: &Settings,
        source: &Source,
        environment: Environment<'_>,
    ) -> Result<Self, Unusable> {
        let mut building = Building::default();
        building.build(settings, environment);
        building.check_routes(settings);
        let Building { sinks, diagnostics, mistakes, .. } = building;
        let located = diagnostics.iter().map(|found| found.located(source));
        let errors: Vec<_> = located.chain(mistakes).collect();
        if !errors.is_empty() {
            return Err(Unusable { errors });
        }
        let (sinks, destinations) =
            sinks.into_iter().map(|built| (built.sink, built.destination)).unzip();
        let routing = Routing { routes: settings.alerts.routes.clone(), sinks: destinations };
        Ok(Self {
            sinks,
            routing,
            operations: settings.alerts.operations.clone(),
            aggregation: settings.engine.aggregation.clone(),
            sentry_url: settings.alerts.sentry_url.clone(),
        })
    }

    /// After how long without an event the incident of an alert is over.
    pub(crate) fn resolve_after(&self, alert: &Alert) -> SignedDuration {
        self.operations.resolve_after.unwrap_or_else(|| {
            let signature = alert.signature.as_deref();
            let of = (&alert.category, &alert.severity_hint);
            self.aggregation.quiet_after(of.0, signature, alert.policy, of.1)
        })
    }

    /// Whether a sink forgets an alert that is not said again.
    pub(crate) fn forgets(&self, sink: &str) -> bool {
        let sink = self.sinks.iter().find(|configured| configured.name == sink);
        sink.is_some_and(|sink| sink.sender.forgets())
    }

    /// The names of the sinks, for the log.
    #[must_use]
    pub fn sink_names(&self) -> String {
        let names: Vec<_> = self.sinks.iter().map(|sink| sink.name.as_str()).collect();
        names.join(", ")
    }

    /// How many alerts may wait for a sink.
    pub(crate) fn bound(&self, sink: &str) -> u64 {
        let sink = self.sinks.iter().find(|configured| configured.name == sink);
        sink.map_or(u64::MAX, |sink| sink.pace.queue)
    }
}

impl Building {
    /// Every sink there is: this alone decides.
    fn build(&mut self, settings: &Settings, environment: Environment<'_>) {
        let used = RefCell::new(BTreeSet::new());
        let recorded = |name: &str| {
            used.borrow_mut().insert(name.to_owned());
            environment(name)
        };
        for sink in &settings.sinks {
            self.add_from_file(sink, &recorded);
        }
        let is_used = |name: &str| used.borrow().contains(name);
        for (kind, found) in from_environment(&settings.sinks, environment, &is_used) {
            let before = self.mistakes.len();
            match found {
                FromEnvironment::Unset => {}
                FromEnvironment::InFile(sink) => self.named_again.push((kind, sink)),
                FromEnvironment::Mistake(mistake) => self.mistakes.push(mistake),
                FromEnvironment::Sink(sink) => self.add(&sink, true, environment, |error| {
                    format!("the sink `{}` of the environment: {error}", sink.name)
                }),
            }
            // Where the environment is wrong, that is to be mended first.
            self.mistaken.extend((self.mistakes.len() > before).then_some(kind));
        }
        if settings.sinks.is_empty() && self.sinks.is_empty() && self.mistakes.is_empty() {
            self.add(&fallback(), false, environment, |error| {
                format!("the console cannot be used: {error}")
            });
        }
    }

    fn add_from_file(&mut self, settings: &SinkSettings, environment: Environment<'_>) {
        match Built::new(settings, false, environment) {
            Ok(mut built) => {
                let asked = settings.kind.environment.as_ref();
                let asked = asked.and_then(|how| min_severity(how, environment).ok().flatten());
                let own = built.destination.min_severity.take();
                built.destination.min_severity = own.or(asked);
                self.sinks.push(built);
            }
            Err(unbuilt) => self.diagnostics.extend(unbuilt.diagnostics(settings)),
        }
    }

    /// Adds one that has no place in the file.
    fn add(
        &mut self,
        settings: &SinkSettings,
        from_environment: bool,
        environment: Environment<'_>,
        mistake: impl Fn(String) -> String,
    ) {
        match Built::new(settings, from_environment, environment) {
            Ok(built) => self.sinks.push(built),
            Err(unbuilt) => self.mistakes.extend(unbuilt.reasons().into_iter().map(mistake)),
        }
    }

    /// A route may name a sink that only the environment adds, and that it may
    /// not have added.
    fn check_routes(&mut self, settings: &Settings) {
        let routes = settings.alerts.routes.iter().flat_map(|route| &route.sinks);
        let steps = settings.alerts.operations.escalation.iter().flat_map(|step| &step.sinks);
        for (name, span) in routes.chain(steps) {
            let in_file = settings.sinks.iter().any(|sink| sink.name == *name);
            let built = self.sinks.iter().any(|built| built.sink.name == *name);
            let called = |kind: &Kind| name_in_environment(kind, &settings.sinks) == *name;
            if in_file || built || self.mistaken.iter().any(|kind| called(kind)) {
                continue;
            }
            let found = Diagnostic::new(UNKNOWN_SINK, *span, format!("there is no sink `{name}`"));
            let kind = in_environment().find(|(kind, _)| called(kind));
            let help = kind.map(|(kind, how)| self.help(kind, how.variable));
            self.diagnostics.push(help.into_iter().fold(found, Diagnostic::help));
        }
    }

    /// What to do about a route to a sink that the environment did not add.
    fn help(&self, kind: &Kind, variable: &str) -> String {
        let variable = told_as(variable);
        match self.named_again.iter().find(|(again, _)| *again == kind) {
            Some((_, sink)) => {
                format!("`{variable}` is the sink `{sink}` of this file: write that")
            }
            None => format!("it would be there if `{variable}` was set"),
        }
    }
}

#[cfg(test)]
mod tests {
    use signatures_engine::Severity;

    use super::*;
    use crate::{SLACK_WEBHOOK_URL, TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID, TELEGRAM_MIN_SEVERITY};

    fn resolve(yaml: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let source = Source::new("a.yml", yaml);
        let settings = Settings::read(&source).value.unwrap();
        let environment = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::resolve(&settings, &source, &environment).map_err(|unusable| unusable.errors)
    }

    fn destinations(config: &Config) -> Vec<(&str, Option<&str>, bool)> {
        let sinks = config.routing.sinks.iter();
        sinks
            .map(|sink| {
                let min = sink.min_severity.as_ref().map(Severity::as_str);
                (sink.name.as_str(), min, sink.from_environment)
            })
            .collect()
    }

    #[test]
    fn without_any_sink_there_is_the_console() {
        assert_eq!(destinations(&resolve("{}", &[]).unwrap()), [("console", None, false)]);
    }

    #[test]
    fn the_environment_adds_its_sinks() {
        let config = resolve(
            "sinks: {slack: {type: slack, webhook_url: 'http://${HOST}/a'}, tg: {type: telegram, bot_token: '${ALERT_TELEGRAM_BOT_TOKEN}', chat_id: 1}}",
            &[
                ("HOST", "h"),
                (SLACK_WEBHOOK_URL, "http://h/b"),
                (TELEGRAM_BOT_TOKEN, "1:a"),
                (TELEGRAM_MIN_SEVERITY, "Critical"),
            ],
        );
        assert_eq!(
            destinations(&config.unwrap()),
            [
                ("slack", None, false),
                ("tg", Some("critical"), false),
                ("slack-environment", None, true)
            ]
        );
        let both = [(TELEGRAM_BOT_TOKEN, "1:a"), (TELEGRAM_CHAT_ID, "-5")];
        let config = resolve("{}", &both).unwrap();
        assert_eq!(destinations(&config), [("telegram", None, true)]);
        assert_eq!(config.sinks[0].pace.per_minute, 20);
    }

    #[test]
    fn the_same_address_with_blanks_around_it_or_in_capitals_is_the_same_sink() {
        let yaml = "sinks: {ops: {type: slack, webhook_url: '${OPS}'}}";
        for (ops, url) in [
            ("http://h/a", "http://h/a\n"),
            ("http://h/a\r\n", "http://h/a"),
            (" http://h/a", "http://H:80/a"),
        ] {
            let config = resolve(yaml, &[("OPS", ops), (SLACK_WEBHOOK_URL, url)]);
            assert_eq!(destinations(&config.unwrap()), [("ops", None, false)], "{ops} {url}");
        }
        let config = resolve(yaml, &[("OPS", "http://h/a"), (SLACK_WEBHOOK_URL, "http://h/A")]);
        assert_eq!(destinations(&config.unwrap()).len(), 2);
    }

    #[test]
    fn a_chat_of_the_environment_is_another_sink_than_another_chat_of_the_same_bot() {
        let yaml = "sinks: {tg: {type: telegram, bot_token: '1:${B}', chat_id: 1}}";
        let names = |chat| {
            let both = [("B", "b"), (TELEGRAM_BOT_TOKEN, "1:b"), (TELEGRAM_CHAT_ID, chat)];
            let config = resolve(yaml, &both).unwrap();
            config.sinks.into_iter().map(|sink| sink.name).collect::<Vec<_>>()
        };
        assert_eq!(
            (names("1 "), names("2")),
            (vec!["tg".into()], vec!["tg".into(), "telegram".into()])
        );
    }

    #[test]
    fn a_route_leads_to_a_sink_that_was_built_or_is_an_error() {
        let ops = "sinks: {ops: {type: slack, webhook_url: 'http://${H}/a'}}\n";
        let slack = "sinks: {slack: {type: slack, webhook_url: 'http://${H}/a'}}\n";
        let route = |sinks: &str, to: &str, url: &str| {
            let yaml = format!("{sinks}routes: [{{sinks: [{to}]}}]\n");
            resolve(&yaml, &[("H", "h"), (SLACK_WEBHOOK_URL, url)])
                .map(|config| config.sink_names())
        };
        assert_eq!(
            route(ops, "slack", "http://h/a"),
            Err(vec!["a.yml:2:19: there is no sink `slack` [unknown-sink]; `SIGNATURES_SLACK_WEBHOOK_URL` is the sink `ops` of this file: write that".into()])
        );
        assert_eq!(route(ops, "slack", "http://h/b"), Ok("ops, slack".into()));
        assert_eq!(route(ops, "ops", "http://h/a"), Ok("ops".into()));
        assert_eq!(
            route(slack, "slack-environment", "http://h/b"),
            Ok("slack, slack-environment".into())
        );
        assert_eq!(
            route(slack, "slack-environment", ""),
            Err(vec!["a.yml:2:19: there is no sink `slack-environment` [unknown-sink]; it would be there if `SIGNATURES_SLACK_WEBHOOK_URL` was set".into()])
        );
    }

    #[test]
    fn sinks_are_the_same_as_long_as_all_that_they_are_made_of_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let certificate = rcgen::generate_simple_self_signed(["h".to_owned()]).unwrap().cert.pem();
        let (secret, ca) = (file("secret", "abcd"), file("ca", &certificate));
        let yaml = format!(
            "sinks:\n  a: {{type: webhook, url: 'http://h', hmac_secret_file: '{secret}', ca_file: '{ca}'}}\n"
        );
        let sink =
            |yaml: &str, variable| resolve(yaml, &[("V", variable)]).unwrap().sinks.pop().unwrap();
        let before = sink(&yaml, "");
        // Elsewhere in the file, it is what it was.
        assert_eq!(sink(&format!("# A line more\n{yaml}"), ""), before);
        assert_ne!(sink(&yaml.replace("http://h", "http://i"), ""), before);
        assert_ne!(sink(&yaml.replace("ca_file", "queue: 5, ca_file"), ""), before);
        assert_ne!(sink(&yaml.replace("ca_file", "timeout_seconds: 5, ca_file"), ""), before);
        file("secret", "abce");
        let rotated = sink(&yaml, "");
        assert_ne!(rotated, before);
        file("ca", &(certificate.clone() + "\n" + &certificate));
        assert_ne!(sink(&yaml, ""), rotated);
        let of_variable = |value| sink("sinks: {a: {type: webhook, url: 'http://${V}'}}", value);
        assert_eq!(of_variable("h"), of_variable("h"));
        assert_ne!(of_variable("h"), of_variable("i"));
    }

    #[test]
    fn whatever_is_missing_is_told_with_its_place_and_no_secret() {
        let errors = resolve(
            "sinks:\n  a: {type: slack, webhook_url: '${NONE}'}\n  b: {type: webhook, url: 'nonsense-s3cret${X}'}\nroutes: [{sinks: [a, b, slack]}]\n",
            &[("X", "x"), (TELEGRAM_BOT_TOKEN, "1:a")],
        );
        assert_eq!(
            errors.unwrap_err(),
            [
                "a.yml:2:33: the environment variable `NONE` is not set [missing-secret]",
                "a.yml:3:3: the sink `b` cannot be used: its address is no http:// or https:// URL [schema]",
                "a.yml:4:25: there is no sink `slack` [unknown-sink]; it would be there if `SIGNATURES_SLACK_WEBHOOK_URL` was set",
                "SIGNATURES_TELEGRAM_BOT_TOKEN is set, and SIGNATURES_TELEGRAM_CHAT_ID is not",
            ]
        );
    }

    #[test]
    fn a_chat_without_a_token_is_told_as_a_token_without_a_chat_is() {
        let told = |yaml: &str, variables: &[(&str, &str)]| resolve(yaml, variables).map(|_| ());
        let chat = (TELEGRAM_CHAT_ID, "-5");
        let lacks_token =
            "SIGNATURES_TELEGRAM_CHAT_ID is set, and SIGNATURES_TELEGRAM_BOT_TOKEN is not";
        let other = "sinks: {tg: {type: telegram, bot_token: '1:${B}', chat_id: 1}}";
        assert_eq!(told("{}", &[chat]), Err(vec![lacks_token.to_owned()]));
        // An empty variable is one that is not set, as compose files have it.
        assert_eq!(told("{}", &[chat, (TELEGRAM_BOT_TOKEN, " ")]), Err(vec![lacks_token.into()]));
        assert_eq!(told("{}", &[(TELEGRAM_CHAT_ID, " ")]), Ok(()));
        assert_eq!(told(other, &[chat, ("B", "b")]), Err(vec![lacks_token.to_owned()]));
        assert_eq!(
            told("{}", &[(TELEGRAM_BOT_TOKEN, "1:a")]),
            Err(vec![
                "SIGNATURES_TELEGRAM_BOT_TOKEN is set, and SIGNATURES_TELEGRAM_CHAT_ID is not"
                    .into()
            ])
        );
        // The file takes the chat from there, and the token from elsewhere.
        let uses = "sinks: {tg: {type: telegram, bot_token: '1:${B}', chat_id: '${ALERT_TELEGRAM_CHAT_ID}'}}";
        assert_eq!(told(uses, &[chat, ("B", "b")]), Ok(()));
    }

    #[test]
    fn the_least_severity_of_the_environment_may_be_a_level() {
        let min = |word| {
            let both = [(TELEGRAM_BOT_TOKEN, "1:a"), (TELEGRAM_CHAT_ID, "-5")];
            let config = resolve("{}", &[both[0], both[1], (TELEGRAM_MIN_SEVERITY, word)])?;
            Ok(destinations(&config)[0].1.map(str::to_owned))
        };
        for (word, severity) in
            [("error", "anomaly"), ("WARN", "warning"), (" High ", "high"), ("fatal", "critical")]
        {
            assert_eq!(min(word), Ok(Some(severity.to_owned())), "{word}");
        }
        assert_eq!(
            min("loud"),
            Err(vec!["SIGNATURES_TELEGRAM_MIN_SEVERITY takes one of info, low, warning, medium, anomaly, high, critical, or a level: trace, debug, notice, error, alert, emergency, not `loud`".to_owned()])
        );
    }

    #[test]
    fn no_secret_shows_in_the_debug_output() {
        let config = resolve(
            "sinks: {a: {type: webhook, url: 'http://h/S3CRET', hmac_secret: '${K}', headers: {X-Token: '${K}'}}, b: {type: alertmanager, url: 'http://u:S3CRET@h', authorization: '${K}'}}",
            &[("K", "S3CRET"), (SLACK_WEBHOOK_URL, "http://h/S3CRET"), (TELEGRAM_BOT_TOKEN, "1:S3CRET"), (TELEGRAM_CHAT_ID, "-5")],
        )
        .unwrap();
        assert!(!format!("{config:?}").contains("S3CRET"), "{config:?}");
    }
}
