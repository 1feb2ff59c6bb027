use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use jiff::{SignedDuration, Timestamp};
use signatures_document::yaml::Source;
use signatures_engine::Fingerprint;
use signatures_ledger::{NewAlert, State};
use signatures_peers::waiting::{wait_until, wait_until_or};

use super::*;
use crate::{
    given::at,
    send::{Fault, Now, SendError},
    settings::Settings,
    sink::{Accepted, Batching, Sender, sender::Sending},
};

/// What a service does with a message.
#[derive(Clone)]
enum Does {
    Take,
    Refuse(SendError),
    Hang,
    Panic,
}

/// A service that does as it is told, and keeps what it was sent.
struct Service {
    script: Mutex<VecDeque<Does>>,
    then: Does,
    received: Mutex<Vec<Vec<i64>>>,
    /// So often whoever asks how much it takes at once panics.
    panics: AtomicU32,
}

impl Service {
    fn that(then: Does) -> Arc<Self> {
        Self::first(vec![], then)
    }

    fn first(script: Vec<Does>, then: Does) -> Arc<Self> {
        let (script, received) = (Mutex::new(script.into()), Mutex::default());
        Arc::new(Self { script, then, received, panics: AtomicU32::new(0) })
    }

    /// The numbers of the alerts of each message that it was sent.
    fn received(&self) -> Vec<Vec<i64>> {
        self.received.lock().unwrap().clone()
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}

impl Sender for Service {
    fn batching(&self) -> Batching {
        let left = |left: u32| left.checked_sub(1);
        let before = self.panics.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        assert!(before.is_err(), "as a test");
        Batching::Digest(100)
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], _now: Timestamp) -> Sending<'a> {
        let numbers = alerts.iter().map(|alert| alert.count as i64).collect();
        self.received.lock().unwrap().push(numbers);
        let does = self.script.lock().unwrap().pop_front().unwrap_or_else(|| self.then.clone());
        Box::pin(async move {
            match does {
                Does::Take => Ok(Accepted::new("taken")),
                Does::Refuse(error) => Err(error),
                Does::Hang => std::future::pending().await,
                Does::Panic => panic!("as a test"),
            }
        })
    }
}

/// Sinks of these names; each is another one when its word is another.
fn config(sinks: &[(&str, &str, &Arc<Service>)]) -> Config {
    let entries = sinks.iter().map(|(name, word, _)| {
        format!("  {name}: {{type: webhook, url: 'http://{word}', give_up_after_minutes: 30}}\n")
    });
    // What follows an alert is tested elsewhere.
    let operations = "operations: {resolve_after_minutes: 527040}\n";
    let entries = entries.collect::<String>();
    let source = Source::new("a.yml", format!("{operations}sinks:\n{entries}"));
    let settings = Settings::read(&source).value.unwrap();
    let mut config = Config::resolve(&settings, &source, &|_| None).unwrap();
    for (sink, (_, _, service)) in config.sinks.iter_mut().zip(sinks) {
        sink.sender = Arc::clone(service) as Arc<dyn Sender>;
    }
    config
}

fn alert(number: i64) -> Alert {
    let fingerprint = Fingerprint::new("db", &number.to_string());
    Alert {
        id: format!("{number}"),
        fingerprint,
        group: None,
        count: number as u64,
        ..Alert::test(at(0))
    }
}

/// Clocks that stand still unless they are moved.
#[derive(Clone)]
struct Held(Arc<Mutex<Now>>);

impl Held {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Now { time: at(0), instant: Instant::now() })))
    }

    fn clock(&self) -> Clock {
        let held = Arc::clone(&self.0);
        Clock::new(move || *held.lock().unwrap())
    }

    /// The time of day is set.
    fn set(&self, by: SignedDuration) {
        self.0.lock().unwrap().time += by;
    }

    /// Time passes.
    fn pass(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        now.time += Duration::from_secs(seconds);
        now.instant += Duration::from_secs(seconds);
    }
}

struct Running {
    dispatcher: Dispatcher,
    tasks: Tasks,
}

