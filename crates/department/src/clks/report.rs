//! What a run says about itself.

use encoder::clkhash::ClkhashSecret;
use policy::{ClkhashSchema, Digest};
use serde::Serialize;

use super::ChunkCounts;
use crate::error::Error;
use crate::language::Language;

/// Counts of a run; nothing about a single row.
#[derive(Serialize)]
pub struct ClkReport {
    /// `clkhash`.
    pub family: &'static str,
    /// Rows, and encodings.
    pub records: u64,
    /// Bits of an encoding.
    pub bits: u32,
    /// Mean number of set bits, rounded down.
    pub mean_set_bits: u64,
    /// Fewest set bits.
    pub least_set_bits: u32,
    /// Most set bits.
    pub most_set_bits: u32,
    /// Rows without anything to hash; their encodings are empty.
    pub empty_rows: u64,
    /// Of the schema as version 3.
    pub schema_digest: Digest,
    /// What should be thought about.
    pub warnings: Vec<ClkWarning>,
    #[serde(skip)]
    set_bits: u64,
}

/// What should be thought about.
#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ClkWarning {
    /// Every run.
    LegacyFamily,
    /// A secret under 128 bits.
    ShortSecret,
    /// A secret that ends with a line end.
    SecretEndsWithLineEnd,
    /// On average more than half of the bits are set.
    Full,
}

impl ClkReport {
    pub(super) fn new(schema: &ClkhashSchema, secret: &ClkhashSecret) -> Result<Self, Error> {
        let mut warnings = vec![ClkWarning::LegacyFamily];
        if secret.is_short() {
            warnings.push(ClkWarning::ShortSecret);
        }
        if secret.ends_with_line_end() {
            warnings.push(ClkWarning::SecretEndsWithLineEnd);
        }
        Ok(Self {
            family: "clkhash",
            records: 0,
            bits: schema.clk_config.l,
            mean_set_bits: 0,
            least_set_bits: 0,
            most_set_bits: 0,
            empty_rows: 0,
            schema_digest: schema.digest()?,
            warnings,
            set_bits: 0,
        })
    }

    pub(super) fn add(&mut self, counts: &ChunkCounts) {
        let Some(least) = counts.least else { return };
        self.least_set_bits =
            if self.records == 0 { least } else { self.least_set_bits.min(least) };
        self.most_set_bits = self.most_set_bits.max(counts.most);
        self.records += counts.rows;
        self.set_bits += counts.set_bits;
        self.empty_rows += counts.empty;
        self.mean_set_bits = self.set_bits / self.records.max(1);
        let full = 2 * self.mean_set_bits > u64::from(self.bits);
        self.warnings.retain(|warning| *warning != ClkWarning::Full);
        if full {
            self.warnings.push(ClkWarning::Full);
        }
    }
}

impl ClkWarning {
    /// In words.
    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Self::LegacyFamily => language.pick(
                "Verfahren clkhash: Altbestand, schwächer; aus solchen Kodierungen lassen sich \
                 Namen zurückgewinnen",
                "family clkhash: legacy, weaker; names can be read back from such encodings",
            ),
            Self::ShortSecret => language.pick(
                "das Geheimnis ist kurz (unter 128 Bit) und kann erraten werden",
                "the secret is short (under 128 bits) and can be guessed",
            ),
            Self::SecretEndsWithLineEnd => language.pick(
                "das Geheimnis endet mit einem Zeilenende; es zählt mit: haben es alle Beteiligten?",
                "the secret ends with a line end, which counts: do all parties have it?",
            ),
            Self::Full => language.pick(
                "im Mittel sind mehr als die Hälfte der Bits gesetzt: Gewichte im Schema senken",
                "more than half of the bits are set on average: lower the schema's weights",
            ),
        }
    }
}
