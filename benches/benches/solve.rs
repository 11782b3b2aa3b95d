//! How long the solvers take for ten million candidate pairs; reading and sorting them is
//! part of it.
//!
//! `cargo bench -p benches --bench solve`. Pairs fall on random records, so that they hang
//! together more than those of people would.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run should say so and stop")]

use std::time::Duration;

use benches::people;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use linkage::{
    Clusters, Error, Options, PairList, greedy, groups, mutual_best, one_to_many, optimal,
};

const PAIRS: usize = 10_000_000;
const TWO: [u32; 2] = [1_000_000; 2];
const FIVE: [u32; 5] = [400_000; 5];

type Solver = fn(&PairList, &[u32], &Options) -> Result<Clusters, Error>;

const SOLVERS: [(&str, Solver); 5] = [
    ("greedy", |pairs, sizes, options| greedy(&mut pairs.reader(), sizes, options)),
    ("mutual", |pairs, sizes, options| mutual_best(&mut pairs.reader(), sizes, options)),
    ("optimal", |pairs, sizes, options| optimal(&mut pairs.reader(), sizes, options)),
    ("one-to-many", |pairs, sizes, options| one_to_many(&mut pairs.reader(), sizes, 0, options)),
    ("groups", |pairs, sizes, options| {
        groups(&mut pairs.reader(), sizes, "0.4".parse().expect("a share"), options)
    }),
];

fn solvers(criterion: &mut Criterion) {
    let options = Options::new("0.5".parse().expect("a threshold"));
    for (name, sizes) in [("two-sources", TWO.as_slice()), ("five-sources", FIVE.as_slice())] {
        let pairs = people::candidate_pairs(sizes, PAIRS, 4);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(pairs.pairs().len() as u64));
        for (solver, solve) in SOLVERS {
            group.bench_function(solver, |b| {
                b.iter(|| solve(&pairs, sizes, &options).map(|clusters| clusters.len()));
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = solve;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(1));
    targets = solvers
}
criterion_main!(solve);
