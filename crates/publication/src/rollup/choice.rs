//! Which released documents a request means.

use std::collections::{BTreeMap, BTreeSet};

use super::{RollupRequest, refuse};
use crate::{Document, Error};

/// The newest document of each wanted event year, ascending.
pub(super) fn choose<'a>(
    documents: &'a [Document],
    request: &RollupRequest,
) -> Result<Vec<&'a Document>, Error> {
    let named = |own: &&Document| own.indicator == request.indicator;
    let of_purpose =
        |own: &&Document| request.purpose.as_ref().is_none_or(|name| *name == own.purpose);
    let grouped = |own: &&Document| {
        request.group_by.as_ref().is_none_or(|dimensions| *dimensions == own.dimensions)
    };
    let found: Vec<&Document> = documents.iter().filter(named).filter(of_purpose).collect();
    if found.is_empty() {
        return refuse(
            "nothing of that indicator was released; `milchglas releases` lists what was",
        );
    }
    let groupings: BTreeSet<&Vec<String>> = found.iter().map(|own| &own.dimensions).collect();
    let shown = || {
        let all = groupings.iter().map(|own| format!("[{}]", own.join(",")));
        all.collect::<Vec<_>>().join(" or ")
    };
    let found: Vec<&Document> = found.into_iter().filter(grouped).collect();
    if found.is_empty() {
        return refuse(format!("it was not released under that grouping, but under {}", shown()));
    }
    if request.group_by.is_none() && groupings.len() > 1 {
        return refuse(format!(
            "it was released under several groupings; name one with group_by: {}",
            shown()
        ));
    }
    let purposes: BTreeSet<&str> = found.iter().map(|own| own.purpose.as_str()).collect();
    if purposes.len() > 1 {
        let all: Vec<&str> = purposes.into_iter().collect();
        return refuse(format!("several purposes released it; name one: {}", all.join(" or ")));
    }
    // Later charges replace earlier ones of the same year.
    let mut newest: BTreeMap<u16, &Document> = BTreeMap::new();
    for own in found {
        let kept = newest.entry(own.year).or_insert(own);
        if own.ledger.sequence > kept.ledger.sequence {
            *kept = own;
        }
    }
    let years: Vec<String> = newest.keys().map(u16::to_string).collect();
    let years = years.join(",");
    match request.years.as_slice() {
        [] if newest.len() > 1 => {
            refuse(format!("it was released for {years}; name one year, or several for their mean"))
        }
        [] => Ok(newest.into_values().collect()),
        wanted => {
            let mut chosen = Vec::with_capacity(wanted.len());
            for year in wanted {
                let Some(own) = newest.get(year) else {
                    return refuse(format!("it was not released for {year}, but for {years}"));
                };
                chosen.push(*own);
            }
            Ok(chosen)
        }
    }
}
