//! `quarantine.csv`: the rejected records with line and reason, for the department to correct.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::PrepareSettings;
use crate::error::{Error, shown};
use crate::source::{Source, SourceSettings};
use crate::subjects::Rejected;

/// Writes the rejected records as they stand in the extract; the file is 0600 and stays here.
///
/// The extract is read once more, so that no rejected cell is kept in memory meanwhile.
pub(super) fn write(
    path: &Path,
    extract: &Path,
    source_settings: &SourceSettings,
    rejected: &[Rejected],
    settings: &PrepareSettings<'_>,
) -> Result<(), Error> {
    let failed = |e: csv::Error| Error::Write { path: shown(path), reason: e.to_string() };
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.map_err(|e| Error::write(path, &e))?;
    // Spreadsheets take a CSV file without this mark for Windows-1252.
    file.write_all(b"\xEF\xBB\xBF").map_err(|e| Error::write(path, &e))?;
    let mut writer = csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer(file);
    let mut source = Source::open(extract, source_settings)?;
    let header = source.header().to_vec();
    let own = settings
        .language
        .pick(["Zeile", "Grund", "Spalte", "Hinweis"], ["line", "reason", "column", "remedy"]);
    writer
        .write_record(own.into_iter().chain(header.iter().map(String::as_str)))
        .map_err(failed)?;
    let by_number: BTreeMap<u64, &Rejected> =
        rejected.iter().map(|rejected| (rejected.number, rejected)).collect();
    let mut left = by_number.len();
    while left > 0 {
        let Some(record) = source.next_record()? else { break };
        let Some(rejected) = by_number.get(&record.number) else { continue };
        left -= 1;
        let line = record.line.to_string();
        let column = rejected.column.and_then(|column| header.get(column));
        let column = column.map(String::as_str).unwrap_or_default();
        let remedy = rejected.reason.text(settings.language);
        let own = [line.as_str(), rejected.reason.code(), column, remedy];
        writer.write_record(own.into_iter().chain(record.cells())).map_err(failed)?;
    }
    writer.flush().map_err(|e| Error::write(path, &e))
}
