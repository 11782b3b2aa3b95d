//! Two rows of each half, exactly as they travel.

use std::path::Path;

use policy::{Catalogue, PolicySet, UNKNOWN_CODE};
use serde_json::Value;

use super::picture::Picture;
use crate::show::show;

/// Rows of each half.
const ROWS: usize = 2;

/// A row for the linkage unit.
pub(super) struct Encoded {
    pub(super) subject: String,
    pub(super) views: Vec<View>,
}

/// One encoding.
pub(super) struct View {
    pub(super) name: String,
    pub(super) digits: String,
    pub(super) picture: Picture,
}

/// A row for the statistics unit.
pub(super) struct Coded {
    pub(super) subject: String,
    pub(super) fields: Vec<Field>,
}

/// One field of it.
pub(super) struct Field {
    pub(super) label: String,
    /// As it travels.
    pub(super) value: String,
    /// What the public catalogue says that it means.
    pub(super) meaning: String,
}

/// The first rows of a batch folder's halves; empty where a half has no rows.
pub(super) fn sample(
    folder: &Path,
    policies: &PolicySet,
    dataset: &policy::Name,
) -> (Vec<Encoded>, Vec<Coded>) {
    let rows = |half: &str| {
        let chunk = folder.join(half).join("0000.arrow");
        show(&chunk, policies, ROWS).unwrap_or_default()
    };
    let encoded = rows("linkable").iter().filter_map(encoded).collect();
    let catalogue = &policies.catalogue;
    let coded = rows("measures").iter().filter_map(|row| coded(row, catalogue, dataset)).collect();
    (encoded, coded)
}

fn text(row: &Value, name: &str) -> Option<String> {
    match row.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn encoded(row: &Value) -> Option<Encoded> {
    let views = row.as_object()?.iter().filter_map(|(name, digits)| {
        let (name, digits) = (name.strip_prefix("view:")?, digits.as_str()?);
        Some(View {
            name: name.to_owned(),
            digits: digits.to_owned(),
            picture: Picture::of(digits)?,
        })
    });
    Some(Encoded { subject: text(row, "subject")?, views: views.collect() })
}

fn coded(row: &Value, catalogue: &Catalogue, dataset: &policy::Name) -> Option<Coded> {
    let dataset = catalogue.dataset(dataset).ok()?;
    let mut fields = vec![
        field("Laufende Nummer je Person", text(row, "row")?, ""),
        field("Jahr", text(row, "year")?, ""),
        field("Erster Monat", text(row, "first_month")?, ""),
        field("Letzter Monat", text(row, "last_month")?, ""),
    ];
    if dataset.unit {
        let meaning = "Zufallsnummer des Haushalts, in jeder Lieferung neu";
        fields.push(field("Haushalt", text(row, "unit").unwrap_or("–".into()), meaning));
    }
    for name in &dataset.dimensions {
        let dimension = catalogue.dimension(name).ok()?;
        let code = row.get(format!("dimension:{name}"))?.get("code")?.as_u64()?;
        let key = usize::try_from(code).ok().and_then(|code| dimension.keys.get(code));
        let meaning = match key {
            Some(key) => key.label.as_str(),
            None if code == u64::from(UNKNOWN_CODE) => "unbekannt",
            None => "",
        };
        fields.push(field(&dimension.label, code.to_string(), meaning));
    }
    for measure in &dataset.measures {
        let amount = text(row, &format!("measure:{}", measure.name));
        let meaning = format!("{}, auf {} gerundet und begrenzt", measure.unit, measure.step);
        match amount {
            Some(amount) => fields.push(field(&measure.label, amount, &meaning)),
            None => fields.push(field(&measure.label, "–".into(), "keine Angabe")),
        }
    }
    Some(Coded { subject: text(row, "subject")?, fields })
}

fn field(label: &str, value: String, meaning: &str) -> Field {
    Field { label: label.to_owned(), value, meaning: meaning.to_owned() }
}
