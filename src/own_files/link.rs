//! Compare and solve, with a bar.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::ValueEnum;
use indicatif::ProgressBar;
use linkage::{
    Apart, Clusters, Measure, Options, RecordRef, Rule, Source, Summary, Threshold, Without, apart,
    greedy, groups, mutual_best, one_to_many, optimal,
};

use super::blocking::{Block, BlockLine};
use super::candidates::{Candidates, candidates};
use super::odd::{Odd, OddLimits};
use super::report::Stage;
use super::spill::FoundPairs;

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
    pub(crate) per_record: Option<NonZeroU32>,
    /// Pairs held in memory; further ones go to a file beside `output`.
    pub(crate) held_pairs: usize,
    pub(crate) output: PathBuf,
    pub(crate) group_cap: u32,
    pub(crate) known: Vec<(RecordRef, RecordRef)>,
    pub(crate) block: Block,
    pub(crate) odd: OddLimits,
}

/// What was found; rows are positions in the packed sources.
pub(crate) struct Found {
    pub(crate) pairs: FoundPairs,
    pub(crate) clusters: Clusters,
    pub(crate) summary: Summary,
    pub(crate) per_record: Option<NonZeroU32>,
    pub(crate) blocking: Option<BlockLine>,
    pub(crate) odd: Odd,
    pub(crate) apart: Apart,
    pub(crate) stages: Vec<Stage>,
}

/// Links packed sources.
pub(crate) fn link(
    sources: &[Source],
    settings: &Settings,
    bar: &ProgressBar,
) -> anyhow::Result<Found> {
    let sizes: Vec<u32> = sources
        .iter()
        .map(|own| u32::try_from(own.rows()))
        .collect::<Result<_, _>>()
        .context("too many rows")?;
    let Candidates { pairs, summary, blocking, mut stages } = candidates(sources, settings, bar)?;
    let started = Instant::now();
    let mut odd = Odd::look(sources, &sizes, &pairs, &settings.odd)?;
    stages.push(Stage::new("check", started.elapsed(), summary.pairs));
    let started = Instant::now();
    let clusters = solve(&pairs, &sizes, settings, &odd)?;
    stages.push(Stage::new("solve", started.elapsed(), summary.pairs));
    let started = Instant::now();
    odd.look_at_links(&clusters, &settings.odd);
    let mut free = Without::new(pairs.reader(), &odd.set_aside);
    let apart = apart(&mut free, &clusters, &sizes)?;
    stages.push(Stage::new("review", started.elapsed(), summary.pairs));
    let per_record = settings.per_record;
    Ok(Found { pairs, clusters, summary, per_record, blocking, odd, apart, stages })
}

fn solve(
    pairs: &FoundPairs,
    sizes: &[u32],
    settings: &Settings,
    odd: &Odd,
) -> anyhow::Result<Clusters> {
    let Settings { threshold, solver, agreement, one, rule, group_cap, known, .. } = settings;
    let options =
        Options::new(*threshold).rule(rule).cluster_cap(*group_cap).known_links(known.clone());
    let mut free = Without::new(pairs.reader(), &odd.set_aside);
    Ok(match solver {
        Solver::Greedy => greedy(&mut free, sizes, &options),
        Solver::Mutual => mutual_best(&mut free, sizes, &options),
        Solver::Optimal => optimal(&mut free, sizes, &options),
        Solver::OneToMany => one_to_many(&mut free, sizes, *one, &options),
        Solver::Groups => groups(&mut free, sizes, *agreement, &options),
    }?)
}
