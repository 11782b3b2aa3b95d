//! One sheet in memory: only filled cells, as text.

use std::path::Path;

use calamine::XlsxCellReader;
use zeroize::{Zeroize, Zeroizing};

use super::super::buffer::Buffer;
use super::super::{CellForm, SourceSettings};
use super::fault::{TooMuch, WorkbookFault};
use super::pick::Picked;
use super::{Book, cells};
use crate::error::{Error, shown};

/// A sheet from its header on.
pub(in super::super) struct Sheet {
    path: String,
    name: String,
    /// All cells one after the other.
    text: Vec<u8>,
    cells: Vec<Cell>,
    rows: Vec<Row>,
    /// Columns of the sheet that are columns of the extract.
    columns: Vec<u16>,
    next: usize,
}

struct Cell {
    column: u16,
    end: u32,
}

struct Row {
    /// Of the sheet, from 1.
    line: u32,
    /// Its first cell.
    from: usize,
}

/// Reads a sheet from its header on.
pub(super) fn read(
    book: &mut Book,
    picked: &Picked,
    settings: &SourceSettings,
    path: &Path,
) -> Result<Sheet, Error> {
    let fail = |reason| Error::Workbook { path: shown(path), reason };
    let reader = book.worksheet_cells_reader(&picked.name);
    let mut reader = reader.map_err(|_| fail(WorkbookFault::Damaged))?;
    let digits: Vec<usize> = reader.styles().iter().map(leading_zeros).collect();
    let mut sheet = Sheet {
        path: shown(path),
        name: picked.name.clone(),
        text: Vec::new(),
        cells: Vec::new(),
        rows: Vec::new(),
        columns: Vec::new(),
        next: 0,
    };
    let mut filling =
        Filling { above: picked.above, settings, digits, forms: Vec::new(), at: None };
    filling.fill(&mut sheet, &mut reader)?;
    sheet.settle();
    Ok(sheet)
}

/// Postcodes and the like are often numbers with a format that only says how many digits to show.
fn leading_zeros(style: &calamine::Style) -> usize {
    let code = style.number_format.as_ref().map_or("", |format| format.format_code.as_str());
    let zeros = (2..=20).contains(&code.len()) && code.bytes().all(|byte| byte == b'0');
    if zeros { code.len() } else { 0 }
}

struct Filling<'a> {
    /// Filled rows still to be passed over.
    above: usize,
    settings: &'a SourceSettings,
    /// Least number of digits by style.
    digits: Vec<usize>,
    /// By column of the sheet, once the header is read.
    forms: Vec<Option<CellForm>>,
    /// Row and column of the last filled cell.
    at: Option<(u32, u32)>,
}

