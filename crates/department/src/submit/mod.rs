//! A batch folder → both units, resumable, until each has signed a receipt.

mod client;

use std::fs;
use std::path::Path;
use std::time::Duration;

use submission::{Half, SignedReceipt, VerifyingKey};
use zeroize::Zeroizing;

use crate::batch::{Batch, folder_name};
use crate::error::{Error, shown};
use client::Client;

/// Where a unit is and how it is known.
pub struct Unit {
    /// Its base address, such as `https://verknuepfung.kreis.example`.
    pub url: String,
    /// The key that its receipts are verified with.
    pub public_key: VerifyingKey,
    /// The department's bearer token there.
    pub token: Zeroizing<String>,
    /// PEM certificate of the authority that signed the unit's certificate; the public
    /// authorities where missing.
    pub authority: Option<Vec<u8>>,
}

/// The two units; they belong to different administrations.
pub struct Units {
    /// Gets the encodings.
    pub linkage: Unit,
    /// Gets the coded facts.
    pub statistics: Unit,
}

/// How often and how long to try again when a unit is away or busy.
#[derive(Clone, Copy)]
pub struct Patience {
    /// Tries of one request in all.
    pub tries: u32,
    /// Wait before the second try; doubled before each further one, one minute at most.
    pub first_wait: Duration,
    /// Longest duration of one request.
    pub timeout: Duration,
}

impl Patience {
    /// Six tries within about half a minute, two minutes a request.
    pub const USUAL: Self =
        Self { tries: 6, first_wait: Duration::from_secs(1), timeout: Duration::from_secs(120) };
}

/// Both receipts of a batch.
pub struct Submitted {
    /// Of the linkage unit.
    pub linkage: SignedReceipt,
    /// Of the statistics unit.
    pub statistics: SignedReceipt,
    /// Chunks that were sent now; none where the units had the batch already.
    pub sent: u64,
}

/// Sends what the units do not have yet and keeps their receipts in `receipts/` of the folder.
///
/// May be repeated at any time: the same batch gives the same receipts. `progress` is told the
/// half, the chunks done and all chunks.
///
/// # Errors
/// [`Error::Batch`] for a damaged folder, [`Error::Unreachable`] when patience ends,
/// [`Error::Refused`] with the unit's reason, [`Error::Receipt`] for a receipt that does not
/// verify.
pub fn submit(
    folder: &Path,
    units: &Units,
    patience: Patience,
    progress: &dyn Fn(Half, u64, u64),
) -> Result<Submitted, Error> {
    let batch = Batch::open(folder)?;
    let (linkage, one) = deliver(&batch, Half::Linkable, &units.linkage, patience, progress)?;
    let (statistics, other) =
        deliver(&batch, Half::Measures, &units.statistics, patience, progress)?;
    Ok(Submitted { linkage, statistics, sent: one + other })
}

fn deliver(
    batch: &Batch,
    half: Half,
    unit: &Unit,
    patience: Patience,
    progress: &dyn Fn(Half, u64, u64),
) -> Result<(SignedReceipt, u64), Error> {
    let signed = batch.signed(half);
    let client = Client::new(half, unit, patience)?;
    let id = signed.manifest.batch;
    let total = signed.manifest.chunks.len() as u64;
    let announced = serde_json::to_vec(signed)
        .map_err(|e| Error::Batch { path: shown(batch.folder()), reason: e.to_string() })?;
    let state = client.announce(&announced)?;
    let mut sent = 0;
    let receipt = if let Some(receipt) = state.receipt {
        receipt
    } else {
        let missing = state.missing.len() as u64;
        for index in state.missing {
            progress(half, total.saturating_sub(missing) + sent, total);
            client.chunk(id, index, &batch.chunk(half, index)?)?;
            sent += 1;
        }
        client.complete(id)?
    };
    progress(half, total, total);
    receipt
        .verify(&unit.public_key, signed.manifest.digest()?)
        .map_err(|_| Error::Receipt { half })?;
    if receipt.receipt.half != half || receipt.receipt.batch != id {
        return Err(Error::Receipt { half });
    }
    keep(batch.folder(), half, &receipt)?;
    Ok((receipt, sent))
}

/// Writes the receipt beside the batch; written anew each time, it stays the same.
fn keep(folder: &Path, half: Half, receipt: &SignedReceipt) -> Result<(), Error> {
    let receipts = folder.join("receipts");
    fs::create_dir_all(&receipts).map_err(|e| Error::write(&receipts, &e))?;
    let path = receipts.join(format!("{}.json", folder_name(half)));
    let json = serde_json::to_vec_pretty(receipt)
        .map_err(|e| Error::Write { path: shown(&path), reason: e.to_string() })?;
    let partial = receipts.join(format!(".{}.json", folder_name(half)));
    fs::write(&partial, json).map_err(|e| Error::write(&partial, &e))?;
    fs::rename(&partial, &path).map_err(|e| Error::write(&path, &e))
}

/// Whether both units have acknowledged the batch, as far as the folder tells.
#[must_use]
pub fn is_submitted(folder: &Path) -> bool {
    [Half::Linkable, Half::Measures]
        .iter()
        .all(|half| folder.join("receipts").join(format!("{}.json", folder_name(*half))).is_file())
}
