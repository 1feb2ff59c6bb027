//! The workspaces that are apart from this one, so that what they need reaches
//! no user's build: a change of a crate that they use can break them unseen.

use std::ffi::OsStr;

use crate::{
    command::{self, root},
    outcome::Failure,
};

/// Their folders, and what the compiler is told. `transform/vector` is not here:
/// Vector takes most of an hour.
const WORKSPACES: &[(&str, &str)] = &[
    ("bench", ""),
    ("bench/backtracking", ""),
    ("bench/delivery", ""),
    ("bench/relay", ""),
    ("lint/fuzz", "--cfg fuzzing"),
    ("transform/protocol/fuzz", "--cfg fuzzing"),
];

/// Compiles them beside the main workspace, and as that does: most of what they
/// need has then been compiled already.
pub(crate) fn check(locked: bool) -> Result<(), Failure> {
    let target = root().join("target");
    let locked = if locked { " --locked" } else { "" };
    for (folder, flags) in WORKSPACES {
        let command = format!(
            "cargo check -q --config profile.dev.debug=\"line-tables-only\" --all-targets{locked} \
             --manifest-path {folder}/Cargo.toml"
        );
        let mut environment = vec![("CARGO_TARGET_DIR", target.as_os_str())];
        // Even an empty one would have everything compiled anew.
        if !flags.is_empty() {
            environment.push(("RUSTFLAGS", OsStr::new(flags)));
        }
        command::run_with(&command, &environment)?;
    }
    Ok(())
}
