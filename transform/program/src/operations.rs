//! `vector-signatures operations`: the page and the commands over a state directory.

use std::{path::PathBuf, sync::Arc, thread};

use signatures_command_line::RulesArgs;
use signatures_configuration::environment;
use signatures_ledger::Ledger;
use signatures_operations::Desk;

use crate::{
    ask::{self, Rules},
    command_error::CommandError,
    net::Address,
    web::{self, Asked, Host, KeyFiles, Keys, StatusArgs},
};

/// Show the page over a state directory by itself
///
/// Beside the process that uses the state directory, or where none does any more.
#[derive(Debug, clap::Args)]
#[command(before_help = "\
Examples:
  vector-signatures operations --state-dir /var/lib/vector-signatures
  vector-signatures operations --state-dir state --status 127.0.0.1:8080")]
pub(crate) struct Args {
    /// The state directory
    #[arg(long, value_name = "DIR", env = environment::STATE_DIR)]
    state_dir: Option<PathBuf>,

    #[command(flatten)]
    status: StatusArgs,

    #[command(flatten)]
    rules: RulesArgs,
}

/// A state directory that is looked at.
struct Looked {
    ledger: Ledger,
    rules: Arc<Rules>,
    keys: KeyFiles,
}

/// Serves until it is killed: there is nothing that it would have to finish.
pub(crate) fn run(args: Args) -> Result<(), CommandError> {
    let state_dir = args.state_dir.ok_or(CommandError::NobodyToAsk)?;
    let ledger = Ledger::at(&state_dir);
    // What is not there now is told at once, and not to each who looks.
    ledger.since().map_err(|error| CommandError::Answer(error.into()))?;
    let host =
        Looked { ledger, rules: ask::read(&args.rules)?, keys: KeyFiles::open(&args.status)? };
    let address = args.status.status.unwrap_or_else(|| Address::loopback(6102));
    let status = web::listen(&address, Arc::new(host))?;
    tracing::info!(event = "signatures.started", status, "the page is at http://{status}/");
    loop {
        thread::park();
    }
}

impl Host for Looked {
    fn health(&self) -> Result<(), String> {
        Ok(())
    }

    fn readiness(&self) -> Asked<'_, Result<Option<String>, String>> {
        Box::pin(async { Ok(None) })
    }

    fn metrics(&self) -> Asked<'_, Option<String>> {
        Box::pin(async { None })
    }

    fn desk(&self) -> Asked<'_, Desk> {
        Box::pin(async {
            Desk {
                ledger: Some(self.ledger.clone()),
                process: None,
                rules: Some(Arc::clone(&self.rules) as _),
                timezone: self.rules.settings.alerts.operations.timezone.clone(),
            }
        })
    }

    fn keys(&self) -> Arc<Keys> {
        self.keys.keys()
    }
}
