//! Which dataset of the catalogue an extract probably is.

use policy::{Catalogue, Name};

use super::facts::value_likeness;
use super::look::Looks;
use super::words::likeness;
use crate::spelling::fold;

/// All datasets, the likeliest first, with their points.
pub(super) fn rank(
    file: &str,
    header: &[String],
    looks: &Looks,
    catalogue: &Catalogue,
) -> Vec<(Name, u32)> {
    let file = fold(file);
    let mut ranked: Vec<(Name, u32)> = catalogue
        .datasets
        .iter()
        .map(|(name, dataset)| {
            let named = file.contains(&fold(name.as_str()));
            let labelled = fold(&dataset.label).split(' ').any(|word| file.contains(word));
            let mut points = u32::from(named) * 8 + u32::from(labelled) * 6;
            for column in header {
                // Common measures such as a payment say little about who pays it.
                points += likeness(column, name.as_str());
                let measures = dataset.measures.iter().map(|own| own.name.as_str());
                points += measures.map(|own| likeness(column, own)).max().unwrap_or(0);
            }
            for dimension in &dataset.dimensions {
                let Some(own) = catalogue.dimensions.get(dimension) else { continue };
                let shared = catalogue
                    .datasets
                    .values()
                    .filter(|other| other.dimensions.contains(dimension));
                if shared.count() > 1 {
                    continue;
                }
                let values = looks.columns.iter().map(|look| value_likeness(look, own));
                let names = header.iter().map(|column| likeness(column, &own.label));
                points += values.max().unwrap_or(0) + names.max().unwrap_or(0);
            }
            (name.clone(), points)
        })
        .collect();
    ranked.sort_by(|(a, one), (b, other)| other.cmp(one).then(a.cmp(b)));
    ranked
}

/// The first, where it leads.
pub(super) fn clear(ranked: &[(Name, u32)]) -> Option<Name> {
    match ranked {
        [(name, points)] if *points > 0 => Some(name.clone()),
        [(name, first), (_, second), ..] if *first > 4 && *first > second + 1 => Some(name.clone()),
        _ => None,
    }
}
