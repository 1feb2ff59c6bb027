//! The names by which the environment configures.

/// Where the taxonomy is.
pub const TAXONOMY: &str = "SIGNATURES_TAXONOMY";

/// Where alerts.yml is.
pub const ALERTS: &str = "SIGNATURES_ALERTS";

/// Whether errors become alerts: a [switch](crate::switch).
pub const AGGREGATE: &str = "SIGNATURES_AGGREGATE";

/// Whether alerts are decided and not delivered: a [switch](crate::switch).
pub const SHADOW: &str = "SIGNATURES_SHADOW";

/// How many seconds pass between two looks at the files.
pub const RELOAD_SECONDS: &str = "SIGNATURES_RELOAD_SECONDS";

/// Where alerts wait until delivered, and groups are kept over a restart.
pub const STATE_DIR: &str = "SIGNATURES_STATE_DIR";

/// Whether to refuse to start where the state directory cannot be used.
pub const STATE_DIR_REQUIRED: &str = "SIGNATURES_STATE_DIR_REQUIRED";

/// The names that were before ours, and mean the same.
const ALIASES: [(&str, &str); 10] = [
    (TAXONOMY, "ERROR_SIGNATURES_PATH"),
    (ALERTS, "ALERTS_GROUPING_CONFIG"),
    (AGGREGATE, "LOG_AGGREGATOR_ENABLED"),
    (SHADOW, "LOG_AGGREGATOR_SHADOW"),
    (RELOAD_SECONDS, "LOG_AGG_RELOAD_SECONDS"),
    ("SIGNATURES_SLACK_WEBHOOK_URL", "SLACK_WEBHOOK_URL"),
    ("SIGNATURES_TELEGRAM_BOT_TOKEN", "ALERT_TELEGRAM_BOT_TOKEN"),
    ("SIGNATURES_TELEGRAM_CHAT_ID", "ALERT_TELEGRAM_CHAT_ID"),
    ("SIGNATURES_TELEGRAM_BASE_URL", "ALERT_TELEGRAM_BASE_URL"),
    ("SIGNATURES_TELEGRAM_MIN_SEVERITY", "ALERT_TELEGRAM_MIN_SEVERITY"),
];

/// The other name of a variable of ours, which counts where ours says nothing.
#[must_use]
pub fn alias(name: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(own, _)| *own == name).map(|(_, alias)| *alias)
}

/// Our name of a variable that is written with it or with its [`alias`].
#[must_use]
pub fn own_name(name: &str) -> &str {
    ALIASES.iter().find(|(_, alias)| *alias == name).map_or(name, |(own, _)| own)
}

/// The name by which to tell of a variable: the one that is set, and else ours, which
/// is the one that the documentation has.
#[must_use]
pub fn told_as(name: &str) -> &str {
    told_as_by(name, |name| variable_named(name).is_some())
}

fn told_as_by(name: &str, is_set: impl Fn(&str) -> bool) -> &str {
    let own = own_name(name);
    match alias(own) {
        Some(alias) if !is_set(own) && is_set(alias) => alias,
        _ => own,
    }
}

/// What a variable says, by our name or else by its [`alias`], whichever is asked for;
/// without blanks around it. An empty one says nothing, as compose files have it.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    let own = own_name(name);
    variable_named(own).or_else(|| variable_named(alias(own)?))
}

/// What the variable of this name says, whatever its alias does.
#[must_use]
pub fn variable_named(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_told_of_by_the_name_that_is_set_and_else_by_ours() {
        for name in [SHADOW, "LOG_AGGREGATOR_SHADOW"] {
            let told = |set: &[&str]| told_as_by(name, |name| set.contains(&name));
            assert_eq!(told(&[]), SHADOW);
            assert_eq!(told(&["LOG_AGGREGATOR_SHADOW"]), "LOG_AGGREGATOR_SHADOW");
            assert_eq!(told(&["LOG_AGGREGATOR_SHADOW", SHADOW]), SHADOW);
        }
        assert_eq!(told_as("OF_SOMEBODY_ELSE"), "OF_SOMEBODY_ELSE");
    }
}
