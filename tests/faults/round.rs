//! One round: a program before its services, faults for a while, and the account.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::chown,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use signatures_peers::{gate::Passage, process::json_lines};
use tempfile::TempDir;

use crate::{
    account::{Account, Life, Passed, Row},
    clock::Clock,
    disk::{Disk, NOBODY, is_run_by_nobody},
    fault::{Fault, Trouble},
    lines::TAXONOMY,
    log::Reader,
    program::{Program, crashed, vector_signatures},
    sink::Sink,
};

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Past this something never comes, on any machine.
const NEVER: Duration = Duration::from_secs(120);

/// What is tested.
pub trait Subject {
    /// Starts it, with `--state-dir` and the rules given, and its load.
    fn start(&mut self, command: Command) -> Program;
    /// What becomes of what it sends on.
    fn set_next_hop(&mut self, passage: Passage);
    /// It has ended; says what is wrong with how it did.
    fn ended(&mut self, by: End, code: Option<i32>) -> Option<String>;
    /// No more load; all of it that was begun is to pass.
    fn finish_load(&mut self);
    /// What was acknowledged, and the fingerprints of all that may have been counted.
    fn passed(&mut self) -> (Vec<Passed>, BTreeSet<String>);
    /// How much memory it may take.
    fn memory(&self) -> u64;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Kill,
    Terminate,
}

pub struct Round {
    test: &'static str,
    seed: u64,
    time: Duration,
    started: Instant,
    random: Rng,
    sinks: [Sink; 2],
    clock: Option<Clock>,
    disk: Disk,
    account: Account,
    active: Vec<(Fault, Instant)>,
    journal: Vec<String>,
    pub folder: TempDir,
}

