//! What a manifest is compared with before a single chunk is taken.

use access::Identity;
use store::batches::{BatchKey, Mode, NewBatch};
use store::epochs::State;
use submission::{Half, Manifest, ProblemCode, SignedManifest};

use crate::{Intake, IntakeError};

/// Checks who sent it, then that both sides mean the same by it.
pub(crate) async fn check(
    intake: &Intake,
    sender: &Identity,
    signed: &SignedManifest,
) -> Result<NewBatch, IntakeError> {
    let refuse = |code, detail: &str| Err(IntakeError::refuse(code, detail));
    let Some(key) = sender.public_key else {
        return refuse(
            ProblemCode::SignatureInvalid,
            "no signing key is registered for the sender",
        );
    };
    let manifest =
        signed.verify(&key).map_err(IntakeError::message(ProblemCode::ManifestInvalid))?;
    if manifest.half != intake.expected.half {
        return refuse(ProblemCode::ManifestInvalid, "this half belongs to the other unit");
    }
    if manifest.project != sender.project {
        return refuse(
            ProblemCode::ProjectUnknown,
            "the manifest names another project than yours",
        );
    }
    if manifest.department != sender.name || !sender.datasets.contains(&manifest.dataset) {
        let detail = "the manifest names another department, or a dataset that is not yours";
        return refuse(ProblemCode::DatasetUnknown, detail);
    }
    let catalogue = &intake.expected.policies.catalogue;
    manifest.check_dataset(catalogue).map_err(IntakeError::message(ProblemCode::DatasetUnknown))?;
    large_enough(intake, manifest)?;
    match manifest.half {
        Half::Linkable => linkable(intake, manifest).await?,
        Half::Measures => measures(intake, manifest)?,
    }
    new_batch(signed)
}

async fn linkable(intake: &Intake, manifest: &Manifest) -> Result<(), IntakeError> {
    let (project, epoch) = (manifest.project.as_str(), manifest.epoch.as_str());
    let open = store::epochs::get(&intake.db, project, epoch).await?;
    // What is withdrawn from an epoch that is over may live on at the other unit, which waits for
    // this half; no key-check value is left to compare with.
    let only_withdraws = manifest.mode == submission::Mode::Amend && manifest.rows == 0;
    if only_withdraws && open.as_ref().is_some_and(|e| e.state == State::Closed) {
        return Ok(());
    }
    let Some(open) = open.filter(|e| e.state == State::Open) else {
        let detail = format!("epoch `{epoch}` is not open; ask the custodian to open it");
        return Err(IntakeError::refuse(ProblemCode::EpochUnknown, detail));
    };
    let sent = manifest.schema.map(|digest| *digest.as_bytes());
    if sent != Some(open.schema_digest) {
        let agreed = policy::Digest::from_bytes(open.schema_digest).to_string();
        let agreed: String = agreed.chars().take(12).collect();
        let detail = format!(
            "the linkage schema differs: the epoch was opened with {agreed}…; use the schema file \
             of the project"
        );
        return Err(IntakeError::refuse(ProblemCode::SchemaDiffers, detail));
    }
    let sent = manifest.key_check_value.map(|value| value.as_bytes().to_vec());
    if sent != open.key_check_value {
        let earlier = match &sent {
            Some(value) => store::epochs::with_key(&intake.db, project, value).await?,
            None => None,
        };
        if let Some(earlier) = earlier {
            let detail = format!(
                "the batch is encoded under the key of epoch `{earlier}`, and epochs are never \
                 mixed: set the key of epoch `{epoch}` in the settings and encode again"
            );
            return Err(IntakeError::refuse(ProblemCode::KeyDiffers, detail));
        }
        let detail = "the schema agrees, but key, normaliser or program version does not: check \
                      that the key file is the one of this project and epoch, then the version";
        return Err(IntakeError::refuse(ProblemCode::KeyDiffers, detail));
    }
    Ok(())
}

/// Few people in a full delivery are easily told apart.
fn large_enough(intake: &Intake, manifest: &Manifest) -> Result<(), IntakeError> {
    let dataset = intake.expected.policies.catalogue.dataset(&manifest.dataset);
    let least = dataset.map_or(0, |own| own.least_subjects);
    if manifest.mode == submission::Mode::Full && manifest.subjects < u64::from(least) {
        let detail = format!(
            "a full delivery of `{}` has at least {least} people; send a complete extract",
            manifest.dataset
        );
        return Err(IntakeError::refuse(ProblemCode::BatchTooSmall, detail));
    }
    Ok(())
}

fn measures(intake: &Intake, manifest: &Manifest) -> Result<(), IntakeError> {
    let own = intake
        .expected
        .policies
        .catalogue
        .digest()
        .map_err(|e| IntakeError::refuse(ProblemCode::Internal, e.to_string()))?;
    if manifest.catalogue != Some(own) {
        let short: String = own.to_string().chars().take(12).collect();
        let detail = format!("this unit reads by catalogue {short}…; use the same policies folder");
        return Err(IntakeError::refuse(ProblemCode::CatalogueDiffers, detail));
    }
    let policies = &intake.expected.policies;
    if policies.named_columns(&manifest.project, &manifest.dataset).is_none() {
        let detail =
            format!("no purpose of the project reads `{}`; send nothing", manifest.dataset);
        return Err(IntakeError::refuse(ProblemCode::ColumnUnnamed, detail));
    }
    Ok(())
}

fn new_batch(signed: &SignedManifest) -> Result<NewBatch, IntakeError> {
    let manifest = &signed.manifest;
    let message = IntakeError::message(ProblemCode::ManifestInvalid);
    let parts: Vec<&[u8]> = manifest.chunks.iter().map(|d| d.as_bytes().as_slice()).collect();
    let text = serde_json::to_string(signed)
        .map_err(|_| IntakeError::refuse(ProblemCode::ManifestInvalid, "no JSON form"))?;
    Ok(NewBatch {
        key: BatchKey {
            project: manifest.project.to_string(),
            department: manifest.department.to_string(),
            batch: manifest.batch.to_string(),
        },
        epoch: manifest.epoch.to_string(),
        dataset: manifest.dataset.to_string(),
        period: format!("{}/{}", manifest.period.from, manifest.period.to),
        mode: match manifest.mode {
            submission::Mode::Full => Mode::Full,
            submission::Mode::Amend => Mode::Amend,
        },
        manifest: text,
        manifest_digest: *manifest.digest().map_err(message)?.as_bytes(),
        body_digest: *policy::Digest::from_parts(&parts).as_bytes(),
        rows: manifest.rows,
        chunk_count: manifest.chunks.len() as u64,
    })
}
