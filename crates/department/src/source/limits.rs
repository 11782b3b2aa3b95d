//! How much of a file is read at most.

/// Bounds on an extract; whatever is larger ends in an error, not in memory.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Bytes of one cell.
    pub cell: usize,
    /// Bytes of one record, quoted line breaks included.
    pub record: usize,
    /// Cells of one record.
    pub columns: usize,
    /// Bytes of the file.
    pub file: u64,
}

impl Limits {
    /// 64 KiB a cell, 1 MiB a record, 512 columns, 4 GiB a file.
    pub const USUAL: Self = Self { cell: 64 << 10, record: 1 << 20, columns: 512, file: 4 << 30 };
}
