//! Who answers commands: by what is remembered, and by what the process is now.

use std::{collections::HashSet, fmt, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use signatures_alerts::Matchers;
use signatures_configuration::Configuration;
use signatures_engine::{Classifier, GroupId};
use signatures_ledger::{
    Ledger,
    record::{
        Acted, AlertFilter, Audited, DecidedAlert, Incident, NewSilence, Reach, SamplesOf, Window,
    },
};

use crate::{
    answer::{
        ActedOn, Alerts, Answer, Cooling, ErrorsOfWindow, Observation, Samples, Silenced, Silences,
        Unsilenced,
    },
    answer_error::AnswerError,
    classified::Classified,
    commands::{Access, Command, Length},
    status::Status,
};

/// How many errors, and how many samples are told.
const ERRORS: usize = 10;
const SAMPLES: usize = 5;

/// So many of the newest alerts are looked at for those who are cooling down.
const COOLING: usize = 200;

/// Who answers commands. Made anew for each: it holds how the process is now.
#[derive(Clone)]
pub struct Desk {
    /// What is remembered; none where nothing is.
    pub ledger: Option<Ledger>,
    /// How the process is; none where a state directory is looked at by itself.
    pub process: Option<Status>,
    /// The rules in force; none where there are none.
    pub rules: Option<Arc<dyn Rules>>,
    /// In which times are told.
    pub timezone: TimeZone,
}

/// The rules in force.
pub trait Rules: Send + Sync {
    /// What judges.
    fn classifier(&self) -> &Classifier;
}

impl<T: Send + Sync> Rules for Configuration<T> {
    fn classifier(&self) -> &Classifier {
        &self.classifier
    }
}

/// Who wants something, and from where: for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The name.
    pub name: String,
    /// Where: `command line`, `http 10.0.0.7`, a chat.
    pub place: String,
}

impl Who {
    /// Somebody at a place.
    #[must_use]
    pub fn at(name: impl Into<String>, place: impl Into<String>) -> Self {
        Self { name: name.into(), place: place.into() }
    }
}

impl Desk {
    /// Does what a command asks for. What changes something is written down with its
    /// result, also where it is refused.
    ///
    /// # Errors
    /// When there is no such thing, it is refused, or nothing can be told now.
    pub fn answer(
        &self,
        command: &Command,
        who: &Who,
        now: Timestamp,
    ) -> Result<Answer, AnswerError> {
        match command.access() {
            Access::Reader => self.look(command, now),
            Access::Operator => {
                let acted = self.act(command, who, now);
                self.write_down(command, who, &acted, now)?;
                acted
            }
        }
    }

