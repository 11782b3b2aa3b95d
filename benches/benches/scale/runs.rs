//! One comparison and what it took.

use std::time::{Duration, Instant};

use benches::spent::Spent;
use linkage::{
    Comparison, Kernel, Limits, Measure, Options, PairList, Progress, Rule, Source, compare,
    greedy, register_limit,
};
use rayon::ThreadPoolBuilder;

const MILLION: f64 = 1e6;

/// What to compare.
pub(crate) struct Run<'a> {
    sources: &'a [Source],
    measure: Measure,
    threshold: &'a str,
}

/// What came of it.
pub(crate) struct Done {
    /// Million filter pairs per second.
    pub(crate) rate: f64,
    pub(crate) wall: Duration,
    /// Greatest resident memory in bytes, all that lay there before included.
    pub(crate) memory: u64,
    pub(crate) pairs: PairList,
}

impl<'a> Run<'a> {
    pub(crate) fn new(sources: &'a [Source], measure: Measure, threshold: &'a str) -> Self {
        Self { sources, measure, threshold }
    }

    pub(crate) fn on_all(&self) -> Done {
        self.on(std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// On so many threads; three times where it is short, of which the fastest counts.
    pub(crate) fn on(&self, threads: usize) -> Done {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let mut best: Option<Done> = None;
        for _ in 0..3 {
            let done = pool.install(|| self.once(threads));
            let long = done.wall > Duration::from_secs(20);
            if best.as_ref().is_none_or(|own| own.rate < done.rate) {
                best = Some(done);
            }
            if long {
                break;
            }
        }
        best.expect("a run")
    }

    fn once(&self, threads: usize) -> Done {
        let rule = Rule::between_all(self.sources.len() as u32);
        let comparison = Comparison {
            sources: self.sources,
            rule: &rule,
            measure: self.measure,
            threshold: self.threshold.parse().expect("a threshold"),
            limits: Limits { pairs: 200_000_000 },
            first_tile: 0,
            kernel: Kernel::detect(),
        };
        let mut pairs = PairList::new();
        let (told, spent) = Spent::on(|| compare(&comparison, &mut pairs, &Progress::new()));
        let compared = told.expect("fits").compared as f64;
        // Ticks are of 10 ms.
        let enough = threads == 1 && spent.processor >= Duration::from_millis(100);
        let took = if enough { spent.processor } else { spent.wall };
        let rate = compared / took.as_secs_f64() / MILLION;
        Done { rate, wall: spent.wall, memory: spent.memory, pairs }
    }
}

/// Million filter pairs of 1,024 bits per second of the processor on registers alone.
pub(crate) fn limit() -> f64 {
    const ROUNDS: u64 = 20_000_000;
    let one = || {
        let (words, spent) = Spent::on(|| register_limit(ROUNDS).map(|told| told.0));
        words.unwrap_or_default() as f64 / 16.0 / spent.processor.as_secs_f64() / MILLION
    };
    (0..5).map(|_| one()).fold(0.0, f64::max)
}

/// The same comparison twice at once, on a thread each that knows nothing of the other:
/// million filter pairs per second by the clock, both together.
pub(crate) fn share_nothing(sources: &[Source], measure: Measure, threshold: &str) -> f64 {
    let mut best = 0.0_f64;
    for _ in 0..3 {
        let began = Instant::now();
        let pairs = std::thread::scope(|scope| {
            let one = || {
                let pool = ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
                pool.install(|| Run::new(sources, measure, threshold).once(2));
            };
            let (a, b) = (scope.spawn(one), scope.spawn(one));
            let ended = a.join().is_ok() && b.join().is_ok();
            assert!(ended, "a run failed");
            2 * sources[0].rows() * sources[1].rows() * sources[0].views().len()
        });
        best = best.max(pairs as f64 / began.elapsed().as_secs_f64() / MILLION);
    }
    best
}

/// Seconds of greedy linking, and clusters.
pub(crate) fn solve(pairs: &PairList, sizes: &[u32], threshold: &str) -> (f64, usize) {
    let options = Options::new(threshold.parse().expect("a threshold"));
    let began = Instant::now();
    let clusters = greedy(&mut pairs.reader(), sizes, &options).expect("clusters").len();
    (began.elapsed().as_secs_f64(), clusters)
}

pub(crate) fn gibibytes(bytes: f64) -> String {
    format!("{:.2} GiB", bytes / f64::from(1 << 30))
}
