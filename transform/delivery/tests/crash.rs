//! Kills the process that delivers, again and again, while alerts flow to
//! receivers that are out of order now and then: every alert that was taken
//! arrives at least once, and none that was never raised.
//!
//! `CRASH_KILLS` says how often; ten times unless it says otherwise. What is left
//! to chance goes by a seed, which it prints and takes from `CRASH_SEED`; when the
//! kernel runs what does not.

// Outside of the test harness, so that the process can be told what to be.
#![allow(clippy::unwrap_used)]

mod given;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Mutex,
    thread,
    time::Duration,
};

use given::{alert, config, open};
use jiff::Timestamp;
use signatures_ledger::{
    Ledger, LedgerError,
    record::{AlertFilter, LONGEST_WINDOW, SinkDecisions, Window},
};
use signatures_peers::receiver::{Receiver, Request};

/// In the environment of the process that is killed: where it works, its sinks,
/// and the number of its first alert; none makes it end once nothing waits.
const STATE: &str = "CRASH_STATE";
const SINKS: &str = "CRASH_SINKS";
const FIRST: &str = "CRASH_FIRST";

/// What chance goes by, for both.
const SEED: &str = "CRASH_SEED";

fn main() {
    // Test runners ask what there is before they run it.
    if env::args().any(|argument| argument == "--list") {
        if !env::args().any(|argument| argument == "--ignored") {
            println!("kills_lose_no_alert: test");
        }
        return;
    }
    let seed = env::var(SEED).map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
    match env::var(STATE) {
        Ok(state) => {
            fastrand::seed(seed);
            let sinks = env::var(SINKS).unwrap();
            // What failed a moment ago is due a moment later.
            while !deliver(Path::new(&state), &sinks) {}
        }
        Err(_) => {
            println!("{SEED}={seed}");
            crash(seed);
        }
    }
}

/// Says whether nothing waits any more.
fn deliver(state: &Path, sinks: &str) -> bool {
    let mut config = config(sinks, &[]);
    for sink in &mut config.sinks {
        sink.pace.per_minute = usize::MAX;
        sink.pace.queue = u64::MAX;
    }
    let delivery = open(config, Some(state));
    assert!(delivery.is_durable());
    if let Ok(first) = env::var(FIRST) {
        for n in first.parse::<i64>().unwrap().. {
            delivery.submit(&[alert(n)], vec![]).wait().unwrap();
            println!("{n}");
            std::io::stdout().flush().unwrap();
            thread::sleep(Duration::from_micros(fastrand::u64(0..4000)));
        }
    }
    delivery.shutdown(Duration::from_secs(60)).queued == 0
}

fn crash(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let kills: usize = env::var("CRASH_KILLS").map_or(10, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let receivers = [flaky(random.fork()), flaky(random.fork())];
    let [single, digest] = receivers.each_ref().map(|receiver| receiver.address);
    let sinks = format!(
        "sinks:\n  single: {{type: webhook, url: 'http://{single}', digest_above: 0}}\n  \
         digest: {{type: webhook, url: 'http://{digest}', digest_above: 5}}\n"
    );
    let child = |first: Option<i64>, seed: u64| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.env(STATE, &state).env(SINKS, &sinks).env(SEED, seed.to_string());
        command.stdout(Stdio::piped());
        if let Some(first) = first {
            command.env(FIRST, first.to_string());
        }
        command.spawn().unwrap()
    };

    let mut taken = BTreeSet::new();
    let mut next = 0;
    for _ in 0..kills {
        let mut child = child(Some(next), random.u64(..));
        let (mut stdout, mut told) = (BufReader::new(child.stdout.take().unwrap()), String::new());
        // One in four may not even have begun, the others have on any machine.
        if random.u8(0..4) > 0 {
            stdout.read_line(&mut told).unwrap();
        }
        thread::sleep(Duration::from_millis(random.u64(30..400)));
        child.kill().unwrap();
        stdout.read_to_string(&mut told).unwrap();
        child.wait().unwrap();
        // A last line without its end was cut by the kill.
        let whole = told.rsplit_once('\n').map_or("", |(whole, _)| whole);
        taken.extend(whole.lines().map(|line| line.parse::<i64>().unwrap()));
        assert_accounted_for(&state, taken.len());
        // The one after the last may have been taken, too.
        next = taken.last().map_or(next, |last| last + 2);
    }
    assert!(!taken.is_empty(), "nothing was submitted in {kills} kills");
    assert!(child(None, random.u64(..)).wait().unwrap().success());
    assert_accounted_for(&state, taken.len());

    let raised: BTreeMap<String, i64> = (0..=next).map(|n| (alert(n).id.clone(), n)).collect();
    for receiver in &receivers {
        let mut received: BTreeMap<i64, usize> = BTreeMap::new();
        for request in receiver.requests().iter().filter(|request| request.status == 200) {
            for id in ids(request) {
                let n = raised.get(&id).unwrap_or_else(|| panic!("{id} was never raised"));
                *received.entry(*n).or_default() += 1;
            }
        }
        let lost: Vec<_> = taken.iter().filter(|n| !received.contains_key(n)).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        let all: usize = received.values().sum();
        println!(
            "{kills} kills: {} alerts submitted, {} delivered, {} of them again ({} times)",
            taken.len(),
            received.len(),
            received.values().filter(|times| **times > 1).count(),
            all - received.len()
        );
    }
}

/// Every alert that was decided is in exactly one state at each sink, whenever the
/// program was killed.
fn assert_accounted_for(state: &Path, taken: usize) {
    let ledger = Ledger::at(state);
    let now = Timestamp::now();
    let observed = match ledger.observed(Window::last(LONGEST_WINDOW, now), now) {
        Err(LedgerError::Missing(_)) if taken == 0 => return,
        observed => observed.unwrap(),
    };
    assert!(observed.decided >= taken as u64, "{} of {taken}", observed.decided);
    for sink in &observed.sinks {
        let SinkDecisions { sent, queued, dead, dropped, silenced, shadow, unrouted, .. } = *sink;
        let sum = sent + queued + dead + dropped + silenced + shadow + unrouted;
        assert_eq!((sink.missing, sink.decided, sum), (0, observed.decided, observed.decided));
    }
    // Each belongs to an incident that is known.
    let alerts = ledger.alerts(&AlertFilter::default(), usize::MAX).unwrap();
    assert!(alerts.iter().all(|alert| alert.incident.is_some()));
}

fn ids(request: &Request) -> Vec<String> {
    let event = request.json();
    let id = |event: &serde_json::Value| event["id"].as_str().unwrap().to_owned();
    match event["alerts"].as_array() {
        Some(alerts) => alerts.iter().map(id).collect(),
        None => vec![id(&event)],
    }
}

/// Takes three in four, some of them late, and fails the others.
fn flaky(random: fastrand::Rng) -> Receiver {
    let random = Mutex::new(random);
    Receiver::new(move |_, _| {
        let (late, fails) = {
            let mut random = random.lock().unwrap();
            (random.u8(0..10) == 0, random.u8(0..4) == 0)
        };
        thread::sleep(Duration::from_millis(if late { 30 } else { 0 }));
        (if fails { 500 } else { 200 }, vec![], String::new())
    })
}
