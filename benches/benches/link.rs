//! How near the linkage engine comes to what the processor can do.
//!
//! `cargo bench -p benches --bench link`. The first line, `registers`, is the limit:
//! and, count, add on registers alone, for pairs of 1,024-bit filters. Compare the
//! others with it inside one run only.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run should say so and stop")]

use std::hint::black_box;

use benches::people::{self, Family};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use linkage::{
    Comparison, Kernel, Limits, Measure, PairList, Progress, Rule, Source, compare, register_limit,
};
use rayon::{ThreadPool, ThreadPoolBuilder};

const WORDS: u64 = 16;

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads")
}

struct Run<'a> {
    sources: &'a [Source],
    measure: Measure,
    threshold: &'a str,
    kernel: Kernel,
}

impl Run<'_> {
    fn pairs(&self) -> PairList {
        let mut pairs = PairList::new();
        let comparison = Comparison {
            sources: self.sources,
            rule: &Rule::between_all(self.sources.len() as u32),
            measure: self.measure,
            threshold: self.threshold.parse().expect("a threshold"),
            limits: Limits { pairs: 20_000_000 },
            first_tile: 0,
            kernel: self.kernel,
        };
        compare(&comparison, &mut pairs, &Progress::new()).expect("fits");
        pairs
    }

    /// Filter pairs: pairs of records times views.
    fn elements(&self) -> Throughput {
        let views = self.sources[0].views().len();
        Throughput::Elements((self.sources[0].rows() * self.sources[1].rows() * views) as u64)
    }
}

fn registers(criterion: &mut Criterion) {
    const ROUNDS: u64 = 10_000_000;
    let Some((words, _)) = register_limit(1) else { return };
    let mut group = criterion.benchmark_group("registers");
    group.throughput(Throughput::Elements(words * ROUNDS / WORDS));
    group.bench_function("and-count-add", |b| b.iter(|| register_limit(black_box(ROUNDS))));
    group.finish();
}

/// Random filters held against a bar that hardly any pair reaches and that no bound
/// helps with: the bare kernel with all that is around it.
fn unpruned(criterion: &mut Criterion) {
    let sources = people::sources(Family::Random, 1, &[10_000, 10_000], 1);
    let one = pool(1);
    let mut group = criterion.benchmark_group("unpruned");
    for kernel in Kernel::available() {
        let run = Run { sources: &sources, measure: Measure::Hamming, threshold: "0.58", kernel };
        group.throughput(run.elements());
        group.bench_function(kernel.to_string(), |b| b.iter(|| one.install(|| run.pairs())));
    }
    group.finish();
}

fn plain(criterion: &mut Criterion) {
    let sources = people::sources(Family::Plain, 1, &[20_000, 40_000], 2);
    let one = pool(1);
    let mut group = criterion.benchmark_group("plain-dice");
    for threshold in ["0.7", "0.8", "0.85"] {
        let (measure, kernel) = (Measure::Dice, Kernel::detect());
        let run = Run { sources: &sources, measure, threshold, kernel };
        group.throughput(run.elements());
        let id = BenchmarkId::from_parameter(threshold);
        group.bench_function(id, |b| b.iter(|| one.install(|| run.pairs())));
    }
    group.finish();
}

fn two_views(criterion: &mut Criterion) {
    let sources = people::sources(Family::Random, 2, &[20_000, 20_000], 3);
    let mut group = criterion.benchmark_group("two-views-hamming");
    for (threads, threshold) in [(1, "0.7"), (1, "0.8"), (2, "0.7"), (2, "0.8")] {
        let (measure, kernel) = (Measure::Hamming, Kernel::detect());
        let run = Run { sources: &sources, measure, threshold, kernel };
        let pool = pool(threads);
        group.throughput(run.elements());
        let id = BenchmarkId::new(format!("{threads}-threads"), threshold);
        group.bench_function(id, |b| b.iter(|| pool.install(|| run.pairs())));
    }
    group.finish();
}

criterion_group! {
    name = link;
    config = Criterion::default().sample_size(10);
    targets = registers, unpruned, plain, two_views
}
criterion_main!(link);