    /// How the process is, where there is one.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        self.process.as_ref()
    }

    /// What is remembered.
    ///
    /// # Errors
    /// When nothing is.
    pub fn ledger(&self) -> Result<&Ledger, AnswerError> {
        self.ledger.as_ref().ok_or_else(|| {
            AnswerError::Unavailable("nothing is remembered: aggregation is off".to_owned())
        })
    }

    fn look(&self, command: &Command, now: Timestamp) -> Result<Answer, AnswerError> {
        match command {
            Command::Errors { window: length, filter } => {
                let window = Window::last(length.duration(), now);
                let errors = self.ledger()?.errors(filter, window, ERRORS, now)?;
                let (window, from) = (*length, window.begins());
                Ok(Answer::Errors(ErrorsOfWindow { window, from, at: now, errors }))
            }
            Command::Samples { of } => Ok(Answer::Samples(self.samples(of)?)),
            Command::Observe { window, verbose } => {
                self.observe(*window, *verbose, now).map(|seen| Answer::Observed(Box::new(seen)))
            }
            Command::Alerts { limit, filter } => {
                let alerts = self.ledger()?.alerts(filter, *limit)?;
                Ok(Answer::Alerts(Alerts { alerts }))
            }
            Command::Alert { id } => {
                let alert = self.ledger()?.alert(id)?;
                let alert = alert.ok_or_else(|| no("alert", id, "alerts"))?;
                Ok(Answer::Alert(Box::new(alert)))
            }
            Command::Silences => {
                Ok(Answer::Silences(Silences { silences: self.ledger()?.silences(now)? }))
            }
            Command::Classify { text } => {
                let rules = self.rules.as_ref().ok_or_else(|| {
                    AnswerError::Unavailable("there are no rules here to classify by".to_owned())
                })?;
                Ok(Answer::Classified(Box::new(Classified::of(rules.classifier(), text))))
            }
            Command::Ack { .. }
            | Command::Unack { .. }
            | Command::Resolve { .. }
            | Command::Silence { .. }
            | Command::Unsilence { .. } => Err(AnswerError::Failed),
        }
    }

    fn act(&self, command: &Command, who: &Who, now: Timestamp) -> Result<Answer, AnswerError> {
        let (ledger, by) = (self.ledger()?, who.name.as_str());
        match command {
            Command::Ack { incident, note } => {
                let incident = meant(ledger, incident)?;
                acted(&incident, ledger.ack(&incident, by, note.as_deref(), now)?)
            }
            Command::Unack { incident } => {
                let incident = meant(ledger, incident)?;
                acted(&incident, ledger.unack(&incident)?)
            }
            Command::Resolve { incident } => {
                let incident = meant(ledger, incident)?;
                acted(&incident, ledger.resolve(&incident, by, now)?)
            }
            Command::Silence { matchers, duration, reason, force } => {
                let reach = ledger.reach(matchers, now)?;
                refuse_too_wide(matchers, &reach, *force)?;
                let until = now.checked_add(duration.duration()).unwrap_or(Timestamp::MAX);
                let (by, reason) = (by.to_owned(), reason.clone());
                let new = NewSilence { matchers: matchers.clone(), by, until, reason };
                let silence = ledger.silence(&new, now)?;
                Ok(Answer::Silenced(Box::new(Silenced { silence, reach })))
            }
            Command::Unsilence { id } => {
                let (changed, silence) = match ledger.unsilence(*id, by, now)? {
                    Acted::Done(silence) => (true, silence),
                    Acted::Already(silence) => (false, silence),
                    Acted::Unknown => return Err(no("silence", id, "silences")),
                };
                Ok(Answer::Unsilenced(Unsilenced { changed, silence }))
            }
            _ => Err(AnswerError::Failed),
        }
    }

    /// The newest samples of a group or a signature.
    fn samples(&self, of: &str) -> Result<Samples, AnswerError> {
        let which = match of.parse::<GroupId>() {
            Ok(group) => SamplesOf::Group(group),
            Err(_) => SamplesOf::Signature(of.to_owned()),
        };
        let samples = self.ledger()?.samples(&which, SAMPLES)?;
        match samples.is_empty() {
            true => Err(AnswerError::NotFound(format!("there are no samples of `{of}`"))),
            false => Ok(Samples { of: of.to_owned(), samples }),
        }
    }

    /// How the process is, and what became of its alerts.
    ///
    /// # Errors
    /// When nothing can be told now.
    pub fn observe(
        &self,
        window: Length,
        verbose: bool,
        now: Timestamp,
    ) -> Result<Observation, AnswerError> {
        let ledger = self.ledger()?;
        let observed = ledger.observed(Window::last(window.duration(), now), now)?;
        let newest = ledger.alerts(&AlertFilter::default(), COOLING)?;
        let process = self.process.clone();
        let cooling = cooling(&newest, now);
        Ok(Observation { window, at: now, process, observed, cooling, verbose })
    }

    fn write_down(
        &self,
        command: &Command,
        who: &Who,
        result: &Result<Answer, AnswerError>,
        now: Timestamp,
    ) -> Result<(), AnswerError> {
        let result = match result {
            Ok(Answer::Incident(_) | Answer::Silenced(_) | Answer::Unsilenced(_)) => {
                "done".to_owned()
            }
            Ok(_) => "answered".to_owned(),
            Err(error) => error.to_string(),
        };
        let (name, place) = (who.name.clone(), who.place.clone());
        let audited = Audited { at: now, who: name, place, command: command.to_string(), result };
        Ok(self.ledger()?.audit(&audited)?)
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("ledger", &self.ledger).finish_non_exhaustive()
    }
}

