//! The process's own log: readable on a terminal, one JSON object a line
//! otherwise.
//!
//! Whoever ships this log back through here must not raise alerts about it, so
//! each JSON line carries an `event` that the loop guard knows.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    fmt,
    io::{self, IsTerminal, Write},
    panic::{self, PanicHookInfo},
    thread,
};

use jiff::Timestamp;
use serde_json::{Map, Value};
use signatures_alerts::legible::{json, lines};
use signatures_delivery::without_secrets;
use signatures_engine::{Peculiar, Told};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use crate::standard_error::{LOG_EVENT, STANDARD_ERROR};

/// Begins to log on standard error, panics too.
pub(crate) fn start(coloured: bool) {
    let is_terminal = io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_writer(move || Telling { is_terminal });
    // Their complaint would go where nothing can be written, and panic.
    let log = log.log_internal_errors(false).with_target(false);
    if is_terminal {
        log.with_ansi(coloured).init();
    } else {
        log.event_format(JsonLines).init();
    }
    panic::set_hook(Box::new(tell_panic));
}

/// The hook that is there otherwise waits for whoever reads.
fn tell_panic(panic: &PanicHookInfo<'_>) {
    let thread = thread::current();
    let thread = thread.name().unwrap_or("without a name");
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then_some(backtrace);
    // What it says was not written to be shown.
    let message = without_secrets(&panic.to_string());
    tracing::error!(
        event = "signatures.panic",
        thread,
        backtrace = backtrace.map(tracing::field::display),
        "{message}"
    );
}

/// How many lines of the log could not be written.
pub(crate) fn unwritten() -> u64 {
    STANDARD_ERROR.unwritten()
}

/// Each write is a line, as it is written whole.
struct Telling {
    is_terminal: bool,
}

impl Write for Telling {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let shown = match self.is_terminal {
            true => on_terminal(&String::from_utf8_lossy(line)).into_bytes(),
            false => line.to_vec(),
        };
        STANDARD_ERROR.tell(shown);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line with its colours, and nothing else that turns a terminal.
fn on_terminal(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut shown = lines(parts.next().unwrap_or_default());
    for part in parts {
        let is_colour = part.strip_prefix('[').is_some_and(|rest| {
            rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
        });
        shown.push(if is_colour { '\u{1b}' } else { '\u{fffd}' });
        shown += &lines(part);
    }
    shown
}

struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields(Map::new());
        fields.0.insert("timestamp".to_owned(), Timestamp::now().to_string().into());
        let level = event.metadata().level().as_str().to_lowercase();
        fields.0.insert("level".to_owned(), level.into());
        fields.0.insert("event".to_owned(), LOG_EVENT.into());
        event.record(&mut fields);
        writeln!(writer, "{}", json(Value::Object(fields.0).to_string()))
    }
}

struct Fields(Map<String, Value>);

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }
}

/// Tells of what was peculiar in events, and was not told before.
pub(crate) fn tell(told: &mut Told, peculiar: &Peculiar) {
    for sentence in told.news(peculiar) {
        tracing::warn!(event = "signatures.peculiar", "{sentence}");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use signatures_delivery::{Secret, Tasks};
    use signatures_document::yaml::Source;
    use signatures_engine::{Classifier, ClassifierSettings, Outcome, Taxonomy};
    use signatures_event::LogLine;

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_line_tells_a_secret_that_something_panicked_with() {
        let captured = Captured::default();
        let writer = captured.clone();
        let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        let canary = Secret::new("cAnArY-of-a-panic");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let usual = panic::take_hook();
        panic::set_hook(Box::new(tell_panic));
        tracing::subscriber::with_default(log, || {
            runtime.block_on(async {
                let tasks = Tasks::default();
                let failing = |canary: Secret| async move {
                    panic!("cannot reach http://u:{}@host/ ({canary:?})", canary.expose())
                };
                let none: Option<()> = tasks.once(failing(canary.clone())).await;
                assert_eq!(none, None);
                tasks.detached(failing(canary.clone())).await;
                tasks.keep("failing", || failing(canary.clone())).await;
            });
        });
        panic::set_hook(usual);
        let told = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
        for event in ["signatures.panic", "signatures.task_failed", "signatures.task_given_up"] {
            assert!(told.contains(event), "{told}");
        }
        assert!(told.contains("cannot reach http://u:[SECRET]@host/"), "{told}");
        assert!(!told.contains(canary.expose()), "{told}");
    }

    #[test]
    fn nothing_that_a_log_says_turns_a_terminal() {
        let captured = Captured::default();
        let writer = captured.clone();
        let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(log, || {
            let hostile = "a\u{1b}[2J\u{9b}2J\u{202e}b\u{3164}";
            tracing::error!(service = hostile, reason = %hostile, "{hostile}");
        });
        let line = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
        let shown = on_terminal(&line);
        assert!(!shown.contains(['\u{9b}', '\u{202e}', '\u{3164}']), "{shown:?}");
        assert!(!shown.contains("\u{1b}[2J") && shown.contains("\u{1b}["), "{shown:?}");
    }

    #[test]
    fn nothing_logged_here_comes_back_as_an_alert() {
        let captured = Captured::default();
        let writer = captured.clone();
        let log = tracing_subscriber::fmt().event_format(JsonLines);
        let log = log.with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(log, || {
            tracing::error!(event = "log_aggregator_shadow_emit", count = 3, "ECONNRESET");
            tracing::error!(reason = %"ECONNRESET", "cannot connect");
        });

        let taxonomy = Source::new("t.yml", "{db: [ECONNRESET]}");
        let taxonomy = Taxonomy::read(&taxonomy).value.unwrap();
        let classifier = Classifier::new(taxonomy, &ClassifierSettings::default());
        let text = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(
            lines.iter().map(|line| line["event"].as_str().unwrap()).collect::<Vec<_>>(),
            ["log_aggregator_shadow_emit", LOG_EVENT]
        );
        assert_eq!(
            (&lines[0]["count"], &lines[1]["message"]),
            (&3.into(), &"cannot connect".into())
        );
        for line in text.lines() {
            let parsed = LogLine::parse(line);
            let outcome = classifier.classify(&parsed);
            assert!(matches!(outcome, Outcome::Skipped(_)), "{line}");
        }
    }
}
