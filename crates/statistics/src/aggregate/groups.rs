//! The group that a person is in.

use policy::{Catalogue, GroupKeys, Plan};

use crate::{
    Error,
    attribute::{Attribute, Fitting},
    table::PersonTable,
};

/// The groups of a plan.
pub(super) struct Groups<'a> {
    fitting: Fitting<'a>,
    dimensions: Vec<Grouping<'a>>,
}

/// The keys of a dimension.
struct Grouping<'a> {
    attribute: Attribute<'a>,
    places: Vec<Option<usize>>,
    keys: usize,
}

impl<'a> Groups<'a> {
    /// The first of `years` that knows a value decides.
    pub(super) fn new(
        table: &'a PersonTable,
        catalogue: &Catalogue,
        plan: &'a Plan,
        years: &[u16],
    ) -> Result<Self, Error> {
        let grouping = |keys: &GroupKeys| -> Result<_, Error> {
            Ok(Grouping {
                attribute: Attribute::new(table, catalogue, keys.source(), years)?,
                places: places(keys)?,
                keys: keys.codes.len(),
            })
        };
        Ok(Self {
            fitting: Fitting::new(table, catalogue, &plan.filter, years)?,
            dimensions: plan.group_by.iter().map(grouping).collect::<Result<_, _>>()?,
        })
    }

    /// The position of a person's group among all groups, or `None` where a filter excludes it or a
    /// value is unknown.
    pub(super) fn of(&self, person: usize) -> Option<usize> {
        if !self.fitting.holds(person) {
            return None;
        }
        self.dimensions.iter().try_fold(0_usize, |outer, own| {
            let code = usize::from(own.attribute.of(person));
            let place = own.places.get(code).copied().flatten()?;
            outer.checked_mul(own.keys)?.checked_add(place)
        })
    }
}

/// Place in publication order, by code; pooled codes share one.
pub(super) fn places(keys: &GroupKeys) -> Result<Vec<Option<usize>>, Error> {
    let mut places: Vec<Option<usize>> = Vec::new();
    for (code, place) in keys.places() {
        let code = usize::from(code);
        if places.len() <= code {
            places.resize(code.checked_add(1).ok_or(Error::Overflow)?, None);
        }
        let slot = places.get_mut(code).ok_or(Error::Overflow)?;
        if slot.replace(place).is_some() {
            return Err(Error::Plan("groups by a key twice; resolve the query again"));
        }
    }
    Ok(places)
}
