//! A command, and how words become one.

use std::fmt;

use signatures_alerts::{InvalidMatchers, Matchers};
use signatures_ledger::record::{AlertFilter, AlertState, ErrorFilter};

use super::{
    filters::{once, set, severity},
    length::Length,
    specification::{Access, Specification},
    usage::{CommandError, Wrong},
};

/// What somebody asks or wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The top errors of a window.
    Errors {
        /// How far back.
        window: Length,
        /// Which of them.
        filter: ErrorFilter,
    },
    /// The newest samples of an error.
    Samples {
        /// Its group or signature.
        of: String,
    },
    /// How the process is.
    Observe {
        /// How far back alerts are counted.
        window: Length,
        /// Whether in detail.
        verbose: bool,
    },
    /// Recent alerts.
    Alerts {
        /// How many at most.
        limit: usize,
        /// Which of them.
        filter: AlertFilter,
    },
    /// One alert.
    Alert {
        /// Its id.
        id: String,
    },
    /// The silences in force.
    Silences,
    /// What a line would be.
    Classify {
        /// The line.
        text: String,
    },
    /// Somebody is on it.
    Ack {
        /// The incident.
        incident: String,
        /// What others should know.
        note: Option<String>,
    },
    /// Nobody is on it after all.
    Unack {
        /// The incident.
        incident: String,
    },
    /// It is over.
    Resolve {
        /// The incident.
        incident: String,
    },
    /// Alerts are held back for a time.
    Silence {
        /// Which.
        matchers: Matchers,
        /// For how long.
        duration: Length,
        /// Why.
        reason: String,
        /// Although they are very many.
        force: bool,
    },
    /// A silence ends.
    Unsilence {
        /// Its number.
        id: i64,
    },
}

/// How many alerts are shown to who names no number, and how many at most.
const ALERTS: usize = 20;
const MOST_ALERTS: usize = 200;

/// How long a reason or a note may be, in characters.
const MOST_CHARACTERS: usize = 500;

impl Command {
    /// The command that words are, the first its name.
    ///
    /// # Errors
    /// When they are none; the error says how it is written.
    pub fn parse<S: AsRef<str>>(words: &[S]) -> Result<Self, CommandError> {
        let words: Vec<_> = words.iter().map(|word| word.as_ref().to_owned()).collect();
        let name = words.first().cloned().unwrap_or_default();
        let specification = Specification::of(&name).ok_or(CommandError::Unknown(name))?;
        Self::of_words(specification, &words)
    }

