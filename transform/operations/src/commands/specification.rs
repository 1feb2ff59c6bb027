//! The commands there are: for usage, for help, and for the description of the API.

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Who may look.
    Reader,
    /// Who may change something: known by name, and written down.
    Operator,
}

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A [`Length`](super::Length), as `30m`.
    Length,
    /// A whole number.
    Number,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Whether: `true` or `false`.
    Switch,
}

/// A parameter by its name, for those who do not write words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether it has to be said.
    pub required: bool,
    /// What it means.
    pub meaning: &'static str,
}

/// A command: how it is written, and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Specification {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it answers or does.
    pub meaning: &'static str,
    /// Who may.
    pub access: Access,
    /// Its parameters.
    pub parameters: &'static [Parameter],
}

const SEVERITIES: &[&str] = &["info", "low", "warning", "medium", "anomaly", "high", "critical"];
const POLICIES: &[&str] = &["retry", "notify", "escalate"];
const STATES: &[&str] = &["open", "acked", "silenced", "resolved"];

const fn may(name: &'static str, kind: Kind, meaning: &'static str) -> Parameter {
    Parameter { name, kind, required: false, meaning }
}

const fn must(name: &'static str, kind: Kind, meaning: &'static str) -> Parameter {
    Parameter { name, kind, required: true, meaning }
}

const WINDOW: Parameter =
    may("window", Kind::Length, "How far back, from 1m to 7d; 30m if unsaid.");
const INCIDENT: Parameter = must("incident", Kind::Text, "Its id.");

/// All of them.
pub const COMMANDS: &[Specification] = &[
    Specification {
        name: "errors",
        usage: "errors [WINDOW] [category=] [signature=] [policy=] [service=] [host=] [min=SEVERITY] [unknown]",
        meaning: "The top ten errors of a window, and totals.",
        access: Access::Reader,
        parameters: &[
            WINDOW,
            may("category", Kind::Text, "Of that category."),
            may("signature", Kind::Text, "Of that signature."),
            may("policy", Kind::OneOf(POLICIES), "Of that policy."),
            may("service", Kind::Text, "Of that service."),
            may("host", Kind::Text, "Of that host."),
            may("min", Kind::OneOf(SEVERITIES), "As bad as that, or worse."),
            may("unknown", Kind::Switch, "Only those that no signature knows."),
        ],
    },
    Specification {
        name: "samples",
        usage: "samples GROUP|SIGNATURE",
        meaning: "The five newest samples of an error.",
        access: Access::Reader,
        parameters: &[must("of", Kind::Text, "A group or a signature.")],
    },
    Specification {
        name: "observe",
        usage: "observe [-v] [WINDOW]",
        meaning: "How the process is, and what became of the alerts of a window.",
        access: Access::Reader,
        parameters: &[
            WINDOW,
            may("verbose", Kind::Switch, "Each sink and each group that is cooling down."),
        ],
    },
    Specification {
        name: "alerts",
        usage: "alerts [N] [severity=] [open|acked|silenced|resolved]",
        meaning: "Recent alerts, newest first.",
        access: Access::Reader,
        parameters: &[
            may("limit", Kind::Number, "How many, from 1 to 200; 20 if unsaid."),
            may("severity", Kind::OneOf(SEVERITIES), "As bad as that, or worse."),
            may("state", Kind::OneOf(STATES), "That stand there now."),
        ],
    },
    Specification {
        name: "alert",
        usage: "alert ID",
        meaning: "The time line of one alert: every decision and its reason.",
        access: Access::Reader,
        parameters: &[must("id", Kind::Text, "Its id.")],
    },
    Specification {
        name: "silences",
        usage: "silences",
        meaning: "The silences in force; those that match nothing are marked.",
        access: Access::Reader,
        parameters: &[],
    },
    Specification {
        name: "classify",
        usage: "classify TEXT",
        meaning: "What a line would be.",
        access: Access::Reader,
        parameters: &[must("text", Kind::Text, "The line, plain or JSON.")],
    },
    Specification {
        name: "ack",
        usage: "ack INCIDENT [NOTE]",
        meaning: "Says that somebody is on it.",
        access: Access::Operator,
        parameters: &[INCIDENT, may("note", Kind::Text, "What others should know.")],
    },
    Specification {
        name: "unack",
        usage: "unack INCIDENT",
        meaning: "Takes an ack back.",
        access: Access::Operator,
        parameters: &[INCIDENT],
    },
    Specification {
        name: "resolve",
        usage: "resolve INCIDENT",
        meaning: "Says that it is over.",
        access: Access::Operator,
        parameters: &[INCIDENT],
    },
    Specification {
        name: "silence",
        usage: "silence GROUP|signature=|category=|service=|host=|severity=… DURATION REASON [--force]",
        meaning: "Holds alerts back for a time; the answer says what that hits now.",
        access: Access::Operator,
        parameters: &[
            must(
                "matchers",
                Kind::Text,
                "A group, or name=value with * at either end, parted by blanks.",
            ),
            must("duration", Kind::Length, "For how long, up to 7d."),
            must("reason", Kind::Text, "Why."),
            may(
                "force",
                Kind::Switch,
                "Although it covers more than half of yesterday's signatures.",
            ),
        ],
    },
    Specification {
        name: "unsilence",
        usage: "unsilence ID",
        meaning: "Ends a silence.",
        access: Access::Operator,
        parameters: &[must("id", Kind::Number, "Its number.")],
    },
];

impl Specification {
    /// That of a command.
    #[must_use]
    pub fn of(name: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|command| command.name == name)
    }

    /// All names, for people.
    pub(super) fn names() -> String {
        let names: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
        names.join(", ")
    }
}
