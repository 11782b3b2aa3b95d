//! A linkage schema of either family.

use serde_json::Value;

use crate::{ClkhashSchema, Digest, LinkageSchema, PolicyError};

/// What a file of a linkage schema may hold.
#[derive(Debug, Clone, PartialEq)]
pub enum AnySchema {
    /// Our own family, the default.
    Milchglas(Box<LinkageSchema>),
    /// clkhash's; legacy, weaker.
    Clkhash(Box<ClkhashSchema>),
}

impl AnySchema {
    /// Longest text in bytes.
    pub const MAX_BYTES: usize = 1 << 20;

    /// Reads either family; which one a file belongs to is told by its keys.
    ///
    /// # Errors
    /// [`PolicyError::Form`] and [`PolicyError::Schema`] with place and cause.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        if text.len() > Self::MAX_BYTES {
            let why = format!("larger than {} bytes", Self::MAX_BYTES);
            return Err(PolicyError::Schema(why));
        }
        let value: Value = serde_json::from_str(text).map_err(|e| PolicyError::Form {
            path: "linkage schema".into(),
            reason: e.to_string(),
        })?;
        let has = |key: &str| value.get(key).is_some();
        if has("family") {
            return LinkageSchema::from_json(text).map(|schema| Self::Milchglas(Box::new(schema)));
        }
        if has("$schema") || has("$id") {
            let why = "this file describes a format (JSON Schema) and is no linkage schema itself";
            return Err(PolicyError::Schema(why.into()));
        }
        if has("type") && has("config") {
            let why = "this is a blocking schema of anonlink (p-sig, lambda-fold); blocking is not \
                       configured here, name a linkage schema";
            return Err(PolicyError::Schema(why.into()));
        }
        if has("clkConfig") || has("features") {
            return ClkhashSchema::try_from(value).map(|schema| Self::Clkhash(Box::new(schema)));
        }
        let why = "neither a milchglas schema (`family`) nor one of clkhash (`clkConfig`)";
        Err(PolicyError::Schema(why.into()))
    }

    /// SHA-256 of the canonical JSON.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which a checked schema does not give.
    pub fn digest(&self) -> Result<Digest, PolicyError> {
        match self {
            Self::Milchglas(schema) => schema.digest(),
            Self::Clkhash(schema) => schema.digest(),
        }
    }
}
