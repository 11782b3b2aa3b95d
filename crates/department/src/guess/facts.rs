//! How well a column fits a dimension or a measure of the catalogue.

use policy::{Dimension, Measure};

use super::look::Look;
use super::words::{self, is_foreign, likeness};
use crate::spelling::fold;

/// The key that a value of a column probably means.
pub(super) fn key_of<'d>(value: &str, dimension: &'d Dimension) -> Option<&'d str> {
    let own = fold(value);
    let exact = dimension.keys.iter().find(|key| own == fold(&key.key) || own == fold(&key.label));
    if let Some(key) = exact {
        return Some(&key.key);
    }
    // A word of a label that belongs to one key only.
    let mut near = dimension.keys.iter().filter(|key| {
        own.len() >= 4 && words::words(&key.label).iter().any(|word| word.starts_with(&own))
    });
    match (near.next(), near.next()) {
        (Some(key), None) => Some(&key.key),
        _ => None,
    }
}

/// Points for values that are keys or labels of a dimension, up to 6.
pub(super) fn value_likeness(look: &Look, dimension: &Dimension) -> u32 {
    let Some(codes) = look.codes() else { return 0 };
    let known = codes.iter().filter(|code| key_of(code, dimension).is_some()).count();
    let share = known * 6 / codes.len().max(1);
    u32::try_from(share).unwrap_or(0)
}

/// Points for a column to be a dimension; 0 if it cannot be.
pub(super) fn dimension(look: &Look, dimension: &Dimension, name: &str) -> u32 {
    if is_foreign(&look.name) {
        return 0;
    }
    let keys = dimension.keys.iter().all(|key| key.key.len() == 8 && fold(&key.key) == key.key);
    let empty = look.filled == 0 && words::is_municipality(&look.name);
    if keys && (look.is_municipality() || empty) {
        return 10;
    }
    if look.time().is_some() || look.codes().is_none() || look.flags().is_some() {
        return 0;
    }
    // The names of dimensions are English and often begin with their dataset.
    let named = likeness(&look.name, &dimension.label).max(likeness(&look.name, name));
    named + value_likeness(look, dimension)
}

/// Points for a column to be a measure; 0 if it cannot be.
pub(super) fn measure(look: &Look, measure: &Measure) -> u32 {
    if look.decimal().is_none() || is_foreign(&look.name) {
        return 0;
    }
    let own = words::words(&look.name);
    let has = |list: &[&str]| own.iter().any(|word| list.contains(&word.as_str()));
    let named =
        likeness(&look.name, &measure.label).max(likeness(&look.name, measure.name.as_str()));
    let unit = match measure.unit.as_str() {
        "EUR" => has(&["eur", "euro", "betrag"]),
        "h" => has(&["h", "std", "stunden", "stundenwoche", "wochenstunden"]),
        other => own.contains(&fold(other)),
    };
    // A column in euros named after nothing else may be any amount.
    if named == 0 && !unit { 0 } else { named * 2 + u32::from(unit) }
}