fn open(config: Config, clock: Clock) -> Running {
    let tasks = Tasks::default();
    let dispatcher = Dispatcher::open(config, None, clock, tasks.clone()).unwrap();
    Running { dispatcher, tasks }
}

impl Running {
    fn submit(&self, numbers: impl IntoIterator<Item = i64>) {
        let alerts: Vec<_> = numbers.into_iter().map(alert).collect();
        self.dispatcher.submit(&alerts, vec![]).wait().unwrap();
    }

    fn count(&self, sink: &str, state: State) -> u64 {
        self.dispatcher.shared.queue.outbox.count(sink, state)
    }
}

/// Long enough for a worker to look at the queue.
fn let_them_look() {
    thread::sleep(Duration::from_millis(1200));
}

fn asks_for(seconds: u64) -> Does {
    let fault = Fault::Answered { status: 503, excerpt: String::new() };
    let retry_after = Some(Duration::from_secs(seconds));
    Does::Refuse(SendError { fault, retry_after })
}

#[test]
fn a_message_that_makes_the_sink_fail_is_given_up_and_no_other() {
    // Two go together, and then each alone.
    let service = Service::first(vec![Does::Panic, Does::Take, Does::Panic], Does::Take);
    let mut config = config(&[("a", "a", &service)]);
    config.sinks[0].pace.digest_above = 1;
    let running = open(config, Clock::system());
    running.submit([1, 2]);
    wait_until(|| service.received().len() == 1);
    assert_eq!(running.dispatcher.shutdown(Duration::from_secs(20)).queued, 0);
    assert_eq!(service.received(), [vec![1, 2], vec![1], vec![2]]);
    assert_eq!((running.tasks.failures(), running.tasks.given_up()), (2, None));
}

#[test]
fn an_alert_that_cannot_be_read_is_set_aside_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::that(Does::Take);
    let config = config(&[("a", "a", &service)]);
    let clock = Clock::system();
    let dispatcher =
        Dispatcher::open(config, Some(folder.path()), clock, Tasks::default()).unwrap();
    let now = Timestamp::now();
    let of_same = |n, event: &str| NewAlert {
        fingerprint: "f".to_owned(),
        event: event.to_owned(),
        ..decided(&alert(n), &dispatcher.shared.queue.outbox, &dispatcher.shared.config(), now)
    };
    let unreadable = ["", "{}", "[1", "{\"id\": 5}"];
    let mut alerts: Vec<_> =
        unreadable.iter().zip(10..).map(|(event, n)| of_same(n, event)).collect();
    alerts.push(of_same(1, &alert(1).to_json()));
    let outbox = &dispatcher.shared.queue.outbox;
    outbox.submit(alerts, vec![], |_| u64::MAX, Timestamp::now()).wait().unwrap();
    wait_until(|| service.received() == [vec![1]]);
    wait_until(|| outbox.count("a", State::Dead) == 4 && outbox.count("a", State::Sent) == 1);
    // What became of them is on the disk when it has ended, and seldom before.
    let _ = dispatcher.shutdown(Duration::from_secs(20));
    let store = signatures_ledger::Store::open(&folder.path().join(signatures_ledger::DATABASE));
    let entries = store.unwrap().list(&signatures_ledger::Selection::ALL, 9).unwrap();
    let reasons: Vec<_> = entries.into_iter().filter_map(|entry| entry.reason).collect();
    assert_eq!(reasons.len(), 4);
    for reason in reasons {
        assert!(reason.starts_with("a fault of this program: it cannot be read: "), "{reason}");
    }
}

#[test]
fn a_worker_that_fails_is_started_again_and_holds_up_no_other() {
    let [bad, good] = [(); 2].map(|()| Service::that(Does::Take));
    bad.panics.store(3, Ordering::Relaxed);
    let running = open(config(&[("bad", "a", &bad), ("good", "b", &good)]), Clock::system());
    running.submit([1]);
    wait_until(|| good.received() == [vec![1]] && bad.received() == [vec![1]]);
    assert_eq!((running.tasks.failures(), running.tasks.given_up()), (3, None));
}

