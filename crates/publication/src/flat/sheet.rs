//! The table as a workbook that Excel, and Power Query in it, can go on from.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Table, TableColumn, TableStyle, Workbook,
    Worksheet, XlsxError,
};

use super::{Column, ColumnKind, Language, LongTable, Value, parquet, sheet_steps};
use crate::Error;

/// What a workbook of the table says besides it.
#[derive(Clone, Copy)]
pub struct BookStyle<'a> {
    /// Whom it is about, such as the county's name.
    pub title: &'a str,
    /// Where this installation is reached, without a slash at the end.
    pub address: &'a str,
    /// The project, as it stands in addresses.
    pub project: &'a str,
    /// Unix seconds at which it is made; stands in it.
    pub made: i64,
}

impl LongTable {
    /// Most rows of a workbook: Excel has 1048576, one of which is the header.
    pub const MAX_SHEET_ROWS: usize = 1_000_000;

    /// As XLSX: „Freigaben“ with the rows as an Excel table of that name, „So aktualisieren“ with
    /// ready queries against this installation, and „Spalten“. Texts are texts and numbers numbers,
    /// so that no label can become a formula. The same input gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Workbook`], [`Error::TooLong`].
    pub fn workbook(&self, style: BookStyle<'_>) -> Result<Vec<u8>, Error> {
        if self.rows.len() > Self::MAX_SHEET_ROWS {
            return Err(Error::TooLong { most: Self::MAX_SHEET_ROWS });
        }
        self.book(style).map_err(|_| Error::Workbook)
    }

    fn book(&self, style: BookStyle<'_>) -> Result<Vec<u8>, XlsxError> {
        let made = ExcelDateTime::from_timestamp(style.made)?;
        let mut workbook = Workbook::new();
        let properties = DocProperties::new()
            .set_title(style.title)
            .set_author("Milchglas")
            .set_creation_datetime(&made);
        workbook.set_properties(&properties);
        self.rows_sheet(workbook.add_worksheet().set_name("Freigaben")?)?;
        sheet_steps::write(workbook.add_worksheet().set_name("So aktualisieren")?, style)?;
        self.columns_sheet(workbook.add_worksheet().set_name("Spalten")?)?;
        workbook.save_to_buffer()
    }

    fn rows_sheet(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let columns: Vec<(usize, &Column, &str)> = self.columns_in(Language::German).collect();
        let day = Format::new().set_num_format("dd.mm.yyyy");
        let wide = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let heads: Vec<TableColumn> = columns
            .iter()
            .map(|(_, _, name)| TableColumn::new().set_header(*name).set_header_format(&wide))
            .collect();
        for ((at, own, name), place) in columns.iter().zip(0_u16..) {
            sheet.set_column_width(place, width(own, name))?;
            for (row, line) in self.rows.iter().zip(1_u32..) {
                match row.get(*at).unwrap_or(&Value::Nothing) {
                    Value::Nothing => continue,
                    Value::Text(text) => sheet.write_string(line, place, &**text)?,
                    Value::Truth(own) => sheet.write_boolean(line, place, *own)?,
                    Value::Date(own) => {
                        let (year, month, day_of_month) = (own.year(), own.month(), own.day());
                        let year = u16::try_from(year).unwrap_or(1900);
                        let parts = [month, day_of_month].map(|own| u8::try_from(own).unwrap_or(1));
                        let own = ExcelDateTime::from_ymd(year, parts[0], parts[1])?;
                        sheet.write_datetime_with_format(line, place, own, &day)?
                    }
                    number => {
                        sheet.write_number(line, place, parquet::number(number).unwrap_or(0.0))?
                    }
                };
            }
        }
        let right = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        // An Excel table has one row at least, which stays empty where nothing is released yet.
        let last = u32::try_from(self.rows.len().max(1)).unwrap_or(u32::MAX);
        let table = Table::new()
            .set_name("Freigaben")
            .set_columns(&heads)
            .set_style(TableStyle::Light9)
            .set_banded_rows(true);
        sheet.add_table(0, 0, last, right, &table)?;
        sheet.set_freeze_panes(1, 0)?;
        sheet.ignore_error_range(
            1,
            0,
            last,
            right,
            rust_xlsxwriter::IgnoreError::NumberStoredAsText,
        )?;
        Ok(())
    }

    fn columns_sheet(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let head = Format::new().set_bold();
        let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        for (text, place) in ["Spalte", "Bedeutung", "englisch"].into_iter().zip(0_u16..) {
            sheet.write_string_with_format(0, place, text, &head)?;
        }
        for ((_, own, name), line) in self.columns_in(Language::German).zip(1_u32..) {
            sheet.write_string_with_format(line, 0, name, &wrapped)?;
            sheet.write_string_with_format(line, 1, &own.words, &wrapped)?;
            let english = own.name(Language::English).unwrap_or("");
            sheet.write_string_with_format(line, 2, english, &wrapped)?;
        }
        sheet.set_column_width(0, 28)?.set_column_width(1, 100)?.set_column_width(2, 28)?;
        sheet.set_freeze_panes(1, 0)?;
        Ok(())
    }
}

/// In characters.
fn width(column: &Column, name: &str) -> f64 {
    let wide = matches!(name, "kennzahl" | "gemeinde" | "leistung" | "ebene" | "id" | "tabelle");
    match column.kind {
        ColumnKind::Text if wide => 30.0,
        ColumnKind::Text => 18.0,
        ColumnKind::Whole | ColumnKind::Number | ColumnKind::Truth | ColumnKind::Date => 14.0,
    }
}
