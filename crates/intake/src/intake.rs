//! The steps of an upload.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::Identity;
use policy::{Digest, LinkageSchema, Name, PolicySet};
use store::Db;
use store::batches::{self, BatchKey};
use submission::{
    BatchId, Clock, Half, Manifest, ProblemCode, Receipt, SignedManifest, SignedReceipt,
    SigningKey, UploadState,
};

use crate::body::Body;
use crate::refusals::{Refusals, RefusedDelivery};
use crate::{IntakeError, announce};

/// What a unit expects of every batch.
pub struct Expected {
    /// The half that this unit takes.
    pub half: Half,
    /// The parties' agreement.
    pub policies: Arc<PolicySet>,
    /// The linkage schema of each project.
    pub schemas: BTreeMap<Name, Name>,
}

impl Expected {
    /// The linkage schema of a project.
    ///
    /// # Errors
    /// [`ProblemCode::ProjectUnknown`].
    pub fn schema(&self, project: &Name) -> Result<&LinkageSchema, IntakeError> {
        self.schemas
            .get(project)
            .and_then(|name| self.policies.schemas.get(name))
            .ok_or_else(|| IntakeError::refuse(ProblemCode::ProjectUnknown, "ask the operator"))
    }
}

/// The intake of one unit. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    pub(crate) db: Db,
    pub(crate) expected: Arc<Expected>,
    key: Arc<SigningKey>,
    clock: Clock,
    refusals: Arc<Refusals>,
}

impl Intake {
    /// Builds the intake of a unit that signs receipts with `key`.
    #[must_use]
    pub fn new(db: Db, expected: Arc<Expected>, key: Arc<SigningKey>, clock: Clock) -> Self {
        Self { db, expected, key, clock, refusals: Arc::default() }
    }

    /// Announces a batch, or finds it announced with the same manifest.
    ///
    /// # Errors
    /// [`IntakeError::Refused`] naming what differs from the agreement.
    pub async fn announce(
        &self,
        sender: &Identity,
        signed: &SignedManifest,
    ) -> Result<UploadState, IntakeError> {
        let batch = signed.manifest.batch;
        let done = self.begin(sender, signed).await;
        self.refusals.noted(sender, batch, self.clock.now(), done)
    }

    async fn begin(
        &self,
        sender: &Identity,
        signed: &SignedManifest,
    ) -> Result<UploadState, IntakeError> {
        let new = announce::check(self, sender, signed).await?;
        let status = batches::begin(&self.db, &new, self.clock.now()).await?;
        upload_state(signed.manifest.batch, &status)
    }

    /// What this department was refused lately, newest first; since the unit's start.
    #[must_use]
    pub fn refused(&self, project: &Name, department: &Name) -> Vec<RefusedDelivery> {
        self.refusals.of(project, department)
    }

    /// Takes the chunk at `index`.
    ///
    /// # Errors
    /// [`IntakeError::Refused`] for a chunk that was not announced, altered or of another form.
    pub async fn put_chunk(
        &self,
        sender: &Identity,
        batch: BatchId,
        index: u64,
        bytes: &[u8],
    ) -> Result<(), IntakeError> {
        let done = self.take_chunk(sender, batch, index, bytes).await;
        self.refusals.noted(sender, batch, self.clock.now(), done)
    }

    async fn take_chunk(
        &self,
        sender: &Identity,
        batch: BatchId,
        index: u64,
        bytes: &[u8],
    ) -> Result<(), IntakeError> {
        let (key, status) = self.announced(sender, batch).await?;
        let manifest = manifest(&status)?;
        let position = usize::try_from(index).unwrap_or(usize::MAX);
        let announced = manifest.chunks.get(position).ok_or_else(|| {
            let count = manifest.chunks.len();
            let detail = format!("the manifest announces chunks 0 to {}", count.saturating_sub(1));
            IntakeError::refuse(ProblemCode::ChunkUnexpected, detail)
        })?;
        let digest = Digest::of(bytes);
        if digest != *announced {
            let detail = "the bytes differ from the manifest's digest; send the chunk again";
            return Err(IntakeError::refuse(ProblemCode::ChunkAltered, detail));
        }
        Body::read(&self.expected, &manifest, bytes)?;
        batches::put_chunk(&self.db, &key, index, digest.as_bytes(), bytes).await?;
        Ok(())
    }

