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
    /// Bytes of a workbook, as it lies on the disk.
    pub workbook: u64,
    /// Bytes of all parts of a workbook, unpacked.
    pub unpacked: u64,
    /// Bytes of the strings that a workbook's cells share, unpacked; they are held in memory.
    pub strings: u64,
    /// Filled cells of a sheet; they are held in memory, 8 bytes and their text each.
    pub cells: usize,
    /// Bytes of text of a sheet; it is held in memory.
    pub sheet: usize,
}

impl Limits {
    /// 64 KiB a cell, 1 MiB a record, 512 columns, 4 GiB a file; of a workbook 256 MiB, 2 GiB
    /// unpacked, 256 MiB of shared strings, 20 million cells with 256 MiB of text. A workbook
    /// thus needs at most about 1 GiB of memory, a CSV file less than 2 MiB.
    pub const USUAL: Self = Self {
        cell: 64 << 10,
        record: 1 << 20,
        columns: 512,
        file: 4 << 30,
        workbook: 256 << 20,
        unpacked: 2 << 30,
        strings: 256 << 20,
        cells: 20_000_000,
        sheet: 256 << 20,
    };
}