    pub(super) fn of_words(
        specification: &Specification,
        words: &[String],
    ) -> Result<Self, CommandError> {
        let rest: Vec<_> = words.iter().skip(1).map(String::as_str).collect();
        let parsed = match specification.name {
            "errors" => errors(&rest),
            "samples" => one(&rest, "a group or a signature").map(|of| Self::Samples { of }),
            "observe" => observe(&rest),
            "alerts" => alerts(&rest),
            "alert" => one(&rest, "the id of an alert").map(|id| Self::Alert { id }),
            "silences" => nothing(&rest).map(|()| Self::Silences),
            "classify" => text(&rest, "a line").map(|text| Self::Classify { text }),
            "ack" => ack(&rest),
            "unack" => incident(&rest).map(|incident| Self::Unack { incident }),
            "resolve" => incident(&rest).map(|incident| Self::Resolve { incident }),
            "silence" => silence(&rest),
            _ => one(&rest, "the number of a silence")
                .and_then(|id| number(&id))
                .map(|id| Self::Unsilence { id }),
        };
        parsed.map_err(|wrong| wrong.with(specification))
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Errors { .. } => "errors",
            Self::Samples { .. } => "samples",
            Self::Observe { .. } => "observe",
            Self::Alerts { .. } => "alerts",
            Self::Alert { .. } => "alert",
            Self::Silences => "silences",
            Self::Classify { .. } => "classify",
            Self::Ack { .. } => "ack",
            Self::Unack { .. } => "unack",
            Self::Resolve { .. } => "resolve",
            Self::Silence { .. } => "silence",
            Self::Unsilence { .. } => "unsilence",
        }
    }

    /// Its parameters by name, as [`from_parameters`](Self::from_parameters) takes them.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut said = Vec::new();
        let mut say = |name, value: Option<String>| said.extend(value.map(|value| (name, value)));
        let switch = |is: &bool| is.then(|| "true".to_owned());
        match self {
            Self::Errors { window, filter } => {
                say("window", Some(window.to_string()));
                say("category", filter.category.clone());
                say("signature", filter.signature.clone());
                say("policy", filter.policy.map(|policy| policy.as_str().to_owned()));
                say("service", filter.service.clone());
                say("host", filter.host.clone());
                say("min", filter.min.as_ref().map(|min| min.as_str().to_owned()));
                say("unknown", switch(&filter.unknown));
            }
            Self::Samples { of } => say("of", Some(of.clone())),
            Self::Observe { window, verbose } => {
                say("window", Some(window.to_string()));
                say("verbose", switch(verbose));
            }
            Self::Alerts { limit, filter } => {
                say("limit", Some(limit.to_string()));
                say("severity", filter.min.as_ref().map(|min| min.as_str().to_owned()));
                say("state", filter.state.map(|state| state_name(state).to_owned()));
            }
            Self::Alert { id } => say("id", Some(id.clone())),
            Self::Silences => {}
            Self::Classify { text } => say("text", Some(text.clone())),
            Self::Ack { incident, note } => {
                say("incident", Some(incident.clone()));
                say("note", note.clone());
            }
            Self::Unack { incident } | Self::Resolve { incident } => {
                say("incident", Some(incident.clone()));
            }
            Self::Silence { matchers, duration, reason, force } => {
                say("matchers", Some(matchers.to_string()));
                say("duration", Some(duration.to_string()));
                say("reason", Some(reason.clone()));
                say("force", switch(force));
            }
            Self::Unsilence { id } => say("id", Some(id.to_string())),
        }
        said
    }

    /// Who may.
    #[must_use]
    pub const fn access(&self) -> Access {
        match self {
            Self::Errors { .. }
            | Self::Samples { .. }
            | Self::Observe { .. }
            | Self::Alerts { .. }
            | Self::Alert { .. }
            | Self::Silences
            | Self::Classify { .. } => Access::Reader,
            Self::Ack { .. }
            | Self::Unack { .. }
            | Self::Resolve { .. }
            | Self::Silence { .. }
            | Self::Unsilence { .. } => Access::Operator,
        }
    }
}

/// As it is written down: what changes something whole, of others the name.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            Self::Ack { incident, note: Some(note) } => write!(f, "{name} {incident} {note}"),
            Self::Ack { incident, note: None }
            | Self::Unack { incident }
            | Self::Resolve { incident } => write!(f, "{name} {incident}"),
            Self::Silence { matchers, duration, reason, force } => {
                let force = if *force { " --force" } else { "" };
                write!(f, "{name} {matchers} {duration} {reason}{force}")
            }
            Self::Unsilence { id } => write!(f, "{name} {id}"),
            _ => f.write_str(name),
        }
    }
}

fn errors(words: &[&str]) -> Result<Command, Wrong> {
    let mut window = None;
    let mut filter = ErrorFilter::default();
    for word in words {
        match word.split_once('=') {
            Some((name, value)) => set(&mut filter, name, value)?,
            None if *word == "unknown" => filter.unknown = true,
            None => take_window(&mut window, word)?,
        }
    }
    Ok(Command::Errors { window: window.unwrap_or(Length::HALF_AN_HOUR), filter })
}

