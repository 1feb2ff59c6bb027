//! The flags of the commands for people.

use std::path::PathBuf;

use clap::ValueEnum;
use signatures_command_line::RulesArgs;
use signatures_configuration::environment;

/// A command by its words.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Asking {
    /// What it is about
    #[arg(value_name = "WORD")]
    pub(super) words: Vec<String>,

    #[command(flatten)]
    pub(super) source: Source,
}

/// `observe`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Observing {
    #[command(flatten)]
    pub(super) asking: Asking,

    /// Also each sink and each group that is cooling down
    #[arg(long, short)]
    pub(super) verbose: bool,
}

/// `silence`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Silencing {
    #[command(flatten)]
    pub(super) asking: Asking,

    /// Although it covers more than half of yesterday's signatures
    #[arg(long)]
    pub(super) force: bool,
}

/// Who is asked, and how the answer is shown.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Source {
    /// The state directory
    #[arg(long, value_name = "DIR", env = environment::STATE_DIR)]
    pub(super) state_dir: Option<PathBuf>,

    /// A running process, as http://127.0.0.1:6102
    #[arg(long, value_name = "URL", conflicts_with = "state_dir")]
    pub(super) url: Option<String>,

    /// A file with the token that it asks for
    #[arg(long, value_name = "FILE", env = "SIGNATURES_TOKEN_FILE")]
    pub(super) token_file: Option<PathBuf>,

    /// For people, or for programs
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Table)]
    pub(super) format: Format,

    #[command(flatten)]
    pub(super) rules: RulesArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// As wide as the terminal
    #[value(alias = "pretty")]
    Table,
    /// One JSON object
    Json,
}
