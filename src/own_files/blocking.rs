//! `--block`: comparing less than everything, and saying what that loses.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, bail, ensure};
use linkage::{BlockKeys, Blocking, Blocks, Choice, Comparison, RecordRef, choose};
use serde::Serialize;

use super::read::EncodedSource;

/// Share of the pairs at the threshold that is to be found unless another one is named.
const COMPLETENESS: f64 = 0.99;
/// Where the positions of the bands come from: the same with every run.
const SEED: u64 = 2_026;
/// Most bytes of a file of keys, and of a key.
const MOST_BYTES: u64 = 1 << 30;
const MOST_KEY: usize = 128;

/// What is compared, as asked on the command line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BlockName {
    Exact,
    Lsh(f64),
    Keys(PathBuf),
}

impl FromStr for BlockName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = text.split_once(':').map_or((text, None), |(a, b)| (a, Some(b)));
        match (name, rest) {
            ("exact", None) => Ok(Self::Exact),
            ("lsh", None) => Ok(Self::Lsh(COMPLETENESS)),
            ("lsh", Some(share)) => match share.parse() {
                Ok(share) if 0.0 < share && share < 1.0 => Ok(Self::Lsh(share)),
                _ => Err("the share of pairs to be found is above 0 and below 1, such as \
                          lsh:0.99"
                    .into()),
            },
            ("keys", Some(path)) if !path.is_empty() => Ok(Self::Keys(path.into())),
            _ => Err("exact, lsh, lsh:0.99 (share of pairs to be found) or keys:FILE".into()),
        }
    }
}

/// What is compared, with keys read.
pub(crate) enum Block {
    Exact,
    Lsh { completeness: f64, most: u32 },
    Keys { keys: Vec<(RecordRef, u64)>, most: u32 },
}

impl Block {
    /// Reads what the name names. Blocks of more than `most` records will be dropped.
    pub(crate) fn read(
        name: &BlockName,
        most: u32,
        sources: &[EncodedSource],
    ) -> anyhow::Result<Self> {
        Ok(match name {
            BlockName::Exact => Self::Exact,
            BlockName::Lsh(completeness) => Self::Lsh { completeness: *completeness, most },
            BlockName::Keys(path) => Self::Keys { keys: keys(path, sources)?, most },
        })
    }
}

/// What blocking did, for the report.
#[derive(Serialize)]
pub(crate) struct BlockLine {
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lsh: Option<LshLine>,
    blocks: u64,
    largest_block: u64,
    dropped_blocks: u64,
    largest_dropped: u64,
    /// Meetings of two records, in dropped blocks and in the others, with repetitions.
    dropped_meetings: u64,
    meetings: u64,
    sample_records: u64,
    sample_pairs: u64,
    sample_found: u64,
    /// The share of the sample's pairs that blocking finds; none without a pair.
    measured_completeness: Option<f64>,
}

#[derive(Serialize)]
struct LshLine {
    bands: u32,
    positions: u32,
    asked_completeness: f64,
    expected_completeness: f64,
    /// Bits in which the pairs differ for which that is expected.
    distance: u32,
    exact_is_faster: bool,
}

/// The blocks asked for, if any.
pub(super) fn blocks<'a>(
    comparison: &'a Comparison<'a>,
    block: &Block,
) -> anyhow::Result<Option<(Blocks<'a>, BlockLine)>> {
    let (blocking, by, lsh, most) = match block {
        Block::Exact => return Ok(None),
        Block::Lsh { completeness, most } => {
            let choice = choose(comparison, *completeness, SEED)?;
            let line = LshLine::new(*completeness, &choice);
            (Blocking::Lsh(choice.lsh), "lsh", Some(line), *most)
        }
        Block::Keys { keys, most } => {
            let sizes = comparison.sources.iter().map(|own| own.rows() as u32);
            let keys = BlockKeys::new(keys.clone(), &sizes.collect::<Vec<_>>())?;
            (Blocking::Keys(keys), "keys", None, *most)
        }
    };
    let blocks = Blocks::new(comparison, blocking, most)?;
    let figures = blocks.figures();
    let line = BlockLine {
        by,
        lsh,
        blocks: figures.blocks,
        largest_block: figures.largest,
        dropped_blocks: figures.dropped,
        largest_dropped: figures.largest_dropped,
        dropped_meetings: figures.dropped_pairs,
        meetings: figures.pairs,
        sample_records: 0,
        sample_pairs: 0,
        sample_found: 0,
        measured_completeness: None,
    };
    Ok(Some((blocks, line)))
}

impl LshLine {
    fn new(asked: f64, choice: &Choice) -> Self {
        Self {
            bands: choice.lsh.bands(),
            positions: choice.lsh.positions(),
            asked_completeness: asked,
            expected_completeness: rounded(choice.expected),
            distance: choice.distance,
            exact_is_faster: choice.exact_is_faster,
        }
    }
}

fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

