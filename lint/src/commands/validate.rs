//! `sigcheck validate`: is the taxonomy, are the alert settings, fit to use?

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use sigcheck_backtracking::Dialect;

use crate::{
    Failure, Verdict,
    choices::{Choices, rule_name},
    files::{self, Files},
    finding::{Checked, Finding, Severity},
    report::Format,
    validation,
};

/// Fixing one thing may bring another to light; in so many rounds.
const FIX_ROUNDS: usize = 10;

/// Say what is wrong with taxonomies and alert settings
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Files are told apart by what is in them; `-` is standard input, and of a folder those files are
taken that are a taxonomy or alert settings. A comment `# sigcheck: ignore[rule]` on a line, or
at a signature, silences a finding. Choices of a team stand in sigcheck.toml.

Examples:
  sigcheck validate
  sigcheck validate team/ --deny warnings
  sigcheck validate --fix config/error_signatures.yml
  sigcheck validate --format json - < config/error_signatures.yml")]
pub(super) struct Args {
    /// Files and folders [default: those of sigcheck.toml, or --taxonomy and --alerts]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    defaults: Files,

    /// How to print what was found
    #[arg(long, value_enum, default_value = "pretty")]
    format: Format,

    /// Fail on warnings too
    #[arg(long, value_name = "WHAT", value_parser = ["warnings"])]
    deny: Option<String>,

    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_name)]
    select: Vec<String>,

    /// All rules but these
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_name)]
    ignore: Vec<String>,

    /// Who runs the patterns, for what backtracking can cost [default: python]
    #[arg(long, value_parser = dialect())]
    engine: Option<Dialect>,

    /// Mend what can be mended, in place
    #[arg(long)]
    fix: bool,

    /// The choices of the team [default: sigcheck.toml, here or above]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

fn dialect() -> impl TypedValueParser<Value = Dialect> {
    let names = [
        (Dialect::Python, "Python's `re`, in an application that shares the taxonomy"),
        (Dialect::Pcre2, "PCRE2"),
        (Dialect::JavaScript, "JavaScript"),
        (Dialect::Rust, "This project alone"),
    ];
    let values = names.map(|(dialect, help)| PossibleValue::new(dialect.name()).help(help));
    PossibleValuesParser::new(values).try_map(|name| name.parse::<Dialect>())
}

impl Args {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let folder = std::env::current_dir()?;
        let mut choices = Choices::load(self.config.as_deref(), &folder)?;
        if !self.select.is_empty() {
            choices.select.clone_from(&self.select);
        }
        choices.ignore.extend(self.ignore.iter().cloned());
        choices.deny_warnings |= self.deny.is_some();
        choices.engine = self.engine.unwrap_or(choices.engine);

        let (mut paths, mut sources) = (self.paths(&choices)?, Vec::new());
        let given = paths.len();
        paths.retain(|path| match files::read(path) {
            Ok(source) => {
                sources.push(source);
                true
            }
            Err(failure) => {
                anstream::eprintln!("error: {failure}");
                false
            }
        });
        if paths.is_empty() {
            return Ok(Verdict::Incomplete);
        }
        let mut checked = validation::check(sources, &choices);
        if self.fix {
            checked = mend(&paths, checked, &choices)?;
        }
        self.format.print(&checked, &mut anstream::stdout().lock())?;
        let counts = |finding: &Finding| match finding.severity {
            Severity::Error => true,
            Severity::Warning => choices.deny_warnings,
            Severity::Info => false,
        };
        let failed = checked.iter().flat_map(|file| &file.findings).any(counts);
        Ok(match failed {
            _ if paths.len() < given => Verdict::Incomplete,
            true => Verdict::Findings,
            false => Verdict::Fine,
        })
    }

    fn paths(&self, choices: &Choices) -> Result<Vec<PathBuf>, Failure> {
        let given = if self.files.is_empty() { &choices.files } else { &self.files };
        if given.is_empty() {
            return Ok(std::iter::once(self.defaults.taxonomy())
                .chain(self.defaults.alerts())
                .collect());
        }
        if self.fix && given.iter().any(|path| path == Path::new("-")) {
            return Err(Failure::Usage("--fix cannot mend standard input; name a file".to_owned()));
        }
        let mut paths = Vec::new();
        for path in given {
            match path.is_dir() {
                true => paths.extend(files::within(path)?),
                false => paths.push(path.clone()),
            }
        }
        match paths.is_empty() {
            true => Err(Failure::Usage("there is no taxonomy in these folders".to_owned())),
            false => Ok(paths),
        }
    }
}

/// Applies the fixes, and looks again.
fn mend(
    paths: &[PathBuf],
    mut checked: Vec<Checked>,
    choices: &Choices,
) -> Result<Vec<Checked>, Failure> {
    let mut counts = vec![0; paths.len()];
    for _ in 0..FIX_ROUNDS {
        let fixed: Vec<_> = checked.iter().map(validation::fixed).collect();
        if fixed.iter().all(Option::is_none) {
            break;
        }
        let sources = checked
            .into_iter()
            .zip(fixed)
            .zip(&mut counts)
            .map(|((file, fixed), total)| match fixed {
                Some((source, count)) => {
                    *total += count;
                    source
                }
                None => file.source,
            })
            .collect();
        checked = validation::check(sources, choices);
    }
    for ((path, file), count) in paths.iter().zip(&checked).zip(counts) {
        if count > 0 {
            std::fs::write(path, file.source.text())?;
            anstream::eprintln!("{}: {count} fixed", file.source.name());
        }
    }
    Ok(checked)
}
