//! The family `clkhash`: legacy, weaker, bit for bit as clkhash 0.18.3 makes it.
//!
//! It is here because people have encodings of this family and need more of them. Its filters
//! carry the frequency of names and tokens, and published attacks read names back from them; a
//! new project takes the other family. Bytes are equal wherever this module gives any; what
//! clkhash lets pass and nobody can want (numbers that are infinite, patterns of other engines)
//! is refused instead. `docs/formats/clkhash.md` says which steps there are.
//!
//! Parties as in the crate: secret, cells and everything that is remembered of them stay in the
//! department and are overwritten on drop.

mod cell;
mod date;
mod fault;
mod field;
mod filter;
mod format;
mod hash;
mod integer;
mod keys;
mod memo;
mod numeric;
mod pattern;
mod quick;
mod secret;
mod tokens;
mod worker;

#[cfg(test)]
mod vectors;

pub use cell::{Trim, trim};
pub use fault::{CellFault, CellReason};
pub use secret::ClkhashSecret;
pub use worker::ClkhashWorker;

use policy::ClkhashSchema;

use crate::EncodeError;
use field::Field;

/// Encodes rows under one clkhash schema and one secret; threads share it, each with a
/// [`ClkhashWorker`] of its own.
pub struct ClkhashEncoder {
    fields: Vec<Option<Field>>,
    hashed_bits: usize,
    folds: u8,
    filter_bytes: usize,
    trim: Trim,
}

impl ClkhashEncoder {
    /// Derives the keys of all features.
    ///
    /// # Errors
    /// [`EncodeError::Clkhash`] for a pattern or date format that this program does not have.
    pub fn new(
        schema: &ClkhashSchema,
        secret: &ClkhashSecret,
        trim: Trim,
    ) -> Result<Self, EncodeError> {
        let keys = keys::derive(&schema.clk_config.kdf, secret, schema.features.len())?;
        let bits = schema.hashed_bits();
        let mut fields = Vec::with_capacity(keys.len());
        for (feature, keys) in schema.features.iter().zip(&keys) {
            fields.push(feature.used().map(|used| Field::new(used, keys, bits)).transpose()?);
        }
        Ok(Self {
            fields,
            hashed_bits: bits,
            folds: schema.clk_config.xor_folds,
            filter_bytes: schema.filter_bytes(),
            trim,
        })
    }

    /// Checks what only this crate knows of a schema: patterns, date formats, replacements.
    ///
    /// # Errors
    /// As [`ClkhashEncoder::new`].
    pub fn check(schema: &ClkhashSchema) -> Result<(), EncodeError> {
        let anything = ClkhashSecret::from_bytes(b"only to check a schema")?;
        Self::new(schema, &anything, Trim::Keep).map(drop)
    }

    /// Number of cells of a row.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.fields.len()
    }

    /// Length of a finished filter in bytes.
    #[must_use]
    pub fn filter_bytes(&self) -> usize {
        self.filter_bytes
    }

    /// Buffers and memories for one thread.
    #[must_use]
    pub fn worker(&self) -> ClkhashWorker<'_> {
        ClkhashWorker::new(self)
    }
}
