//! Deliveries: how a batch arrives piece by piece, and which of them count.
//!
//! Every step may be repeated after a lost answer: the same content gives the same state, other
//! content under the same name is [`Error::Conflict`].

mod live;
mod own;
mod receive;

pub use live::{
    Completed, Delivered, LiveBatch, completed, delivered, live, read_chunk, withdrawals, withdrawn,
};
pub use own::{OwnBatch, of_department};
pub(crate) use receive::seal_chunk;
pub use receive::{begin, complete, put_chunk, status};

use crate::Error;
use crate::sql::Row;

/// Largest chunk in bytes.
pub const CHUNK_LIMIT: usize = 8 << 20;
/// Most chunks of a batch.
pub const CHUNK_COUNT_LIMIT: u64 = 8192;
/// Largest manifest in bytes.
pub const MANIFEST_LIMIT: usize = 4 << 20;
/// Longest name of a project, department, dataset or batch in bytes.
pub const NAME_LIMIT: usize = 128;

/// The name of a batch; unique for ever.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchKey {
    /// The project.
    pub project: String,
    /// The sender.
    pub department: String,
    /// The sender's id of the delivery.
    pub batch: String,
}

/// What a batch does to the sender's earlier batches of the same dataset and epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Replaces them.
    Full,
    /// Adds to them and withdraws single subjects.
    Amend,
}

impl Mode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Amend => "amend",
        }
    }

    fn read(row: &Row, column: usize) -> Result<Self, Error> {
        match row.text(column)?.as_str() {
            "full" => Ok(Self::Full),
            "amend" => Ok(Self::Amend),
            _ => Err(Error::Damaged("batch.mode")),
        }
    }
}

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Chunks are missing or not yet confirmed.
    Receiving,
    /// It counts.
    Complete,
    /// A later full delivery replaced it.
    Superseded,
}

impl State {
    fn read(row: &Row, column: usize) -> Result<Self, Error> {
        match row.text(column)?.as_str() {
            "receiving" => Ok(Self::Receiving),
            "complete" => Ok(Self::Complete),
            "superseded" => Ok(Self::Superseded),
            _ => Err(Error::Damaged("batch.state")),
        }
    }
}

/// A batch as its manifest announces it.
pub struct NewBatch {
    /// Its name.
    pub key: BatchKey,
    /// The epoch under whose key it was encoded.
    pub epoch: String,
    /// The dataset.
    pub dataset: String,
    /// The months it covers, as the manifest writes them.
    pub period: String,
    /// What it does to earlier batches.
    pub mode: Mode,
    /// The signed manifest.
    pub manifest: String,
    /// SHA-256 of the manifest.
    pub manifest_digest: [u8; 32],
    /// SHA-256 that binds all chunks.
    pub body_digest: [u8; 32],
    /// Rows in all chunks.
    pub rows: u64,
    /// How many chunks there will be.
    pub chunk_count: u64,
}

/// What is known about a batch.
pub struct Status {
    /// How far it has come.
    pub state: State,
    /// The signed manifest; `None` once it was erased with its epoch.
    pub manifest: Option<String>,
    /// SHA-256 of its manifest.
    pub manifest_digest: [u8; 32],
    /// How many chunks it has in the end.
    pub chunk_count: u64,
    /// Positions of the chunks that are here, ascending; all of them once they were erased.
    pub present: Vec<u64>,
    /// The receipt, once complete.
    pub receipt: Option<String>,
    /// First event year whose facts are kept; `None` while all are, and at the linkage unit.
    pub kept_from: Option<i64>,
}
