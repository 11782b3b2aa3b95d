//! How a batch is uploaded: chunk by chunk, resumable, each chunk bound to the manifest.

use serde::{Deserialize, Serialize};

use crate::{BatchId, SignedReceipt};

/// What a unit says about a batch that is arriving or has arrived.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UploadState {
    /// The batch.
    pub batch: BatchId,
    /// Number of chunks that the manifest announces.
    pub chunks: u64,
    /// Positions of the chunks that are still missing.
    pub missing: Vec<u64>,
    /// The receipt, once the batch is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<SignedReceipt>,
}

/// Limits on everything that comes from outside.
pub mod limits {
    /// Largest chunk in bytes.
    pub const CHUNK_BYTES: u64 = 8 << 20;
    /// Most rows of a chunk.
    pub const CHUNK_ROWS: usize = 8192;
    /// Most chunks of a batch.
    pub const CHUNKS: u64 = 8192;
    /// Most rows of a batch.
    pub const ROWS: u64 = CHUNKS * CHUNK_ROWS as u64;
    /// Most subjects that one amendment withdraws; beyond that, deliver in full.
    pub const WITHDRAWN: u64 = 20_000;
    /// Largest signed manifest in bytes.
    pub const MANIFEST_BYTES: usize = 4 << 20;
    /// Largest sealed link map in bytes.
    pub const LINK_MAP_BYTES: usize = 1 << 30;
}
