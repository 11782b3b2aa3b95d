//! A linkage schema in plain words, for whoever has to approve or use it.

mod clkhash;
mod milchglas;

use std::path::Path;

use policy::{AnySchema, Digest};
use serde::Serialize;

use crate::error::{Error, shown};
use crate::language::Language;

/// What a schema says.
#[derive(Serialize)]
pub struct Explanation {
    /// `milchglas` or `clkhash`.
    pub family: &'static str,
    /// SHA-256 of the canonical form.
    pub digest: Digest,
    /// What holds for the whole, line by line.
    pub facts: Vec<String>,
    /// The fields, each with the bits it is expected to set.
    pub fields: Vec<FieldExplanation>,
    /// Expected share of set bits in thousandths, by view; before diffusion.
    pub expected_fill_per_mille: Vec<u32>,
    /// What should be thought about.
    pub warnings: Vec<String>,
}

/// One field.
#[derive(Serialize)]
pub struct FieldExplanation {
    /// The field, with its view where there are several.
    pub name: String,
    /// How its value becomes bits, in words.
    pub text: String,
    /// Bits set for a value of usual length, collisions not counted.
    pub expected_bits: u32,
}

/// Reads and explains a schema of either family.
///
/// # Errors
/// [`Error::SchemaFile`] with the place of what is wrong.
pub fn explain(path: &Path, language: Language) -> Result<Explanation, Error> {
    let schema = read_schema(path)?;
    let fault = |reason: String| Error::SchemaFile { path: shown(path), reason };
    let digest = schema.digest().map_err(|e| fault(e.to_string()))?;
    Ok(match &schema {
        AnySchema::Milchglas(schema) => milchglas::explain(schema, digest, language),
        AnySchema::Clkhash(schema) => clkhash::explain(schema, digest, language),
    })
}

/// Reads a schema of either family, with everything that can be wrong with it.
///
/// # Errors
/// As [`explain`].
pub fn read_schema(path: &Path) -> Result<AnySchema, Error> {
    let size = std::fs::metadata(path).map_err(|e| Error::read(path, &e))?.len();
    let fault = |reason: String| Error::SchemaFile { path: shown(path), reason };
    if size > AnySchema::MAX_BYTES as u64 {
        return Err(fault(format!("larger than {} bytes", AnySchema::MAX_BYTES)));
    }
    let text = std::fs::read(path).map_err(|e| Error::read(path, &e))?;
    let text = String::from_utf8(text).map_err(|_| fault("not UTF-8".into()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let schema = AnySchema::from_json(text).map_err(|e| fault(e.to_string()))?;
    if let AnySchema::Clkhash(schema) = &schema {
        encoder::clkhash::ClkhashEncoder::check(schema).map_err(|e| fault(e.to_string()))?;
    }
    Ok(schema)
}

impl Explanation {
    /// For the person at the keyboard.
    #[must_use]
    pub fn to_text(&self, language: Language) -> String {
        let mut lines = self.facts.clone();
        lines.push(String::new());
        for field in &self.fields {
            lines.push(format!(
                "  {:24} {:>5} Bit  {}",
                field.name, field.expected_bits, field.text
            ));
        }
        lines.push(String::new());
        lines.push(format!("SHA-256 {}", self.digest));
        for warning in &self.warnings {
            lines.push(format!("{}: {warning}", language.pick("Achtung", "warning")));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

/// Share of set bits in thousandths after so many insertions at random places.
fn fill_per_mille(insertions: u32, bits: u32) -> u32 {
    let empty = (f64::from(insertions) * (-1.0 / f64::from(bits)).ln_1p()).exp();
    ((1.0 - empty) * 1000.0).round() as u32
}

/// `.35` for 350 thousandths.
fn share(per_mille: u32) -> String {
    format!("{}.{:02}", per_mille / 1000, per_mille % 1000 / 10)
}
