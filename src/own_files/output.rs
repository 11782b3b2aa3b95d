//! The files that are written: complete or not at all, and never over another one unasked.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use linkage::{Clusters, Pair, PairSource as _, RecordRef};

use super::read::EncodedSource;
use super::spill::FoundPairs;

/// A file that appears under its name once it is complete.
pub(crate) struct NewFile {
    target: PathBuf,
    partial: PathBuf,
    overwrite: bool,
    /// From the first byte on: whoever is interrupted before leaves nothing behind.
    out: Option<BufWriter<File>>,
}

impl NewFile {
    /// Looks whether the file could be written, so that what cannot fails before the work.
    pub(crate) fn create(target: &Path, overwrite: bool) -> anyhow::Result<Self> {
        if !overwrite && target.symlink_metadata().is_ok() {
            bail!("{} exists: name a new file, or add --overwrite", target.display());
        }
        let name = target.file_name().with_context(|| format!("{}: no file", target.display()))?;
        let mut partial = std::ffi::OsString::from(".");
        partial.push(name);
        partial.push(format!(".{}.partial", std::process::id()));
        let partial = target.with_file_name(partial);
        let file = Self { target: target.to_owned(), partial, overwrite, out: None };
        File::create_new(&file.partial)
            .and_then(|_| std::fs::remove_file(&file.partial))
            .with_context(|| format!("cannot write beside {}", target.display()))?;
        Ok(file)
    }

    /// The file, begun beside its target.
    fn out(&mut self) -> std::io::Result<&mut BufWriter<File>> {
        Ok(match &mut self.out {
            Some(out) => out,
            none => {
                let file = File::create_new(&self.partial)?;
                none.insert(BufWriter::with_capacity(1 << 20, file))
            }
        })
    }

    /// Makes the content durable and gives the file its name.
    pub(crate) fn publish(mut self) -> anyhow::Result<()> {
        let target = self.target.display().to_string();
        let out = self.out().with_context(|| target.clone())?;
        out.flush().with_context(|| target.clone())?;
        out.get_ref().sync_all().with_context(|| target.clone())?;
        if self.overwrite {
            return std::fs::rename(&self.partial, &self.target).with_context(|| target.clone());
        }
        // A link, unlike a new name, never replaces what somebody wrote in the meantime.
        match std::fs::hard_link(&self.partial, &self.target) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                bail!("{target} was written by somebody else meanwhile: name another file")
            }
            // Some network shares have no links.
            Err(_) if self.target.symlink_metadata().is_err() => {
                std::fs::rename(&self.partial, &self.target).with_context(|| target.clone())
            }
            Err(error) => Err(error).context(target),
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out()?.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out()?.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Gone already where it became the target.
        let _ = std::fs::remove_file(&self.partial);
    }
}

/// `group,source,row,subject`: every group of two or more, its records by source and row.
pub(crate) fn write_groups(
    out: &mut impl Write,
    clusters: &Clusters,
    sources: &[EncodedSource],
) -> anyhow::Result<()> {
    writeln!(out, "group,source,row,subject")?;
    let groups = clusters.iter().filter(|cluster| cluster.records.len() > 1);
    for (number, group) in groups.enumerate() {
        for record in group.records {
            let own = of(sources, *record)?;
            write!(out, "{number},{},{},", record.source, own.row(record.row))?;
            match own.subject(record.row) {
                Some(subject) => writeln!(out, "{subject}")?,
                None => writeln!(out)?,
            }
        }
    }
    Ok(())
}

/// `source_a,row_a,source_b,row_b,similarity`: every candidate pair, most similar first.
pub(crate) fn write_pairs(
    out: &mut impl Write,
    pairs: &FoundPairs,
    sources: &[EncodedSource],
) -> anyhow::Result<()> {
    writeln!(out, "source_a,row_a,source_b,row_b,similarity")?;
    let (mut reader, mut chunk) = (pairs.reader(), Vec::new());
    while reader.read(&mut chunk).map_err(anyhow::Error::from_boxed)? {
        write_chunk(out, &mut chunk, sources)?;
    }
    Ok(())
}

fn write_chunk(
    out: &mut impl Write,
    pairs: &mut Vec<Pair>,
    sources: &[EncodedSource],
) -> anyhow::Result<()> {
    for Pair { left, right, similarity } in pairs.drain(..) {
        let (a, b) = (of(sources, left)?.row(left.row), of(sources, right)?.row(right.row));
        let millionths = similarity.per_million();
        let (whole, rest) = (millionths / 1_000_000, millionths % 1_000_000);
        writeln!(out, "{},{a},{},{b},{whole}.{rest:06}", left.source, right.source)?;
    }
    Ok(())
}

fn of(sources: &[EncodedSource], record: RecordRef) -> anyhow::Result<&EncodedSource> {
    sources.get(record.source as usize).context("a record of a source that was not given")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all_and_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("groups.csv");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let mut file = NewFile::create(&target, false).unwrap();
        write!(file, "half").unwrap();
        drop(file);
        assert_eq!(names(), 0);

        let (mut one, two) =
            (NewFile::create(&target, false).unwrap(), folder.path().join("other.csv"));
        write!(one, "whole").unwrap();
        // Somebody else is faster.
        std::fs::write(&target, "theirs").unwrap();
        assert!(one.publish().is_err());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "theirs");
        assert!(NewFile::create(&target, false).is_err());

        let mut over = NewFile::create(&target, true).unwrap();
        write!(over, "ours").unwrap();
        over.publish().unwrap();
        NewFile::create(&two, false).unwrap().publish().unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "ours");
        assert_eq!(names(), 2);
    }
}
