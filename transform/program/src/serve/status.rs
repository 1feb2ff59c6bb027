//! How the relay is: for orchestrators, for Prometheus, for people.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use signatures_operations::Desk;

use super::{metrics, own_files::OwnFiles, relay::Relay};
use crate::{
    bootstrap::{Now, Running},
    log,
    tasks::TASKS,
    web::{Asked, Host, Keys},
};

/// A relay that is asked about.
pub(super) struct Status {
    pub(super) relay: Arc<Relay>,
    pub(super) running: Arc<Running>,
    pub(super) prometheus: PrometheusHandle,
    pub(super) own_files: Arc<OwnFiles>,
}

impl Host for Status {
    /// Events go on all the same when it does not work.
    fn health(&self) -> Result<(), String> {
        let failed = |task| Err(format!("the task `{task}` failed, and was given up"));
        TASKS.given_up().map_or(Ok(()), failed)
    }

    /// Events flow without the state directory too, which is said.
    fn readiness(&self) -> Asked<'_, Result<Option<String>, String>> {
        Box::pin(async {
            match self.relay.is_draining() {
                true => Err("the process is about to end".to_owned()),
                false => match self.relay.next_hop.probe().await {
                    Ok(_) => Ok(self.relay.aggregation.state_directory_fault()),
                    Err(why) => Err(format!("next hop: {why}")),
                },
            }
        })
    }

    fn metrics(&self) -> Asked<'_, Option<String>> {
        Box::pin(async {
            let aggregated = self.relay.aggregation.aggregated().await;
            metrics::aggregation(&aggregated.stats, self.running.current.reloads());
            metrics::process(log::unwritten(), TASKS.failures());
            Some(self.prometheus.render())
        })
    }

    fn desk(&self) -> Asked<'_, Desk> {
        Box::pin(async {
            let aggregation = &self.relay.aggregation;
            let aggregated = aggregation.aggregated().await;
            self.running.desk(
                aggregation.ledger(),
                &Now {
                    aggregated: &aggregated,
                    sinks: aggregation.sinks(),
                    state_directory_fault: aggregation.state_directory_fault(),
                },
            )
        })
    }

    fn keys(&self) -> Arc<Keys> {
        self.own_files.keys()
    }
}
