//! A batch folder: two halves with their signed manifests, register, report and receipts.

use std::fs;
use std::path::{Path, PathBuf};

use policy::Digest;
use submission::{Half, SignedManifest, limits};

use crate::error::{Error, shown};

/// An encoded batch on disk.
pub struct Batch {
    folder: PathBuf,
    linkable: SignedManifest,
    measures: SignedManifest,
}

impl Batch {
    /// Opens a folder and reads both manifests.
    ///
    /// # Errors
    /// [`Error::Batch`] naming what is missing or does not fit.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let batch = Self {
            folder: folder.to_owned(),
            linkable: read(folder, Half::Linkable)?,
            measures: read(folder, Half::Measures)?,
        };
        let (one, other) = (&batch.linkable.manifest, &batch.measures.manifest);
        if one.batch != other.batch || one.subjects_digest != other.subjects_digest {
            let reason = "the two halves are of different batches".into();
            return Err(Error::Batch { path: shown(folder), reason });
        }
        Ok(batch)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The signed manifest of a half.
    #[must_use]
    pub fn signed(&self, half: Half) -> &SignedManifest {
        match half {
            Half::Linkable => &self.linkable,
            Half::Measures => &self.measures,
        }
    }

    /// The bytes of a chunk, compared with the manifest.
    ///
    /// # Errors
    /// [`Error::Batch`] for a chunk that is missing, too large or altered since signing.
    pub fn chunk(&self, half: Half, index: u64) -> Result<Vec<u8>, Error> {
        let fail = |reason: String| Error::Batch { path: shown(&self.folder), reason };
        let name = chunk_name(index);
        let path = self.folder.join(folder_name(half)).join(&name);
        let size = fs::metadata(&path).map_err(|e| fail(format!("{name}: {}", e.kind())))?.len();
        let chunks = &self.signed(half).manifest.chunks;
        let digest = usize::try_from(index).ok().and_then(|index| chunks.get(index));
        let Some(digest) = digest else { return Err(fail(format!("{name} is not announced"))) };
        if size > limits::CHUNK_BYTES {
            return Err(fail(format!("{name} is too large")));
        }
        let bytes = fs::read(&path).map_err(|e| fail(format!("{name}: {}", e.kind())))?;
        if Digest::of(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(fail(format!("{name} was altered after signing")))
        }
    }
}

/// The folder of a half inside the batch folder.
#[must_use]
pub(crate) fn folder_name(half: Half) -> &'static str {
    match half {
        Half::Linkable => "linkable",
        Half::Measures => "measures",
    }
}

pub(crate) fn chunk_name(index: u64) -> String {
    format!("{index:04}.arrow")
}

fn read(folder: &Path, half: Half) -> Result<SignedManifest, Error> {
    let path = folder.join(folder_name(half)).join("manifest.json");
    let fail = |reason: String| Error::Batch { path: shown(folder), reason };
    let place = format!("{}/manifest.json", folder_name(half));
    let size = fs::metadata(&path).map_err(|e| fail(format!("{place}: {}", e.kind())))?.len();
    if size > limits::MANIFEST_BYTES as u64 {
        return Err(fail(format!("{place} is too large")));
    }
    let bytes = fs::read(&path).map_err(|e| fail(format!("{place}: {}", e.kind())))?;
    let signed: SignedManifest = serde_json::from_slice(&bytes)
        .map_err(|_| fail(format!("{place} does not have the expected form")))?;
    if signed.manifest.half != half {
        return Err(fail(format!("{place} is of the other half")));
    }
    signed.manifest.check()?;
    Ok(signed)
}
