//! Which crate may depend on which: the house's floors, from the top.

use std::path::Path;

use super::finding::Finding;
use crate::packages::{DependencyKind, Package};

/// A crate may use those on floors below its own. Here alone the order stands;
/// `docs/ARCHITECTURE.md` shows it.
const FLOORS: &[&[&str]] = &[
    &["vector-signatures", "vector-with-signatures", "sigcheck"],
    &["signatures-operations"],
    &["signatures-delivery"],
    &["signatures-ledger", "signatures-command-line"],
    &["signatures-configuration"],
    &["signatures-alerts"],
    &["signatures-engine", "signatures-protocol", "sigcheck-language", "sigcheck-backtracking"],
    &["signatures-matcher", "signatures-event"],
    &["signatures-document", "signatures-logs"],
];

/// Crates that others are to use alone, and the few that they may use.
const ALONE: &[(&str, &[&str])] = &[
    ("signatures-protocol", &["signatures-event"]),
    ("sigcheck-language", &["signatures-matcher"]),
    ("sigcheck-backtracking", &[]),
    ("signatures-logs", &[]),
];

/// What tests may use besides: the services on the other side.
const FOR_TESTS: &str = "signatures-peers";

/// Members that are no part of the house: nothing that is shipped uses them.
const OUTSIDE: &[&str] = &[FOR_TESTS, "xtask"];

/// Every dependency of ours that goes where it must not.
pub(crate) fn check(packages: &[Package], root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages.iter().filter(|package| !OUTSIDE.contains(&&*package.name)) {
        let complaints = complaints(package);
        findings.extend(complaints.into_iter().map(|(line, message)| Finding {
            file: package.manifest_path.strip_prefix(root).unwrap_or(&package.manifest_path).into(),
            line: line_of(&package.manifest_path, line),
            message,
            details: Vec::new(),
        }));
    }
    findings
}

/// How the line of the manifest begins, and what is wrong with it.
fn complaints(package: &Package) -> Vec<(&str, String)> {
    let Some(floor) = floor(&package.name) else {
        let message = format!(
            "`{}` stands on no floor; give it one in xtask/src/structure/floors.rs",
            package.name
        );
        return vec![("name = ", message)];
    };
    // Only those with a path are ours.
    let ours = package.dependencies.iter().filter(|dependency| dependency.path.is_some());
    ours.filter(|dependency| dependency.kind != DependencyKind::Dev || dependency.name != FOR_TESTS)
        .filter_map(|dependency| {
            let message = forbidden(&package.name, floor, &dependency.name)?;
            Some((dependency.name.as_str(), message))
        })
        .collect()
}

/// Why the crate `from` must not depend on `to`; nothing where it may.
fn forbidden(from: &str, its_floor: usize, to: &str) -> Option<String> {
    if OUTSIDE.contains(&to) {
        return Some(format!(
            "`{from}` uses `{to}`, which is for tests; move it to [dev-dependencies] or leave it out"
        ));
    }
    if let Some((_, allowed)) = ALONE.iter().find(|(name, _)| *name == from) {
        return (!allowed.contains(&to)).then(|| {
            let may = if allowed.is_empty() { "no other crate".into() } else { allowed.join(", ") };
            format!("`{from}` uses `{to}`, but stands by itself and may use {may}; hand it over as an argument")
        });
    }
    let below = floor(to).is_some_and(|floor| floor > its_floor);
    (!below).then(|| {
        format!(
            "`{from}` depends upwards, on `{to}`; move what it needs down to a floor below both"
        )
    })
}

/// From 0, the top.
fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&name))
}

/// The first line of a manifest that begins so.
fn line_of(manifest: &Path, text: &str) -> usize {
    let manifest = std::fs::read_to_string(manifest).unwrap_or_default();
    manifest.lines().position(|line| line.starts_with(text)).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::packages::Dependency;

    fn package(name: &str, dependencies: &[(&str, DependencyKind)]) -> Package {
        Package {
            name: name.to_owned(),
            manifest_path: PathBuf::from("Cargo.toml.of.nobody"),
            targets: Vec::new(),
            publish: None,
            dependencies: dependencies
                .iter()
                .map(|(name, kind)| Dependency {
                    name: (*name).to_owned(),
                    kind: *kind,
                    path: Some(PathBuf::from(name)),
                })
                .collect(),
        }
    }

    fn messages(packages: &[Package]) -> Vec<String> {
        check(packages, Path::new("")).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_crate_may_use_what_is_below() {
        let engine = package(
            "signatures-engine",
            &[
                ("signatures-event", DependencyKind::Normal),
                ("signatures-document", DependencyKind::Build),
                ("signatures-peers", DependencyKind::Dev),
            ],
        );
        assert_eq!(messages(&[engine]), Vec::<String>::new());
    }

    #[test]
    fn a_crate_must_not_use_what_is_above_or_beside() {
        let event = package(
            "signatures-event",
            &[
                ("signatures-engine", DependencyKind::Normal),
                ("signatures-matcher", DependencyKind::Dev),
            ],
        );
        assert_eq!(
            messages(&[event]),
            [
                "`signatures-event` depends upwards, on `signatures-engine`; move what it needs down to a floor below both",
                "`signatures-event` depends upwards, on `signatures-matcher`; move what it needs down to a floor below both",
            ]
        );
    }

    #[test]
    fn who_stands_alone_uses_only_what_is_said() {
        let protocol = package(
            "signatures-protocol",
            &[
                ("signatures-event", DependencyKind::Normal),
                ("signatures-document", DependencyKind::Normal),
            ],
        );
        assert_eq!(
            messages(&[protocol]),
            [
                "`signatures-protocol` uses `signatures-document`, but stands by itself and may use signatures-event; hand it over as an argument"
            ]
        );
    }

    #[test]
    fn what_is_for_tests_is_not_shipped() {
        let engine = package("signatures-engine", &[("signatures-peers", DependencyKind::Normal)]);
        assert_eq!(
            messages(&[engine]),
            [
                "`signatures-engine` uses `signatures-peers`, which is for tests; move it to [dev-dependencies] or leave it out"
            ]
        );
    }

    #[test]
    fn every_crate_has_a_floor() {
        assert_eq!(
            messages(&[package("signatures-attic", &[])]),
            ["`signatures-attic` stands on no floor; give it one in xtask/src/structure/floors.rs"]
        );
    }

    #[test]
    fn the_picture_shows_every_crate() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ARCHITECTURE.md");
        let picture = std::fs::read_to_string(path).unwrap();
        let missing: Vec<_> = FLOORS
            .iter()
            .flat_map(|floor| *floor)
            .filter(|name| !picture.contains(**name))
            .collect();
        assert_eq!(missing, Vec::<&&str>::new());
    }
}
