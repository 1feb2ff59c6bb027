//! Running a test: the engine over its events, by their times.

use jiff::{SignedDuration, Timestamp};
use signatures_alerts::Alert;
use signatures_delivery::Settings;
use signatures_engine::{
    Classifier, Observation, Tally,
    aggregate::{Aggregate, Decision, EventTime, GroupTable},
};
use signatures_event::LogLine;

use super::read::{AlertTest, ExpectedAlert};
use crate::{finding::Finding, rules::example_mismatch};

/// When every test begins; no line is asked for its time.
const START: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// What is wrong with the alerts that come.
pub(crate) fn failures(
    test: &AlertTest,
    classifier: &Classifier,
    settings: &Settings,
) -> Vec<Finding> {
    let mut raised = run(test, classifier, settings);
    let mut findings = Vec::new();
    for expected in &test.alerts {
        let found = raised.iter().position(|(at, alert)| expected.is_met(*at, alert));
        if let Some(found) = found {
            raised.remove(found);
            continue;
        }
        let message = format!("{}: no such alert comes {}", test.name, said(expected.at));
        let help = match raised.iter().find(|(at, _)| *at == expected.at) {
            Some((_, alert)) => format!("what comes then: {}", told(alert)),
            None => match raised.first() {
                Some((at, alert)) => format!("what comes {}: {}", said(*at), told(alert)),
                None => "none comes that is not expected elsewhere".to_owned(),
            },
        };
        findings.push(example_mismatch(expected.span, message).help(help));
    }
    findings.extend(raised.iter().map(|(at, alert)| {
        let message = format!("{}: an alert comes {} that is not expected", test.name, said(*at));
        example_mismatch(test.span, message).help(told(alert))
    }));
    findings
}

/// The alerts that come, and when.
fn run(
    test: &AlertTest,
    classifier: &Classifier,
    settings: &Settings,
) -> Vec<(SignedDuration, Alert)> {
    let mut lines: Vec<(SignedDuration, String)> = Vec::new();
    for events in &test.events {
        lines.extend((0..events.times).map(|index| {
            let after = events.every * i32::try_from(index).unwrap_or(i32::MAX);
            (events.at + after, events.line.replace("{n}", &(index + 1).to_string()))
        }));
    }
    lines.sort_by_key(|(at, _)| *at);
    let last = lines.last().map_or(SignedDuration::ZERO, |(at, _)| *at);
    let end = test.alerts.iter().map(|alert| alert.at).chain([test.until, last]).max();
    let mut table = GroupTable::new(settings.engine.aggregation.clone());
    let mut raised = Vec::new();
    let time = |at: SignedDuration| START.checked_add(at).unwrap_or(Timestamp::MAX);
    let tick = |table: &mut GroupTable, raised: &mut Vec<_>, at| {
        raised.extend(table.tick(time(at)).into_iter().map(|timed| {
            let at = timed.raised.decided_at.duration_since(START);
            (at, Alert::new(timed.raised, &timed.observation, None, false))
        }));
    };
    tick(&mut table, &mut raised, SignedDuration::ZERO);
    for (at, text) in &lines {
        tick(&mut table, &mut raised, *at);
        let (line, mut tally) = (LogLine::parse(text), Tally::default());
        let mut decided = None;
        let mut observer = |error: &Observation<'_>| {
            if let Decision::Raised(alert) = table.observe(error, EventTime::on_arrival(time(*at)))
            {
                decided = Some(Alert::new(*alert, error, None, false));
            }
        };
        classifier.inspect(&line, &mut tally, Some(&mut observer));
        raised.extend(decided.map(|alert| (*at, alert)));
        table.present(tally.present, time(*at));
    }
    tick(&mut table, &mut raised, end.unwrap_or_default());
    raised
}

impl ExpectedAlert {
    fn is_met(&self, at: SignedDuration, alert: &Alert) -> bool {
        fn is<T: PartialEq>(wanted: Option<&T>, found: &T) -> bool {
            wanted.is_none_or(|wanted| wanted == found)
        }
        let text = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        at == self.at
            && (self.trigger.is_none() || self.trigger == alert.trigger)
            && is(self.count.as_ref(), &alert.count)
            && text(&self.signature, alert.signature_or_generic())
            && text(&self.category, &alert.category)
            && text(&self.severity, alert.severity.as_str())
            && text(&self.service, alert.service.as_deref().unwrap_or_default())
    }
}

fn said(at: SignedDuration) -> String {
    format!("at {at:#}")
}

fn told(alert: &Alert) -> String {
    let trigger = alert.trigger.map_or("unknown", |trigger| trigger.as_str());
    let service = alert.service.as_deref().map(|service| format!(", service {service}"));
    format!(
        "trigger {trigger}, {}, signature {}, count {}{}",
        alert.severity,
        alert.signature_or_generic(),
        alert.count,
        service.unwrap_or_default()
    )
}
