//! Public groupings of a dimension's keys: social areas of municipalities, broader age groups.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Catalogue, Name, PolicyError, Query, QueryKind};

/// A public grouping of one dimension's keys, used in a question like a dimension.
///
/// A person's value is the group of its one value, so a person is in one group at most and no
/// sensitivity changes. Keys that are in no group belong to no cell. The catalogue does not know
/// poolings: facts travel as before, and its digest stays when a pooling changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pooling {
    /// What a reader sees, in German.
    pub label: String,
    /// The dimension of the catalogue whose keys are grouped.
    pub of: Name,
    /// The groups, in publication order.
    pub groups: Vec<KeyGroup>,
}

/// Keys that count as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyGroup {
    /// The key as it stands in releases.
    pub key: String,
    /// What a reader sees.
    pub label: String,
    /// Keys of the grouped dimension.
    pub keys: Vec<String>,
}

/// The poolings of a purpose, by the name under which a question uses them.
pub(crate) type Poolings = BTreeMap<Name, Pooling>;

/// Names of what divides an answer by itself; a pooling of that name could not be told from it.
const TAKEN: [&str; 6] = ["class", "quantile", "from", "to", "service", "period"];

impl Pooling {
    /// Checks a pooling against the catalogue.
    pub(crate) fn check(&self, name: &Name, catalogue: &Catalogue) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Purpose(format!("pooling `{name}`: {why}")));
        if catalogue.dimensions.contains_key(name) || TAKEN.contains(&name.as_str()) {
            return fail("the name is taken; choose another".into());
        }
        let dimension = catalogue.dimension(&self.of)?;
        if dimension.private {
            return fail(format!("the keys of `{}` are private; pool a public dimension", self.of));
        }
        if self.label.trim().is_empty() || self.groups.is_empty() {
            return fail("needs a label and at least one group".into());
        }
        let (mut names, mut pooled) = (BTreeSet::new(), BTreeSet::new());
        for group in &self.groups {
            let key = group.key.as_str();
            if !(1..=40).contains(&key.len()) || !names.insert(key) {
                return fail(format!("group `{key}` is empty, too long or declared twice"));
            }
            if group.label.trim().is_empty() || group.keys.is_empty() {
                return fail(format!("group `{key}` needs a label and at least one key"));
            }
            for own in &group.keys {
                if dimension.code(own).is_none() {
                    return fail(format!("`{own}` is not a public key of `{}`", self.of));
                }
                if !pooled.insert(own.as_str()) {
                    return fail(format!(
                        "`{own}` is named twice; a key belongs to one group at most"
                    ));
                }
            }
        }
        Ok(())
    }

    /// The keys of the grouped dimension that `groups` stand for.
    fn keys_of(&self, name: &Name, groups: &[String]) -> Result<Vec<String>, PolicyError> {
        let mut keys = Vec::new();
        for wanted in groups {
            let group = self.groups.iter().find(|group| group.key == *wanted).ok_or_else(|| {
                let shown: String = wanted.chars().take(40).collect();
                PolicyError::Query(format!("`{shown}` is not a group of `{name}`"))
            })?;
            keys.extend_from_slice(&group.keys);
        }
        Ok(keys)
    }
}

/// The same question with every filter on a pooled dimension written as one on its keys.
pub(crate) fn filters_by_key(query: &Query, poolings: &Poolings) -> Result<Query, PolicyError> {
    let mut query = query.clone();
    by_key(&mut query.filter, poolings)?;
    match &mut query.compute {
        QueryKind::Share { of, with, .. } => {
            by_key(&mut of.filter, poolings)?;
            by_key(&mut with.filter, poolings)?;
        }
        QueryKind::Transition { states, .. } => {
            states.iter_mut().try_for_each(|state| by_key(&mut state.filter, poolings))?;
        }
        _ => {}
    }
    Ok(query)
}

fn by_key(
    filter: &mut BTreeMap<Name, Vec<String>>,
    poolings: &Poolings,
) -> Result<(), PolicyError> {
    for (name, pooling) in poolings {
        let Some(groups) = filter.remove(name) else { continue };
        if groups.is_empty() {
            return Err(PolicyError::Query(format!("filter on `{name}` names no key")));
        }
        let mut keys = pooling.keys_of(name, &groups)?;
        if let Some(also) = filter.get(&pooling.of) {
            keys.retain(|key| also.contains(key));
            if keys.is_empty() {
                return Err(PolicyError::Query(format!(
                    "the filters on `{name}` and `{}` have no key in common",
                    pooling.of
                )));
            }
        }
        filter.insert(pooling.of.clone(), keys);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
