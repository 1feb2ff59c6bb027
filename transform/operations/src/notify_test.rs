//! Does an alert arrive?

use std::io;

use jiff::Timestamp;
use signatures_delivery::{Accepted, Config};

/// What a sink said to the test alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkAnswer {
    /// The name of the sink.
    pub sink: String,
    /// What it answered, or why it has not taken the alert. Without secrets.
    pub answer: Result<String, String>,
}

/// Why no test alert was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotifyTestError {
    /// There is nothing to send to.
    #[error("there is no sink `{sink}`; known here: {known}")]
    NoSuchSink {
        /// What was asked for.
        sink: String,
        /// What there is.
        known: String,
    },
    /// There is nothing to run on.
    #[error("cannot start: {0}")]
    Runtime(#[from] io::Error),
}

/// Sends a marked test alert to the sink of that name, or to all, and returns
/// what each said, in their order. It goes straight to the sinks, whatever
/// routes and minimum severities say, and is not repeated.
///
/// # Errors
/// When there is no such sink, or nothing to run on. A sink that does not take
/// the alert is an answer.
pub fn notify_test(
    config: &Config,
    sink: Option<&str>,
    now: Timestamp,
) -> Result<Vec<SinkAnswer>, NotifyTestError> {
    let answers = signatures_delivery::notify_test(config, sink, now)?;
    match sink {
        Some(sink) if answers.is_empty() => {
            Err(NotifyTestError::NoSuchSink { sink: sink.to_owned(), known: config.sink_names() })
        }
        _ => Ok(answers
            .into_iter()
            .map(|(sink, answer)| SinkAnswer {
                sink,
                answer: match answer {
                    Ok(Accepted { answer, doubt: None }) => Ok(answer),
                    Ok(Accepted { answer, doubt: Some(doubt) }) => Ok(format!("{answer}; {doubt}")),
                    Err(error) => Err(error.to_string()),
                },
            })
            .collect()),
    }
}

#[cfg(test)]
mod tests {
    use signatures_delivery::Settings;
    use signatures_document::yaml::Source;
    use signatures_peers::receiver::Receiver;

    use super::*;

    fn config(yaml: &str) -> Config {
        let source = Source::new("alerts.yml", yaml);
        let settings = Settings::read(&source).into_result(&source).unwrap();
        Config::resolve(&settings, &source, &|_| None).unwrap()
    }

    #[test]
    fn every_sink_that_is_meant_answers() {
        let receiver = Receiver::answering(200, "fine");
        let config = config(&format!(
            "sinks: {{hook: {{type: webhook, url: 'http://{}'}}, gone: {{type: webhook, url: 'http://127.0.0.1:1'}}}}",
            receiver.address
        ));
        let hook = SinkAnswer { sink: "hook".to_owned(), answer: Ok("200 fine".to_owned()) };
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(notify_test(&config, Some("hook"), now).unwrap(), std::slice::from_ref(&hook));
        let answers = notify_test(&config, None, now).unwrap();
        assert_eq!((answers.len(), &answers[0]), (2, &hook));
        assert!(answers[1].answer.as_ref().unwrap_err().starts_with("cannot connect: "));
        let error = notify_test(&config, Some("nope"), now).unwrap_err();
        assert_eq!(error.to_string(), "there is no sink `nope`; known here: hook, gone");
    }
}
