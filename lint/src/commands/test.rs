//! `sigcheck test`: the taxonomy's own examples and counterexamples.

use std::{io::Write, path::PathBuf};

use signatures_engine::{
    pattern::Search,
    settings::Settings,
    taxonomy::{Example, Signature, Taxonomy},
    verdict::{Classifier, Verdict as Found},
};

use crate::{
    Failure, Verdict,
    files::{self, Files},
    finding::{Checked, Finding, Severity},
    report::Format,
};

/// Prove the taxonomy's own examples and counterexamples
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An example must be classified as its own signature by the whole taxonomy; a counterexample
must not match the pattern of its own signature.

Example:
  sigcheck test config/error_signatures.yml")]
pub(super) struct Args {
    /// The taxonomies [default: --taxonomy]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    config: Files,

    /// How to print what failed
    #[arg(long, value_enum, default_value = "pretty")]
    format: Format,
}

impl Args {
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        let settings = self.config.settings()?;
        let default = [self.config.taxonomy.clone()];
        let paths = if self.files.is_empty() { &default[..] } else { &self.files };
        let mut checked = Vec::new();
        let mut tested = 0;
        for path in paths {
            let source = files::read(path)?;
            let taxonomy = Taxonomy::read(&source).into_result(&source)?;
            let signatures = &taxonomy.signatures;
            tested += signatures
                .iter()
                .map(|s| s.examples.len() + s.counterexamples.len())
                .sum::<usize>();
            let findings = failures(taxonomy, &settings);
            checked.push(Checked { source, findings });
        }
        let failed: usize = checked.iter().map(|file| file.findings.len()).sum();
        let mut out = anstream::stdout().lock();
        if self.format == Format::Json || failed > 0 {
            self.format.print(&checked, &mut out)?;
        }
        if self.format == Format::Pretty {
            writeln!(out, "{} passed, {failed} failed", tested - failed)?;
        }
        Ok(if failed > 0 { Verdict::Findings } else { Verdict::Fine })
    }
}

/// A finding for each example that does not hold.
fn failures(taxonomy: Taxonomy, settings: &Settings) -> Vec<Finding> {
    let classifier = Classifier::new(taxonomy, settings);
    let taxonomy = classifier.taxonomy();
    let mut findings = Vec::new();
    for (index, signature) in taxonomy.signatures.iter().enumerate() {
        for example in &signature.examples {
            let found = classifier.classify_line(example.text.as_str()).verdict;
            if found != Found::Match(index) {
                let message = format!(
                    "this example of {} {}",
                    signature.id,
                    describe(&classifier, signature, example, found)
                );
                let help = "mend the pattern or the example, or move the signature up".to_owned();
                findings.push(finding(example, message, help));
            }
        }
        for example in &signature.counterexamples {
            if signature.pattern.search(&example.text) == Search::Found {
                let message = format!("{} matches its counterexample", signature.id);
                findings.push(finding(example, message, "make the pattern stricter".to_owned()));
            }
        }
    }
    findings
}

fn describe(
    classifier: &Classifier,
    signature: &Signature,
    example: &Example,
    found: Found,
) -> String {
    if signature.pattern.search(&example.text) != Search::Found {
        return "does not match its pattern".to_owned();
    }
    match (classifier.signature(found), classifier.allowlist_entry(found)) {
        (Some(earlier), _) => format!("is taken by {}, which comes first", earlier.id),
        (_, Some(entry)) => format!("is dropped as noise by `{}`", entry.pattern.as_str()),
        // Only the part within the subject limit is looked at.
        _ => "matches only beyond the subject limit".to_owned(),
    }
}

fn finding(example: &Example, message: String, help: String) -> Finding {
    Finding {
        rule: "example-mismatch",
        severity: Severity::Error,
        message,
        span: example.span,
        help: Some(help),
    }
}
