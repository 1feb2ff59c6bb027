//! What decides whether an alert is delivered: silences, mute times and incidents, as
//! the process knows them. Held for moments, never over a wait for a disk.

use std::{
    collections::{HashMap, HashSet},
    mem,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use signatures_alerts::{Alert, Escalation, MuteTime, Resolution, SilenceTold};
use signatures_engine::GroupId;

use super::{
    counter::Counted,
    rows::{Incident, IncidentState, Resolved, Silence},
    standing::{Held, Standing},
};
use crate::store::moved;

/// How many incidents are followed at a time; past that alerts belong to none.
const MOST_OPEN: usize = 10_000;

/// How early an incident is said again to go on, to those who forget.
const EARLY: SignedDuration = SignedDuration::from_secs(90);

/// For how long at least those remember an alert.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);

/// What the settings say of what happens after an alert is decided.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// After how long without an event its incident is over.
    pub resolve_after: &'a dyn Fn(&Alert) -> SignedDuration,
    /// When nothing is delivered.
    pub mute_times: &'a [MuteTime],
    /// Who else is told when nobody acts.
    pub escalation: &'a [Escalation],
    /// Whether a sink forgets an alert that is not said again.
    pub forgets: &'a dyn Fn(&str) -> bool,
}

/// What becomes of an alert before it is routed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ruling {
    /// The incident that it opened or belongs to.
    pub incident: Option<String>,
    /// Why it is not delivered, if it is not.
    pub held: Option<String>,
    /// By what alerts of its error were held before.
    pub silenced_before: Option<SilenceTold>,
}

/// An event that follows from an incident, and where it goes.
#[derive(Clone, Debug, PartialEq)]
pub enum FollowUp {
    /// It is over.
    Resolved(Alert, Vec<String>),
    /// Nobody acted on it.
    Escalated(Alert, Vec<String>),
    /// It goes on.
    Repeated(Alert, Vec<String>),
}

/// What is known of silences and incidents.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    silences: Vec<Silence>,
    open: HashMap<GroupId, Standing>,
    /// Those that are over, of which nobody was told yet.
    over: Vec<Standing>,
    held: HashMap<GroupId, Held>,
    changes: Changes,
}

/// What the database was not told yet.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The incidents that changed, as they stand.
    pub(crate) incidents: HashMap<String, Standing>,
    /// How many alerts each silence held, and when the last.
    pub(crate) hits: HashMap<i64, (u64, Timestamp)>,
    /// The errors of which alerts are held, or are not any more.
    pub(crate) held: HashMap<GroupId, Option<Held>>,
    /// The silences whose times moved with the clock.
    pub(crate) moved: HashMap<i64, (Timestamp, Timestamp)>,
}

/// What was read of the database.
#[derive(Debug, Default)]
pub(crate) struct ReadDesk {
    pub(crate) silences: Vec<Silence>,
    /// Those that are not over, or of which nobody was told.
    pub(crate) incidents: Vec<Standing>,
    pub(crate) held: HashMap<GroupId, Held>,
}

/// What holds an alert.
struct Holding {
    silence: Option<i64>,
    mute: Option<String>,
    by: String,
    until: Timestamp,
    reason: String,
}

impl Desk {
    /// Decides about an alert, and takes note of it.
    pub(crate) fn rule(&mut self, alert: &Alert, rules: &Rules<'_>, now: Timestamp) -> Ruling {
        let group = alert.group_id();
        let holding = if alert.shadow { None } else { self.holding(alert, rules, now) };
        if let Some(standing) = self.open.remove(&group) {
            if standing.is_quiet(now) {
                self.close(standing, None, now);
            } else {
                self.open.insert(group, standing);
            }
        }
        let incident = self.note(alert, rules, holding.as_ref(), now);
        let silenced_before = match &holding {
            Some(holding) => {
                self.hold(alert, holding, now);
                None
            }
            None if alert.shadow => None,
            None => self.let_go(group),
        };
        let held = holding.as_ref().map(Holding::in_words);
        Ruling { incident, held, silenced_before }
    }

