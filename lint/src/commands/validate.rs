//! `sigcheck validate`: is the taxonomy, are the alert settings, fit to use?

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use clap::builder::BoolishValueParser;
use sigcheck_backtracking::Dialect;
use signatures_command_line::RulesArgs;
use signatures_configuration::Place;
use signatures_document::yaml::Source;

use crate::{
    cache::Cache,
    command_error::CommandError,
    config::{Config, dialects},
    exit_status::ExitStatus,
    files::{self, FileArguments, FileKind, Input},
    finding::{Checked, Finding, Severity},
    report::{ReportFormat, print_diff},
    rules::rule_name,
    standard_error::tell,
    validation::{self, ReadFile, Wanted},
};

/// Fixing one thing may bring another to light; in so many rounds.
const FIX_ROUNDS: usize = 10;

/// Say what is wrong with taxonomies and alert settings
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("taxonomy", |arg| arg.help(RulesArgs::OWN_TAXONOMY)),
    before_help = "\
Examples:
  sigcheck validate
  sigcheck validate team/ --deny warnings
  sigcheck validate --fix --diff config/error_signatures.yml
  sigcheck validate --format json - < config/error_signatures.yml",
    after_long_help = "\
Files are told apart by what is in them; `-` is standard input, and of a folder those files are
taken that are a taxonomy, alert settings or settings of the relay. What --taxonomy or --alerts
names is that, whatever is in it. A comment `# sigcheck: ignore[rule]` on a line, or
at a signature, silences a finding. Choices of a team stand in sigcheck.toml, which is looked for
from the folder of the first file upwards, and then from here."
)]
pub(super) struct Args {
    /// Files and folders [default: those of sigcheck.toml, or --taxonomy and --alerts]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    defaults: FileArguments,

