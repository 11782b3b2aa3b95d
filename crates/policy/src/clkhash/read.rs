//! JSON to types, with the place of what is wrong.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::features::{Feature, FieldFormat, Hashing, IgnoredFeature, UsedFeature};
use super::{ClkConfig, ClkhashSchema};
use crate::PolicyError;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// An error at a place.
pub(super) fn fault(place: &str, why: impl std::fmt::Display) -> PolicyError {
    let place: String = place.chars().filter(|c| !c.is_control()).collect();
    PolicyError::Schema(format!("{place}: {why}"))
}

/// The version that a file states.
pub(super) fn version(value: &Value) -> Result<u64, PolicyError> {
    let stated = value.get("version");
    stated.and_then(Value::as_u64).ok_or_else(|| fault("version", "write 1, 2 or 3"))
}

/// An object, or an error at its place.
pub(super) fn object(value: Value, place: &str) -> Result<Object, PolicyError> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(fault(place, "must be an object, `{…}`")),
    }
}

/// A list, or an error at its place.
pub(super) fn list(value: Value, place: &str) -> Result<Vec<Value>, PolicyError> {
    match value {
        Value::Array(list) => Ok(list),
        _ => Err(fault(place, "must be a list, `[…]`")),
    }
}

/// Takes what must be there.
pub(super) fn take(object: &mut Object, key: &str, place: &str) -> Result<Value, PolicyError> {
    object.remove(key).ok_or_else(|| fault(place, format!("`{key}` is missing")))
}

/// Refuses whatever was not taken.
pub(super) fn finish(object: &Object, known: &str, place: &str) -> Result<(), PolicyError> {
    let Some(key) = object.keys().next() else { return Ok(()) };
    let shown: String = key.chars().filter(|c| !c.is_control()).take(40).collect();
    Err(fault(place, format!("`{shown}` is not known here; known are {known}")))
}

/// Reads one part by its type.
pub(super) fn part<T: DeserializeOwned>(value: Value, place: &str) -> Result<T, PolicyError> {
    serde_json::from_value(value).map_err(|e| fault(place, e))
}

/// How messages call a feature: its number from 1 and its name.
pub(super) fn feature_place(position: usize, feature: &Value) -> String {
    let name = feature.get("identifier").and_then(Value::as_str).unwrap_or("without identifier");
    let name: String = name.chars().take(60).collect();
    format!("feature {} ({name})", position + 1)
}

/// What clkhash documents and ignores.
pub(super) fn refuse_folds(config: &Object) -> Result<(), PolicyError> {
    if !config.contains_key("xorFolds") {
        return Ok(());
    }
    Err(fault(
        "clkConfig",
        "`xorFolds` is refused: clkhash documents this key and silently ignores it, so encodings \
         made with it were never folded. Write `xor_folds`, which is read, or leave it out to get \
         the encodings that clkhash made",
    ))
}

/// Whether a feature says that it is ignored.
pub(super) fn is_ignored(feature: &Object, place: &str) -> Result<bool, PolicyError> {
    match feature.get("ignored") {
        None | Some(Value::Bool(false)) => Ok(false),
        Some(Value::Bool(true)) => Ok(true),
        Some(_) => Err(fault(place, "`ignored` must be true or false")),
    }
}

/// A schema of version 3, its values not yet checked.
pub(super) fn schema(value: Value) -> Result<ClkhashSchema, PolicyError> {
    let mut top = object(value, "linkage schema")?;
    top.remove("version");
    let config = take(&mut top, "clkConfig", "linkage schema")?;
    let features = list(take(&mut top, "features", "linkage schema")?, "features")?;
    finish(&top, "version, clkConfig, features", "linkage schema")?;
    let config = object(config, "clkConfig")?;
    refuse_folds(&config)?;
    let clk_config: ClkConfig = part(Value::Object(config), "clkConfig")?;
    let features = features.into_iter().enumerate().map(|(n, value)| feature(n, value));
    Ok(ClkhashSchema { version: 3, clk_config, features: features.collect::<Result<_, _>>()? })
}

fn feature(position: usize, value: Value) -> Result<Feature, PolicyError> {
    let place = feature_place(position, &value);
    let mut own = object(value, &place)?;
    let ignored = is_ignored(&own, &place)?;
    own.remove("ignored");
    let identifier = part(take(&mut own, "identifier", &place)?, &place)?;
    let description = own.remove("description").map(|text| part(text, &place)).transpose()?;
    if ignored {
        // clkhash lets an ignored feature keep what it had before.
        own.remove("format");
        own.remove("hashing");
        finish(&own, "identifier, ignored, description, format, hashing", &place)?;
        return Ok(Feature::Ignored(IgnoredFeature { identifier, ignored, description }));
    }
    let format: FieldFormat = part(take(&mut own, "format", &place)?, &format!("{place}, format"))?;
    let hashing = hashing(take(&mut own, "hashing", &place)?, &format!("{place}, hashing"))?;
    finish(&own, "identifier, ignored, description, format, hashing", &place)?;
    Ok(Feature::Used(Box::new(UsedFeature { identifier, description, format, hashing })))
}

fn hashing(value: Value, place: &str) -> Result<Hashing, PolicyError> {
    let mut own = object(value, place)?;
    let at = |key: &str| format!("{place}.{key}");
    let comparison = part(take(&mut own, "comparison", place)?, &at("comparison"))?;
    let strategy = part(take(&mut own, "strategy", place)?, &at("strategy"))?;
    let hash = own.remove("hash").map(|hash| part(hash, &at("hash"))).transpose()?;
    let missing = own.remove("missingValue");
    let missing_value = missing.map(|value| part(value, &at("missingValue"))).transpose()?;
    finish(&own, "comparison, strategy, hash, missingValue", place)?;
    Ok(Hashing { comparison, strategy, hash: hash.unwrap_or_default(), missing_value })
}
