//! Excel workbooks (.xlsx, .xlsm): one sheet of them, as if it had been saved as CSV.
//!
//! Older or other workbooks (.xls, .xlsb, .ods) are refused: the reader would build a dense table
//! of the size that the file claims, without a bound.

mod cells;
mod container;
mod fault;
mod pick;
mod sheet;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use calamine::{Reader, Xlsx};

use super::SourceSettings;
use crate::error::{Error, shown};

pub(super) use cells::is_error;
pub use fault::{TooMuch, WorkbookFault};
pub(super) use sheet::Sheet;

type Book = Xlsx<BufReader<File>>;

/// A zip container and the older compound file; both may be a workbook.
const ZIP: [u8; 4] = *b"PK\x03\x04";
const COMPOUND: [u8; 4] = [0xD0, 0xCF, 0x11, 0xE0];

/// Whether a file begins as workbooks do.
pub(super) fn is_workbook(path: &Path) -> Result<bool, Error> {
    let file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let mut start = Vec::new();
    file.take(4).read_to_end(&mut start).map_err(|e| Error::read(path, &e))?;
    Ok(start == ZIP || start == COMPOUND)
}

/// Reads the sheet that the settings name or whose header fits.
pub(super) fn open(path: &Path, settings: &SourceSettings) -> Result<Sheet, Error> {
    let fail = |reason| Error::Workbook { path: shown(path), reason };
    container::check(path, &settings.limits)?;
    let file = File::open(path).map_err(|e| Error::read(path, &e))?;
    // Its errors may hold a cell's content and are not shown.
    let mut book: Book =
        Xlsx::new(BufReader::new(file)).map_err(|_| fail(WorkbookFault::Damaged))?;
    let picked = pick::pick(&mut book, settings).map_err(fail)?;
    sheet::read(&mut book, &picked, settings, path)
}

/// The names of all sheets that a person sees.
fn visible(book: &Book) -> Vec<String> {
    let sheets = book.sheets_metadata().iter();
    let seen = sheets.filter(|sheet| {
        sheet.visible == calamine::SheetVisible::Visible
            && sheet.typ == calamine::SheetType::WorkSheet
    });
    seen.map(|sheet| sheet.name.clone()).collect()
}

#[cfg(test)]
mod tests;
