//! What `cargo metadata` says of our packages.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

/// One package of a workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) targets: Vec<Target>,
    pub(crate) dependencies: Vec<Dependency>,
    /// The registries that it may go to: none, or nothing said.
    #[serde(default)]
    pub(crate) publish: Option<Vec<String>>,
}

impl Package {
    pub(crate) fn is_published(&self) -> bool {
        self.publish.as_ref().is_none_or(|registries| !registries.is_empty())
    }
}

/// What of a package is compiled as one.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) kind: Vec<String>,
    pub(crate) src_path: PathBuf,
}

/// What a manifest asks for.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    #[serde(deserialize_with = "kind")]
    pub(crate) kind: DependencyKind,
    /// Only those of ours have one.
    pub(crate) path: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DependencyKind {
    Normal,
    Build,
    Dev,
}

/// Cargo says nothing of a normal one.
fn kind<'de, D: serde::Deserializer<'de>>(from: D) -> Result<DependencyKind, D::Error> {
    Ok(match Option::<String>::deserialize(from)?.as_deref() {
        Some("build") => DependencyKind::Build,
        Some("dev") => DependencyKind::Dev,
        _ => DependencyKind::Normal,
    })
}

/// Why a workspace's packages cannot be listed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MetadataError {
    #[error("cannot run cargo: {0}")]
    Cargo(#[from] std::io::Error),
    #[error("{manifest}: {message}")]
    Refused { manifest: String, message: String },
    #[error("cannot understand cargo metadata: {0}")]
    Unexpected(#[from] serde_json::Error),
}

/// The members of the workspace whose manifest this is. Asks no registry.
pub(crate) fn packages(manifest: &Path) -> Result<Vec<Package>, MetadataError> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version=1", "--offline", "--manifest-path"])
        .arg(manifest)
        .output()?;
    if !output.status.success() {
        return Err(MetadataError::Refused {
            manifest: manifest.display().to_string(),
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    Ok(serde_json::from_slice::<Metadata>(&output.stdout)?.packages)
}