/// Those that no alert follows for a while, by their newest alert.
pub(crate) fn cooling(newest: &[DecidedAlert], now: Timestamp) -> Vec<Cooling> {
    let mut seen = HashSet::new();
    let alerts = newest.iter().filter(|decided| {
        let alert = &decided.alert;
        let group = alert["group"].as_str().or(alert["fingerprint"].as_str());
        group.is_some_and(|group| seen.insert(group))
    });
    let cooling = alerts.filter_map(|decided| {
        let until = decided.alert["cooldown_until"].as_str()?.parse().ok()?;
        let name = decided.alert["name"].as_str().unwrap_or_default().to_owned();
        (until > now).then(|| Cooling { name, alert: decided.id.clone(), until })
    });
    cooling.collect()
}

/// The incident that a name is of.
fn meant(ledger: &Ledger, name: &str) -> Result<String, AnswerError> {
    ledger.incident_meant(name)?.ok_or_else(|| no("incident", name, "alerts"))
}

fn acted(id: &str, acted: Acted<Incident>) -> Result<Answer, AnswerError> {
    let (changed, incident) = match acted {
        Acted::Done(incident) => (true, incident),
        Acted::Already(incident) => (false, incident),
        Acted::Unknown => return Err(no("incident", id, "alerts")),
    };
    Ok(Answer::Incident(Box::new(ActedOn { changed, incident })))
}

fn no(what: &str, id: impl fmt::Display, command: &str) -> AnswerError {
    AnswerError::NotFound(format!("there is no {what} `{id}`: `{command}` shows those there are"))
}

/// Who writes a star is not to silence most of all by mistake.
fn refuse_too_wide(matchers: &Matchers, reach: &Reach, force: bool) -> Result<(), AnswerError> {
    let is_wide = matchers.has_wildcard() && 2 * reach.signatures > reach.of_signatures;
    if is_wide && !force {
        return Err(AnswerError::Refused(format!(
            "`{matchers}` covers {} of the {} signatures of yesterday: --force, if you mean that",
            reach.signatures, reach.of_signatures
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_a_star_is_asked_when_it_covers_most() {
        let refused = |matchers: &str, signatures, force| {
            let of_signatures = 4;
            let reach = Reach { incidents: Vec::new(), events: 0, signatures, of_signatures };
            refuse_too_wide(&matchers.parse().unwrap(), &reach, force).err()
        };
        assert_eq!(
            refused("host=*.example", 3, false).unwrap().to_string(),
            "`host=*.example` covers 3 of the 4 signatures of yesterday: --force, if you mean that"
        );
        assert_eq!(refused("host=*.example", 3, true), None);
        assert_eq!(refused("host=*.example", 2, false), None);
        assert_eq!(refused("host=a category=b", 4, false), None);
    }

    #[test]
    fn where_nothing_is_remembered_that_is_said_and_lines_are_classified_all_the_same() {
        let source = signatures_document::yaml::Source::new("t.yml", "{net: [ECONNRESET]}");
        let taxonomy = signatures_engine::Taxonomy::read(&source).into_result(&source).unwrap();
        let classifier =
            Classifier::new(taxonomy, &signatures_engine::ClassifierSettings::default());
        let desk = Desk {
            ledger: None,
            process: None,
            rules: Some(Arc::new(Only(classifier))),
            timezone: TimeZone::UTC,
        };
        let now = Timestamp::UNIX_EPOCH;
        let answer = |words: &[&str]| {
            desk.answer(&Command::parse(words).unwrap(), &Who::at("dana", "here"), now)
        };
        for words in [&["errors"][..], &["unsilence", "1"]] {
            assert_eq!(
                answer(words).unwrap_err().to_string(),
                "nothing is remembered: aggregation is off"
            );
        }
        let Answer::Classified(classified) = answer(&["classify", "read", "ECONNRESET"]).unwrap()
        else {
            panic!("it is classified")
        };
        assert_eq!((classified.verdict, classified.category.as_deref()), ("match", Some("net")));
    }

    struct Only(Classifier);

    impl Rules for Only {
        fn classifier(&self) -> &Classifier {
            &self.0
        }
    }
}
