//! Version 2: tokens are n-grams only, and the strategies have other names.

use serde_json::{Value, json};

use super::read::{self, Object, fault, list, object, take};
use crate::PolicyError;

/// Version 2 as version 3: `k` is `bitsPerToken`, `numBits` is `bitsPerFeature`, `ngram` and
/// `positional` are a comparison.
pub(super) fn to_v3(value: Value) -> Result<Value, PolicyError> {
    let mut top = object(value, "linkage schema")?;
    let features = list(take(&mut top, "features", "linkage schema")?, "features")?;
    let mut converted = Vec::with_capacity(features.len());
    for (position, value) in features.into_iter().enumerate() {
        let place = read::feature_place(position, &value);
        converted.push(feature(object(value, &place)?, &place)?);
    }
    top.insert("version".into(), 3.into());
    top.insert("features".into(), converted.into());
    Ok(Value::Object(top))
}

fn feature(mut own: Object, place: &str) -> Result<Value, PolicyError> {
    if read::is_ignored(&own, place)? {
        return Ok(Value::Object(own));
    }
    let place = format!("{place}, hashing");
    let mut hashing = object(take(&mut own, "hashing", &place)?, &place)?;
    if hashing.contains_key("comparison") {
        return Err(fault(&place, "`comparison` is not known before version 3"));
    }
    let n = take(&mut hashing, "ngram", &place)?;
    let positional = hashing.remove("positional").unwrap_or(Value::Bool(false));
    let strategy_place = format!("{place}.strategy");
    let strategy = object(take(&mut hashing, "strategy", &place)?, &strategy_place)?;
    let mut parts = strategy.into_iter();
    let strategy = match (parts.next(), parts.next()) {
        (Some((key, bits)), None) if key == "k" => json!({ "bitsPerToken": bits }),
        (Some((key, bits)), None) if key == "numBits" => json!({ "bitsPerFeature": bits }),
        _ => return Err(fault(&strategy_place, "write either `k` or `numBits`")),
    };
    hashing.insert("strategy".into(), strategy);
    let comparison = json!({ "type": "ngram", "n": n, "positional": positional });
    hashing.insert("comparison".into(), comparison);
    own.insert("hashing".into(), Value::Object(hashing));
    Ok(Value::Object(own))
}
