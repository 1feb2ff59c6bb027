//! `sigcheck validate`: is the taxonomy, are the alert settings, fit to use?

use std::path::{Path, PathBuf};

use signatures_engine::{settings::Settings, taxonomy::Taxonomy, yaml::Source};

use crate::{
    Failure, Verdict,
    files::{self, DEFAULT_ALERTS, DEFAULT_TAXONOMY, Kind},
    finding::{Checked, Finding, Severity},
    report::Format,
};

/// Say what is wrong with taxonomies and alert settings
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Files are told apart by what is in them; `-` is standard input.

Examples:
  sigcheck validate
  sigcheck validate team/*.yml --deny warnings
  sigcheck validate --format json - < config/error_signatures.yml")]
pub(super) struct Args {
    /// The files [default: those of config/ that exist]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// How to print what was found
    #[arg(long, value_enum, default_value = "pretty")]
    format: Format,

    /// Fail on warnings too
    #[arg(long, value_name = "WHAT", value_parser = ["warnings"])]
    deny: Option<String>,

    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,

    /// All rules but these
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
}

impl Args {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let checked: Vec<_> =
            self.paths().iter().map(|path| self.check(path)).collect::<Result<_, _>>()?;
        self.format.print(&checked, &mut anstream::stdout().lock())?;
        let counts = |finding: &Finding| finding.severity == Severity::Error || self.deny.is_some();
        let failed = checked.iter().flat_map(|file| &file.findings).any(counts);
        Ok(if failed { Verdict::Findings } else { Verdict::Fine })
    }

    fn paths(&self) -> Vec<PathBuf> {
        if !self.files.is_empty() {
            return self.files.clone();
        }
        let mut paths = vec![PathBuf::from(DEFAULT_TAXONOMY)];
        paths.extend(Some(DEFAULT_ALERTS).filter(|p| Path::new(p).exists()).map(PathBuf::from));
        paths
    }

    fn check(&self, path: &Path) -> Result<Checked, Failure> {
        let source = files::read(path)?;
        let mut findings = findings(&source);
        findings.retain(|finding| {
            let named = |rules: &[String]| rules.iter().any(|rule| rule == finding.rule);
            (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
        });
        Ok(Checked { source, findings })
    }
}

fn findings(source: &Source) -> Vec<Finding> {
    let problems = match Kind::of(source) {
        Kind::Taxonomy => Taxonomy::read(source).problems,
        Kind::Alerts => Settings::read(source).problems,
    };
    problems.into_iter().map(Finding::from).collect()
}
