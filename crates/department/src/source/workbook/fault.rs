//! What can be wrong with a workbook.

use thiserror::Error;

/// What is wrong with a workbook, without a value of a cell.
#[derive(Debug, Error)]
pub enum WorkbookFault {
    /// A container that ends too early, or parts that contradict each other.
    #[error("it is damaged; copy it again or save it anew")]
    Damaged,
    /// Protected by a password.
    #[error("it is protected by a password; save it without one")]
    Encrypted,
    /// Another kind of workbook or document.
    #[error("{0} cannot be read; save it as .xlsx or as CSV (UTF-8)")]
    Kind(&'static str),
    /// More than is read.
    #[error("it has more than {limit} {what}; export it as CSV or deliver it in parts")]
    TooLarge {
        /// Of what, in English.
        what: TooMuch,
        /// How many at most.
        limit: u64,
    },
    /// No sheet that is seen and has a cell.
    #[error("it has no visible sheet with a header; export the extract again")]
    NoSheet,
    /// The named sheet is not there.
    #[error("it has no sheet `{name}`, only {known}; correct `sheet` in the mapping")]
    SheetMissing {
        /// The wanted one.
        name: String,
        /// The others.
        known: String,
    },
    /// Several sheets, and none fits better than the others.
    #[error("it has several sheets: {known}; name one as `sheet` under [source] in the mapping")]
    Sheets {
        /// All of them.
        known: String,
    },
}

/// What a workbook has too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooMuch {
    /// Of the file.
    Bytes,
    /// Of all parts, unpacked.
    UnpackedBytes,
    /// Of shared strings, unpacked.
    StringBytes,
    /// Parts of the container.
    Parts,
    /// Filled cells of the sheet.
    Cells,
    /// Of the sheet's cells.
    TextBytes,
}

impl std::fmt::Display for TooMuch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::UnpackedBytes => "bytes when unpacked",
            Self::StringBytes => "bytes of shared text",
            Self::Parts => "parts",
            Self::Cells => "filled cells",
            Self::TextBytes => "bytes of text in its cells",
        })
    }
}
