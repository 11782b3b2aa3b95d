//! Version 1: one k and one hash function for all features, and a weight for each.

use serde_json::{Value, json};

use super::read::{self, Object, fault, finish, list, object, take};
use crate::PolicyError;

/// Version 1 as version 2, by the rules of clkhash: k · weight rounded half to even, a feature of
/// weight 0 is ignored, the hash function stands at each feature.
pub(super) fn to_v2(value: Value) -> Result<Value, PolicyError> {
    let mut top = object(value, "linkage schema")?;
    top.remove("version");
    let config = take(&mut top, "clkConfig", "linkage schema")?;
    let features = list(take(&mut top, "features", "linkage schema")?, "features")?;
    finish(&top, "version, clkConfig, features", "linkage schema")?;
    let mut config = object(config, "clkConfig")?;
    read::refuse_folds(&config)?;
    let k = take(&mut config, "k", "clkConfig")?;
    let k = k.as_u64().filter(|k| (1..=1 << 16).contains(k));
    let k = k.ok_or_else(|| fault("clkConfig.k", "must be a whole number from 1 to 65536"))?;
    let hash = take(&mut config, "hash", "clkConfig")?;
    let mut converted = Vec::with_capacity(features.len());
    for (position, value) in features.into_iter().enumerate() {
        let place = read::feature_place(position, &value);
        converted.push(feature(object(value, &place)?, k, &hash, &place)?);
    }
    Ok(json!({ "version": 2, "clkConfig": config, "features": converted }))
}

fn feature(mut own: Object, k: u64, hash: &Value, place: &str) -> Result<Value, PolicyError> {
    if read::is_ignored(&own, place)? {
        return Ok(Value::Object(own));
    }
    let hashing_place = format!("{place}, hashing");
    let mut hashing = object(take(&mut own, "hashing", place)?, &hashing_place)?;
    for later in ["hash", "strategy", "comparison"] {
        if hashing.contains_key(later) {
            return Err(fault(&hashing_place, format!("`{later}` is not known in version 1")));
        }
    }
    let weight = match hashing.remove("weight") {
        None => 1.0,
        Some(weight) => {
            weight.as_f64().filter(|weight| (0.0..=1000.0).contains(weight)).ok_or_else(|| {
                fault(&format!("{hashing_place}.weight"), "must be a number from 0 to 1000")
            })?
        }
    };
    if weight == 0.0 {
        let identifier = take(&mut own, "identifier", place)?;
        return Ok(json!({ "identifier": identifier, "ignored": true }));
    }
    // At most 65,536,000, so exact.
    let bits = (weight * k as f64).round_ties_even() as u64;
    if bits == 0 {
        let why =
            format!("{weight} of k = {k} is less than one bit; write 0 to ignore the feature");
        return Err(fault(&format!("{hashing_place}.weight"), why));
    }
    hashing.insert("strategy".into(), json!({ "k": bits }));
    hashing.insert("hash".into(), hash.clone());
    own.insert("hashing".into(), Value::Object(hashing));
    Ok(Value::Object(own))
}