fn observe(words: &[&str]) -> Result<Command, Wrong> {
    let (mut window, mut verbose) = (None, false);
    for word in words {
        match *word {
            "-v" | "--verbose" => verbose = true,
            word => take_window(&mut window, word)?,
        }
    }
    Ok(Command::Observe { window: window.unwrap_or(Length::HALF_AN_HOUR), verbose })
}

fn take_window(window: &mut Option<Length>, word: &str) -> Result<(), Wrong> {
    match window.replace(word.parse()?) {
        None => Ok(()),
        Some(first) => Err(format!("two windows, {first} and {word}").into()),
    }
}

fn alerts(words: &[&str]) -> Result<Command, Wrong> {
    let mut limit = None;
    let mut filter = AlertFilter::default();
    for word in words {
        if let Some(name) = word.strip_prefix("severity=") {
            once(&mut filter.min, "severity", severity(name)?)?;
            continue;
        }
        let twice = if let Some(state) = state(word) {
            filter.state.replace(state).is_some()
        } else {
            let number = word.parse().ok().filter(|number| (1..=MOST_ALERTS).contains(number));
            let number = number.ok_or_else(|| {
                format!("`{word}` is no number from 1 to {MOST_ALERTS}, and no state")
            })?;
            limit.replace(number).is_some()
        };
        if twice {
            return Err(format!("`{word}` is more than one can be").into());
        }
    }
    Ok(Command::Alerts { limit: limit.unwrap_or(ALERTS), filter })
}

const STATES: [AlertState; 4] =
    [AlertState::Open, AlertState::Acked, AlertState::Silenced, AlertState::Resolved];

fn state(name: &str) -> Option<AlertState> {
    STATES.into_iter().find(|state| state_name(*state) == name)
}

const fn state_name(state: AlertState) -> &'static str {
    match state {
        AlertState::Open => "open",
        AlertState::Acked => "acked",
        AlertState::Silenced => "silenced",
        AlertState::Resolved => "resolved",
    }
}

fn ack(words: &[&str]) -> Result<Command, Wrong> {
    let (first, note) = words.split_at(words.len().min(1));
    let incident = incident(first)?;
    let note = bounded(note.join(" "))?;
    Ok(Command::Ack { incident, note: Some(note).filter(|note| !note.is_empty()) })
}

/// Matchers up to the first word that is none, which is the duration; what follows is
/// why.
fn silence(words: &[&str]) -> Result<Command, Wrong> {
    let (flags, words): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| **word == "--force");
    let is_matcher = |(index, word): (usize, &&str)| word.contains('=') || index == 0;
    let matchers = words.iter().enumerate().take_while(|(i, word)| is_matcher((*i, word))).count();
    let (matchers, rest) = words.split_at(matchers);
    // Who forgets what is meant begins with the duration.
    if matchers.first().is_some_and(|first| first.parse::<Length>().is_ok()) {
        return Err(InvalidMatchers::Empty.into());
    }
    let matchers = quoted(matchers).parse::<Matchers>()?;
    let Some((duration, reason)) = rest.split_first() else {
        return Err("for how long?".to_owned().into());
    };
    let duration = duration.parse()?;
    let reason = bounded(reason.join(" "))?;
    if reason.is_empty() {
        return Err("why? Others will see it".to_owned().into());
    }
    Ok(Command::Silence { matchers, duration, reason, force: !flags.is_empty() })
}

/// Words as the text that they were before they were taken apart.
fn quoted(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    quoted.join(" ")
}

fn one(words: &[&str], what: &str) -> Result<String, Wrong> {
    match words {
        [word] if !word.trim().is_empty() => Ok((*word).to_owned()),
        [] | [_] => Err(format!("{what} is missing").into()),
        [_, second, ..] => Err(format!("`{second}` is one word too many").into()),
    }
}

fn nothing(words: &[&str]) -> Result<(), Wrong> {
    words.first().map_or(Ok(()), |word| Err(format!("`{word}` is one word too many").into()))
}

