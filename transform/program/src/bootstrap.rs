//! What every way to run begins with: files, configuration, alerts, signals and
//! reload.

use std::{
    path::Path,
    sync::{Arc, mpsc},
    time::Duration,
};

use signatures_configuration::{Contents, Files, Reload, Texts};
use signatures_delivery::SinkStatus;
use signatures_document::Unusable;
use signatures_ledger::Ledger;
use signatures_operations::{Aggregated, Desk, Mode, Process};

use crate::{
    alert_settings::{AlertSettings, Configuration, Current, compile},
    alerts::Alerts,
    automata,
    command_error::CommandError,
    delivery::Delivery,
    delivery_args::SinkArgs,
    engine_args::EngineArgs,
    signals::{self, EarlyReload},
    tasks::TASKS,
};

type Compile = Box<dyn Fn(&Texts, &mut Contents) -> Result<Configuration, Unusable> + Send>;

/// A process whose files are read, and that has not started yet.
pub(crate) struct Bootstrap {
    reload: Reload<AlertSettings, Compile>,
    reload_period: Option<Duration>,
    mode: Mode,
    early: EarlyReload,
}

/// A process that runs: what it goes by and what it does.
#[derive(Clone)]
pub(crate) struct Running {
    pub(crate) current: Arc<Current>,
    pub(crate) files: Files,
    pub(crate) mode: Mode,
    /// Whether a restart forgets which errors were seen; none where nothing asks.
    forgets: Option<bool>,
}

/// Where what is remembered lies.
#[derive(Clone, Copy)]
pub(crate) struct State<'a> {
    pub(crate) directory: Option<&'a Path>,
    /// Whether not to start where it cannot be used.
    pub(crate) is_required: bool,
}

/// Where a process is found, and where it leads to.
#[derive(Default)]
pub(crate) struct Addresses<'a> {
    pub(crate) listen: Option<&'a str>,
    pub(crate) forward: Option<&'a str>,
    pub(crate) status: Option<&'a str>,
}

impl Bootstrap {
    /// Reads the files that were named, or else the defaults.
    pub(crate) fn read(engine: &EngineArgs, environment: &SinkArgs) -> Result<Self, CommandError> {
        Self::read_with(engine, environment, |_| Ok(()))
    }

    /// The same, for who has files of its own: it is asked to look at them whenever
    /// these are read, and to take note of them. Where it cannot use them, nothing is
    /// reloaded.
    pub(crate) fn read_with(
        engine: &EngineArgs,
        environment: &SinkArgs,
        look: impl Fn(&mut Contents) -> Result<(), Unusable> + Send + 'static,
    ) -> Result<Self, CommandError> {
        // Whatever is asked for while they are read.
        let early = signals::hold_reload().map_err(CommandError::Setup)?;
        let environment = environment.clone();
        let compile: Compile = Box::new(move |texts, beside| {
            // All that is wrong is told.
            let (own, compiled) = (look(beside), compile(texts, beside, &environment));
            let errors = |result: Option<Unusable>| result.map_or(Vec::new(), |e| e.errors);
            match (own.err(), compiled) {
                (None, compiled) => compiled,
                (own, compiled) => {
                    Err(Unusable { errors: [errors(own), errors(compiled.err())].concat() })
                }
            }
        });
        Ok(Self {
            reload: Reload::open(engine.files(), compile)?,
            reload_period: engine.reload_period(),
            mode: engine.mode(),
            early,
        })
    }

    /// What the files came to.
    pub(crate) fn current(&self) -> &Arc<Current> {
        self.reload.current()
    }

    /// Goes on where the last run in the state directory stopped, and begins to
    /// listen to the operating system: SIGHUP reads the files anew, SIGTERM and
    /// SIGINT call `stop`. Whenever another configuration is in force, `replaced`
    /// is called. There are no alerts when aggregation is off.
    pub(crate) fn start(
        self,
        state: State<'_>,
        stop: impl FnOnce() + Send + 'static,
        replaced: impl Fn() + Send + 'static,
    ) -> Result<(Running, Option<(Alerts, Delivery)>), CommandError> {
        let Self { mut reload, reload_period, mode, early } = self;
        let mut forgets = None;
        let current = Arc::clone(reload.current());
        let files = reload.files().clone();
        let alerts = match mode {
            Mode::TaggingOnly => None,
            Mode::Shadow | Mode::Alerting => {
                let is_shadow = mode == Mode::Shadow;
                let (alerts, delivery) = Alerts::open(&current, is_shadow, state.directory)?;
                if state.is_required && !delivery.is_durable() {
                    return Err(CommandError::StateDirectoryRequired);
                }
                let triggers = &current.get().settings.engine.aggregation.triggers;
                forgets = triggers.remembers().then_some(!delivery.is_durable());
                Some((alerts, delivery))
            }
        };
        let running = Running { current, files, mode, forgets };
        let (wake, woken) = mpsc::channel();
        signals::listen(&early, wake, stop).map_err(CommandError::Setup)?;
        let watch = move || reload.watch(reload_period, &woken, &replaced);
        TASKS.spawn_thread("reload", watch).map_err(CommandError::Setup)?;
        automata::watch().map_err(CommandError::Setup)?;
        Ok((running, alerts))
    }
}

/// What a process has come to so far.
pub(crate) struct Now<'a> {
    pub(crate) aggregated: &'a Aggregated,
    pub(crate) sinks: Vec<SinkStatus>,
    pub(crate) state_directory_fault: Option<String>,
}

impl Running {
    /// Who answers what people ask now.
    pub(crate) fn desk(&self, ledger: Option<Ledger>, now: &Now<'_>) -> Desk {
        let configuration = self.current.get();
        let process = signatures_operations::status(&Process {
            version: env!("CARGO_PKG_VERSION"),
            mode: self.mode,
            files: &self.files,
            taxonomy: configuration.classifier.taxonomy(),
            reloads: self.current.reloads(),
            aggregation: now.aggregated,
            sinks: now.sinks.clone(),
            state_directory_fault: now.state_directory_fault.clone(),
        });
        Desk {
            ledger,
            process: Some(process),
            timezone: configuration.settings.alerts.operations.timezone.clone(),
            rules: Some(configuration),
        }
    }

    /// Says in the log that it runs, and where.
    pub(crate) fn tell_started(&self, addresses: &Addresses<'_>) {
        let configuration = self.current.get();
        tracing::info!(
            event = "signatures.started",
            mode = self.mode.as_str(),
            files = self.files.to_string(),
            signatures = configuration.classifier.taxonomy().signatures.len(),
            sinks = configuration.settings.delivery.sink_names(),
            seen_errors = self.forgets.map(|forgets| match forgets {
                true =>
                    "forgotten at each start, since there is no state directory: it learns anew",
                false => "kept in the state directory",
            }),
            listen = addresses.listen,
            forward = addresses.forward,
            status = addresses.status,
            "started"
        );
    }
}