    /// Takes note of the sinks that an alert went to.
    pub(crate) fn told(&mut self, alert: &Alert, sinks: &[String]) {
        let Some(standing) = self.open.get_mut(&alert.group_id()) else { return };
        if standing.incident.last_alert != alert.id {
            return;
        }
        standing.alert = Some(Arc::new(alert.clone()));
        let known = &mut standing.incident.sinks;
        let new: Vec<_> = sinks.iter().filter(|sink| !known.contains(sink)).cloned().collect();
        known.extend(new);
        self.changes.incidents.insert(standing.incident.id.clone(), standing.clone());
    }

    /// Takes note of the events that came since.
    pub(crate) fn touch(&mut self, counted: &Counted) {
        if self.open.is_empty() {
            return;
        }
        let mut touched = HashSet::new();
        for (group, error) in &counted.errors {
            let all = [Some(*group), error.identity.joined].into_iter().flatten();
            for group in all {
                if let Some(standing) = self.open.get_mut(&group) {
                    standing.touch(error);
                    touched.insert(group);
                }
            }
        }
        for group in touched {
            if let Some(standing) = self.open.get_mut(&group) {
                standing.is_fresh = false;
                self.changes.incidents.insert(standing.incident.id.clone(), standing.clone());
            }
        }
    }

    /// What follows now: who is to be told that an incident is over, that nobody acts
    /// on it, or that it goes on.
    pub(crate) fn follow_ups(&mut self, rules: &Rules<'_>, now: Timestamp) -> Vec<FollowUp> {
        let quiet: Vec<_> = self.open.extract_if(|_, standing| standing.is_quiet(now)).collect();
        for (_, standing) in quiet {
            self.close(standing, None, now);
        }
        let mut follow_ups = Vec::new();
        for mut standing in mem::take(&mut self.over) {
            follow_ups.extend(standing.resolved());
            standing.is_settled = true;
            self.changes.incidents.insert(standing.incident.id.clone(), standing);
        }
        let silences = &self.silences;
        for standing in self.open.values_mut() {
            let Some(alert) = standing.alert.clone() else { continue };
            let is_held = || {
                silence_of(silences, &alert, now).is_some() || mute_of(rules, &alert, now).is_some()
            };
            let before = standing.escalated_after;
            if standing.incident.state == IncidentState::Open && !alert.shadow && !is_held() {
                follow_ups.extend(standing.escalations(&alert, rules.escalation, now));
            }
            follow_ups.extend(standing.repeat(&alert, rules.forgets, now));
            if standing.escalated_after != before {
                self.changes.incidents.insert(standing.incident.id.clone(), standing.clone());
            }
        }
        follow_ups
    }

    /// Goes on from what is in the database: at the start by all of it, and later by
    /// what people changed.
    pub(crate) fn read(&mut self, read: ReadDesk, is_start: bool, now: Timestamp) {
        self.silences = read.silences;
        self.follow_clock(now);
        if is_start {
            self.held = read.held;
        }
        for standing in read.incidents {
            let group = standing.incident.group;
            let id = &standing.incident.id;
            match self.open.get_mut(&group).filter(|open| open.incident.id == *id) {
                Some(open) => {
                    open.incident.ack = standing.incident.ack;
                    open.incident.state = standing.incident.state;
                    if let Some(resolved) = standing.incident.resolved
                        && let Some(open) = self.open.remove(&group)
                    {
                        self.close(open, resolved.by, resolved.at);
                    }
                }
                None if !is_start => {}
                None if standing.incident.resolved.is_some() => self.over.push(standing),
                None => drop(self.open.insert(group, standing)),
            }
        }
    }

    /// Goes by a time of day that was set by so much: what ends, ends as long after as
    /// it was to.
    pub(crate) fn move_along(&mut self, by: SignedDuration) {
        for silence in &mut self.silences {
            (silence.at, silence.until) = (moved(silence.at, by), moved(silence.until, by));
            self.changes.moved.insert(silence.id, (silence.at, silence.until));
        }
        for standing in self.open.values_mut() {
            standing.move_along(by);
            self.changes.incidents.insert(standing.incident.id.clone(), standing.clone());
        }
    }