fn text(words: &[&str], what: &str) -> Result<String, Wrong> {
    let text = words.join(" ");
    if text.trim().is_empty() { Err(format!("{what} is missing").into()) } else { Ok(text) }
}

fn incident(words: &[&str]) -> Result<String, Wrong> {
    one(words, "the id of an incident")
}

/// A number as it is shown: `17` or `#17`.
fn number(word: &str) -> Result<i64, Wrong> {
    let digits = word.strip_prefix('#').unwrap_or(word);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number);
    number.ok_or_else(|| format!("`{word}` is no number").into())
}

fn bounded(text: String) -> Result<String, Wrong> {
    let text = text.trim();
    match text.chars().count() {
        0..=MOST_CHARACTERS => Ok(text.to_owned()),
        length => Err(format!("{length} characters are more than {MOST_CHARACTERS}").into()),
    }
}

#[cfg(test)]
mod tests {
    use signatures_engine::{Policy, Severity};

    use super::{super::specification::COMMANDS, *};

    const EMPTY: &str =
        "it says no errors: name a group, or signature=, category=, service=, host= or severity=";

    fn parsed(line: &str) -> Command {
        Command::parse(&super::super::words::split(line).unwrap()).unwrap()
    }

    fn refused(line: &str) -> String {
        let words = super::super::words::split(line).unwrap();
        Command::parse(&words).unwrap_err().to_string().lines().next().unwrap().to_owned()
    }

    #[test]
    fn words_become_commands() {
        let half_an_hour = Length::HALF_AN_HOUR;
        assert_eq!(
            parsed("errors category=network 2h min=HIGH policy=retry unknown"),
            Command::Errors {
                window: "2h".parse().unwrap(),
                filter: ErrorFilter {
                    category: Some("network".to_owned()),
                    policy: Some(Policy::Retry),
                    min: Some(Severity::new("high")),
                    unknown: true,
                    ..ErrorFilter::default()
                },
            }
        );
        assert_eq!(parsed("observe -v"), Command::Observe { window: half_an_hour, verbose: true });
        assert_eq!(
            parsed("alerts 5 acked severity=critical"),
            Command::Alerts {
                limit: 5,
                filter: AlertFilter {
                    min: Some(Severity::new("critical")),
                    state: Some(AlertState::Acked),
                },
            }
        );
        assert_eq!(
            parsed("ack f6-17 on it"),
            Command::Ack { incident: "f6-17".to_owned(), note: Some("on it".to_owned()) }
        );
        assert_eq!(
            parsed(
                "silence signature=NET_* service=\"card payments\" 8h a deploy until 16=00 --force"
            ),
            Command::Silence {
                matchers: "signature=NET_* service=\"card payments\"".parse().unwrap(),
                duration: "8h".parse().unwrap(),
                reason: "a deploy until 16=00".to_owned(),
                force: true,
            }
        );
        assert_eq!(
            parsed("classify read  ECONNRESET"),
            Command::Classify { text: "read ECONNRESET".to_owned() }
        );
    }

