//! How often somebody was wrong lately: who guesses tokens has to wait.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// So many wrong tries within so long; then nothing is looked at.
const MOST: usize = 10;
const WITHIN: Duration = Duration::from_secs(60);

/// How many addresses are remembered.
const ADDRESSES: usize = 10_000;

/// Wrong tries by address.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<HashMap<IpAddr, Vec<Instant>>>);

impl Tries {
    /// Whether there were too many.
    pub(crate) fn are_used_up(&self, peer: IpAddr, now: Instant) -> bool {
        let tries = self.tries();
        tries.get(&network(peer)).is_some_and(|wrong| recent(wrong, now) >= MOST)
    }

    /// Takes note of one that was wrong.
    pub(crate) fn was_wrong(&self, peer: IpAddr, now: Instant) {
        let mut tries = self.tries();
        if tries.len() >= ADDRESSES {
            tries.retain(|_, wrong| recent(wrong, now) > 0);
        }
        if tries.len() >= ADDRESSES {
            // Who has so many addresses is not to make this forget, nor grow.
            return;
        }
        let wrong = tries.entry(network(peer)).or_default();
        wrong.retain(|at| now.saturating_duration_since(*at) < WITHIN);
        wrong.push(now);
    }

    fn tries(&self) -> MutexGuard<'_, HashMap<IpAddr, Vec<Instant>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn recent(wrong: &[Instant], now: Instant) -> usize {
    wrong.iter().filter(|at| now.saturating_duration_since(**at) < WITHIN).count()
}

/// An address of IPv6 is one of many that its owner has.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_tries_a_minute_and_address() {
        let tries = Tries::default();
        let [one, other, v6, neighbour] =
            ["10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2"].map(|a| a.parse().unwrap());
        let start = Instant::now();
        let at = |second| start + Duration::from_secs(second);
        for second in 0..10 {
            assert!(!tries.are_used_up(one, at(second)));
            tries.was_wrong(one, at(second));
            tries.was_wrong(v6, at(second));
        }
        assert!(tries.are_used_up(one, at(10)));
        assert!(!tries.are_used_up(other, at(10)));
        assert!(tries.are_used_up(neighbour, at(10)));
        assert!(!tries.are_used_up(one, at(60)), "the first is a minute ago");
        tries.was_wrong(one, at(60));
        assert!(tries.are_used_up(one, at(60)));
    }
}
