//! Version 3, the form to which the others are converted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Feature, check, read, v1, v2};
use crate::{Digest, PolicyError, canonical_json};

/// A checked clkhash linkage schema, version 3; the family is legacy and weaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", try_from = "Value")]
#[schemars(deny_unknown_fields, !try_from)]
pub struct ClkhashSchema {
    /// 3.
    pub version: u16,
    /// What holds for the whole filter.
    pub clk_config: ClkConfig,
    /// The columns, in the order of the table.
    pub features: Vec<Feature>,
}

/// What holds for the whole filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClkConfig {
    /// Length of the finished filter in bits, 8 to 65,536.
    pub l: u32,
    /// How often the filter is folded in half by XOR, 0 to 8; it is hashed into l · 2^folds bits.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub xor_folds: u8,
    /// How the keys of the features come from the secret.
    pub kdf: Kdf,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn is_zero(folds: &u8) -> bool {
    *folds == 0
}

/// How the keys of the features come from the secret: two for each, ignored ones too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Kdf {
    /// HKDF (RFC 5869).
    #[serde(rename = "HKDF")]
    Hkdf {
        /// Its hash function.
        #[serde(default)]
        hash: KdfHash,
        /// Public salt as base64.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        salt: Option<String>,
        /// Public context as base64.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        info: Option<String>,
        /// Bytes of a key, 1 to 64 where blakeHash is used.
        #[serde(rename = "keySize", default = "usual_key_size")]
        key_size: u32,
    },
}

fn usual_key_size() -> u32 {
    64
}

/// Hash function of the key derivation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub enum KdfHash {
    #[default]
    #[serde(rename = "SHA256")]
    Sha256,
    #[serde(rename = "SHA512")]
    Sha512,
}

impl TryFrom<Value> for ClkhashSchema {
    type Error = PolicyError;
    /// Reads any of the three versions.
    fn try_from(value: Value) -> Result<Self, PolicyError> {
        let schema = match read::version(&value)? {
            1 => read::schema(v2::to_v3(v1::to_v2(value)?)?)?,
            2 => read::schema(v2::to_v3(value)?)?,
            3 => read::schema(value)?,
            other => {
                let why = format!("version {other} is not known; this program reads 1, 2 and 3");
                return Err(PolicyError::Schema(why));
            }
        };
        check::schema(&schema)?;
        Ok(schema)
    }
}

impl ClkhashSchema {
    /// Reads a schema of version 1, 2 or 3 from JSON text.
    ///
    /// # Errors
    /// [`PolicyError::Form`] for text that is not JSON, [`PolicyError::Schema`] with the place for
    /// everything else.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        let value: Value = serde_json::from_str(text).map_err(|e| PolicyError::Form {
            path: "linkage schema".into(),
            reason: e.to_string(),
        })?;
        Self::try_from(value)
    }

    /// SHA-256 of the canonical JSON of the schema as version 3.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which a checked schema does not give.
    pub fn digest(&self) -> Result<Digest, PolicyError> {
        Ok(Digest::of(&canonical_json(self)?))
    }

    /// Bits into which tokens are hashed, before folding.
    #[must_use]
    pub fn hashed_bits(&self) -> usize {
        (self.clk_config.l as usize) << self.clk_config.xor_folds
    }

    /// Length of a finished filter in bytes; the last may be filled up with zero bits.
    #[must_use]
    pub fn filter_bytes(&self) -> usize {
        (self.clk_config.l as usize).div_ceil(8)
    }

    /// The names that a table's header must have, in this order.
    pub fn header(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(Feature::identifier)
    }
}
