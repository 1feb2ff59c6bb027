//! The same hop by the relay and by a stock Vector with the same taxonomy as a
//! `remap` chain: the same batches, in one run, in turns.
//!
//! ```sh
//! cargo build --release
//! cd bench/relay && cargo run --release --bin against_vector -- /path/to/vector
//! ```

use std::{fmt::Write as _, path::Path, time::Duration};

use bytes::Bytes;
use relay_bench::{
    batches,
    hop::{Hop, ROOT},
};
use signatures_document::yaml::Source;
use signatures_engine::Taxonomy;
use signatures_peers::vector::{Answer, VectorSource};

const ROUNDS: usize = 3;
const TIME: Duration = Duration::from_secs(8);

/// With so many senders Vector, which batches anew, never waits for events.
const WORKERS: usize = 8;

/// The taxonomy as one chain of conditions, in its order, then the allowlist.
/// Patterns with look-around cannot be said in VRL; their number comes with it.
fn remap(taxonomy: &Taxonomy) -> (String, usize) {
    let literal = |pattern: &str| format!("r'(?i){}'", pattern.replace('\'', "\\'"));
    let (mut program, mut left_out) = ("message = string!(.message)\n".to_owned(), 0);
    let mut condition = "if";
    for signature in &taxonomy.signatures {
        if signature.pattern.is_backtracking() {
            left_out += 1;
            continue;
        }
        let category = &taxonomy.category_of(signature).name;
        let text = |text: &str| serde_json::to_string(text).expect("a text");
        writeln!(
            program,
            "{condition} match(message, {}) {{\n  .error_category = {}\n  .error_signature = {}\n  \
             .error_policy = {}\n  .error_severity = {}",
            literal(signature.pattern.as_str()),
            text(category),
            text(&signature.id),
            serde_json::to_string(&signature.policy).expect("a text"),
            text(signature.severity.as_str()),
        )
        .expect("memory");
        if let Some(summary) = &signature.summary {
            writeln!(program, "  .error_summary = {}", text(summary)).expect("memory");
        }
        writeln!(
            program,
            "  .error_fingerprint = slice!(sha1({} + downcase(truncate(message, 200))), 0, 12)\n}}",
            text(&format!("{category}|"))
        )
        .expect("memory");
        condition = "else if";
    }
    for entry in taxonomy.noise_allowlist.iter().filter(|entry| !entry.pattern.is_backtracking()) {
        let pattern = literal(entry.pattern.as_str());
        writeln!(program, "{condition} match(message, {pattern}) {{\n  abort\n}}").expect("memory");
    }
    // A chain goes on on the line where the block before it ends.
    (program.replace("}\nelse", "} else"), left_out)
}

#[tokio::main]
async fn main() {
    let Some(binary) = std::env::args_os().nth(1) else {
        eprintln!("which vector? Give its path");
        std::process::exit(2);
    };
    let binary = Path::new(&binary);
    let batches: Vec<Bytes> = batches().into_iter().map(Bytes::from).collect();
    let path = Path::new(ROOT).join("config/error_signatures.yml");
    let text = std::fs::read_to_string(&path).expect("the shipped taxonomy");
    let source = Source::new("error_signatures.yml", &text);
    let taxonomy = Taxonomy::read(&source).into_result(&source).expect("a good taxonomy");
    let (program, left_out) = remap(&taxonomy);
    println!(
        "{} signatures, {left_out} of them left out of the remap chain",
        taxonomy.signatures.len()
    );
    let mut best = [f64::MAX; 3];
    for round in 1..=ROUNDS {
        for (kind, name) in
            ["relay", "Vector, remap chain", "Vector, no transform"].iter().enumerate()
        {
            let source = VectorSource::start().await;
            source.answer(Answer::Discard);
            let hop = match kind {
                0 => Hop::relay(&source.url(), &path),
                1 => Hop::vector(binary, &source.url(), Some(&program)),
                _ => Hop::vector(binary, &source.url(), None),
            };
            let (user, system, events) = hop.measure(&batches, WORKERS, TIME).await;
            println!(
                "{round}: {name}: {events} events, user {user:.2} µs/event, system {system:.2} \
                 µs/event, peak {:.1} MiB",
                hop.peak_megabytes()
            );
            best[kind] = best[kind].min(user);
        }
    }
    let [relay, vector, bare] = best;
    println!(
        "user CPU, best of {ROUNDS}: relay {relay:.2}, Vector {vector:.2} ({bare:.2} without its \
         transform): the relay takes 1/{:.1} of it",
        vector / relay
    );
}
