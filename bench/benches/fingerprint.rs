//! What it costs to name an error: the canonical text, and the hash of it.
//!
//! ```sh
//! cargo bench --bench fingerprint
//! ```

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use signatures_bench::lines::{self, Lines};
use signatures_engine::{
    Fingerprint,
    canonical::canonical,
    extended::{Buffer, extended_in},
};

fn fingerprint(criterion: &mut Criterion) {
    let typical = lines::typical();
    let shaped: Lines =
        typical.iter().map(|line| format!("{line}: read ECONNRESET by {}", line.len())).collect();
    let beyond_ascii: Lines = typical.iter().map(|line| format!("é {line}")).collect();
    for (name, lines) in
        [("typical", &typical), ("known shape", &shaped), ("beyond ASCII", &beyond_ascii)]
    {
        let mut group = criterion.benchmark_group(format!("fingerprint of {name} lines"));
        group.sample_size(10).throughput(Throughput::Elements(lines.iter().len() as u64));
        group.bench_function("canonical text", |bencher| {
            bencher.iter(|| lines.iter().map(|line| canonical(line).len()).sum::<usize>());
        });
        group.bench_function("extended text", |bencher| {
            let length = |line| extended_in(&mut Buffer::new(), line).len();
            bencher.iter(|| lines.iter().map(length).sum::<usize>());
        });
        group.bench_function("hash", |bencher| {
            let texts: Vec<String> = lines.iter().map(canonical).collect();
            bencher.iter(|| texts.iter().map(|text| Fingerprint::new("db", text)).max());
        });
        group.bench_function("both", |bencher| {
            bencher.iter(|| lines.iter().map(|line| Fingerprint::of("db", line)).max());
        });
        group.finish();
    }
}

criterion_group!(benches, fingerprint);
criterion_main!(benches);
