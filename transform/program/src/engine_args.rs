//! The flags and environment variables that every way to run shares.

use std::{path::PathBuf, str::FromStr, time::Duration};

use signatures_command_line::RulesArgs;
use signatures_configuration::{
    DEFAULT_RELOAD, Files, environment,
    switch::{self, InvalidSwitch},
};
use signatures_operations::Mode;

use crate::serve::Config;

/// Which rules to go by, and what to do with what they find.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct EngineArgs {
    #[command(flatten)]
    pub(crate) rules: RulesArgs,

    /// Whether errors become alerts [default: on]
    ///
    /// Whether to aggregate errors into alerts; events are tagged all the same [default: on]
    #[arg(
        long,
        value_name = "on|off",
        help_heading = "Alerts",
        env = environment::AGGREGATE,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "on"
    )]
    aggregate: Option<Switch>,

    /// Decide alerts, deliver none [default: off]
    ///
    /// Decide alerts but deliver none: they are logged and counted [default: off]
    #[arg(
        long,
        value_name = "on|off",
        help_heading = "Alerts",
        env = environment::SHADOW,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "on"
    )]
    shadow: Option<Switch>,

    /// How often files are looked at; 0 never [default: 60]
    ///
    /// How often to look for changes of the files; 0 never, but on SIGHUP [default: 60]
    #[arg(long, help_heading = "Rules", value_name = "SECONDS", env = environment::RELOAD_SECONDS)]
    reload_seconds: Option<Seconds>,
}

impl EngineArgs {
    /// These rules, and else the defaults.
    pub(crate) fn of(rules: RulesArgs) -> Self {
        Self { rules, ..Self::default() }
    }

    /// These, and what a configuration file says where they say nothing.
    pub(crate) fn over(&self, config: &Config) -> Self {
        let switch = |on: Option<bool>| on.map(|on| if on { Switch::On } else { Switch::Off });
        let said = |given: Option<Switch>| given.filter(|given| *given != Switch::Unset);
        let reload_seconds = config.reload_seconds.map(|seconds| Seconds(Some(seconds)));
        Self {
            rules: RulesArgs {
                taxonomy: named(&self.rules.taxonomy).or_else(|| config.taxonomy.clone()),
                alerts: named(&self.rules.alerts).or_else(|| config.alerts.clone()),
            },
            aggregate: said(self.aggregate).or_else(|| switch(config.aggregate)),
            shadow: said(self.shadow).or_else(|| switch(config.shadow)),
            reload_seconds: self.reload_seconds.filter(|s| s.0.is_some()).or(reload_seconds),
        }
    }

    /// The files of the taxonomy and the alert settings.
    pub(crate) fn files(&self) -> Files {
        self.rules.files()
    }

    /// What is done with the errors that are found.
    pub(crate) fn mode(&self) -> Mode {
        let aggregate = self.aggregate.is_none_or(|switch| switch.is_on(true));
        let shadow = self.shadow.is_some_and(|switch| switch.is_on(false));
        Mode::of(aggregate, shadow)
    }

    /// The time between two looks at the files; none when only a signal counts.
    pub(crate) fn reload_period(&self) -> Option<Duration> {
        let given = self.reload_seconds.and_then(|seconds| seconds.0);
        let period = given.map_or(DEFAULT_RELOAD, Duration::from_secs);
        Some(period).filter(|period| !period.is_zero())
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
