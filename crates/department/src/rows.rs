//! A plain table of identifiers → a file of encodings in the same order.
//!
//! Without mapping, subjects, facts or a second half: for tables that are linked by other means.

mod columns;

use std::io::Write;
use std::path::Path;

use encoder::{Encoder, Fill, LinkageKey};
use policy::LinkageSchema;
use submission::EncodedRows;

use crate::encoded::{Refusal, stream};
use crate::error::Error;
use crate::new_file::{NewFile, PRIVATE};
use crate::source::Source;
use columns::Columns;

/// What is encoded, and where to.
pub struct RowSettings<'a> {
    /// How rows are encoded.
    pub schema: &'a LinkageSchema,
    /// Under which key.
    pub key: &'a LinkageKey,
    /// A CSV file or workbook whose header names the schema's identifiers (`surname`,
    /// `date_of_birth` …); other columns are passed over.
    pub input: &'a Path,
    /// A new file for the encodings ([`EncodedRows`]), readable by its owner only.
    pub output: &'a Path,
    /// Told how many rows are encoded.
    pub progress: &'a dyn Fn(u64),
}

/// What became of the rows.
pub struct RowCounts {
    /// Rows read.
    pub rows: u64,
    /// Rows with too few usable identifiers, null in the file.
    pub too_little: u64,
    /// Rows with letters that no German register writes, null in the file.
    pub other_script: u64,
    /// Rows whose encoding lies outside the schema's weight window, null in the file.
    pub outside_window: u64,
    /// Fill before diffusion, view by view.
    pub fill: Vec<Fill>,
}

/// Encodes a table row by row, in memory that does not grow with it.
///
/// # Errors
/// [`Error`] that says what to do; the file then does not exist.
pub fn encode_rows(settings: &RowSettings<'_>) -> Result<RowCounts, Error> {
    let encoder =
        Encoder::new(settings.schema, settings.key).map_err(|e| Error::Encoder(e.to_string()))?;
    let columns = Columns::of(settings.schema);
    let mut source = Source::open(settings.input, &columns.source_settings())?;
    let columns = columns.find(&source)?;
    let mut file = NewFile::create(settings.output, PRIVATE)?;
    let counts = run(settings, &encoder, &columns, &mut source, &mut file)?;
    file.publish()?;
    Ok(counts)
}

fn run(
    settings: &RowSettings<'_>,
    encoder: &Encoder,
    columns: &Columns,
    source: &mut Source,
    file: &mut NewFile,
) -> Result<RowCounts, Error> {
    let write = |file: &mut NewFile, bytes: &[u8]| {
        file.write_all(bytes).map_err(|e| Error::write(settings.output, &e))
    };
    let mut rows = EncodedRows::new(settings.schema)?;
    let (mut too_little, mut other_script, mut outside_window) = (0, 0, 0);
    let streamed = stream(
        encoder,
        settings.schema.weight_window,
        |person| {
            let Some(record) = source.next_record()? else { return Ok(None) };
            for (identifier, position) in columns.iter() {
                if person.set(identifier, record.cell(position)).is_err() {
                    // Longer than any name: the row is unusable, not the table.
                    person.clear();
                    break;
                }
            }
            Ok(Some(record.number))
        },
        |_, encoded| {
            too_little += u64::from(encoded == Err(Refusal::TooLittle));
            other_script += u64::from(encoded == Err(Refusal::OtherScript));
            outside_window += u64::from(encoded == Err(Refusal::OutsideWindow));
            rows.push(encoded.ok())?;
            write(file, &rows.take())
        },
        settings.progress,
    )?;
    if streamed.people == 0 {
        return Err(Error::HeaderOnly { path: source.path().to_owned() });
    }
    write(file, &rows.finish()?)?;
    let (rows, fill) = (streamed.people, streamed.fill);
    Ok(RowCounts { rows, too_little, other_script, outside_window, fill })
}
