//! The whole check: every crate of a repository.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use super::{
    circles, facades,
    finding::Finding,
    floors, imports,
    source::{Source, SourceError},
};
use crate::packages::{self, MetadataError, Package};

/// Workspaces that are a product too, beside the one at the root.
const PRODUCTS_APART: &[&str] = &["transform/vector"];

/// Why a repository cannot be checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StructureError {
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// How many breaches of each kind a crate has, for people who mend them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) package: String,
    pub(crate) circles: usize,
    pub(crate) facades: usize,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    pub(crate) tallies: Vec<Tally>,
    /// Dependencies between crates that go where they must not.
    pub(crate) upwards: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(out, "{finding}"))?;
        for Tally { package, circles, facades } in &self.tallies {
            if circles + facades > 0 {
                writeln!(
                    out,
                    "{package}: {circles} circles, {facades} facades that hold something"
                )?;
            }
        }
        let circles: usize = self.tallies.iter().map(|tally| tally.circles).sum();
        let facades: usize = self.tallies.iter().map(|tally| tally.facades).sum();
        writeln!(
            out,
            "{} crates: {circles} circles, {facades} facades that hold something, {} dependencies upwards",
            self.tallies.len(),
            self.upwards
        )
    }
}

/// Checks the repository at `root`.
pub(crate) fn check(root: &Path) -> Result<Report, StructureError> {
    let mut packages = packages::packages(&root.join("Cargo.toml"))?;
    for folder in PRODUCTS_APART {
        let manifest = root.join(folder).join("Cargo.toml");
        if manifest.is_file() {
            packages.extend(packages::packages(&manifest)?);
        }
    }
    let mut findings = floors::check(&packages, root);
    let upwards = findings.len();
    let mut tallies = Vec::new();
    for package in &packages {
        tallies.push(check_package(package, root, &mut findings)?);
    }
    Ok(Report { findings, tallies, upwards })
}

fn check_package(
    package: &Package,
    base: &Path,
    findings: &mut Vec<Finding>,
) -> Result<Tally, SourceError> {
    let mut tally = Tally { package: package.name.clone(), circles: 0, facades: 0 };
    for root in targets(package) {
        let source = Source::read(root, base)?;
        let circles = circles::check(&source, &imports::imports(&source));
        let facades = facades::check(&source);
        tally.circles += circles.len();
        tally.facades += facades.len();
        findings.extend(circles.into_iter().chain(facades));
    }
    Ok(tally)
}

/// What of a package is shipped: tests, examples and benchmarks may be as they like.
fn targets(package: &Package) -> impl Iterator<Item = &PathBuf> {
    let shipped = package.targets.iter().filter(|target| {
        target.kind.iter().any(|kind| matches!(kind.as_str(), "lib" | "bin" | "proc-macro"))
    });
    shipped.map(|target| &target.src_path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::fixture;

    #[test]
    fn a_whole_repository_is_checked() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fixture::write(
            &root,
            &[
                ("Cargo.toml", "[workspace]\nmembers = [\"event\", \"engine\"]\nresolver = \"3\""),
                (
                    "event/Cargo.toml",
                    "[package]\nname = \"signatures-event\"\nversion = \"0.1.0\"\n\n\
                     [dependencies]\nsignatures-engine = { path = \"../engine\" }\n",
                ),
                ("event/src/lib.rs", "mod a; mod b;"),
                ("event/src/a.rs", "use crate::b::B; pub struct A;"),
                ("event/src/b.rs", "use crate::a::A; pub struct B;"),
                ("event/tests/free.rs", "mod a { use super::b::B; } mod b { use super::a::A; }"),
                (
                    "engine/Cargo.toml",
                    "[package]\nname = \"signatures-engine\"\nversion = \"0.1.0\"\n",
                ),
                ("engine/src/lib.rs", "fn run() {}"),
            ],
        );
        let report = check(&root).unwrap();
        let places: Vec<_> = report
            .findings
            .iter()
            .map(|finding| format!("{}:{}", finding.file.display(), finding.line))
            .collect();
        assert_eq!(places, ["event/Cargo.toml:6", "event/src/a.rs:1", "engine/src/lib.rs:1"]);
        let tally = |package: &str, circles, facades| Tally {
            package: package.to_owned(),
            circles,
            facades,
        };
        assert_eq!(
            (report.upwards, report.tallies),
            (1, vec![tally("signatures-event", 1, 0), tally("signatures-engine", 0, 1)])
        );
    }
}
