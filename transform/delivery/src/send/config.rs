//! From what alerts.yml and the environment say to sinks that can be talked to.

use std::{cell::RefCell, collections::BTreeSet, sync::Arc};

use signatures_alerts::UNKNOWN_SINK;
use signatures_document::{Diagnostic, Unusable, yaml::Source};
use signatures_engine::Severity;

use super::{
    environment::{added, min_severity, set},
    pace::Pace,
    routing::{Destination, Routing},
};
use crate::{
    secret::Environment,
    settings::Settings,
    sink::{Sender, Setup, SinkSettings, fallback, in_environment},
};

/// The sinks, and which alerts go to which.
#[derive(Clone, Debug)]
pub struct Config {
    /// The sinks, at least one, those of the file first.
    pub sinks: Vec<ConfiguredSink>,
    /// Which alerts go to which.
    pub(crate) routing: Routing,
}

/// A sink, and how it is talked to.
#[derive(Clone, Debug)]
pub struct ConfiguredSink {
    /// What routes, logs and metrics call it.
    pub name: String,
    /// What sends.
    pub(crate) sender: Arc<dyn Sender>,
    /// How it is talked to.
    pub pace: Pace,
}

/// A sink, and what routing needs to know of it.
type Built = (ConfiguredSink, Destination);

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
        let mut diagnostics = Vec::new();
        let used = RefCell::new(BTreeSet::new());
        let recorded = |name: &str| {
            used.borrow_mut().insert(name.to_owned());
            environment(name)
        };
        let mut sinks: Vec<_> = (settings.sinks.iter())
            .filter_map(|sink| from_file(sink, &recorded, &mut diagnostics))
            .collect();
        check_routes(settings, environment, &mut diagnostics);
        let mut errors: Vec<_> = diagnostics.iter().map(|found| found.located(source)).collect();
        match from_environment(settings, environment, &|name| used.borrow().contains(name)) {
            Ok(added) => sinks.extend(added),
            Err(error) => errors.push(error),
        }
        if !errors.is_empty() {
            return Err(Unusable { errors });
        }
        if sinks.is_empty() {
            sinks.push(console().map_err(|error| Unusable { errors: vec![error] })?);
        }
        let (sinks, destinations) = sinks.into_iter().unzip();
        let routing = Routing { routes: settings.alerts.routes.clone(), sinks: destinations };
        Ok(Self { sinks, routing })
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

fn from_file(
    settings: &SinkSettings,
    environment: Environment<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Built> {
    let mut setup = Setup::new(environment, &settings.pace, settings.ca_file.as_deref());
    let sender = settings.target.sender(&mut setup);
    let missing = setup.missing();
    if !missing.is_empty() {
        diagnostics.extend(missing);
        return None;
    }
    match sender {
        Ok(sender) => {
            let asked = settings.kind.environment.as_ref();
            let asked = asked.and_then(|how| min_severity(how, environment).ok().flatten());
            Some(built(settings, sender, settings.min_severity.clone().or(asked), false))
        }
        Err(error) => {
            let message = format!("the sink `{}` cannot be used: {error}", settings.name);
            diagnostics.push(Diagnostic::schema(settings.span, message));
            None
        }
    }
}

/// Adds to those of the file, unless one of the file is the same.
fn from_environment(
    settings: &Settings,
    environment: Environment<'_>,
    used: &dyn Fn(&str) -> bool,
) -> Result<Vec<Built>, String> {
    let trimmed = |name: &str| set(environment, name);
    let added = added(&settings.sinks, environment, used)?.into_iter().map(|settings| {
        let mut setup = Setup::new(&trimmed, &settings.pace, None);
        let sender = settings.target.sender(&mut setup);
        let sender = sender
            .map_err(|error| format!("the sink `{}` of the environment: {error}", settings.name))?;
        Ok(built(&settings, sender, settings.min_severity.clone(), true))
    });
    added.collect()
}

fn console() -> Result<Built, String> {
    let settings = fallback();
    let sender = settings.target.sender(&mut Setup::new(&|_| None, &settings.pace, None));
    let sender = sender.map_err(|error| format!("the console cannot be used: {error}"))?;
    Ok(built(&settings, sender, None, false))
}

fn built(
    settings: &SinkSettings,
    sender: Arc<dyn Sender>,
    min_severity: Option<Severity>,
    from_environment: bool,
) -> Built {
    let name = settings.name.clone();
    let pace = Pace::new(&settings.pace, settings.kind.pace);
    let destination = Destination { name: name.clone(), min_severity, from_environment };
    (ConfiguredSink { name, sender, pace }, destination)
}

/// A route may name a sink that only the environment adds, and that it may not
/// have added.
fn check_routes(
    settings: &Settings,
    environment: Environment<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (name, span) in settings.alerts.routes.iter().flat_map(|route| &route.sinks) {
        let in_file = settings.sinks.iter().any(|sink| sink.name == *name);
        let variable = in_environment().find(|(kind, _)| kind.name == name);
        let variable = variable.map(|(_, how)| how.variable);
        if !in_file && variable.is_none_or(|variable| set(environment, variable).is_none()) {
            let message = format!("there is no sink `{name}`");
            let help = variable.map(|name| format!("it would be there if `{name}` was set"));
            let found = Diagnostic::new(UNKNOWN_SINK, *span, message);
            diagnostics.push(help.into_iter().fold(found, Diagnostic::help));
        }
    }
}

#[cfg(test)]
mod tests {
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
                "a.yml:4:25: there is no sink `slack` [unknown-sink]; it would be there if `SLACK_WEBHOOK_URL` was set",
                "ALERT_TELEGRAM_BOT_TOKEN is set, and ALERT_TELEGRAM_CHAT_ID is not",
            ]
        );
    }

    #[test]
    fn a_chat_without_a_token_is_told_as_a_token_without_a_chat_is() {
        let told = |yaml: &str, variables: &[(&str, &str)]| resolve(yaml, variables).map(|_| ());
        let chat = (TELEGRAM_CHAT_ID, "-5");
        let lacks_token = "ALERT_TELEGRAM_CHAT_ID is set, and ALERT_TELEGRAM_BOT_TOKEN is not";
        let other = "sinks: {tg: {type: telegram, bot_token: '1:${B}', chat_id: 1}}";
        assert_eq!(told("{}", &[chat]), Err(vec![lacks_token.to_owned()]));
        // An empty variable is one that is not set, as compose files have it.
        assert_eq!(told("{}", &[chat, (TELEGRAM_BOT_TOKEN, " ")]), Err(vec![lacks_token.into()]));
        assert_eq!(told("{}", &[(TELEGRAM_CHAT_ID, " ")]), Ok(()));
        assert_eq!(told(other, &[chat, ("B", "b")]), Err(vec![lacks_token.to_owned()]));
        assert_eq!(
            told("{}", &[(TELEGRAM_BOT_TOKEN, "1:a")]),
            Err(vec!["ALERT_TELEGRAM_BOT_TOKEN is set, and ALERT_TELEGRAM_CHAT_ID is not".into()])
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
            Err(vec!["ALERT_TELEGRAM_MIN_SEVERITY takes one of info, low, warning, medium, anomaly, high, critical, or a level: trace, debug, notice, error, alert, emergency, not `loud`".to_owned()])
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
