//! What somebody wants rolled up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Rollup, refuse};
use crate::Error;

/// What is rolled up, over which documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollupRequest {
    /// The indicator.
    pub indicator: String,
    /// The purpose, where several have released the indicator.
    pub purpose: Option<String>,
    /// The dimensions of the released tables, where the indicator was released under several.
    pub group_by: Option<Vec<String>>,
    /// The event years, ascending; of several the mean is taken. The only one where none is named.
    pub years: Vec<u16>,
    /// What becomes of a dimension; of those that are not named nothing.
    pub over: BTreeMap<String, Over>,
}

/// What becomes of a dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// All keys are added up; the dimension is gone.
    All,
    /// Keys are added up group by group: name and keys of each.
    Groups(Vec<(String, Vec<String>)>),
}

/// A request as it stands in an address or on a command line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollupText {
    /// The indicator.
    pub indicator: String,
    /// The purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Dimensions with commas between; empty for tables without a grouping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// Event years with commas between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<String>,
    /// Dimensions that are added up, with commas between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<String>,
    /// Groups with `;` between, each `dimension:name:key,key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// Longest member of a request, in bytes.
const MAX_TEXT: usize = 4_000;

impl RollupText {
    /// Reads the request.
    ///
    /// # Errors
    /// [`Error::Rollup`] with the form that is expected.
    pub fn read(&self) -> Result<RollupRequest, Error> {
        let texts = [&self.purpose, &self.group_by, &self.years, &self.sum, &self.group];
        let mut lengths = texts.iter().filter_map(|own| own.as_ref()).map(String::len);
        if self.indicator.len() > MAX_TEXT || lengths.any(|length| length > MAX_TEXT) {
            return refuse(format!("a part of the request is longer than {MAX_TEXT} bytes"));
        }
        let mut years = Vec::new();
        for text in listed(self.years.as_deref()) {
            match text.parse::<u16>() {
                Ok(year) if !years.contains(&year) => years.push(year),
                _ => return refuse("years are named once each, such as 2023,2024,2025"),
            }
        }
        if years.len() > Rollup::MAX_YEARS {
            return refuse(format!("name at most {} years", Rollup::MAX_YEARS));
        }
        years.sort_unstable();
        Ok(RollupRequest {
            indicator: self.indicator.clone(),
            purpose: self.purpose.clone(),
            group_by: self.group_by.as_deref().map(|text| listed(Some(text))),
            years,
            over: self.over()?,
        })
    }

    fn over(&self) -> Result<BTreeMap<String, Over>, Error> {
        let mut over = BTreeMap::new();
        for dimension in listed(self.sum.as_deref()) {
            if over.insert(dimension.clone(), Over::All).is_some() {
                return refuse(format!("sum names `{dimension}` twice"));
            }
        }
        for text in self.group.as_deref().unwrap_or_default().split(';') {
            if text.trim().is_empty() {
                continue;
            }
            let mut parts = text.splitn(3, ':').map(str::trim);
            let (dimension, name, keys) = (parts.next(), parts.next(), listed(parts.next()));
            let (Some(dimension), Some(name)) = (dimension, name.filter(|own| !own.is_empty()))
            else {
                return refuse(
                    "a group is dimension:name:key,key, such as age_group:minors:00-02,03-05",
                );
            };
            if keys.is_empty() {
                return refuse(format!("group `{name}` names no key"));
            }
            let entry = over.entry(dimension.to_owned()).or_insert(Over::Groups(Vec::new()));
            match entry {
                Over::Groups(groups) if groups.iter().all(|own| own.0 != name) => {
                    groups.push((name.to_owned(), keys));
                }
                _ => {
                    return refuse(format!(
                        "`{dimension}` is summed and grouped, or has two groups `{name}`"
                    ));
                }
            }
        }
        Ok(over)
    }
}

fn listed(text: Option<&str>) -> Vec<String> {
    let parts = text.unwrap_or_default().split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
