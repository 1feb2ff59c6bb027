//! `sigcheck test`: the taxonomy's own examples and counterexamples, and tests of the alert
//! settings.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use signatures_command_line::RulesArgs;
use signatures_engine::Classifier;

use crate::{
    alert_tests::{AlertTests, failures},
    command_error::CommandError,
    exit_status::ExitStatus,
    files::{self, FileArguments},
    finding::Checked,
    report::ReportFormat,
    rules::mismatches,
};

/// Prove the taxonomy's own examples and counterexamples, and tests of alert settings
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("taxonomy", |arg| arg.help(RulesArgs::OWN_TAXONOMY)),
    before_help = "\
Examples:
  sigcheck test config/error_signatures.yml
  sigcheck test alerts_test.yml --alerts config/alerts.yml",
    after_long_help = "\
An example must be classified as its own signature by the whole taxonomy; a counterexample
must not match the pattern of its own signature.
A file with `alert_tests:` holds events with relative times and the alerts that must come of them,
by --alerts, and the taxonomy that is named beside it or else the default one."
)]
pub(super) struct Args {
    /// The taxonomies, or files of alert tests [default: --taxonomy]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    config: FileArguments,

    /// How to print what failed
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "pretty")]
    format: ReportFormat,
}

impl Args {
    pub(super) fn run(self) -> Result<ExitStatus, CommandError> {
        let settings = self.config.settings()?;
        let default = self.config.files();
        let default = default.taxonomy.file().map(Path::to_owned);
        let paths = if self.files.is_empty() { default.as_slice() } else { &self.files };
        if paths.is_empty() {
            return Err(CommandError::Usage(files::NO_FILES.to_owned()));
        }
        let sources = paths.iter().map(|path| files::read(path)).collect::<Result<Vec<_>, _>>()?;
        let (of_alerts, of_taxonomies): (Vec<_>, Vec<_>) =
            sources.into_iter().partition(AlertTests::are_in);
        let (mut tested, mut failed, mut found) = (0, 0, Vec::new());
        let mut classifier = None;
        for source in of_taxonomies {
            let taxonomy = files::usable_taxonomy(&source)?;
            let signatures = &taxonomy.signatures;
            tested += signatures
                .iter()
                .map(|s| s.examples.len() + s.counterexamples.len())
                .sum::<usize>();
            if !of_alerts.is_empty() && classifier.is_none() {
                classifier = Some(Classifier::new(taxonomy.clone(), &settings.engine.classifier));
            }
            let mismatches = mismatches(taxonomy, &settings);
            failed += mismatches.len();
            found.push((source, mismatches));
        }
        for source in of_alerts {
            let tests = AlertTests::read(&source).into_result(&source)?.tests;
            let classifier = match &mut classifier {
                Some(classifier) => classifier,
                none => none.insert(self.config.load()?.0),
            };
            let findings: Vec<_> =
                tests.iter().map(|test| failures(test, classifier, &settings)).collect();
            tested += tests.len();
            failed += findings.iter().filter(|findings| !findings.is_empty()).count();
            found.push((source, findings.concat()));
        }
        let checked: Vec<_> =
            found.iter().map(|(source, findings)| Checked { source, findings }).collect();
        let mut out = anstream::stdout().lock();
        // What a program reads is whole also where there is nothing to say.
        let is_document = matches!(self.format, ReportFormat::Json | ReportFormat::Sarif);
        if is_document || failed > 0 {
            self.format.print(&checked, &mut out)?;
        }
        if self.format == ReportFormat::Pretty {
            writeln!(out, "{} passed, {failed} failed", tested - failed)?;
        }
        Ok(if failed > 0 { ExitStatus::Findings } else { ExitStatus::Fine })
    }
}