    /// What the database is to be told.
    pub(crate) fn take_changes(&mut self) -> Changes {
        mem::take(&mut self.changes)
    }

    /// The database has not taken changes: they are to be told later, unless there are
    /// newer.
    pub(crate) fn give_back(&mut self, changes: Changes) {
        let Changes { incidents, hits, held, moved } = changes;
        for (id, standing) in incidents {
            self.changes.incidents.entry(id).or_insert(standing);
        }
        for (id, (alerts, last)) in hits {
            let (more, latest) = self.changes.hits.entry(id).or_insert((0, last));
            (*more, *latest) = (*more + alerts, (*latest).max(last));
        }
        for (group, held) in held {
            self.changes.held.entry(group).or_insert(held);
        }
        for (id, times) in moved {
            self.changes.moved.entry(id).or_insert(times);
        }
    }

    /// A silence that was made later than now was made by a clock that was ahead: it
    /// lasts no longer than it was to.
    fn follow_clock(&mut self, now: Timestamp) {
        for silence in &mut self.silences {
            let ahead = silence.at.duration_since(now);
            if ahead > SignedDuration::from_secs(1) {
                silence.until = moved(silence.until, -ahead);
                silence.at = now;
                self.changes.moved.insert(silence.id, (silence.at, silence.until));
            }
        }
    }

    /// What holds an alert now.
    fn holding(&self, alert: &Alert, rules: &Rules<'_>, now: Timestamp) -> Option<Holding> {
        if let Some(silence) = silence_of(&self.silences, alert, now) {
            return Some(Holding {
                silence: Some(silence.id),
                mute: None,
                by: silence.by.clone(),
                until: silence.until,
                reason: silence.reason.clone(),
            });
        }
        let (mute, until) = mute_of(rules, alert, now)?;
        let name = mute.to_string();
        Some(Holding {
            silence: None,
            mute: Some(name.clone()),
            by: "settings".to_owned(),
            until,
            reason: format!("mute time {name}"),
        })
    }

    /// Opens the incident of an alert, or goes on with it. Says which.
    fn note(
        &mut self,
        alert: &Alert,
        rules: &Rules<'_>,
        holding: Option<&Holding>,
        now: Timestamp,
    ) -> Option<String> {
        let group = alert.group_id();
        if !self.open.contains_key(&group) && self.open.len() >= MOST_OPEN {
            return None;
        }
        let standing = self.open.entry(group).or_insert_with(|| Standing::opened_by(alert, now));
        let id = standing.incident.id.clone();
        standing.goes_on_by(alert, (rules.resolve_after)(alert), now);
        standing.incident.silenced_by = holding.and_then(|holding| holding.silence);
        standing.incident.muted_by = holding.and_then(|holding| holding.mute.clone());
        if !alert.shadow && holding.is_none() {
            standing.remembered_until(alert.cooldown_until.max(moved(now, REMEMBERED)), EARLY);
        }
        self.changes.incidents.insert(id.clone(), standing.clone());
        Some(id)
    }

    /// Notes that an alert is held.
    fn hold(&mut self, alert: &Alert, holding: &Holding, now: Timestamp) {
        if let Some(id) = holding.silence {
            let (hits, last) = self.changes.hits.entry(id).or_insert((0, now));
            (*hits, *last) = (*hits + 1, now);
        }
        let held = self.held.entry(alert.group_id()).or_insert_with(|| Held {
            by: String::new(),
            until: None,
            reason: String::new(),
            since: now,
            alerts: 0,
            events: 0,
        });
        held.by.clone_from(&holding.by);
        held.reason.clone_from(&holding.reason);
        held.until = Some(holding.until);
        held.alerts += 1;
        held.events = held.events.saturating_add(alert.count).saturating_add(alert.suppressed);
        self.changes.held.insert(alert.group_id(), Some(held.clone()));
    }

    /// What held the alerts of an error until now.
    fn let_go(&mut self, group: GroupId) -> Option<SilenceTold> {
        let Held { by, until, reason, alerts, events, .. } = self.held.remove(&group)?;
        self.changes.held.insert(group, None);
        Some(SilenceTold { by, until, reason, alerts, events })
    }

