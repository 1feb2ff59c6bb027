//! Spans of whole minutes.

use jiff::{SignedDuration, Timestamp};

use super::time::Minute;

/// The longest span that is remembered.
pub const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A span that ends now: every minute that has a part in it.
///
/// A window of half an hour at 12:30:20 begins with the minute 12:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub(crate) first: Minute,
    pub(crate) last: Minute,
}

impl Window {
    /// The last so many, a minute at least and seven days at most.
    #[must_use]
    pub fn last(length: SignedDuration, now: Timestamp) -> Self {
        let length = length.clamp(SignedDuration::from_mins(1), LONGEST_WINDOW);
        let from = now.checked_sub(length).unwrap_or(Timestamp::MIN);
        Self { first: Minute::of(from), last: Minute::of(now) }
    }

    /// When it begins.
    #[must_use]
    pub fn begins(&self) -> Timestamp {
        self.first.begins()
    }

    /// As long a span, right before it.
    #[must_use]
    pub fn before(&self) -> Self {
        let minutes = self.minutes();
        Self { first: Minute(self.first.0 - minutes), last: Minute(self.first.0 - 1) }
    }

    /// How many minutes it has.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        self.last.0 - self.first.0 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_every_minute_that_has_a_part_in_it() {
        let now: Timestamp = "2026-01-02T12:30:20Z".parse().unwrap();
        let window = Window::last(SignedDuration::from_mins(30), now);
        assert_eq!(window.begins().to_string(), "2026-01-02T12:00:00Z");
        assert_eq!(window.minutes(), 31);
        assert_eq!(window.before().begins().to_string(), "2026-01-02T11:29:00Z");
        assert_eq!((window.before().minutes(), window.before().last.0), (31, window.first.0 - 1));
        let [short, long] = [0, 9999].map(|hours| SignedDuration::from_hours(hours));
        assert_eq!(Window::last(short, now).minutes(), 2);
        assert_eq!(Window::last(long, now).minutes(), 7 * 24 * 60 + 1);
    }
}
