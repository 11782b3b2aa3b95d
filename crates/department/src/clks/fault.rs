//! What is wrong with a row, with its place and without its content.

use std::path::Path;

use encoder::clkhash::CellReason;
use policy::ClkhashSchema;
use thiserror::Error as ThisError;

use crate::error::{Error, shown};

/// A cell that cannot be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowFault {
    /// Line in the file, from 1.
    pub line: u64,
    /// Column, from 0.
    pub column: usize,
    /// What is wrong.
    pub cell: UnfitCell,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
pub enum UnfitCell {
    /// Not UTF-8.
    #[error("not valid UTF-8; save the file as UTF-8")]
    NotUtf8,
    /// NUL or another control character.
    #[error("a control character such as NUL; remove it at the source")]
    Control,
    /// A character that changes the direction of writing or marks a byte order.
    #[error("an invisible mark of writing direction or byte order; remove it at the source")]
    Invisible,
    /// Not what the schema asks for.
    #[error("{0}")]
    Schema(CellReason),
}

impl From<CellReason> for UnfitCell {
    fn from(reason: CellReason) -> Self {
        Self::Schema(reason)
    }
}

impl RowFault {
    pub(super) fn in_table(self, path: &Path, schema: &ClkhashSchema) -> Error {
        let name = schema.header().nth(self.column).unwrap_or_default().to_owned();
        Error::Cell {
            path: shown(path),
            line: self.line,
            column: self.column + 1,
            name,
            reason: self.cell,
        }
    }
}
