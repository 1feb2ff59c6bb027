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

/// Compiles them, into one folder that they share.
pub(crate) fn check(locked: bool) -> Result<(), Failure> {
    let target = root().join("target/apart");
    for (folder, flags) in WORKSPACES {
        let locked = if locked { " --locked" } else { "" };
        let command =
            format!("cargo check -q --all-targets{locked} --manifest-path {folder}/Cargo.toml");
        let environment =
            [("CARGO_TARGET_DIR", target.as_os_str()), ("RUSTFLAGS", OsStr::new(flags))];
        command::run_with(&command, &environment)?;
    }
    Ok(())
}
