//! The file: `alert_tests:`, a list of tests.

use jiff::SignedDuration;
use signatures_document::{
    Diagnostic, Reader, Reading,
    yaml::{Node, NodeKind, Source, Span},
};
use signatures_engine::aggregate::Trigger;

/// The key at the top, by which the file is known.
const KEY: &str = "alert_tests";

/// No test is longer, and no event comes more often.
const MAX_SECONDS: i64 = 366 * 24 * 3_600;
const MAX_TIMES: u64 = 1_000_000;

/// The tests of a file.
#[derive(Debug, Default)]
pub(crate) struct AlertTests {
    pub(crate) tests: Vec<AlertTest>,
}

/// Events, and the alerts that must come of them, all of them.
#[derive(Debug)]
pub(crate) struct AlertTest {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) events: Vec<TestEvents>,
    /// How far it goes on after the last event.
    pub(crate) until: SignedDuration,
    pub(crate) alerts: Vec<ExpectedAlert>,
}

/// A line, once or again and again.
#[derive(Debug)]
pub(crate) struct TestEvents {
    pub(crate) at: SignedDuration,
    pub(crate) every: SignedDuration,
    pub(crate) times: u64,
    /// `{n}` in it is which of them it is, from 1.
    pub(crate) line: String,
}

/// What an alert must be; of what is not said anything will do.
#[derive(Debug)]
pub(crate) struct ExpectedAlert {
    pub(crate) span: Span,
    pub(crate) at: SignedDuration,
    pub(crate) trigger: Option<Trigger>,
    pub(crate) count: Option<u64>,
    pub(crate) signature: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) severity: Option<String>,
    pub(crate) service: Option<String>,
}

const TEST_KEYS: [&str; 4] = ["name", "events", "until", "alerts"];
const EVENT_KEYS: [&str; 4] = ["at", "line", "every", "times"];
const ALERT_KEYS: [&str; 7] =
    ["at", "trigger", "count", "signature", "category", "severity", "service"];

impl AlertTests {
    /// Whether a file holds tests, and no taxonomy.
    pub(crate) fn are_in(source: &Source) -> bool {
        let Ok(Some(Node { kind: NodeKind::Mapping(entries), .. })) = source.document() else {
            return false;
        };
        entries.iter().any(|entry| entry.key == KEY)
    }

    /// Reads them, with every mistake in the file.
    pub(crate) fn read(source: &Source) -> Reading<Self> {
        let mut reader = Reader::default();
        let mut tests = Self::default();
        for entry in reader.root(source, "a file of alert tests").unwrap_or_default() {
            match entry.key.as_str() {
                KEY => {
                    let items = reader.sequence(KEY, &entry.value).iter();
                    tests.tests = items.filter_map(|item| test(&mut reader, item)).collect();
                }
                _ => reader.unknown_key(entry, "a file of alert tests", &[KEY]),
            }
        }
        Reading::new(tests, reader.into_diagnostics())
    }
}

fn test(reader: &mut Reader, node: &Node) -> Option<AlertTest> {
    let (mut name, mut until) = (None, SignedDuration::ZERO);
    let (mut events, mut alerts, mut says_alerts) = (Vec::new(), Vec::new(), false);
    for entry in reader.mapping(KEY, node) {
        let (key, value) = (entry.key.as_str(), &entry.value);
        match key {
            "name" => name = reader.text(key, value),
            "until" => until = span(reader, key, value).unwrap_or_default(),
            "events" => {
                let items = reader.sequence(key, value).iter();
                events = items.filter_map(|item| event(reader, item)).collect();
            }
            "alerts" => {
                says_alerts = true;
                let items = reader.sequence(key, value).iter();
                alerts = items.filter_map(|item| alert(reader, item)).collect();
            }
            _ => reader.unknown_key(entry, "an alert test", &TEST_KEYS),
        }
    }
    if !says_alerts {
        missing(reader, node, "an alert test", "alerts: []");
    }
    let name = name.unwrap_or_else(|| "a test without a name".to_owned());
    Some(AlertTest { name, span: node.span, events, until, alerts })
}

fn event(reader: &mut Reader, node: &Node) -> Option<TestEvents> {
    let (mut at, mut every) = (SignedDuration::ZERO, None);
    let (mut times, mut line) = (None, None);
    for entry in reader.mapping("events", node) {
        let (key, value) = (entry.key.as_str(), &entry.value);
        match key {
            "at" => at = span(reader, key, value)?,
            "every" => every = span(reader, key, value),
            "times" => times = reader.integer(key, value, 1, MAX_TIMES),
            "line" => line = reader.text(key, value),
            _ => reader.unknown_key(entry, "an event", &EVENT_KEYS),
        }
    }
    if line.is_none() {
        missing(reader, node, "an event", "line: …");
    }
    let every = every.unwrap_or(SignedDuration::ZERO);
    Some(TestEvents { at, every, times: times.unwrap_or(1), line: line? })
}

fn alert(reader: &mut Reader, node: &Node) -> Option<ExpectedAlert> {
    let mut at = None;
    let mut expected = ExpectedAlert {
        span: node.span,
        at: SignedDuration::ZERO,
        trigger: None,
        count: None,
        signature: None,
        category: None,
        severity: None,
        service: None,
    };
    for entry in reader.mapping("alerts", node) {
        let (key, value) = (entry.key.as_str(), &entry.value);
        match key {
            "at" => at = Some(span(reader, key, value)?),
            "trigger" => expected.trigger = Trigger::read(reader, key, value),
            "count" => expected.count = reader.integer(key, value, 0, u64::MAX),
            "signature" => expected.signature = reader.text(key, value),
            "category" => expected.category = reader.text(key, value),
            "severity" => expected.severity = reader.text(key, value),
            "service" => expected.service = reader.text(key, value),
            _ => reader.unknown_key(entry, "an alert", &ALERT_KEYS),
        }
    }
    if at.is_none() {
        missing(reader, node, "an alert", "at: 5m");
    }
    Some(ExpectedAlert { at: at?, ..expected })
}

/// A span of time as people write it: `90s`, `1h30m`, `0`.
fn span(reader: &mut Reader, key: &str, node: &Node) -> Option<SignedDuration> {
    let seconds = node.as_text().and_then(seconds).filter(|seconds| *seconds <= MAX_SECONDS);
    match seconds {
        Some(seconds) => Some(SignedDuration::from_secs(seconds)),
        None => {
            reader.expected(key, "a time such as `90s`, `5m` or `1h30m`, of a year at most", node)
        }
    }
}

fn seconds(text: &str) -> Option<i64> {
    let (mut sum, mut rest) = (0i64, text);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = match rest[digits..].chars().next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3_600,
            Some('d') => 86_400,
            None if number == 0 => return Some(sum),
            _ => return None,
        };
        sum = sum.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    (!text.is_empty()).then_some(sum)
}

fn missing(reader: &mut Reader, node: &Node, what: &str, example: &str) {
    let key = example.split(':').next().unwrap_or_default();
    let message = format!("{what} does not say its `{key}`");
    reader.report(Diagnostic::schema(node.span, message).help(format!("add `{example}`")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (text, expected) in [
            ("0", Some(0)),
            ("0s", Some(0)),
            ("90s", Some(90)),
            ("1h30m", Some(5_400)),
            ("1d1s", Some(86_401)),
            ("", None),
            ("5", None),
            ("m", None),
            ("5m3", None),
            ("-5m", None),
            ("5é", None),
            ("99999999999999999999s", None),
            ("9223372036854775807d", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