impl Filling<'_> {
    fn fill<R>(
        &mut self,
        sheet: &mut Sheet,
        reader: &mut XlsxCellReader<'_, R>,
    ) -> Result<(), Error>
    where
        R: std::io::Read + std::io::Seek,
    {
        let fail = |reason| Error::Workbook { path: sheet.path.clone(), reason };
        let damaged = fail(WorkbookFault::Damaged);
        let mut text = Zeroizing::new(String::new());
        let mut passed = 0;
        loop {
            let Ok(next) = reader.next_cell_with_style_id() else { return Err(damaged) };
            let Some((cell, style)) = next else { return Ok(()) };
            let (row, column) = cell.get_position();
            text.zeroize();
            let form = self.forms.get(column as usize).copied().flatten();
            let digits = self.digits.get(style).copied().unwrap_or(0);
            cells::write(cell.get_value(), form, digits, &mut text);
            if text.trim().is_empty() {
                continue;
            }
            if self.at.is_some_and(|last| last >= (row, column)) {
                return Err(damaged);
            }
            if self.at.is_some_and(|(last, _)| last != row) {
                passed += 1;
                if passed == self.above + 1 {
                    self.take_header(sheet);
                }
            }
            self.at = Some((row, column));
            if passed < self.above {
                continue;
            }
            if sheet.rows.is_empty() {
                *text = cells::name(&text);
            }
            self.push(sheet, (row, column), &text)?;
        }
    }

    /// Finds out what the header says about the columns below it.
    fn take_header(&mut self, sheet: &Sheet) {
        let mut from = 0;
        for cell in &sheet.cells {
            let end = cell.end as usize;
            let name = std::str::from_utf8(sheet.text.get(from..end).unwrap_or_default());
            let form = name.ok().and_then(|name| self.settings.forms.get(name)).copied();
            self.forms.resize(usize::from(cell.column) + 1, None);
            if let Some(place) = self.forms.last_mut() {
                *place = form;
            }
            from = end;
        }
    }

    fn push(&self, sheet: &mut Sheet, at: (u32, u32), text: &str) -> Result<(), Error> {
        let limits = &self.settings.limits;
        let fail = |what, limit: usize| Error::Workbook {
            path: sheet.path.clone(),
            reason: WorkbookFault::TooLarge { what, limit: limit as u64 },
        };
        let line = at.0 + 1;
        let column = u16::try_from(at.1).ok().filter(|own| usize::from(*own) < limits.columns);
        let Some(column) = column else {
            let (path, limit) = (sheet.path.clone(), limits.columns);
            return Err(Error::TooManyCells { path, line: u64::from(line), limit });
        };
        if sheet.cells.len() >= limits.cells {
            return Err(fail(TooMuch::Cells, limits.cells));
        }
        let end = u32::try_from(sheet.text.len() + text.len()).ok();
        let Some(end) = end.filter(|end| *end as usize <= limits.sheet) else {
            return Err(fail(TooMuch::TextBytes, limits.sheet));
        };
        if sheet.rows.last().is_none_or(|row| row.line != line) {
            sheet.rows.push(Row { line, from: sheet.cells.len() });
        }
        sheet.append(text.as_bytes());
        sheet.cells.push(Cell { column, end });
        Ok(())
    }
}

impl Sheet {
    /// Its name.
    pub(in super::super) fn name(&self) -> &str {
        &self.name
    }

    /// Appends to the text; what a larger buffer replaces is overwritten.
    fn append(&mut self, bytes: &[u8]) {
        let needed = self.text.len() + bytes.len();
        if needed > self.text.capacity() {
            let mut larger = Vec::with_capacity(needed.max(self.text.capacity() * 2).max(4096));
            larger.extend_from_slice(&self.text);
            self.text.zeroize();
            self.text = larger;
        }
        self.text.extend_from_slice(bytes);
    }

    /// Columns up to the last that the header names, without those that are empty throughout.
    fn settle(&mut self) {
        let header = self.cells.get(..self.row_end(0)).unwrap_or_default();
        let Some(last) = header.last().map(|cell| cell.column) else { return };
        let mut used = vec![false; usize::from(last) + 1];
        for cell in &self.cells {
            if let Some(used) = used.get_mut(usize::from(cell.column)) {
                *used = true;
            }
        }
        self.columns =
            (0..=last).zip(used).filter_map(|(column, used)| used.then_some(column)).collect();
    }

    fn row_end(&self, row: usize) -> usize {
        self.rows.get(row + 1).map_or(self.cells.len(), |row| row.from)
    }

    /// Reads the next row into the buffer and gives its number; `None` at the end.
    pub(in super::super) fn advance(&mut self, buffer: &mut Buffer) -> Result<Option<u64>, Error> {
        let Some(row) = self.rows.get(self.next) else { return Ok(None) };
        let range = row.from..self.row_end(self.next);
        let start = row.from.checked_sub(1).and_then(|before| self.cells.get(before));
        let mut from = start.map_or(0, |cell| cell.end as usize);
        let filled = self.cells.get(range).unwrap_or_default().iter().map(|cell| {
            let text = self.text.get(from..cell.end as usize).unwrap_or_default();
            from = cell.end as usize;
            (cell.column, text)
        });
        let filled: Vec<(u16, &[u8])> = filled.collect();
        let last = self.columns.last().copied();
        let own = self.columns.iter().map(|column| {
            let cell = filled.iter().find(|(own, _)| own == column);
            cell.map_or(&[][..], |(_, text)| *text)
        });
        // A cell beside the table makes the record too wide, as it would in CSV.
        let beside = filled.iter().filter(|(column, _)| Some(*column) > last);
        let line = u64::from(row.line);
        buffer.set(own.chain(beside.map(|(_, text)| *text)), &self.path, line)?;
        self.next += 1;
        Ok(Some(line))
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}
