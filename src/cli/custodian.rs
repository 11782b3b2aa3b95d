//! What the key custodian does.

use clap::Args;
use linkage_unit::ClosedEpoch;
use policy::{Digest, Name};
use serde_json::json;
use submission::KeyCheckValue;

use super::UnitArgs;

/// Open an epoch.
#[derive(Args)]
#[command(
    after_help = "The two values are printed by `milchglas-department check`.\n\nExample:\n  \
                  milchglas epoch --url http://127.0.0.1:8701 --token-file custodian.token \\\n    \
                  --epoch 2026 --schema 3f…a1 --key-check-value 0123456789abcdef"
)]
pub(crate) struct OpenEpochCommand {
    #[command(flatten)]
    unit: UnitArgs,
    /// The epoch
    #[arg(long)]
    epoch: Name,
    /// Digest of the linkage schema
    #[arg(long, value_parser = digest)]
    schema: Digest,
    /// Key-check value of the epoch's key
    #[arg(long, value_parser = key_check_value)]
    key_check_value: KeyCheckValue,
}

impl OpenEpochCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let body = json!({ "schema": self.schema, "key_check_value": self.key_check_value });
        self.unit.client()?.put(&format!("/v1/epochs/{}", self.epoch), &body)?;
        println!("epoch {} is open", self.epoch);
        Ok(())
    }
}

/// Close an epoch for ever: its keys, encodings, scored pairs and key-check value are destroyed, in
/// backups too; link maps stay.
#[derive(Args)]
#[command(
    after_help = "Nothing brings an epoch back. The next one begins with full deliveries under a new \
                  key.\nDestroy the epoch's linkage key at every department too. Propose it first; somebody else \
                  approves.\n\nExample:\n  milchglas propose epoch-closing --url http://127.0.0.1:8701 \
                  --token-file custodian.token \\\n    --epoch 2026\n  \
                  milchglas close-epoch --url http://127.0.0.1:8701 --token-file custodian.token \\\n    \
                  --epoch 2026 --destroy"
)]
pub(crate) struct CloseEpochCommand {
    #[command(flatten)]
    unit: UnitArgs,
    /// The epoch
    #[arg(long)]
    epoch: Name,
    /// Say that the epoch shall be destroyed
    #[arg(long, required = true)]
    destroy: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl CloseEpochCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let closed: ClosedEpoch =
            self.unit.client()?.delete(&format!("/v1/epochs/{}", self.epoch))?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&closed)?);
        } else {
            println!(
                "epoch {} is closed: {} deliveries, {} chunks of encodings and {} of pairs, {} keys \
                 destroyed",
                self.epoch, closed.batches, closed.chunks, closed.pair_chunks, closed.keys
            );
        }
        Ok(())
    }
}

fn digest(text: &str) -> Result<Digest, policy::PolicyError> {
    Digest::try_from(text.to_owned())
}

fn key_check_value(text: &str) -> Result<KeyCheckValue, submission::SubmissionError> {
    KeyCheckValue::try_from(text.to_owned())
}
