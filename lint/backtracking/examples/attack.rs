//! A regular expression in, verdict and attack out.
//!
//! ```sh
//! cargo run --example attack -- '^(\w+\s?)+$'
//! cargo run --example attack -- --dialect javascript --ignore-case '(a|A)*$'
//! ```

use std::process::ExitCode;

use sigcheck_backtracking::{Analysis, Budget, Dialect, Flags, Vulnerability, analyse, rewrite};

const USAGE: &str = "\
Says whether a regular expression can be made to backtrack without end, and how.

Usage: attack [OPTIONS] REGEX

Options:
  -d, --dialect NAME  python, pcre2, javascript or rust [default: python]
  -i, --ignore-case   Match without regard to case
  -h, --help          Print this

Exit codes: 0 no attack, 1 an attack, 2 undecided, 64 wrong usage";

/// Of `sysexits.h`: the command was used incorrectly.
const WRONG_USAGE: u8 = 64;

fn main() -> ExitCode {
    match Asked::read(std::env::args().skip(1)) {
        Ok(Some(asked)) => ExitCode::from(asked.answer()),
        Ok(None) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}\n\n{USAGE}");
            ExitCode::from(WRONG_USAGE)
        }
    }
}

/// What the command line asks for.
struct Asked {
    pattern: String,
    dialect: Dialect,
    flags: Flags,
}

impl Asked {
    /// Reads the arguments; nothing when help is asked for.
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<Asked>, String> {
        let (mut pattern, mut dialect) = (None, Dialect::default());
        let mut flags = Flags::default();
        let mut only_patterns = false;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "-h" | "--help" if !only_patterns => return Ok(None),
                "-i" | "--ignore-case" if !only_patterns => flags.ignore_case = true,
                "-d" | "--dialect" if !only_patterns => {
                    let name = arguments.next().ok_or("--dialect needs a name")?;
                    dialect = name.parse().map_err(|error| format!("{error}"))?;
                }
                "--" if !only_patterns => only_patterns = true,
                _ if pattern.is_none() && (only_patterns || !argument.starts_with("--")) => {
                    pattern = Some(argument);
                }
                _ => return Err(format!("`{argument}` is not understood")),
            }
        }
        let pattern = pattern.ok_or("there is no regular expression")?;
        Ok(Some(Asked { pattern, dialect, flags }))
    }

    /// Prints the answer, and returns the exit code.
    fn answer(&self) -> u8 {
        let Asked { pattern, dialect, flags } = self;
        let budget = Budget::default();
        let analysis = analyse(pattern, *dialect, *flags, &budget);
        let Vulnerability { complexity, attack, culprit, seconds } = match &analysis {
            Analysis::Linear => {
                println!("linear: no attack found");
                return 0;
            }
            Analysis::Undecided(reason) => {
                println!("undecided: {reason}");
                return 2;
            }
            Analysis::Vulnerable(vulnerability) => vulnerability,
        };
        println!("{complexity}");
        println!("culprit: {}", &pattern[culprit.clone()]);
        println!("attack:  {}", attack.expression());
        println!(
            "cost:    about {seconds:.3e} s of CPython on {} characters",
            budget.subject_limit
        );
        if let Some(better) = rewrite(pattern, *dialect, *flags, &budget, &analysis) {
            println!("instead: {}", better.pattern);
        }
        1
    }
}