    #[test]
    fn wrong_input_is_refused_and_never_replaced() {
        for (line, reason) in [
            ("errors 30", "`30` is no time from 1m to 7d, as 90s, 30m, 8h or 7d"),
            ("errors 8d", "`8d` is no time from 1m to 7d, as 90s, 30m, 8h or 7d"),
            ("errors 1h 2h", "two windows, 1h and 2h"),
            ("errors categroy=network", "`categroy=network` is not known here"),
            ("errors category=", "`category=` says nothing"),
            ("errors host=a host=b", "`host=` is said twice"),
            (
                "errors min=terrible",
                "there is no severity `terrible`; known here: info, low, warning, medium, anomaly, high, critical",
            ),
            ("samples", "a group or a signature is missing"),
            ("samples a b", "`b` is one word too many"),
            ("alerts 0", "`0` is no number from 1 to 200, and no state"),
            ("alerts 1000", "`1000` is no number from 1 to 200, and no state"),
            ("alerts open acked", "`acked` is more than one can be"),
            ("silences all", "`all` is one word too many"),
            ("ack", "the id of an incident is missing"),
            ("resolve a b", "`b` is one word too many"),
            ("silence", EMPTY),
            ("silence 1h deploy", EMPTY),
            ("silence signature=X", "for how long?"),
            ("silence signature=X 1h", "why? Others will see it"),
            (
                "silence signature=X 8d deploy",
                "`8d` is no time from 1m to 7d, as 90s, 30m, 8h or 7d",
            ),
            (
                "silence signature=X forever deploy",
                "`forever` is no time from 1m to 7d, as 90s, 30m, 8h or 7d",
            ),
            ("unsilence x", "`x` is no number"),
        ] {
            assert_eq!(refused(line), reason, "{line}");
        }
        let long = format!("silence signature=X 1h {}", "x".repeat(501));
        assert_eq!(refused(&long), "501 characters are more than 500");
        assert_eq!(
            Command::parse(&["eras"]).unwrap_err().to_string(),
            "there is no command `eras`; known here: errors, samples, observe, alerts, alert, \
             silences, classify, ack, unack, resolve, silence, unsilence"
        );
        assert_eq!(
            Command::parse(&["alert"]).unwrap_err().to_string(),
            "the id of an alert is missing\nusage: alert ID"
        );
    }

    #[test]
    fn parameters_say_the_same_as_words() {
        let of = |name, parameters: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            Command::from_parameters(name, &parameters.iter().map(owned).collect::<Vec<_>>())
        };
        for (line, name, parameters) in [
            (
                "errors 2h category=network unknown",
                "errors",
                &[("unknown", "true"), ("category", "network"), ("window", "2h"), ("host", "")][..],
            ),
            ("observe 1h -v", "observe", &[("window", "1h"), ("verbose", "true")]),
            ("alerts 3 open", "alerts", &[("limit", "3"), ("state", "open")]),
            ("ack 3 on it", "ack", &[("incident", "3"), ("note", "on it")]),
            (
                "silence service=\"card payments\" host=a 1h a deploy --force",
                "silence",
                &[
                    ("matchers", "service=\"card payments\" host=a"),
                    ("duration", "1h"),
                    ("reason", "a deploy"),
                    ("force", "true"),
                ],
            ),
        ] {
            let command = of(name, parameters).unwrap();
            assert_eq!(command, parsed(line));
            // And back again.
            let said = command.parameters();
            let said: Vec<_> = said.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(of(name, &said).unwrap(), command);
        }
        for (name, parameters, reason) in [
            ("errors", &[("windows", "1h")][..], "there is no parameter `windows`"),
            ("errors", &[("window", "1h"), ("window", "2h")], "`window` is said twice"),
            ("errors", &[("unknown", "yes")], "`unknown` is true or false"),
            ("silence", &[("matchers", "host=a"), ("duration", "1h")], "`reason` is missing"),
            // A value is never another word.
            ("samples", &[("of", "")], "`of` is missing"),
        ] {
            let error = of(name, parameters).unwrap_err().to_string();
            assert_eq!(error.lines().next(), Some(reason));
        }
        // Nor another parameter.
        let odd = of("errors", &[("category", "a unknown")]).unwrap();
        let Command::Errors { filter, .. } = odd else { panic!("{odd:?}") };
        assert_eq!((filter.category.as_deref(), filter.unknown), (Some("a unknown"), false));
    }

    #[test]
    fn who_may_is_said_once() {
        for command in COMMANDS {
            let example = match command.name {
                "samples" | "alert" | "classify" => format!("{} X", command.name),
                "ack" | "unack" | "resolve" | "unsilence" => format!("{} 1", command.name),
                "silence" => "silence signature=X 1h why".to_owned(),
                name => name.to_owned(),
            };
            assert_eq!(parsed(&example).access(), command.access, "{example}");
        }
    }
}
