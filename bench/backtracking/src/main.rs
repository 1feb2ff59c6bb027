//! Reads patterns, one a line, on standard input and prints what `sigcheck`
//! says of each, one JSON object a line, in the same order.
//! Arguments: the dialect (`python` by default), and `i` to ignore case.

use std::io::{BufRead, Write};
use std::time::Instant;

use serde_json::{Value, json};
use sigcheck_backtracking::{Analysis, Attack, Budget, Dialect, Flags, analyse};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let dialect = match arguments.first() {
        None => Dialect::Python,
        Some(name) => name.parse().map_err(std::io::Error::other)?,
    };
    let flags = Flags { ignore_case: arguments.iter().any(|a| a == "i"), ..Flags::default() };
    let budget = Budget::default();
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for line in std::io::stdin().lock().lines() {
        let pattern = line?;
        let started = Instant::now();
        let analysis = analyse(&pattern, dialect, flags, &budget);
        let micros = started.elapsed().as_micros();
        writeln!(out, "{}", describe(&pattern, &analysis, micros))?;
    }
    out.flush()
}

fn describe(pattern: &str, analysis: &Analysis, micros: u128) -> Value {
    let (status, complexity) = match analysis {
        Analysis::Linear => ("safe", "linear".to_owned()),
        Analysis::Vulnerable(found) => ("vulnerable", found.complexity.to_string()),
        Analysis::Undecided(reason) => ("undecided", reason.to_string()),
    };
    let found = analysis.vulnerability();
    json!({
        "pattern": pattern,
        "status": status,
        "complexity": complexity,
        "attack": found.map(|found| attack(&found.attack)),
        "culprit": found.map(|found| &pattern[found.culprit.clone()]),
        "seconds": found.map(|found| found.seconds),
        "micros": micros as u64,
    })
}

fn attack(attack: &Attack) -> Value {
    let pumps = attack.pumps.iter().map(|p| json!({"prefix": p.prefix, "pump": p.text}));
    json!({
        "pumps": pumps.collect::<Vec<_>>(),
        "suffix": attack.suffix,
        "repeats": attack.repeats,
        "expression": attack.expression(),
    })
}
