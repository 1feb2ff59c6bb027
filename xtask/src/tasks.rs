//! The command line: what there is to do, and of which commands it is made.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use clap::{Parser, Subcommand};

use crate::{
    apart, command, deny,
    files::FileError,
    kubernetes, links, named_tests,
    outcome::{Failure, Outcome},
    package, settings, snapshots, structure,
};

/// The tasks of whoever works on vector-signatures.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", max_term_width = 100)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// All that is quick: formatting, lints, structure, links, documentation
    Check,
    /// Formatting and lints
    Lint,
    /// No file imports in a circle, no crate depends upwards, a mod.rs holds only `mod` and `use`
    Structure {
        /// The repository to look at, where it is not this one
        #[arg(long)]
        root: Option<PathBuf>,
    },
    /// Every link between pages leads to something
    Links,
    /// The documentation, without a warning
    Doc {
        /// Show it in a browser
        #[arg(long)]
        open: bool,
    },
    /// All tests, and that every snapshot belongs to one
    Test,
    /// Every snapshot belongs to a test
    Snapshots {
        /// What a run of all tests wrote with INSTA_SNAPSHOT_REFERENCES_FILE; without it the tests
        /// that have snapshots are run
        #[arg(long, conflicts_with = "accept")]
        references: Option<PathBuf>,
        /// Take what the tests print today as right; read the difference before you commit it
        #[arg(long)]
        accept: bool,
    },
    /// The shipped taxonomy and alert rules are sound, and their examples hold
    Taxonomy,
    /// The Kubernetes manifests fit the schema of its objects, by kubernetes-validate from PyPI
    Kubernetes,
    /// docs/rules.md, from the text of the rules
    Rules,
    /// docs/settings.md, from the JSON Schemas
    Settings,
    /// Every crate can be packaged: versions, licences, and no file from outside
    Package,
    /// The workspaces apart from this one compile, as far as that is quick: the benchmarks
    Apart {
        /// Leave their lock files as they are, or fail
        #[arg(long)]
        locked: bool,
    },
    /// Licences and sources of all dependencies of all workspaces, or advisories, by cargo-deny
    Deny {
        /// Ask the advisory database, over the network, and nothing else
        #[arg(long)]
        advisories: bool,
        /// Fetch what transform/vector needs, which is much
        #[arg(long)]
        vector: bool,
    },
}

pub(crate) fn run(line: CommandLine) -> Result<Outcome, Failure> {
    let root = command::root();
    match line.task {
        Task::Check => {
            lint()?;
            let outcomes =
                [check_structure(&root)?, links::check(&root)?, named_tests::check(&root)?];
            doc("")?;
            return Ok(Outcome::of_all(outcomes));
        }
        Task::Lint => lint()?,
        Task::Structure { root: other } => return check_structure(&other.unwrap_or(root)),
        Task::Links => {
            let outcomes = [links::check(&root)?, named_tests::check(&root)?];
            return Ok(Outcome::of_all(outcomes));
        }
        Task::Doc { open } => doc(if open { " --open" } else { "" })?,
        Task::Test => return test(&root),
        Task::Snapshots { accept: true, .. } => snapshots::accept(&root)?,
        Task::Snapshots { references: Some(file), .. } => return unreferenced(&root, &file),
        Task::Snapshots { .. } => {
            let file = snapshots::run_tests(&root)?;
            return unreferenced(&root, &file);
        }
        Task::Taxonomy => {
            command::run("cargo run -q --bin sigcheck -- validate --deny warnings")?;
            command::run("cargo run -q --bin sigcheck -- test")?;
            command::run(
                "python3 examples/fingerprint.py schemas/fingerprint_vectors.json schemas/group_vectors.json",
            )?;
        }
        Task::Kubernetes => kubernetes::check(&root)?,
        Task::Rules => rules(&root)?,
        Task::Settings => settings::write(&root)?,
        Task::Package => return package::check(&root),
        Task::Apart { locked } => apart::check(locked)?,
        Task::Deny { advisories, vector } => deny::check(advisories, vector)?,
    }
    Ok(Outcome::Fine)
}

fn lint() -> Result<(), Failure> {
    command::run("cargo fmt --check")?;
    command::run("cargo clippy --workspace --all-targets -- -D warnings")?;
    Ok(())
}

fn doc(more: &str) -> Result<(), Failure> {
    let command = format!("cargo doc --workspace --no-deps{more}");
    let deny = [("RUSTDOCFLAGS", OsStr::new("-D warnings"))];
    Ok(command::run_with(&command, &deny)?)
}

fn test(root: &Path) -> Result<Outcome, Failure> {
    let file = snapshots::fresh_references(root)?;
    command::run_with("cargo test -q --workspace", &[(snapshots::REFERENCES, file.as_os_str())])?;
    unreferenced(root, &file)
}

fn unreferenced(root: &Path, references: &Path) -> Result<Outcome, Failure> {
    let orphans = snapshots::unreferenced(root, references)?;
    for path in &orphans {
        println!("{}:1: no test has this snapshot; delete it", path.display());
    }
    Ok(if orphans.is_empty() { Outcome::Fine } else { Outcome::Findings })
}

/// By hand it would be a redirection, which leaves an empty file when it fails.
fn rules(root: &Path) -> Result<(), Failure> {
    let page = command::output("cargo run -q --bin sigcheck -- explain --all")?;
    let path = root.join("docs/rules.md");
    Ok(std::fs::write(&path, page).map_err(FileError::of(&path))?)
}

fn check_structure(root: &Path) -> Result<Outcome, Failure> {
    let root = root.canonicalize().map_err(FileError::of(root))?;
    let report = structure::check(&root)?;
    print!("{report}");
    Ok(if report.findings.is_empty() { Outcome::Fine } else { Outcome::Findings })
}
