//! What a proposal binds at this unit: the deliveries of a snapshot, the key of an epoch.

use access::ProposalKind;
use approval::Bound;
use policy::{Digest, Name};
use serde::Deserialize;
use serde_json::{Value, json};
use store::batches::{self, LiveBatch};
use submission::{KeyCheckValue, ProblemCode};

use crate::order::{LinkOrder, Solving};
use crate::{LinkageUnit, OpenEpoch, UnitError};

/// What somebody names who proposes the end of an epoch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndOf {
    epoch: Name,
}

/// What somebody names who proposes the release of a key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyOf {
    epoch: Name,
    schema: Digest,
    key_check_value: KeyCheckValue,
}

impl LinkageUnit {
    /// Completes what somebody proposes to what exactly would happen.
    ///
    /// # Errors
    /// [`ProblemCode::MalformedRequest`] where the particulars have another form.
    pub async fn bound(
        &self,
        project: &Name,
        kind: ProposalKind,
        about: Value,
    ) -> Result<Bound, UnitError> {
        match kind {
            ProposalKind::Policy => Ok(self.desk().folder(project)?),
            ProposalKind::CrossCounty => Ok(self.desk().joint(project)?),
            ProposalKind::Snapshot => {
                let form = "{\"epoch\": …}, with \"threshold\" and \"solver\" where they differ";
                let order: LinkOrder = read(about, form)?;
                let epoch = order.epoch.as_str();
                let live = batches::live(self.db(), project.as_str(), epoch).await?;
                self.snapshot_bound(project, &order, &live)
            }
            ProposalKind::KeyRelease => {
                let form = "{\"epoch\": …, \"schema\": …, \"key_check_value\": …}";
                let KeyOf { epoch, schema, key_check_value } = read(about, form)?;
                Ok(key_bound(project, &epoch, &OpenEpoch { schema, key_check_value }))
            }
            ProposalKind::EpochClosing => {
                let EndOf { epoch } = read(about, "{\"epoch\": …}")?;
                Ok(closing_bound(project, &epoch))
            }
            _ => Ok(Bound::new(kind, project, about)),
        }
    }

    /// A snapshot of exactly these deliveries, encoded and compared by this schema and solved as
    /// ordered.
    pub(crate) fn snapshot_bound(
        &self,
        project: &Name,
        order: &LinkOrder,
        live: &[LiveBatch],
    ) -> Result<Bound, UnitError> {
        let batch = |own: &LiveBatch| {
            json!({
                "department": own.key.department,
                "dataset": own.dataset,
                "batch": own.key.batch,
                "manifest": Digest::from_bytes(own.manifest_digest),
            })
        };
        let mut batches: Vec<&LiveBatch> = live.iter().collect();
        batches.sort_by_key(|own| (&own.key.department, &own.key.batch));
        let batches: Vec<Value> = batches.into_iter().map(batch).collect();
        let schema = self.expected().schema(project)?;
        let Solving { threshold, solver } = Solving::ordered(schema, order);
        let about = json!({
            "epoch": order.epoch,
            "schema": schema.digest()?,
            "threshold": threshold,
            "solver": solver,
            "batches": batches,
        });
        Ok(Bound::new(ProposalKind::Snapshot, project, about))
    }
}

/// The end of an epoch, with all that lies in it then.
pub(crate) fn closing_bound(project: &Name, epoch: &Name) -> Bound {
    Bound::new(ProposalKind::EpochClosing, project, json!({ "epoch": epoch }))
}

/// The key-check value stands in it as a digest: it is scrubbed with the encodings, this stays.
pub(crate) fn key_bound(project: &Name, epoch: &Name, values: &OpenEpoch) -> Bound {
    let value = Digest::of(values.key_check_value.as_bytes());
    let about = json!({ "epoch": epoch, "schema": values.schema, "key_check_value_sha256": value });
    Bound::new(ProposalKind::KeyRelease, project, about)
}

fn read<T: serde::de::DeserializeOwned>(about: Value, form: &str) -> Result<T, UnitError> {
    serde_json::from_value(about).map_err(|_| {
        UnitError::refuse(ProblemCode::MalformedRequest, format!("`about` has the form {form}"))
    })
}
