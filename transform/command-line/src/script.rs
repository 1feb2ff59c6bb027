//! What a shell or `man` is given.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Command;
use clap_complete::Shell;

/// What is made of a command line for others to use.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Script {
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Write the man pages into a folder
    #[command(hide = true)]
    Man {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// Why it cannot be written.
#[derive(Debug)]
pub enum ScriptError {
    /// Standard output does not take it.
    Output(io::Error),
    /// The folder does not.
    Folder(PathBuf, io::Error),
}

impl Script {
    /// Writes it, for a command line that was [shaped](crate::shaped).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(self, command: &mut Command) -> Result<(), ScriptError> {
        match self {
            Self::Completions { shell } => {
                // Generated as a whole first: the generator panics on a closed pipe.
                let mut script = Vec::new();
                let name = command.get_name().to_owned();
                clap_complete::generate(shell, command, name, &mut script);
                io::stdout().lock().write_all(&script).map_err(ScriptError::Output)
            }
            Self::Man { folder } => {
                let command = command.clone();
                let written = std::fs::create_dir_all(&folder)
                    .and_then(|()| clap_mangen::generate_to(command, &folder));
                written.map_err(|error| ScriptError::Folder(folder, error))
            }
        }
    }
}
