//! Faults in random order, on the programs as they are run: killed, stopped, paused,
//! without disk, descriptors or a log, by a clock that jumps, before services that are
//! slow, silent or away. Afterwards nothing that was acknowledged is lost, every alert
//! stands in one state, and each end said truly how it was.
//!
//! `FAULTS_SECONDS` says for how long, ten seconds unless it says otherwise. What is
//! left to chance goes by a seed a round, which it prints and takes from `FAULTS_SEED`
//! for the first; when the kernel runs what does not.

#![allow(clippy::unwrap_used, unreachable_pub)] // a failed setup is a failed test

mod account;
mod clock;
mod disk;
mod fault;
mod lines;
mod log;
mod pipe;
mod program;
mod relay;
mod round;
mod sink;

use std::{
    env,
    fmt::Display,
    str::FromStr,
    time::{Duration, Instant},
};

use round::Round;

/// How long a round goes on with faults.
const ROUND: Duration = Duration::from_secs(15);

fn given<T: FromStr<Err: Display>>(variable: &str) -> Option<T> {
    let value = env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|error| panic!("{variable}={value}: {error}")))
}

/// Round after round, each by a seed of its own, until the time is over.
fn rounds(test: &'static str, round: impl Fn(Round)) {
    let time = Duration::from_secs(given("FAULTS_SECONDS").unwrap_or(10));
    let first = given("FAULTS_SEED").unwrap_or_else(|| fastrand::u64(..));
    let (until, mut seeds) = (Instant::now() + time, fastrand::Rng::with_seed(first));
    let mut seed = first;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        round(Round::new(test, seed, left.min(ROUND)));
        if Instant::now() >= until {
            return;
        }
        seed = seeds.u64(..);
    }
}

#[test]
fn whatever_happens_to_a_relay_it_keeps_its_word() {
    rounds("whatever_happens_to_a_relay_it_keeps_its_word", |round| {
        let relay = relay::Relay::new(&round);
        round.run(relay);
    });
}

#[test]
fn whatever_happens_to_a_pipe_it_keeps_its_word() {
    rounds("whatever_happens_to_a_pipe_it_keeps_its_word", |round| round.run(pipe::Pipe::new()));
}
