//! The flags of whoever has a status address.

use std::path::PathBuf;

use crate::net::Address;

/// Where people look, and who may.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct StatusArgs {
    /// The page, /api, health
    ///
    /// Where the page, /api, /healthz, /readyz, /status and of `serve` /metrics are [default:
    /// 127.0.0.1:6102; of `pipe` nowhere]
    #[arg(long, value_name = "ADDR", env = "SIGNATURES_STATUS", help_heading = "Network")]
    pub(crate) status: Option<Address>,

    /// The token that status asks for
    ///
    /// A file with the token that status asks for; needed beyond loopback
    #[arg(
        long,
        value_name = "FILE",
        env = "SIGNATURES_STATUS_TOKEN_FILE",
        help_heading = "Network"
    )]
    pub(crate) status_token_file: Option<PathBuf>,

    /// Who may act: `name:token` lines
    ///
    /// A file with a line `name:token` for each who may ack, silence and resolve
    #[arg(
        long,
        value_name = "FILE",
        env = "SIGNATURES_WRITE_TOKENS_FILE",
        help_heading = "Network",
        hide_short_help = true
    )]
    pub(crate) write_tokens_file: Option<PathBuf>,
}
