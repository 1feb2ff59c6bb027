//! Writes to standard error.

use std::io::IsTerminal;

use anstream::{AutoStream, ColorChoice};
use jiff::Timestamp;
use signatures_alerts::{Alert, legible::json};

use super::{format::ConsoleFormat, message::message, output::STANDARD_ERROR};
use crate::sink::sender::{Accepted, Batching, Sender, Sending};

const MOST: usize = 100;

/// Standard error.
#[derive(Debug)]
pub(super) struct Console {
    format: ConsoleFormat,
    coloured: bool,
}

impl Console {
    /// The console in the format asked for, or else in the one that suits it.
    pub(super) fn new(format: Option<ConsoleFormat>) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let suits = if terminal { ConsoleFormat::Pretty } else { ConsoleFormat::Json };
        // As whatever else is written to it.
        let coloured = AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
        Self { format: format.unwrap_or(suits), coloured }
    }

    fn show(&self, alerts: &[Alert]) -> String {
        alerts.iter().fold(String::new(), |all, alert| {
            all + &match self.format {
                ConsoleFormat::Json => json(alert.to_json()) + "\n",
                ConsoleFormat::Pretty => message(alert, self.coloured),
            }
        })
    }
}

impl Sender for Console {
    fn batching(&self) -> Batching {
        Batching::List(MOST)
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], _now: Timestamp) -> Sending<'a> {
        let text = self.show(alerts);
        Box::pin(async move {
            STANDARD_ERROR.write(text).await?;
            Ok(Accepted::new("written"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_one_json_object_a_line_and_people_a_text() {
        let alert = Alert::test(Timestamp::UNIX_EPOCH);
        let programs = Console { format: ConsoleFormat::Json, coloured: false };
        assert_eq!(
            programs.show(&[alert.clone(), alert.clone()]),
            format!("{0}\n{0}\n", json(alert.to_json()))
        );
        let text = Console { format: ConsoleFormat::Pretty, coloured: false };
        let shown = message(&alert, false);
        assert_eq!(text.show(&[alert.clone(), alert]), format!("{shown}{shown}"));
    }
}
