//! Reads one text a line, as JSON strings, and writes the extended canonical text
//! of each, as a JSON string; `--seed` the fingerprint's text, `--time` what one
//! costs.

use std::{
    hint::black_box,
    io::Read,
    time::{Duration, Instant},
};

use signatures_engine::{
    canonical::canonical,
    extended::{Buffer, extended, extended_in},
};

fn main() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("the input is text");
    let texts: Vec<String> = input
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is a JSON string"))
        .collect();
    let form = match std::env::args().nth(1).as_deref() {
        Some("--time") => return time(&texts),
        Some("--seed") => canonical,
        _ => extended,
    };
    for text in &texts {
        println!("{}", serde_json::Value::from(form(text)));
    }
}

/// What a text costs by both forms in turn: batches that are short beside what a
/// busy machine gives at a time, each as fast as it ever was.
fn time(texts: &[String]) {
    let (mut seed, mut own) = (Duration::ZERO, Duration::ZERO);
    for batch in texts.chunks(200) {
        seed += fastest(batch, |text| canonical(text).len());
        own += fastest(batch, |text| extended_in(&mut Buffer::new(), text).len());
    }
    let each = |total: Duration| total.as_secs_f64() * 1e9 / texts.len() as f64;
    println!("{} texts: seed {:.0} ns, extended {:.0} ns each", texts.len(), each(seed), each(own));
}

fn fastest(texts: &[String], of: impl Fn(&str) -> usize) -> Duration {
    let round = |_| {
        let start = Instant::now();
        for text in texts {
            black_box(of(black_box(text)));
        }
        start.elapsed()
    };
    (0..200).map(round).min().unwrap_or_default()
}
