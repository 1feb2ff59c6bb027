//! What may go wrong, and for how long.

use std::time::Duration;

use fastrand::Rng;
use signatures_peers::gate::Passage;

#[derive(Clone, Copy, Debug)]
pub enum Fault {
    Kill,
    Terminate,
    Pause,
    DiskFull,
    StateReadOnly,
    /// So many more than it has.
    Descriptors(usize),
    /// So many seconds ahead, or behind.
    Clock(i64),
    LogUnread,
    LogGone,
    Sink(usize, Trouble),
    /// Whoever takes the events.
    NextHop(Passage),
    Reload,
    BrokenRules,
}

#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    Answers(u16),
    Network(Passage),
}

impl Fault {
    pub fn any(random: &mut Rng) -> Self {
        match random.u8(0..22) {
            0..3 => Self::Kill,
            3 => Self::Terminate,
            4 => Self::Pause,
            5 | 6 => Self::DiskFull,
            7 => Self::StateReadOnly,
            8 => Self::Descriptors(random.usize(0..4)),
            9 | 10 => Self::Clock(random.i64(-86_400..86_400)),
            11 => Self::LogUnread,
            12 => Self::LogGone,
            13..17 => {
                let trouble = match random.bool() {
                    true => Trouble::Answers([404, 429, 500, 503][random.usize(0..4)]),
                    false => Trouble::Network(passage(random)),
                };
                Self::Sink(random.usize(0..2), trouble)
            }
            17..20 => Self::NextHop(passage(random)),
            20 => Self::Reload,
            _ => Self::BrokenRules,
        }
    }

    /// For how long; a kill is over at once.
    pub fn lasts(random: &mut Rng) -> Duration {
        Duration::from_millis(random.u64(50..2500))
    }

    /// Whether both are about the same thing: one of them at a time.
    pub fn excludes(&self, other: &Self) -> bool {
        use Fault::{BrokenRules, DiskFull, LogGone, LogUnread, Reload, Sink, StateReadOnly};
        match (self, other) {
            (Sink(one, _), Sink(other, _)) => one == other,
            (DiskFull | StateReadOnly, DiskFull | StateReadOnly)
            | (LogUnread | LogGone, LogUnread | LogGone)
            | (Reload | BrokenRules, Reload | BrokenRules) => true,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

fn passage(random: &mut Rng) -> Passage {
    match random.u8(0..3) {
        0 => Passage::Slow(Duration::from_millis(random.u64(5..300))),
        1 => Passage::Silent,
        _ => Passage::Shut,
    }
}
