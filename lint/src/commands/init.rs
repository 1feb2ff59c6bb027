//! `sigcheck init`: the files that a team begins with.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use signatures_configuration::{
    BUILT_IN_ALERTS, BUILT_IN_TAXONOMY, DEFAULT_ALERTS, DEFAULT_TAXONOMY,
};

use super::schema::Schema;
use crate::{command_error::CommandError, exit_status::ExitStatus};

/// Write a taxonomy and settings to begin with
#[derive(Debug, clap::Args)]
#[command(
    before_help = "\
Examples:
  sigcheck init
  sigcheck init ~/signatures --ci github",
    after_long_help = "\
Writes config/error_signatures.yml and config/alerts.yml, which are those that are built in, their
JSON Schemas for your editor, and sigcheck.toml; with --ci also what checks them. What is there
already stays as it is."
)]
pub(super) struct Args {
    /// The folder of the team's repository [default: this one]
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    folder: PathBuf,

    /// Also the check that runs on every change
    #[arg(long, value_enum, value_name = "WHERE")]
    ci: Option<Ci>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Ci {
    /// .github/workflows/taxonomy.yml
    Github,
    /// .gitlab-ci.yml
    Gitlab,
    /// .pre-commit-config.yaml
    PreCommit,
}

const TEAM_CHOICES: &str = "\
# The choices of a team: `sigcheck validate` looks for this file from the taxonomy's
# folder upwards.

# What is looked at when the command line names nothing.
files = [\"config\"]

# Warnings fail the check too, as with `--deny warnings`.
deny_warnings = true

# Rules to leave out; `sigcheck rules` lists them, `sigcheck explain RULE` tells of one.
# ignore = [\"missing-summary\"]

# Who runs the patterns besides this project: python, pcre2, javascript; rust for nobody.
# engine = \"python\"

# How much a finding of a rule weighs: error, warning, info.
# [severity]
# overlapping-signatures = \"info\"
";

impl Args {
    pub(super) fn run(self) -> Result<ExitStatus, CommandError> {
        let mut out = anstream::stdout().lock();
        for (path, text) in self.files() {
            let what = match create(&self.folder.join(path), &text) {
                Ok(()) => "wrote",
                Err(error) if error.kind() == ErrorKind::AlreadyExists => "kept ",
                Err(error) => {
                    return Err(CommandError::File { path: self.folder.join(path), error });
                }
            };
            writeln!(out, "{what} {path}")?;
        }
        writeln!(
            out,
            "\nWhat now, in that folder:\n  sigcheck validate && sigcheck test\n  sigcheck replay app.log"
        )?;
        Ok(ExitStatus::Fine)
    }

    /// Where to write what.
    fn files(&self) -> Vec<(&'static str, String)> {
        let mut files = vec![
            (DEFAULT_TAXONOMY, beside_schemas(BUILT_IN_TAXONOMY)),
            (DEFAULT_ALERTS, beside_schemas(BUILT_IN_ALERTS)),
            ("config/schemas/taxonomy.schema.json", Schema::Taxonomy.text().to_owned()),
            ("config/schemas/alerts.schema.json", Schema::Alerts.text().to_owned()),
            ("sigcheck.toml", TEAM_CHOICES.to_owned()),
        ];
        files.extend(self.ci.map(Ci::file));
        files
    }
}

impl Ci {
    fn file(self) -> (&'static str, String) {
        let (path, example) = match self {
            Self::Github => {
                (".github/workflows/taxonomy.yml", include_str!("../../ci/github-actions.yml"))
            }
            Self::Gitlab => (".gitlab-ci.yml", include_str!("../../ci/gitlab-ci.yml")),
            Self::PreCommit => {
                (".pre-commit-config.yaml", include_str!("../../ci/pre-commit-config.yaml"))
            }
        };
        // Its first line says where to copy it.
        let text = example.split_once('\n').map_or(example, |(_, text)| text);
        (path, text.to_owned())
    }
}

/// A shipped file whose first line leads an editor to the schemas that are written
/// with it.
fn beside_schemas(text: &str) -> String {
    text.replacen("$schema=../schemas/", "$schema=schemas/", 1)
}

/// Writes a file that is not there yet.
fn create(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create_new(path)?.write_all(text.as_bytes())
}
