//! The fields of a question of one's own: only the bricks that the purpose permits.

use policy::{AdHoc, Name};

use super::builder::choice;
use super::fields::Fields;
use crate::pages::staff::analysis::{Choice, Filter, OwnFields, Words};

/// Kinds that the builder has fields for, in German and English.
const KINDS: [(&str, &str, &str); 4] = [
    ("persons", "Personen in einem dieser Dienste", "Persons in any of these services"),
    (
        "overlap",
        "Personen danach, welche Dienste sie zusammen haben",
        "Persons by which services they have together",
    ),
    ("cases", "Personen je Merkmal in einem Dienst", "Persons by a property in one service"),
    (
        "share",
        "Anteil derer, die auch in anderen Diensten sind",
        "Share of those who are in other services too",
    ),
];

pub(super) fn of(fields: &Fields, own: &AdHoc, words: &Words<'_>) -> OwnFields {
    let permitted = |kind: &str| own.kinds.iter().any(|own| own.as_str() == kind);
    let mut kinds = KINDS.iter().filter(|(kind, ..)| permitted(kind)).collect::<Vec<_>>();
    let wanted = fields.one("art").filter(|own| kinds.iter().any(|(kind, ..)| kind == own));
    let wanted = wanted.map(str::to_owned).or_else(|| kinds.first().map(|own| own.0.to_owned()));
    let text = |own: Option<&str>, usual: &str| own.unwrap_or(usual).to_owned();
    OwnFields {
        kinds: kinds
            .drain(..)
            .map(|(kind, german, english)| {
                let label = words.language.say(german, english).to_owned();
                choice((*kind).to_owned(), label, wanted.as_deref() == Some(*kind))
            })
            .collect(),
        services: services(fields, "dienst", own, words),
        with: services(fields, "mit", own, words),
        properties: own
            .dimensions
            .iter()
            .map(|name| named(name, words.dimension(name), fields.has("merkmal", name.as_str())))
            .collect(),
        most: text(fields.one("hoechstens"), "1"),
        assumed: text(fields.one("annahme"), "300"),
        groups: groups(fields, own, words),
        filters: own.dimensions.iter().filter_map(|name| filter(fields, name, words)).collect(),
    }
}

fn named(name: &Name, label: &str, chosen: bool) -> Choice {
    choice(name.to_string(), label.to_owned(), chosen)
}

fn services(fields: &Fields, field: &str, own: &AdHoc, words: &Words<'_>) -> Vec<Choice> {
    let one = |name: &Name| {
        let chosen = fields.all(field).any(|own| own == name.as_str());
        choice(name.to_string(), words.dataset_label(name), chosen)
    };
    own.datasets.iter().map(one).collect()
}

/// Permitted dimensions, and poolings of them.
fn groups(fields: &Fields, own: &AdHoc, words: &Words<'_>) -> Vec<Choice> {
    let pooled = words.purpose.poolings.iter();
    let pooled = pooled.filter(|(_, pooling)| own.dimensions.contains(&pooling.of));
    own.dimensions
        .iter()
        .chain(pooled.map(|(name, _)| name))
        .map(|name| named(name, &words.grouped(name), fields.has("nach", name.as_str())))
        .collect()
}

fn filter(fields: &Fields, name: &Name, words: &Words<'_>) -> Option<Filter> {
    let dimension = words.catalogue.dimensions.get(name)?;
    let territory = &words.purpose.territory;
    let field = format!("nur.{name}");
    let here = |key: &str| *name != territory.dimension || key.starts_with(&territory.prefix);
    let keys = dimension.keys.iter().filter(|own| here(&own.key)).map(|own| {
        let chosen = fields.all(&field).any(|key| key == own.key);
        choice(own.key.clone(), own.label.clone(), chosen)
    });
    Some(Filter { keys: keys.collect(), label: dimension.label.clone(), field: field.clone() })
}
