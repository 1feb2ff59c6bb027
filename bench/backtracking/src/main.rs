//! Reads patterns, one a line, on standard input and prints what `sigcheck`
//! says of each, one JSON object a line, in the same order.
//! Arguments: the engine (`python` by default), and `i` to ignore case.

use std::io::{BufRead, Write};
use std::time::Instant;

use serde_json::{Value, json};
use sigcheck::backtracking::{Analysis, Attack, Budget, Engine, Flags, Verdict, analyse};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let engine = match arguments.first().map(String::as_str) {
        None | Some("python") => Engine::Python,
        Some("pcre2") => Engine::Pcre2,
        Some("javascript") => Engine::JavaScript,
        Some("rust") => Engine::Rust,
        Some(other) => return Err(std::io::Error::other(format!("no engine {other}"))),
    };
    let flags = Flags { ignore_case: arguments.iter().any(|a| a == "i"), ..Flags::default() };
    let budget = Budget::default();
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for line in std::io::stdin().lock().lines() {
        let pattern = line?;
        let started = Instant::now();
        let analysis = analyse(&pattern, engine, flags, &budget);
        let micros = started.elapsed().as_micros();
        writeln!(out, "{}", describe(&pattern, &analysis, micros))?;
    }
    out.flush()
}

fn describe(pattern: &str, analysis: &Analysis, micros: u128) -> Value {
    let (status, complexity) = match &analysis.verdict {
        Verdict::Linear => ("safe", "linear".to_owned()),
        Verdict::Polynomial { degree } => ("vulnerable", format!("polynomial of degree {degree}")),
        Verdict::Exponential => ("vulnerable", "exponential".to_owned()),
        Verdict::Undecided(reason) => ("undecided", reason.to_string()),
    };
    json!({
        "pattern": pattern,
        "status": status,
        "complexity": complexity,
        "attack": analysis.attack.as_ref().map(attack),
        "culprit": analysis.culprit.clone().map(|span| &pattern[span]),
        "seconds": analysis.cost.map(|cost| cost.seconds),
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
