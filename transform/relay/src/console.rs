//! Alerts on standard error: for people on a terminal, as JSON otherwise.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use signatures_engine::alert::{Alert, AlertSeverity};

/// Whether standard error takes colours: a terminal, and no `NO_COLOR`.
pub(crate) fn stderr_is_coloured() -> bool {
    let choice = anstream::AutoStream::choice(&io::stderr());
    choice != anstream::ColorChoice::Never
}

/// Writes one alert. A console that has gone is no reason to stop.
pub(crate) fn print(alert: &Alert) {
    let mut text = Vec::new();
    let written = if io::stderr().is_terminal() {
        write_readable(alert, &mut text)
    } else {
        serde_json::to_writer(&mut text, alert).map_err(io::Error::from).map(|()| text.push(b'\n'))
    };
    let _ = written.and_then(|()| anstream::stderr().lock().write_all(&text));
}

fn write_readable(alert: &Alert, out: &mut Vec<u8>) -> io::Result<()> {
    let colour = match alert.severity {
        AlertSeverity::Critical => AnsiColor::Red,
        AlertSeverity::Anomaly => AnsiColor::Yellow,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    let (severity, name) = (alert.severity.as_str(), alert.name());
    writeln!(out, "{style}ALERT {severity}{style:#} {name} [{}]", alert.fingerprint)?;
    writeln!(out, "  {}", alert.summary().replace(char::is_control, " "))
}