    fn close(&mut self, mut standing: Standing, by: Option<String>, at: Timestamp) {
        standing.incident.state = IncidentState::Resolved;
        standing.incident.resolved = Some(Resolved { at, by });
        self.changes.incidents.insert(standing.incident.id.clone(), standing.clone());
        self.over.push(standing);
    }
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        let Self { incidents, hits, held, moved } = self;
        incidents.is_empty() && hits.is_empty() && held.is_empty() && moved.is_empty()
    }
}

impl Holding {
    /// Why an alert is not delivered.
    fn in_words(&self) -> String {
        let Self { silence, by, until, reason, .. } = self;
        match silence {
            Some(id) => format!("silence {id} by {by} until {until}: {reason}"),
            None => format!("{reason}, until {until}"),
        }
    }
}

/// The silence that holds an alert: of several the one that ends last.
fn silence_of<'a>(silences: &'a [Silence], alert: &Alert, now: Timestamp) -> Option<&'a Silence> {
    let holds = |silence: &&Silence| {
        silence.until > now && silence.ended.is_none() && silence.matchers.matches(&alert.matched())
    };
    silences.iter().filter(holds).max_by_key(|silence| silence.until)
}

/// The mute time that holds an alert, and until when.
fn mute_of<'a>(
    rules: &Rules<'a>,
    alert: &Alert,
    now: Timestamp,
) -> Option<(&'a MuteTime, Timestamp)> {
    let muting = rules.mute_times.iter().filter_map(|mute| Some((mute, mute.mutes(alert, now)?)));
    muting.max_by_key(|(_, until)| *until)
}

impl Standing {
    /// The event that says that it is over, to all that were told of it.
    fn resolved(&self) -> Option<FollowUp> {
        let Incident { opened_at, resolved, alerts, events, sinks, .. } = &self.incident;
        let (alert, Resolved { at, by }) = (self.alert.as_deref()?, resolved.clone()?);
        let resolution = Resolution {
            opened_at: *opened_at,
            resolved_at: at.max(*opened_at),
            by,
            alerts: *alerts,
            events: *events,
        };
        let told = !sinks.is_empty() && !alert.shadow;
        told.then(|| FollowUp::Resolved(alert.resolved(resolution), sinks.clone()))
    }

    /// The events for further sinks, for every step that is due and was not taken.
    fn escalations(
        &mut self,
        alert: &Alert,
        steps: &[Escalation],
        now: Timestamp,
    ) -> Vec<FollowUp> {
        let passed = now.duration_since(self.incident.opened_at);
        let due = |step: &&Escalation| {
            step.after > self.escalated_after && step.after <= passed && step.applies_to(alert)
        };
        let due: Vec<_> = steps.iter().filter(due).collect();
        let mut follow_ups = Vec::new();
        for step in due {
            self.escalated_after = self.escalated_after.max(step.after);
            let sinks: Vec<_> = step.sinks.iter().map(|(name, _)| name.clone()).collect();
            let known = &mut self.incident.sinks;
            let new: Vec<_> = sinks.iter().filter(|sink| !known.contains(sink)).cloned().collect();
            known.extend(new);
            let minutes = step.after.as_mins().unsigned_abs();
            follow_ups.push(FollowUp::Escalated(alert.escalated(minutes), sinks));
        }
        follow_ups
    }

    /// The event that says that it goes on, when those who forget are about to.
    fn repeat(
        &mut self,
        alert: &Alert,
        forgets: &dyn Fn(&str) -> bool,
        now: Timestamp,
    ) -> Option<FollowUp> {
        if alert.shadow || self.repeat_at.is_none_or(|at| now < at) {
            return None;
        }
        let sinks: Vec<_> =
            self.incident.sinks.iter().filter(|sink| forgets(sink)).cloned().collect();
        self.remembered_until(moved(now, REMEMBERED), EARLY);
        (!sinks.is_empty()).then(|| FollowUp::Repeated(alert.repeated(now), sinks))
    }
}