impl Round {
    pub fn new(test: &'static str, seed: u64, time: Duration) -> Self {
        println!("FAULTS_SEED={seed}");
        let folder = tempfile::tempdir().unwrap();
        if is_run_by_nobody() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let (clock, disk) = (Clock::in_folder(folder.path()), Disk::in_folder(folder.path()));
        let round = Self {
            test,
            seed,
            time,
            started: Instant::now(),
            random: Rng::with_seed(seed),
            sinks: [Sink::new("single"), Sink::new("digest")],
            clock,
            disk,
            account: Account::default(),
            active: Vec::new(),
            journal: Vec::new(),
            folder,
        };
        round.write("taxonomy.yml", TAXONOMY);
        round.write_alerts("");
        round
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn write_alerts(&self, more: &str) {
        // No cooldown ends, wherever the clock jumps to.
        let sinks = self.sinks[0].setting(0) + &self.sinks[1].setting(5);
        self.write("alerts.yml", &format!("cooldown_minutes: 10000\nsinks:\n{sinks}{more}"));
    }

    fn note(&mut self, what: &str) {
        self.journal.push(format!("{:7.3} {what}", self.started.elapsed().as_secs_f64()));
    }

    pub fn run(mut self, mut subject: impl Subject) {
        let mut program = self.start(&mut subject);
        let until = self.started + self.time;
        let mut next = Instant::now();
        while Instant::now() < until {
            self.heal(&mut subject, &program, Instant::now());
            if Instant::now() >= next {
                program = self.strike(&mut subject, program);
                next = Instant::now() + Duration::from_millis(self.random.u64(20..900));
            }
            self.assert_runs(&mut program);
            thread::sleep(LOOK_EVERY);
        }
        let over = Instant::now() + NEVER;
        self.heal(&mut subject, &program, over);
        if self.account.lives.last().is_some_and(|life| life.in_memory) {
            self.end(&mut subject, program, End::Terminate);
            program = self.start(&mut subject);
        }
        self.note("calm");
        subject.finish_load();
        self.assert_runs(&mut program);
        self.wait_until_kept(&mut subject, &program);
        let by = if self.random.bool() { End::Kill } else { End::Terminate };
        self.end(&mut subject, program, by);
        self.check(&mut subject);
        self.deliver_all(&mut subject);
        self.check(&mut subject);
    }

    fn start(&mut self, subject: &mut impl Subject) -> Program {
        self.note("start");
        // Nothing starts by broken rules, as is right.
        self.write_alerts("");
        self.active.retain(|(fault, _)| !matches!(fault, Fault::BrokenRules));
        let mut command = vector_signatures(self.folder.path(), self.clock.as_ref());
        command.env("SIGNATURES_STATE_DIR", "disk/state");
        command.env("SIGNATURES_TAXONOMY", "taxonomy.yml").env("SIGNATURES_ALERTS", "alerts.yml");
        let refused =
            |(fault, _): &(Fault, _)| matches!(fault, Fault::DiskFull | Fault::StateReadOnly);
        let in_memory = self.active.iter().any(refused);
        let program = subject.start(command);
        let span = (Instant::now(), None);
        self.account.lives.push(Life { span, forgot: false, in_memory });
        program
    }

    /// Lets something go wrong, unless it does already.
    fn strike(&mut self, subject: &mut impl Subject, program: Program) -> Program {
        let fault = Fault::any(&mut self.random);
        let until = Instant::now() + Fault::lasts(&mut self.random);
        if self.active.iter().any(|(active, _)| active.excludes(&fault)) {
            return program;
        }
        let paused = self.active.iter().any(|(active, _)| matches!(active, Fault::Pause));
        let now = Instant::now();
        match fault {
            Fault::Kill | Fault::Terminate => {
                let by = if matches!(fault, Fault::Kill) { End::Kill } else { End::Terminate };
                self.end(subject, program, by);
                return self.start(subject);
            }
            Fault::Pause => {
                self.account.unheard.push((now, None));
                program.signal("STOP");
            }
            Fault::DiskFull if !self.disk.can_be_filled() => return program,
            Fault::DiskFull => {
                self.refuse(now, &program);
                self.disk.fill();
            }
            Fault::StateReadOnly => {
                self.refuse(now, &program);
                self.disk.set_writable(false);
            }
            Fault::Descriptors(more) => program.limit_descriptors(Some(more)),
            Fault::Clock(by) => self.clock.iter().for_each(|clock| clock.set_ahead(by)),
            Fault::LogUnread => program.log.set(Reader::Waits),
            Fault::LogGone => program.log.set(Reader::Gone),
            Fault::Sink(index, Trouble::Answers(status)) => self.sinks[index].answer(status),
            Fault::Sink(index, Trouble::Network(passage)) => self.sinks[index].set(passage),
            Fault::NextHop(passage) => subject.set_next_hop(passage),
            // Nor before it can listen.
            Fault::Reload | Fault::BrokenRules if paused || program.log.text().is_empty() => {
                return program;
            }
            Fault::Reload => {
                self.write_alerts("samples: 2\n");
                program.signal("HUP");
            }
            Fault::BrokenRules => {
                self.write_alerts("routes: [\n");
                program.signal("HUP");
            }
        }
        self.note(&format!("{fault:?}"));
        self.active.push((fault, until));
        program
    }

    /// The disk refuses from now on, also a program that has not begun yet.
    fn refuse(&mut self, now: Instant, program: &Program) {
        self.account.refused.push((now, None));
        let begins = program.log.text().is_empty();
        self.account.lives.last_mut().unwrap().in_memory |= begins;
    }

    /// Ends the faults whose time is over then.
    fn heal(&mut self, subject: &mut impl Subject, program: &Program, then: Instant) {
        let now = Instant::now();
        let end = |spans: &mut Vec<(Instant, Option<Instant>)>| {
            spans.iter_mut().filter(|span| span.1.is_none()).for_each(|span| span.1 = Some(now));
        };
        let over: Vec<_> = self.active.extract_if(.., |(_, until)| *until <= then).collect();
        for (fault, _) in over {
            self.note(&format!("no more {fault:?}"));
            match fault {
                Fault::Kill | Fault::Terminate | Fault::Clock(_) | Fault::LogGone => {}
                Fault::Pause => {
                    end(&mut self.account.unheard);
                    program.signal("CONT");
                }
                Fault::DiskFull => {
                    self.disk.empty();
                    end(&mut self.account.refused);
                }
                Fault::StateReadOnly => {
                    self.disk.set_writable(true);
                    end(&mut self.account.refused);
                }
                Fault::Descriptors(_) => program.limit_descriptors(None),
                Fault::LogUnread => program.log.set(Reader::Reads),
                Fault::Sink(index, Trouble::Answers(_)) => self.sinks[index].answer(200),
                Fault::Sink(index, Trouble::Network(_)) => self.sinks[index].set(Passage::Open),
                Fault::NextHop(_) => subject.set_next_hop(Passage::Open),
                Fault::Reload | Fault::BrokenRules => {
                    self.write_alerts("");
                    program.signal("HUP");
                }
            }
        }
    }

    /// Ends it, while other faults go on.
    fn end(&mut self, subject: &mut impl Subject, mut program: Program, by: End) {
        self.note(&format!("{by:?}"));
        let memory = program.peak_memory();
        let start = Instant::now();
        program.signal(if by == End::Kill { "KILL" } else { "TERM" });
        let status = loop {
            if let Some(status) = program.ended() {
                break status;
            }
            self.heal(subject, &program, Instant::now());
            if start.elapsed() > NEVER {
                self.fail(&format!("it does not end:\n{}", program.log.text()));
            }
            thread::sleep(LOOK_EVERY);
        };
        // What ended with the process; the rest goes on around the next.
        let of_process = |fault: &Fault| {
            matches!(
                fault,
                Fault::Pause | Fault::Descriptors(_) | Fault::LogUnread | Fault::LogGone
            )
        };
        self.active.retain(|(fault, _)| !of_process(fault));
        let now = Instant::now();
        self.account.unheard.iter_mut().for_each(|span| _ = span.1.get_or_insert(now));
        if by == End::Kill || start.elapsed() > Duration::from_secs(5) {
            self.account.unheard.push((start, Some(now)));
        }
        let said = program.log.finish();
        // Asked before it could listen, it ends as if it were killed.
        let had_begun = !said.is_empty();
        let by = if by == End::Terminate && !had_begun { End::Kill } else { by };
        let life = self.account.lives.last_mut().unwrap();
        life.span.1 = Some(now);
        life.forgot = by == End::Kill || status.code() == Some(1);
        self.note(&format!("ended with {status}"));
        let wrong = subject.ended(by, status.code());
        if had_begun && crashed(status)
            || said.contains("panicked")
            || said.contains("outbox_restarted")
        {
            self.fail(&format!("it failed: {status}\n{said}"));
        }
        if let Some(wrong) = wrong {
            self.fail(&format!("{wrong} ({status})\n{said}"));
        }
        let is_true = match by {
            End::Kill => true,
            End::Terminate => matches!(status.code(), Some(0 | 1)),
        };
        if !is_true {
            self.fail(&format!("it ended with {status}\n{said}"));
        }
        if memory.is_some_and(|memory| memory > subject.memory()) {
            self.fail(&format!("it took {} MiB", memory.unwrap_or(0) >> 20));
        }
    }

    fn assert_runs(&self, program: &mut Program) {
        if let Some(status) = program.ended() {
            let said = program.log.finish();
            self.fail(&format!("it ended by itself: {status}\n{said}"));
        }
    }

    /// `vector-signatures outbox …` while no other or another process uses it.
    fn outbox(&self, args: &[&str]) -> std::process::Output {
        let mut command = vector_signatures(self.folder.path(), self.clock.as_ref());
        command.args(["outbox", "--state-dir", "disk/state"]).args(args);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // Without anything to do it says so.
        if !output.status.success() && args[0] == "list" {
            self.fail(&format!("outbox {args:?}: {said}"));
        }
        output
    }

    fn rows(&self) -> Vec<Row> {
        let mut list = vec!["list", "--format", "json", "--limit", "1000000"];
        for state in ["queued", "sent", "dead", "dropped"] {
            list.extend(["--state", state]);
        }
        json_lines(&self.outbox(&list).stdout).iter().map(Row::of).collect()
    }

    /// Waits until the disk or the sinks have all that was acknowledged in this life.
    fn wait_until_kept(&mut self, subject: &mut impl Subject, program: &Program) {
        let from = self.account.lives.last().unwrap().span.0;
        let (passed, _) = subject.passed();
        let start = Instant::now();
        let missing = loop {
            let rows = self.rows();
            let is_missing = |one: &&Passed, sink: &Sink, taken: &BTreeSet<String>| {
                let is_row =
                    |row: &Row| row.sink == sink.name && row.fingerprint == one.fingerprint;
                one.at >= from && !taken.contains(&one.fingerprint) && !rows.iter().any(is_row)
            };
            let missing = self.sinks.iter().find_map(|sink| {
                let taken = sink.taken().into_iter().map(|taken| taken.fingerprint).collect();
                passed.iter().find(|one| is_missing(one, sink, &taken))
            });
            let Some(missing) = missing else { break None };
            if start.elapsed() > NEVER {
                break Some(missing.clone());
            }
            thread::sleep(Duration::from_millis(200));
        };
        if let Some(missing) = missing {
            self.fail(&format!("{missing:?} is not kept:\n{}", program.log.text()));
        }
        // And the end takes nothing with it from here.
        let now = Instant::now();
        self.account.lives.last_mut().unwrap().span.1 = Some(now);
        self.account.lives.push(Life { span: (now, None), forgot: false, in_memory: false });
    }

    /// Everything that is not delivered is tried again, until all is.
    fn deliver_all(&mut self, subject: &mut impl Subject) {
        self.outbox(&["retry", "--all"]);
        let program = self.start(subject);
        let start = Instant::now();
        while let Some(row) = self.rows().into_iter().find(|row| row.state != "sent") {
            if start.elapsed() > NEVER {
                self.fail(&format!("{row:?} is never delivered:\n{}", program.log.text()));
            }
            thread::sleep(Duration::from_millis(200));
        }
        self.end(subject, program, End::Terminate);
    }

    fn check(&self, subject: &mut impl Subject) {
        let (passed, raised) = subject.passed();
        let rows = self.rows();
        let mut broken = self.account.broken(&passed, &raised, &rows, &self.sinks);
        let (names, bytes) = self.disk.holds();
        let is_known = |name: &&String| KNOWN.contains(&name.as_str());
        broken.extend(
            names.iter().filter(|name| !is_known(name)).map(|name| format!("{name} is left")),
        );
        // Some kilobytes an alert and its group, and the log of writes.
        if bytes > (8 << 20) + 8192 * rows.len() as u64 {
            broken.push(format!("{bytes} bytes on disk for {} deliveries", rows.len()));
        }
        let lives = self.account.lives.len();
        println!("{} errors passed, {} deliveries, {lives} lives", passed.len(), rows.len());
        if !broken.is_empty() {
            let few: Vec<_> = broken.iter().take(20).map(String::as_str).collect();
            self.fail(&format!("{} promises are broken:\n{}", broken.len(), few.join("\n")));
        }
    }

    /// Says what happened, and how it can be repeated.
    fn fail(&self, what: &str) -> ! {
        panic!(
            "{what}\n\n{}\n\nagain: FAULTS_SEED={} cargo test -p vector-signatures --test faults {}",
            self.journal.join("\n"),
            self.seed,
            self.test,
        );
    }
}

/// What the state directory may hold.
const KNOWN: [&str; 3] = ["alerts.db", "alerts.db-journal", "lock"];
