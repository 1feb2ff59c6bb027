//! The workspaces that are apart from this one, so that what they need reaches
//! no user's build: a change of a crate that they use can break them unseen.

use crate::{
    command::{self, root},
    outcome::Failure,
};

/// Those that compile quickly. `transform/vector` takes most of an hour;
/// `lint/fuzz` wants `--cfg fuzzing`, with which all of 150 crates are compiled
/// anew.
const WORKSPACES: &[&str] = &[
    "bench",
    "bench/backtracking",
    "bench/delivery",
    "bench/relay",
    "transform/fuzz",
    "transform/program/fuzz",
    "transform/protocol/fuzz",
];

/// Compiles them beside the main workspace, and as that does: most of what they
/// need has then been compiled already.
pub(crate) fn check(locked: bool) -> Result<(), Failure> {
    let target = root().join("target");
    let locked = if locked { " --locked" } else { "" };
    for folder in WORKSPACES {
        let command = format!(
            "cargo check -q --config profile.dev.debug=\"line-tables-only\" --all-targets{locked} \
             --manifest-path {folder}/Cargo.toml"
        );
        command::run_with(&command, &[("CARGO_TARGET_DIR", target.as_os_str())])?;
    }
    Ok(())
}
