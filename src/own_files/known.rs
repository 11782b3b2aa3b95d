//! Links that were settled by hand: `source_a,row_a,source_b,row_b`.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use linkage::RecordRef;

use super::read::EncodedSource;

/// Most known links.
const MOST: u64 = 256 << 20;

/// Reads known links, given as rows of the files.
pub(crate) fn known_links(
    path: &Path,
    sources: &[EncodedSource],
) -> anyhow::Result<Vec<(RecordRef, RecordRef)>> {
    let size = std::fs::metadata(path).with_context(|| path.display().to_string())?.len();
    ensure!(size <= MOST, "{} has more than {MOST} bytes", path.display());
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut links = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let first = number == 0 && line.starts_with("source_a");
        if !first && !line.trim().is_empty() {
            let link = known_link(line, sources)
                .with_context(|| format!("{}, line {}", path.display(), number + 1))?;
            links.push(link);
        }
    }
    Ok(links)
}

fn known_link(line: &str, sources: &[EncodedSource]) -> anyhow::Result<(RecordRef, RecordRef)> {
    let numbers: Result<Vec<u32>, _> = line.split(',').map(|own| own.trim().parse()).collect();
    let Ok([source_a, row_a, source_b, row_b]) = numbers.as_deref() else {
        bail!("four whole numbers expected: source_a,row_a,source_b,row_b");
    };
    let record = |source: u32, row: u32| {
        let own = sources.get(source as usize).with_context(|| {
            format!("there is no source {source}: the first --input is number 0")
        })?;
        let position = own.position(row);
        let row = position.with_context(|| format!("source {source} has no encoding {row}"))?;
        anyhow::Ok(RecordRef { source, row })
    };
    Ok((record(*source_a, *row_a)?, record(*source_b, *row_b)?))
}