#[test]
fn a_worker_that_fails_again_and_again_is_given_up_until_the_next_configuration() {
    let [bad, good] = [(); 2].map(|()| Service::that(Does::Take));
    bad.panics.store(u32::MAX, Ordering::Relaxed);
    let sinks = [("bad", "a", &bad), ("good", "b", &good)];
    let running = open(config(&sinks), Clock::system());
    running.submit([1]);
    wait_until(|| running.tasks.given_up() == Some("sink bad".to_owned()));
    running.submit([2]);
    wait_until(|| good.received() == [vec![1], vec![2]]);
    assert_eq!(running.count("bad", State::Queued), 2);
    bad.panics.store(0, Ordering::Relaxed);
    running.dispatcher.reconfigure(config(&sinks));
    wait_until(|| bad.received() == [vec![1], vec![2]]);
    assert_eq!(running.tasks.given_up(), None);
}

#[test]
fn the_delivery_thread_outlives_a_panic_and_sends_again_what_it_had_begun() {
    let (held, panics) = (Held::new(), Arc::new(AtomicU32::new(0)));
    let (inner, left) = (held.clock(), Arc::clone(&panics));
    let clock = Clock::new(move || {
        let ours = thread::current().name() == Some("delivery");
        let due = |left: u32| if ours { left.checked_sub(1) } else { None };
        let before = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, due);
        assert!(before.is_err(), "as a test");
        inner.now()
    });
    let service = Service::first(vec![Does::Hang], Does::Take);
    let running = open(config(&[("a", "a", &service)]), clock);
    running.submit([1]);
    wait_until(|| service.received() == [vec![1]]);
    // All that looks at the clock there fails: the worker, and what employs it.
    panics.store(1, Ordering::Relaxed);
    running.dispatcher.reconfigure(config(&[("a", "a", &service)]));
    wait_until(|| service.received() == [vec![1], vec![1]]);
    wait_until(|| running.count("a", State::Sent) == 1);
    assert_eq!((running.tasks.failures(), running.tasks.given_up()), (1, None));
}

#[test]
fn a_wait_is_as_long_as_it_was_to_be_however_the_time_of_day_is_set() {
    let hour = SignedDuration::from_hours(1);
    let year = SignedDuration::from_hours(365 * 24);
    // An hour back, half of one, a year ahead, there and back, a night asleep.
    let steps = [vec![-hour], vec![-hour / 2], vec![year], vec![year, -year], vec![8 * hour]];
    let scenarios = steps.map(|steps| {
        thread::spawn(move || {
            let (held, service) = (Held::new(), Service::first(vec![asks_for(100)], Does::Take));
            let mut config = config(&[("a", "a", &service)]);
            config.sinks[0].pace.per_minute = 1;
            let running = open(config, held.clock());
            running.submit([1]);
            wait_until(|| running.count("a", State::Queued) == 1 && service.received().len() == 1);
            let_them_look();
            for step in &steps {
                held.set(*step);
                let_them_look();
            }
            held.pass(99);
            let_them_look();
            assert_eq!(service.received(), [vec![1]], "too early after {steps:?}");
            held.pass(1);
            wait_until_or(|| service.received().len() == 2, || format!("late after {steps:?}"));
            // So is the pause between two messages.
            running.submit([2]);
            for step in &steps {
                held.set(*step);
            }
            held.pass(59);
            let_them_look();
            assert_eq!(service.received().len(), 2, "too early after {steps:?}");
            held.pass(1);
            wait_until_or(|| service.received().len() == 3, || format!("late after {steps:?}"));
            assert_eq!(running.count("a", State::Dead), 0, "{steps:?}");
        })
    });
    for scenario in scenarios {
        scenario.join().unwrap();
    }
}

#[test]
fn a_deadline_comes_neither_early_nor_late_when_the_time_of_day_is_set() {
    let (held, service) = (Held::new(), Service::that(asks_for(600)));
    let running = open(config(&[("a", "a", &service)]), held.clock());
    running.submit([1]);
    for attempts in 1..=3 {
        wait_until(|| service.received().len() == attempts);
        let_them_look();
        assert_eq!(running.count("a", State::Queued), 1, "{attempts}");
        held.set(SignedDuration::from_hours(365 * 24) * if attempts == 2 { -1 } else { 1 });
        let_them_look();
        held.pass(600);
    }
    wait_until(|| running.count("a", State::Dead) == 1);
    assert_eq!(service.received().len(), 4);
}

