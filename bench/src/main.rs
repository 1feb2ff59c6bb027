//! Prints everything side by side, as a Markdown table.
//!
//! ```sh
//! cargo run --release --features hyperscan,vrl [PART OF A TAXONOMY'S NAME]…
//! ```
//! `LOGCHECK` names the `etc/logcheck` of Debian's package `logcheck-database`,
//! `SIGNATURES_DATA` the folder that holds LogHub's samples. Each cell is the
//! fastest of several rounds in one process: compare them with one another, not
//! with those of another machine.

use std::{
    alloc::System,
    env,
    hint::black_box,
    time::{Duration, Instant},
};

use signatures_bench::{
    lines::{self, Lines},
    peer::{self, Kind, Peer},
    taxonomy::{self, Taxonomy},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let only: Vec<String> = env::args().skip(1).collect();
    let taxonomies = taxonomy::all();
    let typical = lines::typical();

    println!(
        "Nanoseconds a line, the fastest of up to {ROUNDS} rounds; {} lines of {} bytes on average.\n",
        typical.iter().len(),
        typical.bytes() / typical.iter().len().max(1),
    );
    println!(
        "| patterns | by | compile | memory | non-matching | typical | hostile 150 B | hostile 64 KiB |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|");
    for taxonomy in &taxonomies {
        if only.is_empty() || only.iter().any(|name| taxonomy.name.contains(name.as_str())) {
            rows(taxonomy, &typical);
        }
    }
}

const ROUNDS: usize = 40;

fn rows(taxonomy: &Taxonomy, typical: &Lines) {
    let patterns = &taxonomy.patterns;
    // Of ten thousand patterns `RegexSet` takes milliseconds a line.
    let large = patterns.len() > 5_000;
    let reference = if large { peer::filtered(patterns) } else { peer::set(patterns) };
    let reference = reference.expect("what the engine accepts, its peers do");
    let verdicts: Vec<_> = typical.iter().map(|line| reference.first(line)).collect();
    let unmatched = typical.iter().zip(&verdicts).filter(|(_, first)| first.is_none());
    let unmatched: Lines = unmatched.map(|(line, _)| line).collect();
    // Of ten thousand patterns, one or the other matches in most long lines, unless
    // these are made of little.
    let hostile = |length, count| -> Lines {
        let of = |fragments| -> Lines {
            let tried = lines::hostile(patterns, length, fragments).take(20 * count);
            tried.filter(|line| reference.first(line).is_none()).take(count).collect()
        };
        [4_096, 64].map(of).into_iter().find(|lines| lines.bytes() > 0).unwrap_or_default()
    };
    let (short, long) = (hostile(150, 500), hostile(64 << 10, 3));

    for Kind { name, compile } in peer::all() {
        // The loops take a millisecond a line and more.
        let slow = patterns.len() > 200 && name.starts_with("loop");
        if slow || large && name.starts_with("RegexSet") {
            continue;
        }
        let region = Region::new(ALLOCATOR);
        let start = Instant::now();
        let Some(compiled) = compile(patterns) else { continue };
        let compiling = start.elapsed();
        let wrong = typical
            .iter()
            .zip(&verdicts)
            .filter(|(line, first)| compiled.first(line) != **first)
            .count();
        let change = region.change();
        let memory = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
        println!(
            "| {} | {name}{} | {} ms | {:.1} MB | {} | {} | {} | {} |",
            taxonomy.name,
            if wrong > 0 { format!(" ({wrong} other verdicts)") } else { String::new() },
            compiling.as_millis(),
            memory as f64 / 1e6,
            time(&*compiled, &unmatched),
            time(&*compiled, typical),
            time(&*compiled, &short),
            time(&*compiled, &long),
        );
    }
}

/// After this long no further round is begun.
const PATIENCE: Duration = Duration::from_millis(700);

fn time(peer: &dyn Peer, lines: &Lines) -> String {
    if lines.bytes() == 0 {
        return "–".into();
    }
    let mut best = Duration::MAX;
    let began = Instant::now();
    for round in 0..ROUNDS {
        if round > 0 && began.elapsed() > PATIENCE {
            break;
        }
        let start = Instant::now();
        for line in lines.iter() {
            black_box(peer.first(black_box(line)));
        }
        best = best.min(start.elapsed());
    }
    format!("{:.0}", best.as_nanos() as f64 / lines.iter().len() as f64)
}
