//! The features of a schema: which columns there are and how each is hashed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One column of the table, in its order.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Feature {
    /// Is in the table and in no encoding.
    Ignored(IgnoredFeature),
    /// Is hashed.
    Used(Box<UsedFeature>),
}

/// A column that is not hashed; it still takes its keys from the key derivation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IgnoredFeature {
    /// The column's name in the header.
    pub identifier: String,
    /// `true`.
    pub ignored: bool,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A column that is hashed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsedFeature {
    /// The column's name in the header.
    pub identifier: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What a cell must look like.
    pub format: FieldFormat,
    /// How a cell becomes bits.
    pub hashing: Hashing,
}

impl Feature {
    /// The column's name in the header.
    #[must_use]
    pub fn identifier(&self) -> &str {
        match self {
            Self::Ignored(feature) => &feature.identifier,
            Self::Used(feature) => &feature.identifier,
        }
    }

    /// The feature, unless it is ignored.
    #[must_use]
    pub fn used(&self) -> Option<&UsedFeature> {
        match self {
            Self::Ignored(_) => None,
            Self::Used(feature) => Some(feature),
        }
    }
}

/// What a cell must look like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum FieldFormat {
    /// Text.
    #[serde(rename_all = "camelCase")]
    String {
        /// How tokens become bytes.
        #[serde(default)]
        encoding: TextEncoding,
        /// Letter case of every cell; not together with `pattern`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case: Option<LetterCase>,
        /// Fewest characters; not together with `pattern`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_length: Option<u32>,
        /// Most characters, at least 1; not together with `pattern`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
        /// A regular expression for the whole cell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
        /// For people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// A whole number of any length.
    Integer {
        /// The least.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minimum: Option<i64>,
        /// The largest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        maximum: Option<i64>,
        /// For people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// A calendar date.
    Date {
        /// How it is written, in the words of `strptime`.
        format: String,
        /// For people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// One of a few values.
    Enum {
        /// The values.
        values: Vec<String>,
        /// For people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
}

/// How tokens become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum TextEncoding {
    /// One byte per character; other characters are refused.
    #[serde(rename = "ascii")]
    Ascii,
    /// One to four bytes per character.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Byte order mark and little-endian pairs, in front of every token.
    #[serde(rename = "utf-16")]
    Utf16,
    /// Byte order mark and little-endian quadruples, in front of every token.
    #[serde(rename = "utf-32")]
    Utf32,
}

/// Letter case of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the variants say it")]
pub enum LetterCase {
    Upper,
    Lower,
    Mixed,
}

/// How a cell becomes bits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hashing {
    /// How a value becomes tokens.
    pub comparison: Comparison,
    /// How many bits a token sets.
    pub strategy: Strategy,
    /// How a token becomes positions.
    #[serde(default)]
    pub hash: HashFunction,
    /// What stands for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_value: Option<MissingValue>,
}

/// How a value becomes tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Comparison {
    /// Every n neighbouring characters, with n - 1 spaces at both ends.
    Ngram {
        /// Characters of a token, 1 to 32.
        n: u8,
        /// Whether a token carries its place.
        #[serde(default)]
        positional: bool,
    },
    /// The whole value.
    Exact {},
    /// The neighbourhood of a number (Vatsalan and Christen 2015).
    Numeric {
        /// From which distance on two numbers share no token; above 0.
        #[serde(rename = "thresholdDistance")]
        threshold_distance: serde_json::Number,
        /// Tokens on each side of the number, 1 to 10,000.
        resolution: u32,
        /// Digits behind the point that count, 0 to 30.
        #[serde(default)]
        fractional_precision: u8,
    },
}

/// How many bits a token sets: 1 to 65,536.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Strategy {
    /// So many for each token.
    BitsPerToken(u32),
    /// So many for all tokens together; the first tokens get what a division leaves over.
    BitsPerFeature(u32),
}

/// How a token becomes positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum HashFunction {
    /// `h1 + i·h2` from HMAC-SHA1 and HMAC-MD5 (Schnell, Bachteler, Reiher 2011); open to attack
    /// (Niedermeyer et al. 2014).
    DoubleHash {
        /// Hashes again where `h2` is a multiple of l, which would set one bit only.
        #[serde(default)]
        prevent_singularity: bool,
    },
    /// Pieces of keyed BLAKE2b; l must be a power of two.
    BlakeHash {},
}

impl Default for HashFunction {
    fn default() -> Self {
        Self::BlakeHash {}
    }
}

/// What stands for nothing in a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MissingValue {
    /// The cell; it need not have the format.
    pub sentinel: String,
    /// What is hashed instead; the sentinel itself where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace_with: Option<String>,
}