impl BlockLine {
    /// Compares a sample exactly, and says of how many records it is.
    pub(super) fn measure(&mut self, blocks: &Blocks<'_>) -> u64 {
        let told = blocks.completeness();
        self.sample_records = told.records;
        self.sample_pairs = told.pairs;
        self.sample_found = told.found;
        self.measured_completeness = told.share().map(rounded);
        told.records
    }

    /// What a person should know beside the figures.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.lsh.as_ref().is_some_and(|own| own.exact_is_faster) {
            warnings.push(
                "--block lsh: comparing everything (--block exact) would lose no pair and be \
                 about as fast here"
                    .into(),
            );
        }
        if self.dropped_blocks > 0 {
            warnings.push(format!(
                "{} blocks were dropped because they have more records than --most-in-block, the \
                 largest {}; pairs that met nowhere else are lost",
                self.dropped_blocks, self.largest_dropped
            ));
        }
        let asked = self.lsh.as_ref().map_or(0.0, |own| own.asked_completeness);
        if self.measured_completeness.is_some_and(|own| own < asked - 0.02) {
            warnings.push(format!(
                "blocking found {} of {} pairs in a sample, fewer than asked for",
                self.sample_found, self.sample_pairs
            ));
        }
        warnings
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        if let Some(own) = &self.lsh {
            let _ = writeln!(
                text,
                "blocked by {} bands of {} bits per view: {:.2} % of pairs at the threshold ({} \
                 bits apart) expected",
                own.bands,
                own.positions,
                own.expected_completeness * 100.0,
                own.distance
            );
        } else {
            let _ = writeln!(text, "blocked by keys");
        }
        let _ = writeln!(
            text,
            "  {} blocks, the largest of {} records; {} dropped, the largest of {}; {} meetings",
            self.blocks,
            self.largest_block,
            self.dropped_blocks,
            self.largest_dropped,
            self.meetings
        );
        let share = self.measured_completeness.map(|own| format!(" ({:.2} %)", own * 100.0));
        let _ = writeln!(
            text,
            "  a sample of {} records has {} pairs, of which blocking finds {}{}",
            self.sample_records,
            self.sample_pairs,
            self.sample_found,
            share.unwrap_or_default()
        );
        text
    }
}

/// Reads `source,row,key`; rows are those of the files.
fn keys(path: &Path, sources: &[EncodedSource]) -> anyhow::Result<Vec<(RecordRef, u64)>> {
    let size = std::fs::metadata(path).with_context(|| path.display().to_string())?.len();
    ensure!(size <= MOST_BYTES, "{} has more than {MOST_BYTES} bytes", path.display());
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
    let mut keys = Vec::new();
    for (line, own) in (1..).zip(text.lines()) {
        if own.trim().is_empty() || line == 1 && own.starts_with("source") {
            continue;
        }
        let (record, key) =
            key(own, sources).with_context(|| format!("{}, line {line}", path.display()))?;
        let next = numbers.len() as u64;
        let number = *numbers.entry(key).or_insert(next);
        keys.extend(record.map(|record| (record, number)));
    }
    ensure!(!keys.is_empty(), "{} holds no key", path.display());
    Ok(keys)
}

/// One line; no record for a row without an encoding.
fn key<'a>(
    line: &'a str,
    sources: &[EncodedSource],
) -> anyhow::Result<(Option<RecordRef>, &'a str)> {
    let mut cells = line.splitn(3, ',').map(str::trim);
    let (Some(source), Some(row), Some(key)) = (cells.next(), cells.next(), cells.next()) else {
        bail!("source,row,key expected");
    };
    let (Ok(source), Ok(row)) = (source.parse::<u32>(), row.parse::<u32>()) else {
        bail!("source and row are whole numbers: source,row,key");
    };
    ensure!(
        !key.is_empty() && key.len() <= MOST_KEY,
        "a key has 1 to {MOST_KEY} bytes; a row without a key has no line"
    );
    let own = sources
        .get(source as usize)
        .with_context(|| format!("there is no source {source}: the first --input is number 0"))?;
    let rows = u64::from(own.records) + u64::from(own.not_encoded);
    ensure!(u64::from(row) < rows, "source {source} has no row {row}, only {rows}");
    Ok((own.position(row).map(|row| RecordRef { source, row }), key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_blocking() {
        assert_eq!("exact".parse(), Ok(BlockName::Exact));
        assert_eq!("lsh".parse(), Ok(BlockName::Lsh(0.99)));
        assert_eq!("lsh:0.9".parse(), Ok(BlockName::Lsh(0.9)));
        assert_eq!("keys:a:b.csv".parse(), Ok(BlockName::Keys("a:b.csv".into())));
        for wrong in ["", "lsh:", "lsh:1", "lsh:0", "lsh:-1", "lsh:NaN", "keys", "keys:", "key:a"] {
            assert!(wrong.parse::<BlockName>().is_err(), "{wrong}");
        }
    }
}
