//! Values out of range, and values that contradict each other.

use data_encoding::BASE64;
use serde_json::Number;

use super::read::fault;
use super::{
    ClkConfig, ClkhashSchema, Comparison, FieldFormat, HashFunction, Hashing, Kdf, KdfHash,
    LetterCase, Strategy, UsedFeature,
};
use crate::PolicyError;

/// Blocks that HKDF gives at most (RFC 5869, section 2.3).
const HKDF_BLOCKS: u64 = 255;
/// Keys of a feature: clkhash derives one for each of its two hash functions.
const KEYS_PER_FEATURE: u64 = 2;
/// Longest key of BLAKE2b in bytes (RFC 7693).
const BLAKE_KEY: u32 = 64;
const MOST_BITS: u32 = 1 << 16;
const MOST_FOLDS: u8 = 8;
/// Up to here a float holds every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Checks everything that the types leave open.
pub(super) fn schema(schema: &ClkhashSchema) -> Result<(), PolicyError> {
    let config = &schema.clk_config;
    let used = || schema.features.iter().filter_map(super::Feature::used);
    if used().next().is_none() {
        return Err(fault("features", "none is hashed; describe at least one"));
    }
    let blake = used().any(|feature| feature.hashing.hash == HashFunction::BlakeHash {});
    bits(config, blake)?;
    keys(config, schema.features.len() as u64, blake)?;
    for (position, feature) in schema.features.iter().enumerate() {
        let name: String = feature.identifier().chars().take(60).collect();
        let place = format!("feature {} ({name})", position + 1);
        if feature.identifier().is_empty() {
            return Err(fault(&place, "`identifier` is empty"));
        }
        if let Some(used) = feature.used() {
            format(used, &format!("{place}, format"))?;
            hashing(&used.hashing, &format!("{place}, hashing"))?;
        }
    }
    Ok(())
}

fn bits(config: &ClkConfig, blake: bool) -> Result<(), PolicyError> {
    if !(8..=MOST_BITS).contains(&config.l) {
        return Err(fault("clkConfig.l", format!("{}: use 8 to {MOST_BITS} bits", config.l)));
    }
    if config.xor_folds > MOST_FOLDS || config.l << config.xor_folds > MOST_BITS {
        let why = format!("at most {MOST_FOLDS}, and l · 2^xor_folds at most {MOST_BITS}");
        return Err(fault("clkConfig.xor_folds", why));
    }
    if blake && !config.l.is_power_of_two() {
        let why = format!(
            "{}: blakeHash needs a power of two such as 1024; use that, or doubleHash in every \
             feature",
            config.l
        );
        return Err(fault("clkConfig.l", why));
    }
    Ok(())
}

fn keys(config: &ClkConfig, features: u64, blake: bool) -> Result<(), PolicyError> {
    let Kdf::Hkdf { hash, salt, info, key_size } = &config.kdf;
    let block = match hash {
        KdfHash::Sha256 => 32,
        KdfHash::Sha512 => 64,
    };
    if *key_size == 0 || (blake && *key_size > BLAKE_KEY) {
        let why = format!("{key_size}: use 1 to {BLAKE_KEY} bytes (more only without blakeHash)");
        return Err(fault("clkConfig.kdf.keySize", why));
    }
    let wanted = features * KEYS_PER_FEATURE * u64::from(*key_size);
    let most = HKDF_BLOCKS * block;
    if wanted > most {
        let fit = most / (KEYS_PER_FEATURE * u64::from(*key_size));
        let why = format!(
            "{features} features need {wanted} bytes of keys and HKDF gives {most}: keep at most \
             {fit} features, use SHA512, or a smaller keySize"
        );
        return Err(fault("clkConfig.kdf", why));
    }
    for (name, text) in [("salt", salt), ("info", info)] {
        let wrong = text.as_ref().is_some_and(|text| BASE64.decode(text.as_bytes()).is_err());
        if wrong {
            return Err(fault(&format!("clkConfig.kdf.{name}"), "is not base64"));
        }
    }
    Ok(())
}

