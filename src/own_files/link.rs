//! Compare and solve, with a bar.

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::ValueEnum;
use indicatif::ProgressBar;
use linkage::{
    Clusters, Comparison, Kernel, Limits, Measure, Options, PairList, Progress, RecordRef, Rule,
    Source, Summary, Threshold, compare, greedy, groups, mutual_best, one_to_many, optimal,
};

use super::report::Stage;

/// How candidate pairs become groups.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Solver {
    /// Most similar pairs first; a group needs all its pairs
    Greedy,
    /// Only pairs that are each other's best
    Mutual,
    /// One to one with the greatest sum of similarities
    Optimal,
    /// Every record to its best in the source --one
    OneToMany,
    /// As greedy, but a group needs only a share of its pairs (--agreement)
    Groups,
}

/// What to link, and how.
pub(crate) struct Settings {
    pub(crate) threshold: Threshold,
    pub(crate) measure: Measure,
    pub(crate) solver: Solver,
    pub(crate) agreement: Threshold,
    pub(crate) one: u32,
    pub(crate) rule: Rule,
    pub(crate) most_pairs: u64,
    pub(crate) group_cap: u32,
    pub(crate) known: Vec<(RecordRef, RecordRef)>,
}

/// What was found; rows are positions in the packed sources.
pub(crate) struct Found {
    pub(crate) pairs: PairList,
    pub(crate) clusters: Clusters,
    pub(crate) summary: Summary,
    pub(crate) stages: Vec<Stage>,
}

/// Links packed sources.
pub(crate) fn link(
    sources: &[Source],
    settings: Settings,
    bar: &ProgressBar,
) -> anyhow::Result<Found> {
    let sizes: Vec<u32> = sources
        .iter()
        .map(|own| u32::try_from(own.rows()))
        .collect::<Result<_, _>>()
        .context("too many rows")?;
    let started = Instant::now();
    let (pairs, summary) = candidates(sources, &settings, bar)?;
    let mut stages = vec![Stage::new("compare", started.elapsed(), summary.compared)];
    let started = Instant::now();
    let Settings { threshold, solver, agreement, one, rule, group_cap, known, .. } = settings;
    let options = Options::new(threshold).rule(&rule).cluster_cap(group_cap).known_links(known);
    let mut reader = pairs.reader();
    let clusters = match solver {
        Solver::Greedy => greedy(&mut reader, &sizes, &options),
        Solver::Mutual => mutual_best(&mut reader, &sizes, &options),
        Solver::Optimal => optimal(&mut reader, &sizes, &options),
        Solver::OneToMany => one_to_many(&mut reader, &sizes, one, &options),
        Solver::Groups => groups(&mut reader, &sizes, agreement, &options),
    }?;
    stages.push(Stage::new("solve", started.elapsed(), summary.pairs));
    Ok(Found { pairs, clusters, summary, stages })
}

fn candidates(
    sources: &[Source],
    settings: &Settings,
    bar: &ProgressBar,
) -> anyhow::Result<(PairList, Summary)> {
    let comparison = Comparison {
        sources,
        rule: &settings.rule,
        measure: settings.measure,
        threshold: settings.threshold,
        limits: Limits { pairs: settings.most_pairs },
        first_tile: 0,
        kernel: Kernel::detect(),
    };
    let (mut pairs, progress) = (PairList::new(), Progress::new());
    let summary = std::thread::scope(|scope| {
        let running = scope.spawn(|| compare(&comparison, &mut pairs, &progress));
        while !running.is_finished() {
            let (done, total) = progress.compared();
            bar.set_length(total);
            bar.set_position(done);
            std::thread::sleep(Duration::from_millis(if bar.is_hidden() { 2 } else { 50 }));
        }
        running.join()
    });
    let Ok(summary) = summary else { anyhow::bail!("the comparison ended by a fault of its own") };
    match summary {
        Err(error @ linkage::Error::TooManyPairs { .. }) => {
            Err(error).context("--most-pairs keeps memory bounded: each pair takes 40 bytes")
        }
        other => Ok((pairs, other?)),
    }
}
