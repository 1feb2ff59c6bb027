//! Criterion's view of the same: throughput on lines that match nothing.
//!
//! ```sh
//! cargo bench --bench matcher --features hyperscan,vrl
//! ```

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use signatures_bench::{
    lines::{self, Lines},
    peer, taxonomy,
};

fn matcher(criterion: &mut Criterion) {
    let typical = lines::typical();
    for taxonomy in taxonomy::all() {
        let mut group = criterion.benchmark_group(&taxonomy.name);
        group.sample_size(10);
        let compiled: Vec<_> = peer::all()
            .into_iter()
            // The loops take a millisecond a line and more, `RegexSet` its time to compile.
            .filter(|kind| match taxonomy.patterns.len() {
                0..=200 => true,
                201..=5_000 => !kind.name.starts_with("loop"),
                _ => !kind.name.starts_with("loop") && !kind.name.starts_with("RegexSet"),
            })
            .filter_map(|kind| Some((kind.name, (kind.compile)(&taxonomy.patterns)?)))
            .collect();
        // The engine is the first of the peers.
        let unmatched: Lines =
            typical.iter().filter(|line| compiled[0].1.first(line).is_none()).collect();
        group.throughput(Throughput::Bytes(unmatched.bytes() as u64));
        for (name, peer) in &compiled {
            group.bench_function(BenchmarkId::new("non-matching", name), |bencher| {
                bencher.iter(|| unmatched.iter().filter(|line| peer.first(line).is_some()).count());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, matcher);
criterion_main!(benches);