fn format(feature: &UsedFeature, place: &str) -> Result<(), PolicyError> {
    match &feature.format {
        FieldFormat::String { case, min_length, max_length, pattern, .. } => {
            if pattern.is_some()
                && (case.is_some_and(|case| case != LetterCase::Mixed)
                    || case.is_some()
                    || min_length.is_some()
                    || max_length.is_some())
            {
                return Err(fault(place, "`pattern` stands alone: without case and lengths"));
            }
            if *max_length == Some(0) {
                return Err(fault(place, "`maxLength` must be at least 1"));
            }
            match (min_length, max_length) {
                (Some(least), Some(most)) if least > most => {
                    Err(fault(place, "`minLength` is above `maxLength`: no cell would do"))
                }
                _ => Ok(()),
            }
        }
        FieldFormat::Integer { minimum: Some(least), maximum: Some(most), .. } if least > most => {
            Err(fault(place, "`minimum` is above `maximum`: no cell would do"))
        }
        FieldFormat::Enum { values, .. } if values.is_empty() => {
            Err(fault(place, "`values` is empty: no cell would do"))
        }
        FieldFormat::Date { format, .. } if format.is_empty() => {
            Err(fault(place, "`format` is empty: no cell would do"))
        }
        _ => Ok(()),
    }
}

fn hashing(hashing: &Hashing, place: &str) -> Result<(), PolicyError> {
    let (Strategy::BitsPerToken(bits) | Strategy::BitsPerFeature(bits)) = hashing.strategy;
    if !(1..=MOST_BITS).contains(&bits) {
        return Err(fault(&format!("{place}.strategy"), format!("{bits}: use 1 to {MOST_BITS}")));
    }
    let place = format!("{place}.comparison");
    match &hashing.comparison {
        Comparison::Ngram { n, .. } if !(1..=32).contains(n) => {
            Err(fault(&place, format!("n = {n}: use 1 to 32")))
        }
        Comparison::Numeric { threshold_distance, resolution, fractional_precision } => {
            if !(1..=10_000).contains(resolution) {
                let why = format!("resolution = {resolution}: use 1 to 10000");
                return Err(fault(&place, why));
            }
            if *fractional_precision > 30 {
                return Err(fault(&place, "fractional_precision must be 0 to 30"));
            }
            interval(threshold_distance, *fractional_precision).map(drop).ok_or_else(|| {
                fault(
                    &place,
                    "thresholdDistance must be above 0 and, times 10^fractional_precision, lie \
                     between 0.5 and 2^53: raise or lower fractional_precision",
                )
            })
        }
        _ => Ok(()),
    }
}

/// Distance between two neighbouring tokens: thresholdDistance · 10^precision, rounded half to
/// even as Python rounds; `None` outside 1 to 2^53.
fn interval(distance: &Number, precision: u8) -> Option<i64> {
    let scale = format!("1e{precision}").parse::<f64>().ok()?;
    let scaled = match distance.as_u64() {
        Some(whole) => {
            let exact = u128::from(whole).checked_mul(10_u128.checked_pow(precision.into())?)?;
            return i64::try_from(exact).ok().filter(|n| *n >= 1 && *n <= EXACT as i64);
        }
        None => (distance.as_f64()? * scale).round_ties_even(),
    };
    (1.0..=EXACT).contains(&scaled).then_some(scaled as i64)
}

impl Comparison {
    /// Distance between two neighbouring tokens of a numeric comparison, before their division by
    /// twice the resolution; `None` for the other comparisons.
    #[must_use]
    pub fn interval(&self) -> Option<i64> {
        match self {
            Self::Numeric { threshold_distance, fractional_precision, .. } => {
                interval(threshold_distance, *fractional_precision)
            }
            _ => None,
        }
    }
}
