//! The signed proof that a unit holds a batch.

use policy::{Digest, Name};
use serde::{Deserialize, Serialize};

use crate::{BatchId, Half, Signature, SigningKey, SubmissionError, VerifyingKey};

/// What a unit states when a batch is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// `milchglas/receipt/1`.
    pub format: String,
    /// Which half arrived.
    pub half: Half,
    /// The project.
    pub project: Name,
    /// The batch.
    pub batch: BatchId,
    /// SHA-256 of the manifest's canonical JSON.
    pub manifest: Digest,
    /// Unix seconds of completion.
    pub received_at: i64,
}

/// A receipt with the unit's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedReceipt {
    /// The statement.
    pub receipt: Receipt,
    /// Ed25519 over `milchglas/receipt/1 ‖ 0 ‖ canonical JSON`.
    pub signature: Signature,
}

impl Receipt {
    /// The format's name, also the context of its signature.
    pub const FORMAT: &str = "milchglas/receipt/1";
}

impl SignedReceipt {
    /// Signs a receipt.
    ///
    /// # Errors
    /// [`SubmissionError::Policy`], which a receipt does not give.
    pub fn sign(receipt: Receipt, key: &SigningKey) -> Result<Self, SubmissionError> {
        let signature = key.sign(Receipt::FORMAT, &receipt)?;
        Ok(Self { receipt, signature })
    }

    /// Checks that the unit with `key` acknowledges the manifest with this digest.
    ///
    /// # Errors
    /// [`SubmissionError::Signature`] for another key or another manifest.
    pub fn verify(&self, key: &VerifyingKey, manifest: Digest) -> Result<(), SubmissionError> {
        key.verify(Receipt::FORMAT, &self.receipt, &self.signature)?;
        if self.receipt.manifest == manifest { Ok(()) } else { Err(SubmissionError::Signature) }
    }
}
