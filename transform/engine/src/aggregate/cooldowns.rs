//! When nothing follows an alert, and what came meanwhile.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{settings::Thresholds, triggers::CooldownBackoff};

/// How many are remembered of one group: as many backlogs may be read beside the
/// stream, less one, before one of them is told again what it was told.
const MOST: usize = 4;

/// The cooldowns of one group, that needed most at the end.
///
/// In a stream in order only the last one matters. Others are kept because an
/// event counts at the time that it tells: one from another time neither ends a
/// cooldown nor is held by it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Cooldowns(Vec<Cooldown>);

/// What follows one alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Cooldown {
    /// When the alert was raised, as events tell the time.
    alert: Timestamp,
    until: Timestamp,
    suppressed: u64,
    first_suppressed: Option<Timestamp>,
    /// The last event since, without a longer silence than a group is
    /// remembered for.
    last_seen: Timestamp,
}

/// What cooldowns have suppressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Suppressed {
    pub(super) count: u64,
    pub(super) first: Option<Timestamp>,
}

impl Suppressed {
    fn add(&mut self, count: u64, first: Option<Timestamp>) {
        self.count += count;
        self.first = self.first.into_iter().chain(first).min();
    }
}

impl Cooldown {
    fn span(&self, thresholds: &Thresholds, longest: SignedDuration) -> Range<Timestamp> {
        let Range { start, end } = span(self.alert, thresholds, longest);
        // A cooldown that was made shorter since is shorter from now on.
        start..end.min(self.until)
    }

    fn suppress(&mut self, at: Timestamp) {
        self.suppressed += 1;
        self.first_suppressed = self.first_suppressed.into_iter().chain([at]).min();
    }
}

/// The times that an alert answers for: nothing else is raised by what happened
/// then. What comes late, and lies so short before the alert that it would have
/// counted for it or been in the cooldown's reach, belongs to it too. `length`: that of
/// its cooldown.
pub(super) fn span(
    alert: Timestamp,
    thresholds: &Thresholds,
    length: SignedDuration,
) -> Range<Timestamp> {
    let before = thresholds.window.max(thresholds.cooldown);
    let start = alert.checked_sub(before).unwrap_or(Timestamp::MIN);
    start..alert.checked_add(length).unwrap_or(Timestamp::MAX)
}

impl Cooldowns {
    /// The same as if they had suppressed nothing.
    pub(super) fn without_counts(&self) -> Self {
        let uncounted = |cooldown: &Cooldown| Cooldown {
            suppressed: 0,
            first_suppressed: None,
            ..cooldown.clone()
        };
        Self(self.0.iter().map(uncounted).collect())
    }

    /// One alone, of an alert without a group.
    pub(super) fn of_alert(alert: Timestamp, until: Timestamp) -> Self {
        let mut cooldowns = Self::default();
        cooldowns.begin(alert, until, [], SignedDuration::ZERO);
        cooldowns
    }

    /// The alert of the latest, and its end.
    pub(super) fn latest(&self) -> Option<(Timestamp, Timestamp)> {
        let latest = self.0.iter().max_by_key(|cooldown| cooldown.alert)?;
        Some((latest.alert, latest.until))
    }

    /// How long the cooldown of an alert at a time is: longer than that of the alert
    /// before it, where the error went on since. It did where that cooldown has not
    /// been over for longer than it took.
    pub(super) fn length(
        &self,
        at: Timestamp,
        cooldown: SignedDuration,
        backoff: Option<CooldownBackoff>,
    ) -> SignedDuration {
        let before = self.0.iter().filter(|before| before.alert <= at);
        let before = before.max_by_key(|before| before.alert);
        let (Some(CooldownBackoff { factor, max }), Some(before)) = (backoff, before) else {
            return cooldown;
        };
        let length = before.until.duration_since(before.alert);
        if at.duration_since(before.until) > length {
            return cooldown;
        }
        let longer = length.max(cooldown).as_secs_f64() * factor;
        let longer = SignedDuration::try_from_secs_f64(longer).unwrap_or(max);
        longer.min(max.max(cooldown))
    }

    /// Takes note of an event at a time, and says whether a cooldown holds it; none
    /// is longer than `longest` now.
    pub(super) fn hold(
        &mut self,
        at: Timestamp,
        thresholds: &Thresholds,
        longest: SignedDuration,
        idle: SignedDuration,
    ) -> bool {
        for cooldown in &mut self.0 {
            if at > cooldown.last_seen && at.duration_since(cooldown.last_seen) <= idle {
                cooldown.last_seen = at;
            }
        }
        let all = self.0.iter().enumerate();
        let holding = all.filter(|(_, cooldown)| cooldown.span(thresholds, longest).contains(&at));
        let Some((index, _)) = holding.max_by_key(|(_, cooldown)| cooldown.alert) else {
            return false;
        };
        self.0[index].suppress(at);
        self.0[index..].rotate_left(1);
        true
    }

    /// Begins one after an alert, with the times after it that came before it.
    /// Returns what an alert at that time has to report.
    pub(super) fn begin(
        &mut self,
        alert: Timestamp,
        until: Timestamp,
        already: impl IntoIterator<Item = Timestamp>,
        idle: SignedDuration,
    ) -> Suppressed {
        let precedes = |cooldown: &Cooldown| {
            cooldown.alert <= alert && alert.duration_since(cooldown.last_seen) <= idle
        };
        let mut reported = Suppressed::default();
        for cooldown in self.0.iter_mut().filter(|cooldown| precedes(cooldown)) {
            let count = std::mem::take(&mut cooldown.suppressed);
            reported.add(count, cooldown.first_suppressed.take());
        }
        // Those that this one follows are needed least.
        self.0.sort_by_key(|cooldown| !precedes(cooldown));
        if self.0.len() == MOST {
            self.drop_one();
        }
        let mut cooldown =
            Cooldown { alert, until, suppressed: 0, first_suppressed: None, last_seen: alert };
        for at in already {
            cooldown.suppress(at);
            cooldown.last_seen = cooldown.last_seen.max(at);
        }
        self.0.push(cooldown);
        reported
    }

    /// Ends that of an alert which nobody was told, and returns what it suppressed.
    pub(super) fn revoke(&mut self, alert: Timestamp, until: Timestamp) -> Suppressed {
        let mut revoked = Suppressed::default();
        self.0.retain(|cooldown| {
            let is_it = cooldown.alert == alert && cooldown.until == until;
            if is_it {
                revoked.add(cooldown.suppressed, cooldown.first_suppressed);
            }
            !is_it
        });
        revoked
    }

    /// Drops the one that is needed least, but never the latest: that is the
    /// stream's own, while a backlog goes through many.
    fn drop_one(&mut self) {
        let latest = self.0.iter().map(|cooldown| cooldown.alert).max();
        let earlier = self.0.iter().position(|cooldown| Some(cooldown.alert) != latest);
        self.0.remove(earlier.unwrap_or(0));
    }
}