#[test]
fn a_storm_is_collected_for_as_long_whatever_the_time_of_day() {
    let (held, service) = (Held::new(), Service::that(Does::Take));
    let mut config = config(&[("a", "a", &service)]);
    config.sinks[0].pace.digest_above = 2;
    let running = open(config, held.clock());
    running.submit(1..=3);
    wait_until(|| service.received() == [vec![1, 2, 3]]);
    held.set(SignedDuration::from_hours(-1));
    running.submit([4]);
    held.pass(9);
    let_them_look();
    assert_eq!(service.received().len(), 1);
    held.pass(1);
    wait_until(|| service.received() == [vec![1, 2, 3], vec![4]]);
}

#[test]
fn what_has_piled_up_goes_message_by_message_and_only_the_rest_is_collected() {
    let (held, service) = (Held::new(), Service::that(Does::Take));
    let mut config = config(&[("a", "a", &service)]);
    config.sinks[0].pace.digest_above = 2;
    let running = open(config, held.clock());
    running.submit(0..1250);
    wait_until(|| running.count("a", State::Sent) == 1200);
    let_them_look();
    assert_eq!(service.received().len(), 12);
    held.pass(10);
    wait_until(|| running.count("a", State::Sent) == 1250);
}

#[test]
fn a_reload_leaves_alone_what_is_the_same_and_waits_for_nobody() {
    let [hung, healthy, renewed] = [Does::Hang, Does::Take, Does::Take].map(Service::that);
    let clock = Clock::system();
    let running = open(config(&[("hung", "a", &hung), ("healthy", "b", &healthy)]), clock);
    running.submit([1]);
    wait_until(|| hung.received() == [vec![1]] && healthy.received() == [vec![1]]);
    wait_until(|| running.count("healthy", State::Queued) == 0);

    let again = [("hung", "a", &hung), ("healthy", "c", &renewed)];
    running.dispatcher.reconfigure(config(&again));
    running.submit([2]);
    wait_until(|| renewed.received() == [vec![2]]);
    // What it has begun goes on: nothing was sent to it again.
    wait_until(|| hung.received() == [vec![1], vec![2]]);
    assert_eq!(running.count("hung", State::Queued), 2);
}

#[test]
fn what_waits_for_a_sink_that_is_gone_is_given_up_once_it_is_not_under_way() {
    let [gone, stays] = [Does::Hang, Does::Take].map(Service::that);
    let held = Held::new();
    let mut before = config(&[("gone", "a", &gone), ("stays", "b", &stays)]);
    before.sinks[0].pace.concurrency = 1;
    let running = open(before, held.clock());
    running.submit([1, 2]);
    wait_until(|| gone.received() == [vec![1]] && stays.received().len() == 2);
    running.dispatcher.reconfigure(config(&[("stays", "b", &stays)]));
    let_them_look();
    // The first may still arrive.
    assert_eq!(running.count("gone", State::Dead), 0);
    held.pass(30);
    wait_until(|| running.count("gone", State::Dead) == 2);
    running.submit([3]);
    wait_until(|| stays.received().len() == 3);
}

#[test]
fn messages_that_find_the_service_away_together_are_one_sign_of_it() {
    let away = Does::Refuse(Fault::Unreachable("away".to_owned()).into());
    let (held, service) = (Held::new(), Service::first(vec![away; 16], Does::Take));
    let mut config = config(&[("a", "a", &service)]);
    let pace = &mut config.sinks[0].pace;
    (pace.concurrency, pace.digest_above) = (16, 0);
    let running = open(config, held.clock());
    running.submit(0..16);
    wait_until(|| service.received().len() == 16);
    let_them_look();
    // The first step is a second at most; sixteen of them would be minutes.
    held.pass(1);
    wait_until(|| running.count("a", State::Sent) == 16);
}