    /// How to print what was found
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "pretty")]
    format: ReportFormat,

    /// Fail on warnings too
    #[arg(long, value_name = "WHAT", value_parser = ["warnings"])]
    deny: Option<String>,

    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_name)]
    select: Vec<String>,

    /// All rules but these
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_name)]
    ignore: Vec<String>,

    /// Who runs the patterns, which says what backtracking costs [default: python]
    #[arg(long = "engine", value_name = "ENGINE", value_parser = dialects())]
    dialect: Option<Dialect>,

    /// Say which files of a folder are passed over
    #[arg(long, short)]
    verbose: bool,

    /// Where to keep what takes long to find out [default: sigcheck, in the user's caches]
    #[arg(long, value_name = "DIR", env = "SIGNATURES_CACHE_DIR", hide_short_help = true)]
    cache_dir: Option<PathBuf>,

    /// Keep nothing, and take nothing that was kept
    #[arg(
        long,
        env = "SIGNATURES_NO_CACHE",
        value_parser = BoolishValueParser::new(),
        hide_short_help = true
    )]
    no_cache: bool,

    /// Mend, in place, what can be mended without changing what is found
    #[arg(long)]
    fix: bool,

    /// With --fix: mend also what that changes
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,

    /// With --fix: print what would be changed, and write nothing
    #[arg(long, requires = "fix")]
    diff: bool,

    /// The choices of the team [default: sigcheck.toml, beside the files or above]
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Args {
    pub(super) fn run(self) -> Result<ExitStatus, CommandError> {
        let mut config = Config::load(self.config.as_deref(), &self.looked_at())?;
        if !self.select.is_empty() {
            config.select.clone_from(&self.select);
        }
        config.ignore.extend(self.ignore.iter().cloned());
        config.deny_warnings |= self.deny.is_some();
        config.dialect = self.dialect.unwrap_or(config.dialect);

        if !(self.no_cache || config.no_cache) {
            config.cache = Cache::new(self.cache_dir.as_deref());
        }

        let inputs = self.inputs(&config)?;
        let given = inputs.len();
        let (mut paths, mut files) = (Vec::new(), Vec::new());
        for Input { path, source, used_as } in inputs {
            match source {
                Ok(source) => {
                    paths.push(path);
                    files.push(match used_as {
                        Some(kind) => ReadFile::used_as(kind, source),
                        None => ReadFile::new(source),
                    });
                }
                Err(error) => tell(format_args!("error: {error}")),
            }
        }
        if files.is_empty() {
            return Ok(ExitStatus::Incomplete);
        }
        let before: Vec<_> = files.iter().map(|file| file.source.clone()).collect();
        let found = match self.fix {
            true => self.mend(&mut files, &config),
            false => validation::check(&files, &config),
        };
        if self.diff {
            return self.print_diffs(&before, &files);
        }
        for ((path, file), before) in paths.iter().zip(&files).zip(&before) {
            if file.source.text() != before.text() {
                std::fs::write(path, file.source.text())?;
            }
        }
        let checked: Vec<_> = files
            .iter()
            .zip(&found)
            .map(|(file, findings)| Checked { source: &file.source, findings })
            .collect();
        self.format.print(&checked, &mut anstream::stdout().lock())?;
        let counts = |finding: &Finding| match finding.severity {
            Severity::Error => true,
            Severity::Warning => config.deny_warnings,
            Severity::Info => false,
        };
        let failed = checked.iter().flat_map(|file| file.findings).any(counts);
        Ok(match failed {
            _ if files.len() < given => ExitStatus::Incomplete,
            true => ExitStatus::Findings,
            false => ExitStatus::Fine,
        })
    }

    /// Prints what mending would change.
    fn print_diffs(
        &self,
        before: &[Source],
        after: &[ReadFile],
    ) -> Result<ExitStatus, CommandError> {
        let mut out = anstream::stdout().lock();
        let mut status = ExitStatus::Fine;
        for (before, after) in before.iter().zip(after) {
            if before.text() != after.source.text() {
                print_diff(before, &after.source, &mut out)?;
                status = ExitStatus::Findings;
            }
        }
        Ok(status)
    }

    /// A file or folder that is looked at: the choices of its team lie beside it, or
    /// above.
    fn looked_at(&self) -> PathBuf {
        let named = self.files.first().filter(|path| *path != Path::new("-"));
        let default = || self.defaults.files().taxonomy.file().map(Path::to_owned);
        named.cloned().or_else(default).unwrap_or_default()
    }

    fn tell(&self, passed_over: &Path) {
        if self.verbose {
            let path = passed_over.display();
            tell(format_args!("{path}: passed over, neither a taxonomy nor settings of ours"));
        }
    }

    /// The files to look at.
    fn inputs(&self, config: &Config) -> Result<Vec<Input>, CommandError> {
        let given = if self.files.is_empty() { &config.files } else { &self.files };
        if given.is_empty() {
            let files = self.defaults.files();
            let of_kind = |place: Option<&Place>, kind| {
                place.and_then(Place::file).map(|path| Input::read_as(kind, path))
            };
            let taxonomy = of_kind(Some(&files.taxonomy), FileKind::Taxonomy);
            let alerts = of_kind(files.alerts.as_ref(), FileKind::Alerts);
            let inputs: Vec<_> = taxonomy.into_iter().chain(alerts).collect();
            return match inputs.is_empty() {
                true => Err(CommandError::Usage(files::NO_FILES.to_owned())),
                false => Ok(inputs),
            };
        }
        if self.fix && !self.diff && given.iter().any(|path| path == Path::new("-")) {
            let message = "--fix cannot mend standard input; name a file".to_owned();
            return Err(CommandError::Usage(message));
        }
        let mut inputs = Vec::new();
        for path in given {
            match path.is_dir() {
                true => inputs.extend(files::within(path, &mut |other| self.tell(other))?),
                false => inputs.push(Input::read(path.clone())),
            }
        }
        // A file that is named twice is told and mended once.
        let mut seen = HashSet::new();
        inputs.retain(|input| input.path.canonicalize().map_or(true, |path| seen.insert(path)));
        match inputs.is_empty() {
            true => Err(CommandError::Usage(
                "there is no taxonomy in these folders; -v says what was passed over".to_owned(),
            )),
            false => Ok(inputs),
        }
    }

    /// Looks at the files, mends what can be mended, and looks again, until nothing
    /// is left to mend: what is found then. Says what was mended, and what was not.
    fn mend(&self, files: &mut [ReadFile], config: &Config) -> Vec<Vec<Finding>> {
        let wanted = if self.unsafe_fixes { Wanted::All } else { Wanted::Safe };
        let fixed = if self.diff { "would be fixed" } else { "fixed" };
        let mut counts = vec![0; files.len()];
        let mut found = validation::check(files, config);
        for _ in 0..FIX_ROUNDS {
            let mut mended = false;
            for ((file, findings), total) in files.iter_mut().zip(&found).zip(&mut counts) {
                if let Some((after, count)) = validation::fixed(file, findings, wanted) {
                    *file = after;
                    *total += count;
                    mended = true;
                }
            }
            if !mended {
                break;
            }
            found = validation::check(files, config);
        }
        for ((file, findings), count) in files.iter().zip(&mut found).zip(counts) {
            if count > 0 {
                tell(format_args!("{}: {count} {fixed}", file.source.name()));
            }
            for finding in findings {
                // It was tried, and the file would not have said what was meant.
                let failed = finding.fix.take_if(|fix| wanted.includes(fix));
                let why =
                    failed.map(|_| "the file would not say what is meant").or(finding.hindrance);
                if let Some(why) = why {
                    let at = file.source.position(finding.span.start);
                    let (name, rule) = (file.source.name(), finding.rule);
                    let (line, column) = (at.line, at.column);
                    tell(format_args!("{name}:{line}:{column}: not fixed: {why} [{rule}]"));
                }
            }
        }
        found
    }
}
