//! Tables as a workbook (XLSX) for people who calculate with them.
//!
//! Texts are written as texts and numbers as numbers, so that no label can become a formula.

mod method;
mod notes;
mod table;

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
};

use crate::{Calibration, Document, Error, Names, Tolerance};

/// Most tables of a workbook.
pub const MAX_TABLES: usize = 200;

/// What a workbook says besides its tables.
pub struct WorkbookStyle<'a> {
    /// Whom it is about, such as the county's name.
    pub title: &'a str,
    /// What readers see for short names.
    pub names: &'a Names,
    /// Which numbers are marked as too uncertain to compare.
    pub tolerance: Tolerance,
    /// What links are judged by, one calibration per linkage schema; may be empty.
    pub calibrations: &'a [Calibration],
    /// Unix seconds at which it is made; stands in it.
    pub made: i64,
}

/// The documents as an XLSX file: a sheet per table in the given order, then „Hinweise“ (how to read
/// the numbers) and „Methode“ (how each was made).
///
/// A table's rows are those of [`Document::rows`] from line 5 on, under a frozen header with a
/// filter: number, per dimension key and label, services, `Wert`, `von`, `bis`, where there is one the
/// non-negative table, `Einheit`, where there
/// are rates `Einwohner`, `je …`, `von`, `bis` of the rate, `Hinweis`. Numbers are unrounded; a withheld value is the text `ausgeblendet`. The same input
/// gives the same bytes.
///
/// # Errors
/// [`Error::TooManyTables`], [`Error::Workbook`].
pub fn workbook(documents: &[&Document], style: &WorkbookStyle<'_>) -> Result<Vec<u8>, Error> {
    if documents.len() > MAX_TABLES {
        return Err(Error::TooManyTables { most: MAX_TABLES });
    }
    let made = ExcelDateTime::from_timestamp(style.made).map_err(failed)?;
    let mut workbook = Workbook::new();
    let properties = DocProperties::new()
        .set_title(style.title)
        .set_author("Milchglas")
        .set_creation_datetime(&made);
    workbook.set_properties(&properties);
    let formats = Formats::new();
    let sheets: Vec<String> =
        documents.iter().zip(1..).map(|(document, number)| sheet_name(document, number)).collect();
    for (document, name) in documents.iter().zip(&sheets) {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).map_err(failed)?;
        table::write(sheet, document, style, &formats).map_err(failed)?;
        print_setup(sheet, style).map_err(failed)?;
    }
    let sheet = workbook.add_worksheet();
    notes::write(sheet, documents, style, &formats).map_err(failed)?;
    print_setup(sheet, style).map_err(failed)?;
    let sheet = workbook.add_worksheet();
    method::write(sheet, documents, (&sheets, style.names), &made, &formats).map_err(failed)?;
    sheet.set_landscape();
    print_setup(sheet, style).map_err(failed)?;
    workbook.save_to_buffer().map_err(failed)
}

fn failed<E>(_: E) -> Error {
    Error::Workbook
}

struct Formats {
    title: Format,
    soft: Format,
    head: Format,
    text: Format,
    wrapped: Format,
    whole: Format,
    decimal: Format,
    /// With one to four decimals.
    rates: [Format; 4],
    exact: Format,
    plain: Format,
    small: Format,
    date: Format,
}

impl Formats {
    fn new() -> Self {
        let top = || Format::new().set_align(FormatAlign::Top);
        Self {
            title: top().set_text_wrap().set_bold().set_font_size(14),
            soft: top().set_text_wrap().set_font_color(Color::RGB(0x4a_52_5c)),
            head: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Top)
                .set_background_color(Color::RGB(0xe8_f0_f9))
                .set_border_bottom(FormatBorder::Medium),
            text: top().set_num_format("@"),
            wrapped: top().set_text_wrap(),
            whole: top().set_num_format("#,##0"),
            decimal: top().set_num_format("#,##0.00"),
            rates: ["#,##0.0", "#,##0.00", "#,##0.000", "#,##0.0000"]
                .map(|form| top().set_num_format(form)),
            exact: top().set_num_format("0.000000000").set_align(FormatAlign::Left),
            plain: top().set_num_format("0").set_align(FormatAlign::Left),
            small: top().set_num_format("0E+00").set_align(FormatAlign::Left),
            date: top().set_num_format("dd.mm.yyyy").set_align(FormatAlign::Left),
        }
    }
}

impl Formats {
    /// Of a rate with so many decimals.
    fn rate(&self, decimals: u8) -> &Format {
        let place = usize::from(decimals).saturating_sub(1);
        self.rates.get(place).unwrap_or(&self.decimal)
    }
}

/// Number and label, without what a sheet's name cannot hold and not longer than it may be.
fn sheet_name(document: &Document, number: usize) -> String {
    const MOST: usize = 31;
    let held = |c: &char| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\');
    let label: String = document.label.chars().filter(held).collect();
    let whole = format!("{number} {}", label.trim());
    let mut name: String = whole.chars().take(MOST).collect();
    if whole.chars().count() > MOST {
        name = whole.chars().take(MOST - 1).collect();
        name.push('…');
    }
    // An apostrophe may not end a name.
    name.trim_end_matches(['\'', ' ']).to_owned()
}

/// A4, one page wide, with the county above and the page below.
fn print_setup(
    sheet: &mut Worksheet,
    style: &WorkbookStyle<'_>,
) -> Result<(), rust_xlsxwriter::XlsxError> {
    const A4: u8 = 9;
    // In heads and feet an ampersand begins a command.
    let title: String = style.title.replace('&', "&&").chars().take(120).collect();
    sheet
        .set_paper_size(A4)
        .set_print_fit_to_pages(1, 0)
        .set_header(format!("&L{title}&R&A"))
        .set_footer("&LMilchglas&RSeite &P von &N");
    Ok(())
}