    /// What is known about a batch of this sender.
    ///
    /// # Errors
    /// [`ProblemCode::NotFound`] where it was not announced.
    pub async fn state(
        &self,
        sender: &Identity,
        batch: BatchId,
    ) -> Result<UploadState, IntakeError> {
        let (_, status) = self.announced(sender, batch).await?;
        upload_state(batch, &status)
    }

    /// Checks that the chunks add up to the manifest, lets the batch count and receipts it.
    ///
    /// # Errors
    /// [`ProblemCode::BatchIncomplete`] or [`ProblemCode::BatchInconsistent`].
    pub async fn complete(
        &self,
        sender: &Identity,
        batch: BatchId,
    ) -> Result<SignedReceipt, IntakeError> {
        let done = self.receipt(sender, batch).await;
        self.refusals.noted(sender, batch, self.clock.now(), done)
    }

    async fn receipt(
        &self,
        sender: &Identity,
        batch: BatchId,
    ) -> Result<SignedReceipt, IntakeError> {
        let (key, status) = self.announced(sender, batch).await?;
        if let Some(receipt) = status.receipt {
            return read_receipt(&receipt);
        }
        let manifest = manifest(&status)?;
        self.check_sum(&key, &manifest, status.present.len()).await?;
        let now = self.clock.now();
        let receipt = Receipt {
            format: Receipt::FORMAT.into(),
            half: manifest.half,
            project: manifest.project.clone(),
            batch,
            manifest: manifest.digest().map_err(internal)?,
            received_at: now,
        };
        let signed = SignedReceipt::sign(receipt, &self.key).map_err(internal)?;
        let text = serde_json::to_string(&signed).map_err(|_| damaged())?;
        let withdrawn: Vec<[u8; 16]> = manifest.withdrawn.iter().map(|s| *s.as_bytes()).collect();
        let stored = batches::complete(&self.db, &key, &text, &withdrawn, now).await?;
        read_receipt(&stored)
    }

    async fn check_sum(
        &self,
        key: &BatchKey,
        manifest: &Manifest,
        present: usize,
    ) -> Result<(), IntakeError> {
        let missing = manifest.chunks.len().saturating_sub(present) as u64;
        if missing > 0 {
            return Err(store::Error::Incomplete { missing }.into());
        }
        let mut sum = crate::body::Sum::default();
        for index in 0..manifest.chunks.len() as u64 {
            let bytes = batches::read_chunk(&self.db, key, index).await?;
            sum.add(&Body::read(&self.expected, manifest, &bytes)?);
        }
        sum.check(&self.expected, manifest)
    }

    async fn announced(
        &self,
        sender: &Identity,
        batch: BatchId,
    ) -> Result<(BatchKey, batches::Status), IntakeError> {
        let key = BatchKey {
            project: sender.project.to_string(),
            department: sender.name.to_string(),
            batch: batch.to_string(),
        };
        let status = batches::status(&self.db, &key).await?;
        let status = status.ok_or(store::Error::NotFound(store::Subject::Batch))?;
        Ok((key, status))
    }
}

/// What the sender announced; erased with the batch's content.
fn manifest(status: &batches::Status) -> Result<Manifest, IntakeError> {
    let erased = || {
        let detail = "this batch was erased here; encode the extract again to get a new one";
        IntakeError::refuse(ProblemCode::BatchAltered, detail)
    };
    let text = status.manifest.as_deref().ok_or_else(erased)?;
    let signed: SignedManifest = serde_json::from_str(text).map_err(|_| damaged())?;
    Ok(signed.manifest)
}

fn upload_state(batch: BatchId, status: &batches::Status) -> Result<UploadState, IntakeError> {
    let missing = (0..status.chunk_count).filter(|i| status.present.binary_search(i).is_err());
    Ok(UploadState {
        batch,
        chunks: status.chunk_count,
        missing: missing.collect(),
        receipt: status.receipt.as_deref().map(read_receipt).transpose()?,
    })
}

fn read_receipt(text: &str) -> Result<SignedReceipt, IntakeError> {
    serde_json::from_str(text).map_err(|_| damaged())
}

fn damaged() -> IntakeError {
    IntakeError::Store(store::Error::Damaged("batch"))
}

fn internal(_: submission::SubmissionError) -> IntakeError {
    damaged()
}
