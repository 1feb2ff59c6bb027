//! The life of a relay.

use std::sync::Arc;

use signatures_configuration::Contents;
use signatures_document::Unusable;
use tokio::sync::watch;

use super::{
    aggregation::Aggregation, args::Args, metrics, own_files::OwnFiles, serve_error::ServeError,
    server::Server,
};
use crate::{
    bootstrap::{Bootstrap, State},
    command_error::CommandError,
};

/// What becomes of files that cannot be used.
const NOT_TAKEN: &str =
    "the files of TLS and of the token are not taken over, what is in force stays";

pub(crate) fn run(args: Args) -> Result<(), CommandError> {
    let config = args.config()?;
    let own_files = Arc::new(OwnFiles::open(&config)?);
    let looked_at = Arc::clone(&own_files);
    let look = move |noted: &mut Contents| {
        let refused = |error| format!("{NOT_TAKEN}: {error}");
        let looked = looked_at.look(noted).map_err(refused);
        looked.map_err(|error| Unusable { errors: vec![error] })
    };
    let bootstrap = Bootstrap::read_with(&args.engine.over(&config), &args.delivery.sinks, look)?;
    let prometheus = metrics::install().map_err(ServeError::Metrics)?;
    let (stop, stopped) = watch::channel(false);
    let ask_to_stop = move || {
        // Nobody listens when the relay has ended by itself.
        let _ = stop.send(true);
    };
    let directory = args.delivery.state_dir.as_deref().or(config.state_dir.as_deref());
    let state = State { directory, is_required: args.delivery.state_dir_required };
    // Whoever works by the configuration asks for the one in force.
    let (running, raising) = bootstrap.start(state, ask_to_stop, || ())?;
    let aggregation = Arc::new(Aggregation::new(raising));

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(CommandError::Setup)?;
    let server = Server { running, aggregation: Arc::clone(&aggregation), prometheus, own_files };
    let ended = runtime.block_on(server.serve(&config, stopped));
    // What is still in flight past the deadline is given up; it comes again.
    runtime.shutdown_background();
    let delivered = aggregation.shut_down();
    ended?;
    delivered.into_result()
}
