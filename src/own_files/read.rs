//! From a file or a folder of encodings to a packed source.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use linkage::{Filters, Source};
use submission::{EncodingFile, SubjectId};

use super::clks;

/// What a file turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// clkhash JSON.
    Clks,
    /// Arrow IPC stream.
    Arrow,
}

/// What is known of one input beside its filters.
pub(crate) struct EncodedSource {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
    /// Rows with an encoding.
    pub(crate) records: u32,
    /// Bits of a filter, by view.
    pub(crate) bits: Vec<u32>,
    /// Columns of the views; empty for clkhash, which has no names.
    pub(crate) views: Vec<String>,
    /// By position in the source: the row in the file, where some rows have no encoding.
    rows: Option<Vec<u32>>,
    /// By position, where the file has them.
    subjects: Vec<SubjectId>,
    /// Rows without an encoding.
    pub(crate) not_encoded: u32,
}

impl EncodedSource {
    /// The row of the file that stands at a position of the source.
    pub(crate) fn row(&self, position: u32) -> u32 {
        let own = self.rows.as_ref().and_then(|rows| rows.get(position as usize));
        own.copied().unwrap_or(position)
    }

    /// The position of a row; none for one that is not there or has no encoding.
    pub(crate) fn position(&self, row: u32) -> Option<u32> {
        match &self.rows {
            Some(rows) => rows.binary_search(&row).ok().and_then(|own| u32::try_from(own).ok()),
            None => Some(row).filter(|own| *own < self.records),
        }
    }

    pub(crate) fn subject(&self, position: u32) -> Option<SubjectId> {
        self.subjects.get(position as usize).copied()
    }
}

/// A source in the making.
#[derive(Default)]
pub(super) struct Growing {
    views: Vec<Filters>,
    encoded: Vec<u32>,
    rows: u32,
    subjects: Vec<SubjectId>,
}

impl Growing {
    /// Appends a row; its filters, one per view, or none where it could not be encoded.
    pub(super) fn push(&mut self, filters: Option<&[&[u8]]>) -> Result<(), linkage::Error> {
        let row = self.rows;
        self.rows = row.checked_add(1).ok_or(linkage::Error::TooManyRows)?;
        let Some(filters) = filters else { return Ok(()) };
        if self.views.is_empty() {
            let bits = |own: &&[u8]| u32::try_from(own.len()).unwrap_or(u32::MAX).saturating_mul(8);
            self.views =
                filters.iter().map(|own| Filters::new(bits(own))).collect::<Result<_, _>>()?;
        }
        for (view, filter) in self.views.iter_mut().zip(filters) {
            // Said by the row of the file and not by how many were encoded before.
            view.push(filter).map_err(|error| match error {
                linkage::Error::FilterLength { expected, found, .. } => {
                    linkage::Error::FilterLength { row: row as usize, expected, found }
                }
                other => other,
            })?;
        }
        self.encoded.push(row);
        Ok(())
    }

    fn finish(
        self,
        path: &Path,
        kind: Kind,
        views: Vec<String>,
    ) -> anyhow::Result<(EncodedSource, Source)> {
        let records = u32::try_from(self.encoded.len())?;
        let not_encoded = self.rows - records;
        ensure!(records > 0, "holds no encoding: there is nothing to link");
        let source = Source::new(self.views)?;
        let about = EncodedSource {
            path: path.to_owned(),
            kind,
            records,
            bits: source.views().iter().map(Filters::bits).collect(),
            views,
            rows: (not_encoded > 0).then_some(self.encoded),
            subjects: self.subjects,
            not_encoded,
        };
        Ok((about, source))
    }
}

/// Reads clkhash JSON, an Arrow file, or the Arrow files of a folder (a batch or its half).
pub(crate) fn read(path: &Path) -> anyhow::Result<(EncodedSource, Source)> {
    read_any(path).with_context(|| path.display().to_string())
}

fn read_any(path: &Path) -> anyhow::Result<(EncodedSource, Source)> {
    if path.is_dir() {
        return arrow(path, &files_of(path)?);
    }
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).context("cannot be read")?);
    let start = file.fill_buf().context("cannot be read")?;
    match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => bail!("is empty"),
        Some(b'{') => {
            let mut growing = Growing::default();
            clks::read(file, &mut growing)?;
            growing.finish(path, Kind::Clks, Vec::new())
        }
        Some(0xff) => arrow(path, &[path.to_owned()]),
        Some(_) => bail!(
            "is neither clkhash JSON, which begins with {{, nor an Arrow IPC stream; \
             see docs/formats/link.md"
        ),
    }
}

/// The chunks of a batch in their order.
fn files_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let half = folder.join("linkable");
    let folder = if half.is_dir() { half.as_path() } else { folder };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|own| own == "arrow") {
            files.push(path);
        }
    }
    ensure!(!files.is_empty(), "holds no file that ends in .arrow");
    files.sort();
    Ok(files)
}

fn arrow(path: &Path, files: &[PathBuf]) -> anyhow::Result<(EncodedSource, Source)> {
    let mut growing = Growing::default();
    let mut shape: Option<Vec<(String, usize)>> = None;
    for file in files {
        arrow_file(file, &mut growing, &mut shape)
            .with_context(|| format!("in {}", file.display()))?;
    }
    let known = growing.subjects.len();
    ensure!(
        known == 0 || known == growing.encoded.len(),
        "some of its files have subjects and some have none"
    );
    let names = shape.unwrap_or_default().into_iter().map(|(name, _)| name).collect();
    growing.finish(path, Kind::Arrow, names)
}

fn arrow_file(
    path: &Path,
    growing: &mut Growing,
    shape: &mut Option<Vec<(String, usize)>>,
) -> anyhow::Result<()> {
    let file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut file = EncodingFile::open(file)?;
    match shape {
        Some(first) => ensure!(first == file.views(), "has other views than the files before it"),
        None => *shape = Some(file.views().to_vec()),
    }
    let mut failed = None;
    while file.next_rows(|subject, filters| {
        if filters.is_some() {
            growing.subjects.extend(subject);
        }
        if failed.is_none() {
            failed = growing.push(filters).err();
        }
        Ok(())
    })? {
        if let Some(error) = failed {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Refuses sources that were not encoded alike.
pub(crate) fn check_together(sources: &[EncodedSource]) -> anyhow::Result<()> {
    let Some((first, others)) = sources.split_first() else { return Ok(()) };
    let said = |bits: &[u32]| bits.iter().map(u32::to_string).collect::<Vec<_>>().join(" and ");
    for other in others {
        ensure!(
            first.bits == other.bits,
            "{} has filters of {} bits, {} of {}: encode both by one schema",
            first.path.display(),
            said(&first.bits),
            other.path.display(),
            said(&other.bits),
        );
        let named = !first.views.is_empty() && !other.views.is_empty();
        ensure!(
            !named || first.views == other.views,
            "{} has {}, {} has {}: encode both by one schema",
            first.path.display(),
            first.views.join(", "),
            other.path.display(),
            other.views.join(", "),
        );
    }
    Ok(())
}
