//! Which sheet of a workbook is the extract.

use zeroize::Zeroizing;

use super::super::SourceSettings;
use super::super::header::{self, Found, MOST_ABOVE};
use super::fault::WorkbookFault;
use super::{Book, cells, visible};

/// A sheet and the rows above its header.
pub(super) struct Picked {
    pub(super) name: String,
    pub(super) above: usize,
}

/// The sheet that is named, or the only one that is not empty, or the one whose header fits best.
pub(super) fn pick(book: &mut Book, settings: &SourceSettings) -> Result<Picked, WorkbookFault> {
    if let Some(name) = &settings.sheet {
        if !calamine::Reader::sheets_metadata(book).iter().any(|sheet| sheet.name == *name) {
            let known = visible(book).join(", ");
            return Err(WorkbookFault::SheetMissing { name: name.clone(), known });
        }
        let found = look(book, name, settings)?.ok_or(WorkbookFault::NoSheet)?;
        return Ok(Picked { name: name.clone(), above: found.above });
    }
    let mut candidates = Vec::new();
    for name in visible(book) {
        if let Some(found) = look(book, &name, settings)? {
            candidates.push((name, found));
        }
    }
    let best = candidates.iter().map(|(_, found)| found.fit).max();
    let best = best.ok_or(WorkbookFault::NoSheet)?;
    let known: Vec<&str> = candidates.iter().map(|(name, _)| name.as_str()).collect();
    let known = known.join(", ");
    let mut fitting = candidates.into_iter().filter(|(_, found)| found.fit == best);
    match (fitting.next(), fitting.next()) {
        (Some((name, found)), None) => Ok(Picked { name, above: found.above }),
        _ => Err(WorkbookFault::Sheets { known }),
    }
}

/// The header among the first rows; `None` for an empty sheet.
fn look(
    book: &mut Book,
    name: &str,
    settings: &SourceSettings,
) -> Result<Option<Found>, WorkbookFault> {
    let damaged = |_| WorkbookFault::Damaged;
    let mut reader = book.worksheet_cells_reader(name).map_err(damaged)?;
    let mut rows: Vec<(u32, Vec<Zeroizing<String>>)> = Vec::new();
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        let mut text = Zeroizing::new(String::new());
        cells::write(cell.get_value(), None, 0, &mut text);
        if text.trim().is_empty() {
            continue;
        }
        if rows.last().is_none_or(|(last, _)| *last != row) {
            if rows.len() > MOST_ABOVE {
                break;
            }
            rows.push((row, Vec::new()));
        }
        let Some((_, cells)) = rows.last_mut() else { continue };
        // A sheet is 16,384 columns wide, which the reader checks.
        let column = column as usize;
        if cells.len() <= column {
            cells.resize_with(column + 1, || Zeroizing::new(String::new()));
        }
        if let Some(place) = cells.get_mut(column) {
            *place = Zeroizing::new(cells::name(&text));
        }
    }
    let rows: Vec<Vec<&str>> =
        rows.iter().map(|(_, row)| row.iter().map(|cell| cell.as_str()).collect()).collect();
    Ok(Some(header::find(&rows, &settings.columns)).filter(|_| !rows.is_empty()))
}
