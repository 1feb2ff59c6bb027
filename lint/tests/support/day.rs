//! A day of logs that is made up, with incidents that are known.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};

/// When the day begins, in seconds since 1970.
const START: i64 = 1_773_446_400;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// Something that happens, and what may tell of it.
pub(crate) struct Incident {
    pub(crate) name: &'static str,
    pub(crate) triggers: &'static [&'static str],
    /// From when to when, in seconds of the day.
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Incident {
    /// Whether an alert tells of it.
    pub(crate) fn is_told_by(&self, trigger: &str, at: Timestamp) -> bool {
        let second = at.as_second() - START;
        self.triggers.contains(&trigger) && (self.from..=self.to).contains(&second)
    }
}

/// A day: its log, and what happens in it.
pub(crate) struct Day {
    pub(crate) log: String,
    pub(crate) incidents: Vec<Incident>,
}

/// A row of numbers that is the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: i64) -> i64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as i64 % most
    }
}

struct Lines(Vec<(i64, String)>);

impl Lines {
    fn add(&mut self, second: i64, service: &str, level: &str, message: &str, more: &str) {
        let at = Timestamp::from_second(START).unwrap() + SignedDuration::from_secs(second);
        let mut line = format!(r#"{{"time":"{at}","service":"{service}","level":"{level}","#);
        write!(line, r#""message":"{message}"{more}}}"#).unwrap();
        self.0.push((second, line));
    }

    fn error(&mut self, second: i64, service: &str, message: &str) {
        self.add(second, service, "error", message, "");
    }
}

const RESET: &str = "read tcp 10.0.0.7:5432: connection reset by peer";
const SLOW: &str = "canceling statement due to statement timeout";
const POOL: &str = "remaining connection slots are reserved for superuser";
const SHARD: &str = "shard relocation was given up";
const LEDGER: &str = "ledger is out of balance, refusing to go on";
const COUPON: &str = "coupon has a currency that no price list knows";

impl Day {
    pub(crate) fn of(seed: u64) -> Self {
        let (mut numbers, mut lines) = (Numbers(seed), Lines(Vec::new()));
        let mut about = |hour: i64| hour * HOUR + numbers.below(30 * MINUTE);
        let [oom, coupon, shard, burst, silence] = [9, 14, 13, 16, 11].map(&mut about);
        let [logins, slow, ledger] = [20, 17, 22].map(about);
        for minute in 0..24 * 60 {
            ordinary(minute * MINUTE, silence, &mut numbers, &mut lines);
        }
        for second in [5, 9, 13].map(|minute| minute * MINUTE) {
            lines.error(second, "search", SHARD);
        }
        lines.error(shard, "search", SHARD);
        lines.error(oom, "web", "Out of memory: Killed process 4711 (java)");
        for second in [coupon, coupon + 40] {
            lines.error(second, "web", COUPON);
        }
        for event in 0..60 {
            lines.error(burst + event * 4, "search", RESET);
        }
        for event in 0..30 {
            let user = format!(r#","user":"u{event}""#);
            lines.add(logins + event * 7, "auth", "error", "login failed", &user);
        }
        for event in 0..4 * 180 {
            lines.error(slow + event * 20, "search", SLOW);
        }
        for event in 0..12 {
            lines.add(ledger + event * 15, "billing", "fatal", LEDGER, "");
        }
        let leak = leak(&mut lines);
        lines.0.sort_by_key(|(second, _)| *second);
        let log = lines.0.into_iter().map(|(_, line)| line + "\n").collect();
        let incident = |name, triggers, from, to| Incident { name, triggers, from, to };
        let incidents = vec![
            incident("a process is killed", &["immediate"], oom, oom),
            incident("an error that nobody knows", &["new"], coupon, coupon),
            incident("an error is back", &["returned"], shard, shard),
            incident("a burst", &["spike"], burst, burst + 5 * MINUTE),
            incident(
                "a service is silent",
                &["absent"],
                // Its last line may be two minutes older.
                silence + 13 * MINUTE,
                silence + 16 * MINUTE,
            ),
            incident("many users fail", &["distinct"], logins, logins + 5 * MINUTE),
            incident("an error that goes on", &["threshold", "spike"], slow, slow + 4 * HOUR),
            incident("what is fatal", &["threshold"], ledger, ledger + 5 * MINUTE),
            incident("a slow leak", &["threshold", "spike"], leak, 8 * HOUR),
        ];
        Self { log, incidents }
    }
}

/// What comes every day: of each service a few lines, and a few errors.
fn ordinary(second: i64, silence: i64, numbers: &mut Numbers, lines: &mut Lines) {
    for service in ["web", "auth", "search", "billing"] {
        let at = second + numbers.below(60);
        if service != "billing" || !(silence..silence + 40 * MINUTE).contains(&at) {
            lines.add(at, service, "info", "request served", "");
        }
    }
    if numbers.below(5) < 2 || second == 0 {
        lines.error(second + numbers.below(60), "search", RESET);
    }
    if second % (10 * MINUTE) == 0 {
        let user = format!(r#","user":"known{}""#, numbers.below(3));
        lines.add(second + numbers.below(60), "auth", "error", "login failed", &user);
    }
    if second % (2 * HOUR) == 0 {
        for message in [SLOW, POOL] {
            lines.error(second + numbers.below(60), "search", message);
        }
        // Billing is heard of by nothing else while it is silent.
        if !(silence - HOUR..silence + HOUR).contains(&second) {
            lines.add(second + numbers.below(60), "billing", "fatal", LEDGER, "");
        }
    }
}

/// One error that comes ever more often. Says from when on it may be told.
fn leak(lines: &mut Lines) -> i64 {
    let (mut second, mut gap) = (3 * HOUR, 20 * MINUTE);
    while second < 8 * HOUR {
        lines.error(second, "search", POOL);
        second += gap;
        gap = (gap * 9 / 10).max(15);
    }
    3 * HOUR
}
