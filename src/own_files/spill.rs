//! Candidate pairs in bounded memory: what is too much lies in a file without a name.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{File, Permissions};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context;
use linkage::{BoxedError, Pair, PairSink, PairSource, RecordRef, Similarity, Threshold};

/// Bytes of a pair in the file: two records and their similarity, little-endian.
const BYTES: usize = 20;
/// Pairs that are read at a time from all runs together.
const READ_AHEAD: u64 = 1 << 20;

/// A place for pairs that holds only so many in memory. The others lie, in ranked runs, in a
/// file that has no name: mode 0600, and gone with the process, however that ends.
pub(crate) struct Spill {
    folder: PathBuf,
    most: usize,
    threshold: Threshold,
    held: Vec<Pair>,
    runs: Vec<Run>,
    file: Option<BufWriter<File>>,
    bands: [u64; 8],
}

/// Ranked pairs in the file, by their place among all pairs in it.
#[derive(Clone, Copy)]
struct Run {
    start: u64,
    end: u64,
}

/// All pairs that were found, most similar first, as often as wanted.
pub(crate) struct FoundPairs {
    held: Vec<Pair>,
    runs: Vec<Run>,
    file: Option<File>,
    /// By band between the threshold and 1.
    pub(crate) bands: [u64; 8],
}

impl Spill {
    /// Holds `most` pairs, and writes further ones beside `output`.
    pub(crate) fn new(output: &Path, most: usize, threshold: Threshold) -> Self {
        // A name without a folder lies in the present one.
        let folder = output.parent().filter(|own| !own.as_os_str().is_empty());
        Self {
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
            most: most.max(1),
            threshold,
            held: Vec::new(),
            runs: Vec::new(),
            file: None,
            bands: [0; 8],
        }
    }

    fn write_run(&mut self) -> anyhow::Result<()> {
        self.held.sort_unstable_by_key(Pair::rank);
        let start = self.runs.last().map_or(0, |run| run.end);
        let end = start + self.held.len() as u64;
        let said = || {
            format!(
                "no room for {end} candidate pairs ({} MB) in {}: free some, name an --output on \
                 another disk, or keep fewer pairs by a higher --threshold or by --per-record",
                (end * BYTES as u64).div_ceil(1 << 20),
                self.folder.display()
            )
        };
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let file = tempfile::tempfile_in(&self.folder)
                    .with_context(|| format!("cannot write into {}", self.folder.display()))?;
                file.set_permissions(Permissions::from_mode(0o600))?;
                none.insert(BufWriter::with_capacity(1 << 20, file))
            }
        };
        let written = self.held.iter().try_for_each(|pair| file.write_all(&to_bytes(pair)));
        let written = written.and_then(|()| file.flush());
        if let Err(error) = written {
            let full = matches!(
                error.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
            );
            let error = anyhow::Error::from(error);
            return Err(if full { error.context(said()) } else { error });
        }
        self.held.clear();
        self.runs.push(Run { start, end });
        Ok(())
    }

    /// Nothing more comes.
    pub(crate) fn finish(mut self) -> anyhow::Result<FoundPairs> {
        self.held.sort_unstable_by_key(Pair::rank);
        let file = match self.file {
            None => None,
            Some(file) => Some(file.into_inner().map_err(|error| error.into_error())?),
        };
        Ok(FoundPairs { held: self.held, runs: self.runs, file, bands: self.bands })
    }
}

impl PairSink for Spill {
    fn accept(&mut self, _tile: u64, pairs: &[Pair]) -> Result<(), BoxedError> {
        for part in pairs.chunks(self.most) {
            for pair in part {
                let band = usize::from(pair.similarity.band(self.threshold).number());
                if let Some(count) = self.bands.get_mut(band) {
                    *count += 1;
                }
            }
            if self.held.len() + part.len() > self.most {
                self.write_run()?;
            }
            if self.held.len() + part.len() > self.held.capacity() {
                // Doubling, but never beyond what may be held.
                let room = (2 * self.held.len()).max(1 << 16).min(self.most).max(part.len());
                self.held.reserve_exact(room.saturating_sub(self.held.len()).max(part.len()));
            }
            self.held.extend_from_slice(part);
        }
        Ok(())
    }
}

