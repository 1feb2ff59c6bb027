//! The flags and environment variables that every way to run shares.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::builder::{StringValueParser, TypedValueParser};

use signatures_configuration::{switch, switch::InvalidSwitch};

use crate::serve::Config;

const DEFAULT_TAXONOMY: &str = "config/error_signatures.yml";
const DEFAULT_RELOAD_SECONDS: u64 = 60;

/// Which rules to go by, and what to do with what they find.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EngineArgs {
    /// The taxonomy of error signatures [default: config/error_signatures.yml]
    #[arg(
        long,
        short,
        alias = "signatures",
        value_name = "FILE",
        env = "ERROR_SIGNATURES_PATH",
        value_parser = StringValueParser::new().map(PathBuf::from)
    )]
    taxonomy: Option<PathBuf>,

    /// The settings of the alerts [default: config/alerts.yml where it exists]
    #[arg(
        long,
        short,
        alias = "grouping",
        value_name = "FILE",
        env = "ALERTS_GROUPING_CONFIG",
        value_parser = StringValueParser::new().map(PathBuf::from)
    )]
    alerts: Option<PathBuf>,

    /// Whether to aggregate errors into alerts; events are tagged all the same [default: on]
    #[arg(
        long,
        value_name = "on|off",
        env = "LOG_AGGREGATOR_ENABLED",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "on"
    )]
    aggregate: Option<Switch>,

    /// Decide alerts but deliver none: they are logged and counted [default: off]
    #[arg(
        long,
        value_name = "on|off",
        env = "LOG_AGGREGATOR_SHADOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "on"
    )]
    shadow: Option<Switch>,

    /// How often to look for changes of both files; 0 never, but on SIGHUP [default: 60]
    #[arg(long, value_name = "SECONDS", env = "LOG_AGG_RELOAD_SECONDS")]
    reload_seconds: Option<Seconds>,
}

impl EngineArgs {
    /// These, and what a configuration file says where they say nothing.
    pub(crate) fn over(&self, config: &Config) -> Self {
        let switch = |on: Option<bool>| on.map(|on| if on { Switch::On } else { Switch::Off });
        let said = |given: Option<Switch>| given.filter(|given| *given != Switch::Unset);
        let reload_seconds = config.reload_seconds.map(|seconds| Seconds(Some(seconds)));
        Self {
            taxonomy: named(&self.taxonomy).or_else(|| config.taxonomy.clone()),
            alerts: named(&self.alerts).or_else(|| config.alerts.clone()),
            aggregate: said(self.aggregate).or_else(|| switch(config.aggregate)),
            shadow: said(self.shadow).or_else(|| switch(config.shadow)),
            reload_seconds: self.reload_seconds.filter(|s| s.0.is_some()).or(reload_seconds),
        }
    }

    /// The file of the taxonomy.
    pub(crate) fn taxonomy(&self) -> PathBuf {
        named(&self.taxonomy).unwrap_or_else(|| PathBuf::from(DEFAULT_TAXONOMY))
    }

    /// The file of the alert settings, if one was named.
    pub(crate) fn alerts(&self) -> Option<PathBuf> {
        named(&self.alerts)
    }

    /// Whether errors are aggregated into alerts.
    pub(crate) fn aggregate(&self) -> bool {
        self.aggregate.is_none_or(|switch| switch.is_on(true))
    }

    /// Whether alerts are decided but not delivered.
    pub(crate) fn shadow(&self) -> bool {
        self.shadow.is_some_and(|switch| switch.is_on(false))
    }

    /// What is on, for the log.
    pub(crate) fn mode(&self) -> &'static str {
        match (self.aggregate(), self.shadow()) {
            (false, _) => "tagging only",
            (true, true) => "shadow",
            (true, false) => "alerting",
        }
    }

    /// The time between two looks at the files; none when only a signal counts.
    pub(crate) fn reload_period(&self) -> Option<Duration> {
        let given = self.reload_seconds.and_then(|seconds| seconds.0);
        let seconds = given.unwrap_or(DEFAULT_RELOAD_SECONDS);
        (seconds > 0).then(|| Duration::from_secs(seconds))
    }
}

/// A path, unless it is empty: an empty variable says nothing, as compose files
/// have it.
fn named(path: &Option<PathBuf>) -> Option<PathBuf> {
    path.clone().filter(|path| !path.as_os_str().is_empty())
}

/// So many seconds; none of an empty variable.
#[derive(Clone, Copy, Debug)]
struct Seconds(Option<u64>);

impl FromStr for Seconds {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() { Ok(Self(None)) } else { text.parse().map(|s| Self(Some(s))) }
    }
}

/// On or off, in the words that people use in environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Switch {
    On,
    Off,
    /// An empty variable, which says nothing.
    Unset,
}

impl Switch {
    fn is_on(self, default: bool) -> bool {
        match self {
            Self::On => true,
            Self::Off => false,
            Self::Unset => default,
        }
    }
}

impl FromStr for Switch {
    type Err = InvalidSwitch;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match switch::parse(text)? {
            Some(true) => Self::On,
            Some(false) => Self::Off,
            None => Self::Unset,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_switch_leaves_the_default() {
        assert_eq!("off".parse(), Ok(Switch::Off));
        assert!("".parse::<Switch>().unwrap().is_on(true));
        assert!("maybe".parse::<Switch>().is_err());
    }
}
