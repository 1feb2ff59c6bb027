//! The console: standard error, readable on a terminal, one JSON object a line
//! otherwise.

use std::io::{IsTerminal, Write};

use jiff::Timestamp;
use signatures_engine::sinks::ConsoleFormat;

use super::{Accepted, Batching, Sending, Sink};
use crate::{
    excerpt::{excerpt, printable},
    failure::Fault,
    notice::Notice,
};

const MAX_LINE: usize = 1000;
const MOST: usize = 100;

/// Standard error.
#[derive(Debug)]
pub struct Console {
    format: ConsoleFormat,
    coloured: bool,
}

impl Console {
    /// The console in the format asked for, or else in the one that suits it.
    #[must_use]
    pub fn new(format: Option<ConsoleFormat>) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let suits = if terminal { ConsoleFormat::Text } else { ConsoleFormat::Json };
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { format: format.unwrap_or(suits), coloured: terminal && !no_color }
    }

    fn show(&self, notices: &[Notice]) -> String {
        notices.iter().fold(String::new(), |all, notice| {
            all + &match self.format {
                ConsoleFormat::Json => notice.json.clone() + "\n",
                ConsoleFormat::Text => text(notice, self.coloured),
            }
        })
    }
}

impl Sink for Console {
    fn batching(&self) -> Batching {
        Batching::List(MOST)
    }

    fn send<'a>(&'a self, notices: &'a [Notice], _now: Timestamp) -> Sending<'a> {
        let text = self.show(notices);
        Box::pin(async move {
            // A terminal that is held, or a pipe that nobody reads, must not
            // hold the other sinks.
            let write = move || std::io::stderr().lock().write_all(text.as_bytes());
            let unwritable = |reason: String| Fault::Unwritable(reason);
            let written = tokio::task::spawn_blocking(write).await;
            written
                .map_err(|error| unwritable(error.to_string()))?
                .map_err(|error| unwritable(error.to_string()))?;
            Ok(Accepted { answer: "written".to_owned() })
        })
    }
}

fn text(notice: &Notice, coloured: bool) -> String {
    let (start, end) = match (coloured, notice.is_critical()) {
        (false, _) => ("", ""),
        (true, true) => ("\u{1b}[1;31m", "\u{1b}[0m"),
        (true, false) => ("\u{1b}[1;33m", "\u{1b}[0m"),
    };
    let line = |text: &str| excerpt(&text.replace('\n', " "), MAX_LINE, printable);
    let mut facts = vec![notice.frequency(), notice.category.clone(), notice.policy.clone()];
    facts.extend(notice.service.clone());
    facts.extend(notice.host.clone());
    facts.push(notice.fingerprint.clone());
    facts.push(notice.last_seen.to_string());
    let mut out = format!(
        "{start}{}{end} {}\n    {}\n",
        notice.severity.to_uppercase(),
        line(&notice.name),
        line(&facts.join(" · ")),
    );
    for sample in &notice.samples {
        out += &format!("    | {}\n", line(sample));
    }
    if let Some(url) = &notice.sentry_url {
        out += &format!("    {}\n", line(url));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::tests::awkward;

    #[test]
    fn programs_get_one_json_object_a_line() {
        let console = Console { format: ConsoleFormat::Json, coloured: false };
        assert_eq!(console.show(&[awkward(), awkward()]), format!("{0}\n{0}\n", awkward().json));
    }

    #[test]
    fn people_get_something_readable_and_no_control_characters() {
        let console = Console { format: ConsoleFormat::Text, coloured: false };
        assert_eq!(
            console.show(&[awkward()]),
            format!(
                "CRITICAL NET_RESET: Resets (50%) & <timeouts> *now*!
    3 events, 2 suppressed · network_db · retry · vector-signatures · db-1.example · {} · 2026-01-02T03:04:05Z
    | a `b` ``` c \\ _d_ & <e>
    | é\u{fffd}[31m next → 🚀
    https://s.example/?q={{a|b}}>)
",
                awkward().fingerprint
            )
        );
        let coloured = Console { coloured: true, ..console };
        assert!(coloured.show(&[awkward()]).starts_with("\u{1b}[1;31mCRITICAL\u{1b}[0m NET"));
    }
}
