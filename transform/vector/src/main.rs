//! Vector with two more transforms.

use std::process::ExitCode;

use vector::app::Application;

fn main() -> ExitCode {
    #[cfg(feature = "jemalloc")]
    trace_allocations();
    let code = Application::run(vector_with_signatures::extra_context()).code();
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(UNAVAILABLE))
}

/// What Vector's own binary ends with when it does not know better.
const UNAVAILABLE: u8 = 69;

/// `--allocation-tracing` counts from the first allocation on, so it is looked
/// for before anything else.
#[cfg(feature = "jemalloc")]
fn trace_allocations() {
    use std::sync::atomic::Ordering;

    use vector::{
        cli::Opts,
        internal_telemetry::allocations::{
            REPORTING_INTERVAL_MS, TRACK_ALLOCATIONS, init_allocation_tracing,
        },
    };

    // What is wrong with the arguments Vector itself tells.
    let Ok(Opts { root, .. }) = Opts::get_matches() else { return };
    REPORTING_INTERVAL_MS.store(root.allocation_tracing_reporting_interval_ms, Ordering::Relaxed);
    if root.allocation_tracing {
        TRACK_ALLOCATIONS.store(true, Ordering::Relaxed);
        init_allocation_tracing();
    }
}
