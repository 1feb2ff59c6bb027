//! The flags of `vector-signatures serve`, and the file that they go before.

use std::path::PathBuf;

use super::{
    config::{Compression, Config, Seconds},
    hop_url::HopUrl,
    serve_error::ServeError,
};
use crate::{delivery_args::DeliveryArgs, engine_args::EngineArgs, net::Address, web::StatusArgs};

/// Tag the errors that a stock Vector ships, and raise alerts
#[derive(Debug, clap::Args)]
#[command(
    before_help = "\
Examples:
  vector-signatures serve --forward http://127.0.0.1:6101
  vector-signatures serve --config relay.yml --shadow
  curl -s http://127.0.0.1:6102/metrics",
    after_long_help = "\
The relay stands between a `vector` sink and a `vector` source of the same or of two Vectors:

  sinks:
    to_signatures:   { type: vector, inputs: [app], address: \"http://127.0.0.1:6100\" }
  sources:
    from_signatures: { type: vector, address: \"127.0.0.1:6101\" }

It answers a request when the next hop has taken it: acknowledgements and disk buffers of the
sending Vector keep working, and a restart of the relay loses nothing.

SIGHUP reads taxonomy and alert settings anew; SIGTERM finishes what is in flight, and ends."
)]
pub(crate) struct Args {
    /// A file with these settings
    ///
    /// A file with these settings; a flag or environment variable goes before it
    #[arg(long, short, value_name = "FILE", env = "SIGNATURES_CONFIG")]
    config: Option<PathBuf>,

    /// For the `vector` sink [default: 127.0.0.1:6100]
    ///
    /// Where the `vector` sink finds the relay [default: 127.0.0.1:6100]
    #[arg(long, value_name = "ADDR", env = "SIGNATURES_LISTEN", help_heading = "Network")]
    listen: Option<Address>,

    /// The `vector` source behind it
    ///
    /// The `vector` source that events go on to, as http:// or https:// host:port
    #[arg(
        long,
        value_name = "URL",
        env = "SIGNATURES_FORWARD",
        hide_env_values = true,
        help_heading = "Network"
    )]
    forward: Option<HopUrl>,

    #[command(flatten)]
    status: StatusArgs,

    /// How requests to the next hop are compressed [default: none]
    #[arg(
        long,
        value_name = "KIND",
        env = "SIGNATURES_COMPRESSION",
        help_heading = "Network",
        hide_short_help = true
    )]
    compression: Option<Compression>,

    /// How long a request may wait for the next hop; its sender should wait longer [default: 45]
    #[arg(
        long,
        value_name = "SECONDS",
        env = "SIGNATURES_FORWARD_TIMEOUT",
        help_heading = "Network",
        hide_short_help = true
    )]
    forward_timeout: Option<Seconds>,

    /// How long a request may be, decompressed [default: 104857600]
    #[arg(
        long,
        value_name = "BYTES",
        env = "SIGNATURES_MAX_MESSAGE_BYTES",
        help_heading = "Limits",
        hide_short_help = true
    )]
    max_message_bytes: Option<u32>,

    /// What all requests together may take of memory [default: 536870912]
    #[arg(
        long,
        value_name = "BYTES",
        env = "SIGNATURES_MAX_MEMORY_BYTES",
        help_heading = "Limits",
        hide_short_help = true
    )]
    max_memory_bytes: Option<u64>,

    /// How many requests are sent on at a time [default: 32]
    #[arg(
        long,
        value_name = "COUNT",
        env = "SIGNATURES_MAX_IN_FLIGHT",
        help_heading = "Limits",
        hide_short_help = true
    )]
    max_in_flight: Option<u16>,

    /// How long requests may take to finish at the end [default: 30]
    #[arg(
        long,
        value_name = "SECONDS",
        env = "SIGNATURES_SHUTDOWN_SECONDS",
        help_heading = "Limits",
        hide_short_help = true
    )]
    shutdown_seconds: Option<Seconds>,

    #[command(flatten)]
    pub(super) engine: EngineArgs,

    #[command(flatten)]
    pub(super) delivery: DeliveryArgs,
}

impl Args {
    /// The configuration with what the command line and the environment say.
    pub(super) fn config(&self) -> Result<Config, ServeError> {
        let mut config = self.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
        over(&mut config.listen, &self.listen);
        over(&mut config.forward.url, &self.forward);
        over(&mut config.forward.compression, &self.compression);
        over(&mut config.forward.timeout_seconds, &self.forward_timeout);
        over(&mut config.status.address, &self.status.status);
        if self.status.status_token_file.is_some() {
            config.status.token = None;
        }
        over(&mut config.status.token_file, &self.status.status_token_file);
        over(&mut config.status.write_tokens_file, &self.status.write_tokens_file);
        over(&mut config.limits.message_bytes, &self.max_message_bytes);
        over(&mut config.limits.memory_bytes, &self.max_memory_bytes);
        over(&mut config.limits.in_flight, &self.max_in_flight);
        over(&mut config.shutdown_seconds, &self.shutdown_seconds);
        Ok(config)
    }
}

fn over<T: Clone>(setting: &mut Option<T>, given: &Option<T>) {
    if given.is_some() {
        setting.clone_from(given);
    }
}
