//! What the two transforms tell Vector's log and metrics, by its conventions for errors.

use std::path::Path;

use metrics::counter;
use vector_lib::{
    event::BatchStatus,
    internal_event::{CounterName, InternalEvent, NamedInternalEvent, error_stage, error_type},
};

/// An alert did not arrive, and was taken back.
#[derive(Debug)]
pub(crate) struct AlertNotDelivered {
    pub(crate) status: BatchStatus,
}

impl NamedInternalEvent for AlertNotDelivered {
    fn name(&self) -> &'static str {
        "AlertNotDelivered"
    }
}

impl InternalEvent for AlertNotDelivered {
    fn emit(self) {
        let error_code = match self.status {
            BatchStatus::Rejected => "alert_rejected",
            _ => "alert_errored",
        };
        tracing::error!(
            message = "An alert was not delivered: the next event of its group raises it again.",
            error_code,
            error_type = error_type::REQUEST_FAILED,
            stage = error_stage::SENDING,
        );
        component_error(error_code, error_type::REQUEST_FAILED, error_stage::SENDING);
        counter!("signatures_alerts_taken_back_total").increment(1);
    }
}

/// The state of the groups could not be written.
#[derive(Debug)]
pub(crate) struct StateNotSaved<'a> {
    pub(crate) path: &'a Path,
    pub(crate) error: String,
}

impl NamedInternalEvent for StateNotSaved<'_> {
    fn name(&self) -> &'static str {
        "StateNotSaved"
    }
}

impl InternalEvent for StateNotSaved<'_> {
    fn emit(self) {
        tracing::error!(
            message = "Counts and cooldowns are not kept for a restart.",
            path = %self.path.display(),
            error = %self.error,
            error_code = "state_not_saved",
            error_type = error_type::IO_FAILED,
            stage = error_stage::PROCESSING,
        );
        component_error("state_not_saved", error_type::IO_FAILED, error_stage::PROCESSING);
    }
}

fn component_error(code: &'static str, error_type: &'static str, stage: &'static str) {
    vector_lib::counter!(
        CounterName::ComponentErrorsTotal,
        "error_code" => code,
        "error_type" => error_type,
        "stage" => stage,
    )
    .increment(1);
}
