//! Licences, sources and advisories of what each workspace depends on.
//!
//! Those in the tree share `deny.toml` at its root, which `cargo deny` finds above
//! each; Vector's brings what ours must not, and has one of its own.

use std::process::{Command, Stdio};

use crate::{
    command::{self, root},
    outcome::Failure,
};

/// All that have a lock file but Vector's, this one first.
const WORKSPACES: [&str; 9] = [
    ".",
    "bench",
    "bench/backtracking",
    "bench/delivery",
    "bench/relay",
    "lint/fuzz",
    "transform/fuzz",
    "transform/program/fuzz",
    "transform/protocol/fuzz",
];

const VECTOR: &str = "transform/vector";

/// Checks them all; that of Vector where what it needs is on this machine, or may be
/// fetched.
pub(crate) fn check(advisories: bool, fetch_vector: bool) -> Result<(), Failure> {
    for folder in WORKSPACES {
        deny(folder, advisories)?;
    }
    if fetch_vector || vector_is_here() {
        deny(VECTOR, advisories)?;
    } else {
        println!("{VECTOR}: passed over, as Vector is not on this machine (--vector fetches it)");
    }
    Ok(())
}

fn deny(folder: &str, advisories: bool) -> Result<(), Failure> {
    let checks = if advisories { "advisories" } else { "bans licenses sources" };
    println!("{folder}: {checks}");
    command::run(&format!(
        "cargo deny --locked --all-features --manifest-path {folder}/Cargo.toml check \
         --hide-inclusion-graph {checks}"
    ))?;
    Ok(())
}

fn vector_is_here() -> bool {
    let mut metadata = Command::new("cargo");
    metadata.args(["metadata", "--offline", "--locked", "--format-version", "1"]);
    metadata.current_dir(root().join(VECTOR)).stdout(Stdio::null()).stderr(Stdio::null());
    metadata.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    fn locked(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name());
            if name == "Cargo.lock" {
                let folder = folder.strip_prefix(root()).unwrap().to_str().unwrap();
                found.insert(if folder.is_empty() { ".".to_owned() } else { folder.to_owned() });
            } else if entry.file_type().unwrap().is_dir() && name != "target" && name != ".git" {
                locked(&path, found);
            }
        }
    }

    #[test]
    fn every_lock_file_is_checked() {
        let mut found = BTreeSet::new();
        locked(&root(), &mut found);
        let checked = WORKSPACES.into_iter().chain([VECTOR]).map(str::to_owned);
        assert_eq!(found, checked.collect());
    }
}
