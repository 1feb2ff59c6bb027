//! What the tests start from.

use std::any::Any;

use jiff::Timestamp;
use signatures_document::yaml::Source;

use crate::{secret::SecretText, settings::Settings};

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

/// What alerts.yml says, and what is wrong with it.
pub(crate) fn read(text: &str) -> (Option<Settings>, Vec<String>) {
    let source = Source::new("a.yml", text);
    let reading = Settings::read(&source);
    let diagnostics = reading.diagnostics.iter().map(|found| found.located(&source));
    (reading.value, diagnostics.collect())
}

/// What a sink of that kind of settings is said to talk to.
pub(crate) fn target<T: Clone + 'static>(sink: &str) -> T {
    let (settings, diagnostics) = read(&format!("sinks: {{a: {sink}}}"));
    assert_eq!(diagnostics, Vec::<String>::new());
    let [sink] = settings.unwrap().sinks.try_into().unwrap();
    let target: &dyn Any = &*sink.target;
    target.downcast_ref::<T>().unwrap().clone()
}

/// What is written where a value may stand.
pub(crate) fn written(text: &Option<SecretText>) -> Option<&str> {
    text.as_ref().map(SecretText::written)
}
