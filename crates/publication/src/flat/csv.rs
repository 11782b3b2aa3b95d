//! The table as CSV: once as RFC 4180 has it, once as a German Excel opens it.

use ::csv::{Terminator, WriterBuilder};

use super::{Language, LongTable, Value};
use crate::Error;
use crate::csv::{BYTE_ORDER_MARK, harmless};

impl LongTable {
    /// As RFC 4180 has it: UTF-8 without a mark, `,`, a decimal point, CRLF, `true` and `false`,
    /// days as ISO 8601, nothing at all where there is no value. Texts stand as they are; whoever
    /// opens it in a spreadsheet takes [`LongTable::excel_csv`].
    ///
    /// # Errors
    /// [`Error::Csv`].
    pub fn plain_csv(&self, language: Language) -> Result<Vec<u8>, Error> {
        let text = |value: &Value| match value {
            Value::Nothing => String::new(),
            Value::Text(own) => own.to_string(),
            Value::Whole(own) => own.to_string(),
            Value::Number(own) => own.to_string(),
            Value::Truth(own) => own.to_string(),
            Value::Date(own) => own.to_string(),
        };
        self.written(language, b',', Vec::new(), text)
    }

    /// As a German Excel opens it by a double click: UTF-8 with byte-order mark, `;`, a decimal
    /// comma, `ja` and `nein`, days as `31.12.2025`. A text that would run as a formula gets an
    /// apostrophe in front.
    ///
    /// # Errors
    /// [`Error::Csv`].
    pub fn excel_csv(&self, language: Language) -> Result<Vec<u8>, Error> {
        let (yes, no) = match language {
            Language::German => ("ja", "nein"),
            Language::English => ("yes", "no"),
        };
        let text = move |value: &Value| match value {
            Value::Nothing => String::new(),
            Value::Text(own) => harmless(own),
            Value::Whole(own) => own.to_string(),
            Value::Number(own) => own.to_string().replace('.', ","),
            Value::Truth(own) => (if *own { yes } else { no }).to_owned(),
            Value::Date(own) => format!("{:02}.{:02}.{:04}", own.day(), own.month(), own.year()),
        };
        self.written(language, b';', BYTE_ORDER_MARK.to_vec(), text)
    }

    fn written(
        &self,
        language: Language,
        delimiter: u8,
        begin: Vec<u8>,
        text: impl Fn(&Value) -> String,
    ) -> Result<Vec<u8>, Error> {
        let mut writer = WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::CRLF)
            .from_writer(begin);
        let header = self.columns_in(language).map(|(_, _, name)| name);
        writer.write_record(header).map_err(|_| Error::Csv)?;
        let places: Vec<usize> = self.columns_in(language).map(|(at, _, _)| at).collect();
        for row in &self.rows {
            let record = places.iter().map(|at| row.get(*at).map(&text).unwrap_or_default());
            writer.write_record(record).map_err(|_| Error::Csv)?;
        }
        writer.into_inner().map_err(|_| Error::Csv)
    }
}
