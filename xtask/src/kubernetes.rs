//! Whether the Kubernetes manifests fit the schema of the objects that they describe.

use std::path::Path;

use crate::{command, files::FileError, outcome::Failure};

/// Of one version, so that what passes today does tomorrow.
const VALIDATOR: &str = "kubernetes-validate==1.37.0";

pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    let environment = root.join("target/kubernetes-validate");
    let program = environment.join("bin/kubernetes-validate");
    if !program.exists() {
        let environment = environment.display();
        command::run(&format!("python3 -m venv {environment}"))?;
        command::run(&format!("{environment}/bin/pip install --quiet {VALIDATOR}"))?;
    }
    let folder = root.join("examples/kubernetes");
    let entries = std::fs::read_dir(&folder).map_err(FileError::of(&folder))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let manifests = paths.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let manifests: Vec<_> = manifests.map(|path| path.display().to_string()).collect();
    let command = format!("{} --strict --quiet {}", program.display(), manifests.join(" "));
    Ok(command::run(&command)?)
}
