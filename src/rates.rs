//! What the dimensions of the catalogue mean in a register of residents.

use std::collections::{BTreeMap, BTreeSet};

use policy::{Catalogue, Dimension, Name, PolicySet, Purpose, Rate, Territory};
use publication::{
    Ages, Demand, DemandRule, Document, Error, Meaning, Names, Outlook, Population, RateRule, Sex,
    Sexes, Tolerance, demand,
};

/// The dimension whose keys are sexes.
const SEX: &str = "sex";

/// How the counts of an indicator become rates: the territory's dimension is the place, dimensions
/// of age classes are ages on 31 December, `sex` is the sex. A register knows no other.
#[must_use]
pub fn rate_rule(catalogue: &Catalogue, purpose: &Purpose, rate: Rate) -> RateRule {
    let territory = &purpose.territory;
    let own = |(name, dimension): (&Name, &Dimension)| {
        let meaning = meaning(name, dimension, territory)?;
        let keys = dimension.keys.iter().map(|key| key.key.as_str());
        let known = keys.filter_map(|key| Some((key.to_owned(), meaning(key)?)));
        Some((name.to_string(), known.collect()))
    };
    let meanings: BTreeMap<_, BTreeMap<String, Meaning>> =
        catalogue.dimensions.iter().filter_map(own).collect();
    RateRule { per: rate.per, territory: places(catalogue, territory), meanings }
}

/// How the keys of a dimension are to be read; `None` for one that no register knows.
fn meaning(
    name: &Name,
    dimension: &Dimension,
    territory: &Territory,
) -> Option<fn(&str) -> Option<Meaning>> {
    if *name == territory.dimension {
        return Some(|key| Some(Meaning::Places([key.to_owned()].into())));
    }
    if dimension.age {
        return Some(|key| Ages::read(key).map(Meaning::Ages));
    }
    if name.as_str() == SEX {
        return Some(|key| Sex::read(key).map(|sex| Meaning::Sexes(Sexes::NONE.with(sex))));
    }
    None
}

fn places(catalogue: &Catalogue, territory: &Territory) -> BTreeSet<String> {
    let dimension = catalogue.dimensions.get(&territory.dimension);
    let keys = dimension.into_iter().flat_map(|own| &own.keys).map(|own| &own.key);
    keys.filter(|key| key.starts_with(&territory.prefix)).cloned().collect()
}

/// The document with rates, where its purpose asks for some and there is a register.
#[must_use]
pub fn with_rates(
    document: Document,
    policies: &PolicySet,
    population: Option<&Population>,
) -> Document {
    let purpose = policies.purposes.values().find(|own| own.id.as_str() == document.purpose);
    let rate = purpose.and_then(|own| asked(own, &document.indicator));
    match (purpose, rate, population) {
        (Some(purpose), Some(rate), Some(population)) => {
            let rule = rate_rule(&policies.catalogue, purpose, rate);
            document.with_rates(&rule, population)
        }
        _ => document,
    }
}

/// What a document's rates would mean for the residents of coming years, by the register's own
/// cohorts; `None` where its purpose asks for no rates, where there is no register, or where nothing
/// can be said of any group.
///
/// # Errors
/// What [`demand`] says.
pub(crate) fn with_demand(
    document: &Document,
    policies: &PolicySet,
    population: Option<&Population>,
    (names, tolerance): (&Names, Tolerance),
) -> Result<Option<Demand>, Error> {
    let purpose = policies.purposes.values().find(|own| own.id.as_str() == document.purpose);
    let rate = purpose.and_then(|own| asked(own, &document.indicator));
    let (Some(purpose), Some(rate), Some(residents)) = (purpose, rate, population) else {
        return Ok(None);
    };
    let rate = &rate_rule(&policies.catalogue, purpose, rate);
    let (outlook, years) = (Outlook::Cohorts, Population::MAX_STEPS);
    let rule = DemandRule { rate, residents, outlook, years, tolerance };
    match demand(document, &rule, names) {
        Ok(found) => Ok(Some(found).filter(|own| own.rows.iter().any(|row| row.coming.is_ok()))),
        Err(Error::Demand(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

fn asked(purpose: &Purpose, indicator: &str) -> Option<Rate> {
    purpose.indicators.iter().find(|own| own.id.as_str() == indicator)?.per
}
