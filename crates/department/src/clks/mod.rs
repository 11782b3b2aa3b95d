//! Plain tables to encodings of the family `clkhash` (legacy, weaker), for people who have to go
//! on with what anonlink gave them: no mapping, no subjects, no batch, row order kept.

mod fault;
mod files;
mod output;
mod report;
mod table;

use std::path::Path;

use encoder::clkhash::{ClkhashEncoder, ClkhashWorker, Trim};
use policy::ClkhashSchema;
use rayon::prelude::*;

use crate::error::{Error, shown};
use crate::keys;

pub use fault::{RowFault, UnfitCell};
pub use files::{ClkFile, convert};
pub use output::ClkFormat;
pub use report::{ClkReport, ClkWarning};

use output::Output;
use table::{Chunk, Table};

/// What is encoded, by what, and how.
pub struct EncodeTable<'a> {
    /// The schema.
    pub schema: &'a ClkhashSchema,
    /// File with the secret's bytes, readable by its owner only.
    pub key: &'a Path,
    /// CSV in UTF-8.
    pub input: &'a Path,
    /// New file.
    pub output: &'a Path,
    /// Its form.
    pub format: ClkFormat,
    /// Between cells.
    pub delimiter: u8,
    /// Whether the first line names the features, which is then checked.
    pub header: bool,
    /// What happens to white space around a cell.
    pub trim: Trim,
    /// Whether a row without anything to hash becomes an empty filter, as with clkhash, instead
    /// of an error.
    pub empty_rows: bool,
    /// Is told the number of rows read so far.
    pub progress: &'a dyn Fn(u64),
}

/// Encodes a table row by row; the output appears whole or not at all.
///
/// # Errors
/// [`Error`] with line and column, never with a value.
pub fn encode_table(job: &EncodeTable<'_>) -> Result<ClkReport, Error> {
    let secret = keys::read_secret(job.key)?;
    let encoder = ClkhashEncoder::new(job.schema, &secret, job.trim)
        .map_err(|e| Error::Encoder(e.to_string()))?;
    let mut report = ClkReport::new(job.schema, &secret)?;
    let header = job.header.then_some(job.schema);
    let mut table = Table::open(job.input, job.delimiter, encoder.columns(), header)?;
    let mut output = Output::create(job.output, job.format)?;
    let threads = rayon::current_num_threads().max(1);
    let mut workers: Vec<Lane<'_>> =
        (0..threads).map(|_| Lane::new(&encoder, job.format)).collect();
    let mut next: Vec<Chunk> = (0..threads).map(|_| Chunk::default()).collect();
    let mut ready = next.iter().map(|_| Chunk::default()).collect();
    table.fill(&mut next)?;
    while next.iter().any(|chunk| chunk.rows() > 0) {
        std::mem::swap(&mut next, &mut ready);
        // The next rows are read while these are encoded.
        let (done, read) = rayon::join(|| encode(&mut workers, &ready), || table.fill(&mut next));
        for (lane, result) in workers.iter_mut().zip(done) {
            let counts = result.map_err(|fault| fault.in_table(job.input, job.schema))?;
            if counts.empty > 0 && !job.empty_rows {
                let path = shown(job.input);
                return Err(Error::EmptyRow { path, line: counts.first_empty_line });
            }
            report.add(&counts);
            output.write(&lane.written, counts.rows)?;
        }
        read?;
        (job.progress)(report.records);
    }
    if report.records == 0 {
        return Err(Error::HeaderOnly { path: shown(job.input) });
    }
    output.finish()?;
    (job.progress)(report.records);
    Ok(report)
}

/// What one thread holds.
struct Lane<'a> {
    worker: ClkhashWorker<'a>,
    format: ClkFormat,
    filters: Vec<u8>,
    written: Vec<u8>,
}

/// What came of one chunk.
#[derive(Default)]
struct ChunkCounts {
    rows: u64,
    set_bits: u64,
    least: Option<u32>,
    most: u32,
    empty: u64,
    first_empty_line: u64,
}

fn encode(workers: &mut [Lane<'_>], chunks: &[Chunk]) -> Vec<Result<ChunkCounts, RowFault>> {
    workers.par_iter_mut().zip(chunks).map(|(lane, chunk)| lane.encode(chunk)).collect()
}

impl<'a> Lane<'a> {
    fn new(encoder: &'a ClkhashEncoder, format: ClkFormat) -> Self {
        Self { worker: encoder.worker(), format, filters: Vec::new(), written: Vec::new() }
    }

    fn encode(&mut self, chunk: &Chunk) -> Result<ChunkCounts, RowFault> {
        let mut counts = ChunkCounts::default();
        self.written.clear();
        let careful = chunk.may_hold_unseen();
        let text = chunk.text().ok_or_else(|| chunk.broken())?;
        for row in 0..chunk.rows() {
            let line = chunk.line(row);
            chunk.check(row, text, careful)?;
            self.filters.clear();
            let cells = chunk.cells(row, text);
            let weight = self.worker.encode(cells, &mut self.filters).map_err(|fault| {
                RowFault { line, column: fault.column, cell: fault.reason.into() }
            })?;
            if weight == 0 {
                counts.empty += 1;
                if counts.empty == 1 {
                    counts.first_empty_line = line;
                }
            }
            counts.rows += 1;
            counts.set_bits += u64::from(weight);
            counts.least = Some(counts.least.map_or(weight, |least| least.min(weight)));
            counts.most = counts.most.max(weight);
            self.format.push(&self.filters, row == 0, &mut self.written);
        }
        Ok(counts)
    }
}
