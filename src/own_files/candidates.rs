//! Compare, with a bar: everything, or what shares a block.

use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::ProgressBar;
use linkage::{Comparison, Kernel, Limits, Progress, Scope, Source, Summary, compare_scope};

use super::blocking::{self, BlockLine};
use super::link::Settings;
use super::report::Stage;
use super::spill::{FoundPairs, Spill};

/// Candidate pairs, and how they were found.
pub(super) struct Candidates {
    pub(super) pairs: FoundPairs,
    pub(super) summary: Summary,
    pub(super) blocking: Option<BlockLine>,
    pub(super) stages: Vec<Stage>,
}

pub(super) fn candidates(
    sources: &[Source],
    settings: &Settings,
    bar: &ProgressBar,
) -> anyhow::Result<Candidates> {
    let comparison = Comparison {
        sources,
        rule: &settings.rule,
        measure: settings.measure,
        threshold: settings.threshold,
        limits: Limits { pairs: settings.most_pairs },
        first_tile: 0,
        kernel: Kernel::detect(),
    };
    let mut scope = Scope::all();
    if let Some(most) = settings.per_record {
        scope = scope.per_record(most);
    }
    let mut pairs = Spill::new(&settings.output, settings.held_pairs, settings.threshold);
    let progress = Progress::new();
    let mut stages = Vec::new();
    let started = Instant::now();
    let blocks = blocking::blocks(&comparison, &settings.block)?;
    if blocks.is_some() {
        let records = sources.iter().map(|own| own.rows() as u64).sum();
        stages.push(Stage::new("block", started.elapsed(), records));
    }
    let started = Instant::now();
    let summary = watched(bar, &progress, || match &blocks {
        None => compare_scope(&comparison, &scope, &mut pairs, &progress),
        Some((blocks, _)) => blocks.compare(&scope, &mut pairs, &progress),
    })?;
    let summary = match summary {
        Err(error @ linkage::Error::TooManyPairs { .. }) => {
            Err(error).context("--most-pairs keeps time and disk bounded; so does --per-record")
        }
        other => Ok(other?),
    }?;
    let pairs = pairs.finish()?;
    stages.push(Stage::new("compare", started.elapsed(), summary.compared));
    let started = Instant::now();
    let mut sampled = 0;
    let blocking = blocks.map(|(blocks, mut line)| {
        sampled = line.measure(&blocks);
        line
    });
    if blocking.is_some() {
        stages.push(Stage::new("sample", started.elapsed(), sampled));
    }
    Ok(Candidates { pairs, summary, blocking, stages })
}

/// Runs work beside a bar that shows how far it is.
fn watched<T: Send>(
    bar: &ProgressBar,
    progress: &Progress,
    work: impl FnOnce() -> T + Send,
) -> anyhow::Result<T> {
    let done = std::thread::scope(|threads| {
        let running = threads.spawn(work);
        while !running.is_finished() {
            let (done, total) = progress.compared();
            bar.set_length(total);
            bar.set_position(done);
            std::thread::sleep(Duration::from_millis(if bar.is_hidden() { 2 } else { 50 }));
        }
        running.join()
    });
    done.map_err(|_| anyhow::anyhow!("the comparison ended by a fault of its own"))
}
