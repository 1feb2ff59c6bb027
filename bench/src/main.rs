//! `table`: everything side by side, as Markdown.

use std::{
    alloc::System,
    env,
    hint::black_box,
    time::{Duration, Instant},
};

use signatures_bench::{
    lines,
    peer::{self, Kind, Peer},
    taxonomy::{self, Taxonomy},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let only: Vec<String> = env::args().skip(1).collect();
    let mut taxonomies = vec![taxonomy::design()];
    taxonomies.extend(taxonomy::logcheck());
    taxonomies.extend([10, 100, 1_000, 10_000].map(taxonomy::generated));
    let typical = lines::typical();

    println!("Nanoseconds a line; the fastest of {ROUNDS} rounds.\n");
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

const ROUNDS: usize = 5;

fn rows(taxonomy: &Taxonomy, typical: &[String]) {
    let patterns = &taxonomy.patterns;
    let reference = peer::set(patterns).expect("the set compiles");
    let verdicts: Vec<_> = typical.iter().map(|line| reference.first(line)).collect();
    let unmatched: Vec<String> = typical
        .iter()
        .zip(&verdicts)
        .filter(|(_, first)| first.is_none())
        .map(|(line, _)| line.clone())
        .collect();
    let short = lines::hostile(patterns, 150, 2_000);
    let long = lines::hostile(patterns, 64 << 10, 4);

    for Kind { name, compile } in peer::all() {
        if patterns.len() > 200 && name.starts_with("loop") {
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

fn time(peer: &dyn Peer, lines: &[String]) -> String {
    let mut best = Duration::MAX;
    let began = Instant::now();
    for round in 0..ROUNDS {
        // One slow round says enough.
        if round > 0 && began.elapsed() > Duration::from_secs(4) {
            break;
        }
        let start = Instant::now();
        for line in lines {
            black_box(peer.first(black_box(line)));
        }
        best = best.min(start.elapsed());
    }
    format!("{:.0}", best.as_nanos() as f64 / lines.len() as f64)
}
