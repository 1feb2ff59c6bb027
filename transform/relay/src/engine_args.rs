//! The flags and environment variables that every way to run shares.

use std::{path::PathBuf, str::FromStr, time::Duration};

/// Which rules to go by, and what to do with what they find.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EngineArgs {
    /// The taxonomy of error signatures
    #[arg(
        long,
        short,
        alias = "signatures",
        value_name = "FILE",
        env = "ERROR_SIGNATURES_PATH",
        default_value = "config/error_signatures.yml"
    )]
    pub(crate) taxonomy: PathBuf,

    /// The settings of the alerts [default: config/alerts.yml where it exists]
    #[arg(long, short, alias = "grouping", value_name = "FILE", env = "ALERTS_GROUPING_CONFIG")]
    pub(crate) alerts: Option<PathBuf>,

    /// Whether to aggregate errors into alerts; events are tagged all the same [default: on]
    #[arg(
        long,
        value_name = "on|off",
        env = "LOG_AGGREGATOR_ENABLED",
        num_args = 0..=1,
        default_missing_value = "on"
    )]
    aggregate: Option<Switch>,

    /// Decide alerts but deliver none: they are logged and counted [default: off]
    #[arg(
        long,
        value_name = "on|off",
        env = "LOG_AGGREGATOR_SHADOW",
        num_args = 0..=1,
        default_missing_value = "on"
    )]
    shadow: Option<Switch>,

    /// How often to look for changes of both files, in seconds; 0 never, but on SIGHUP
    #[arg(long, value_name = "SECONDS", env = "LOG_AGG_RELOAD_SECONDS", default_value_t = 60)]
    reload_seconds: u64,
}

impl EngineArgs {
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
        (self.reload_seconds > 0).then(|| Duration::from_secs(self.reload_seconds))
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
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(Self::On),
            "0" | "false" | "no" | "off" => Ok(Self::Off),
            "" => Ok(Self::Unset),
            _ => Err("expected on or off; also 1, true, yes, and 0, false, no"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_know_the_words_of_environments() {
        for (text, on) in [("1", true), ("TRUE", true), (" yes ", true), ("On", true)] {
            assert_eq!(text.parse::<Switch>().map(|s| s.is_on(false)), Ok(on), "{text}");
        }
        for text in ["0", "false", "No", "OFF"] {
            assert_eq!(text.parse(), Ok(Switch::Off), "{text}");
        }
        assert!("".parse::<Switch>().unwrap().is_on(true));
        assert!("maybe".parse::<Switch>().is_err());
    }
}