impl FoundPairs {
    /// Whether they did not fit into memory.
    pub(crate) fn spilled(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.end)
    }

    /// Reads all pairs from the first.
    pub(crate) fn reader(&self) -> FoundReader<'_> {
        let ahead = (READ_AHEAD / (self.runs.len() as u64).max(1)).max(256);
        let runs = self.runs.iter().map(|run| Reading { run: *run, ahead, pairs: Vec::new() });
        let mut reader = FoundReader {
            held: &self.held,
            file: self.file.as_ref(),
            runs: runs.collect(),
            next: BinaryHeap::new(),
            begun: false,
        };
        reader.begun = reader.runs.is_empty();
        reader
    }
}

/// A run as far as it is read; pairs ahead stand last first.
struct Reading {
    run: Run,
    ahead: u64,
    pairs: Vec<Pair>,
}

impl Reading {
    fn next(&mut self, file: &File) -> Result<Option<Pair>, BoxedError> {
        if self.pairs.is_empty() && self.run.start < self.run.end {
            let until = self.run.end.min(self.run.start + self.ahead);
            let mut bytes = vec![0; (until - self.run.start) as usize * BYTES];
            file.read_exact_at(&mut bytes, self.run.start * BYTES as u64).map_err(|error| {
                match error.kind() {
                    ErrorKind::UnexpectedEof => "the temporary file with candidate pairs is \
                                                 shorter than what was written to it"
                        .into(),
                    _ => BoxedError::from(error),
                }
            })?;
            let (pairs, _) = bytes.as_chunks::<BYTES>();
            self.pairs.extend(pairs.iter().rev().map(from_bytes));
            self.run.start = until;
        }
        Ok(self.pairs.pop())
    }
}

/// Merges the runs in the file and the pairs that are held.
pub(crate) struct FoundReader<'a> {
    held: &'a [Pair],
    file: Option<&'a File>,
    runs: Vec<Reading>,
    /// The first pair of every run that has any, by rank.
    next: BinaryHeap<Reverse<First>>,
    begun: bool,
}

impl FoundReader<'_> {
    fn fill(&mut self, run: usize) -> Result<(), BoxedError> {
        let (Some(reading), Some(file)) = (self.runs.get_mut(run), self.file) else {
            return Ok(());
        };
        self.next.extend(reading.next(file)?.map(|pair| Reverse(First { pair, run })));
        Ok(())
    }

    /// The next pair of all.
    fn pop(&mut self) -> Result<Option<Pair>, BoxedError> {
        let held = self.held.split_first();
        let from_run = match (self.next.peek(), held) {
            (Some(Reverse(first)), Some((held, _))) => first.pair.rank() <= held.rank(),
            (first, _) => first.is_some(),
        };
        if from_run {
            let Some(Reverse(first)) = self.next.pop() else { return Ok(None) };
            self.fill(first.run)?;
            return Ok(Some(first.pair));
        }
        Ok(held.map(|(pair, rest)| {
            self.held = rest;
            *pair
        }))
    }
}

impl PairSource for FoundReader<'_> {
    fn is_ranked(&self) -> bool {
        true
    }

    fn read(&mut self, pairs: &mut Vec<Pair>) -> Result<bool, BoxedError> {
        if !self.begun {
            self.begun = true;
            (0..self.runs.len()).try_for_each(|run| self.fill(run))?;
        }
        let before = pairs.len();
        while pairs.len() < before + 4_096
            && let Some(pair) = self.pop()?
        {
            pairs.push(pair);
        }
        Ok(pairs.len() > before)
    }
}

struct First {
    pair: Pair,
    run: usize,
}

impl Ord for First {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.pair.rank().cmp(&other.pair.rank()).then(self.run.cmp(&other.run))
    }
}

impl PartialOrd for First {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for First {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for First {}

fn to_bytes(pair: &Pair) -> [u8; BYTES] {
    let numbers = [
        pair.left.source,
        pair.left.row,
        pair.right.source,
        pair.right.row,
        pair.similarity.to_bits(),
    ];
    let mut bytes = [0; BYTES];
    for (slot, number) in bytes.chunks_exact_mut(4).zip(numbers) {
        slot.copy_from_slice(&number.to_le_bytes());
    }
    bytes
}

fn from_bytes(bytes: &[u8; BYTES]) -> Pair {
    let [left_source, left_row, right_source, right_row, similarity] =
        std::array::from_fn(|place| {
            let (words, _) = bytes.as_chunks::<4>();
            u32::from_le_bytes(words.get(place).copied().unwrap_or_default())
        });
    Pair {
        left: RecordRef { source: left_source, row: left_row },
        right: RecordRef { source: right_source, row: right_row },
        similarity: Similarity::from_bits(similarity),
    }
}

#[cfg(test)]
mod tests;
