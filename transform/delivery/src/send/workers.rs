//! The workers of all sinks.

use std::collections::HashMap;

use tokio::{
    sync::watch,
    task::{Id, JoinSet},
};

use super::{
    configured_sink::ConfiguredSink,
    worker::{Phase, Surroundings, Worker},
};

/// The workers. Who drops this ends them.
pub(super) struct Workers {
    surroundings: Surroundings,
    /// Of each sink the one that works for it.
    employed: HashMap<String, Employed>,
    /// Those whose sinks have changed or are gone, and that end what they have
    /// begun.
    leaving: Vec<Leaving>,
    tasks: JoinSet<()>,
}

struct Employed {
    sink: ConfiguredSink,
    phase: watch::Sender<Phase>,
    /// None when it works no more, since it failed too often.
    task: Option<Id>,
}

struct Leaving {
    sink: String,
    phase: watch::Sender<Phase>,
    task: Id,
}

impl Workers {
    pub(super) fn new(surroundings: Surroundings) -> Self {
        let (employed, leaving) = (HashMap::new(), Vec::new());
        Self { surroundings, employed, leaving, tasks: JoinSet::new() }
    }

    /// Sees to it that each of these sinks has a worker, and no other. A sink that
    /// is the same keeps its own; none waits for another's to end.
    pub(super) fn employ(&mut self, sinks: &[ConfiguredSink], phase: Phase) {
        let goes_on =
            |employed: &Employed| employed.task.is_some() && sinks.contains(&employed.sink);
        let leaving = self.employed.extract_if(|_, employed| !goes_on(employed));
        for (sink, Employed { phase, task, .. }) in leaving {
            let Some(task) = task else { continue };
            phase.send_replace(Phase::Finishing);
            self.leaving.push(Leaving { sink, phase, task });
        }
        for sink in sinks {
            if !self.employed.contains_key(&sink.name) {
                self.begin(sink, phase);
            }
        }
    }

    /// The sinks for which something is sent, or was begun.
    pub(super) fn sinks(&self) -> Vec<&str> {
        let leaving = self.leaving.iter().map(|leaving| leaving.sink.as_str());
        self.employed.keys().map(String::as_str).chain(leaving).collect()
    }

    /// Tells them all whether to go on.
    pub(super) fn tell(&self, phase: Phase) {
        for employed in self.employed.values() {
            employed.phase.send_replace(phase);
        }
        for leaving in self.leaving.iter().filter(|_| phase == Phase::Stopped) {
            leaving.phase.send_replace(phase);
        }
    }

    /// Waits until one ends; nothing when there is none.
    pub(super) async fn ended(&mut self) -> Option<()> {
        let ended = self.tasks.join_next_with_id().await?;
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        self.leaving.retain(|leaving| leaving.task != id);
        for employed in self.employed.values_mut().filter(|employed| employed.task == Some(id)) {
            employed.task = None;
        }
        Some(())
    }

    /// Whether all have ended.
    pub(super) fn are_done(&self) -> bool {
        self.tasks.is_empty()
    }

    fn begin(&mut self, sink: &ConfiguredSink, phase: Phase) {
        let (phase, told) = watch::channel(phase);
        let (surroundings, tasks) = (self.surroundings.clone(), self.surroundings.tasks.clone());
        let theirs = sink.clone();
        let task = self.tasks.spawn(async move {
            let name = format!("sink {}", theirs.name);
            let anew = || {
                let (sink, surroundings) = (theirs.clone(), surroundings.clone());
                let told = told.clone();
                async move { Worker::new(sink, surroundings, told).run().await }
            };
            tasks.keep(&name, anew).await;
        });
        let (sink, task) = (sink.clone(), Some(task.id()));
        self.employed.insert(sink.name.clone(), Employed { sink, phase, task });
    }
}
