//! Totals over grouping dimensions: which of them a question has.

use super::{GroupKeys, Plan, PlanKind};
use crate::{Name, PolicyError, Query};

/// Most dimensions with a total; their tables double with each.
const MAX_MARGINS: usize = 3;

impl Plan {
    /// The key of a total over a dimension; no key of a catalogue.
    pub const TOTAL: &'static str = "*";

    /// Whether a grouping dimension has a total.
    #[must_use]
    pub fn has_margin(&self, dimension: &Name) -> bool {
        self.margins.contains(dimension)
    }

    /// Number of groups that are published: totals count as keys. `None` where it passes every
    /// limit.
    #[must_use]
    pub fn published_groups(&self) -> Option<usize> {
        self.group_by.iter().try_fold(1_usize, |size, group| {
            let total = usize::from(self.has_margin(&group.dimension));
            size.checked_mul(group.codes.len().checked_add(total)?)
        })
    }
}

/// The dimensions with a total, in the order of the grouping.
pub(super) fn resolve(
    query: &Query,
    kind: &PlanKind,
    group_by: &[GroupKeys],
) -> Result<Vec<Name>, PolicyError> {
    let refuse = |why: String| Err(PolicyError::Query(why));
    let wanted = &query.margins;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let adds_up = matches!(
        kind,
        PlanKind::Persons { .. }
            | PlanKind::Overlap { .. }
            | PlanKind::Cases { .. }
            | PlanKind::Sum { .. }
            | PlanKind::Histogram { .. }
            | PlanKind::Transition { .. }
    );
    if !adds_up {
        return refuse(
            "margins fit the kinds persons, overlap, cases, sum, histogram and transition: only \
             counts and sums add up; ask for the coarser grouping as a question of its own"
                .into(),
        );
    }
    if !query.mechanism.is_gaussian() {
        return refuse("margins need Gaussian noise; leave mechanism or margins out".into());
    }
    if wanted.len() > MAX_MARGINS {
        return refuse(format!("margins names more than {MAX_MARGINS} dimensions; name fewer"));
    }
    for (position, name) in wanted.iter().enumerate() {
        if wanted.iter().skip(position + 1).any(|other| other == name) {
            return refuse(format!("margins names `{name}` twice"));
        }
        match group_by.iter().find(|group| group.dimension == *name) {
            None => return refuse(format!("margins names `{name}`, which is not in group_by")),
            Some(group) if group.codes.len() < 2 => {
                return refuse(format!(
                    "`{name}` has one key here, which is its own total; leave it out of margins"
                ));
            }
            Some(_) => {}
        }
    }
    let ordered = group_by.iter().map(|group| &group.dimension);
    Ok(ordered.filter(|name| wanted.contains(name)).cloned().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Catalogue, Territory};

    fn resolve(query: Value) -> Result<Plan, PolicyError> {
        let catalogue = Catalogue::from_toml(crate::catalogue::tests::SMALL).unwrap();
        let territory = Territory {
            dimension: Name::new("municipality").unwrap(),
            prefix: "06432".into(),
            label: "Kreis".into(),
        };
        let query = serde_json::from_value(query).map_err(|e| PolicyError::Query(e.to_string()))?;
        Plan::resolve(&query, &catalogue, &territory)
    }

    fn persons(margins: &[&str]) -> Value {
        json!({"compute": {"kind": "persons", "datasets": ["sgb2"]},
            "group_by": ["municipality", "age_group"], "margins": margins})
    }

    #[test]
    fn totals_follow_their_parts_along_each_dimension() {
        let plan = resolve(persons(&["age_group", "municipality"])).unwrap();
        let names: Vec<&str> = plan.margins.iter().map(Name::as_str).collect();
        assert_eq!(names, ["municipality", "age_group"], "in the order of the grouping");
        let keys: Vec<String> = plan.cells.iter().map(|cell| cell.keys.join("/")).collect();
        assert_eq!(keys[..4], ["06432001/00-02", "06432001/03-14", "06432001/15+", "06432001/*"]);
        assert_eq!(keys[8..10], ["*/00-02", "*/03-14"]);
        assert_eq!(plan.cells[11].labels, ["insgesamt", "insgesamt"]);
        assert_eq!((plan.groups(), plan.published_groups()), (Some(6), Some(12)));
        let plain = resolve(persons(&[])).unwrap();
        assert_eq!(plain.published_groups(), plain.groups());
        let written = serde_json::to_value(&plain).unwrap();
        assert!(written.get("margins").is_none(), "older questions keep their digests");
    }

    #[test]
    fn what_has_no_total_is_refused_with_what_to_do() {
        let refusal =
            |query: Value| resolve(query).err().map(|e| e.to_string()).unwrap_or_default();
        let mean = json!({"kind": "mean", "dataset": "sgb2", "measure": "kdu", "assumed_count": 9});
        let entries = json!({"kind": "entries", "datasets": ["kita"], "gap_months": 12, "most": 1});
        let of = |compute: Value| json!({"compute": compute, "group_by": ["age_group"], "margins": ["age_group"]});
        let mut single = persons(&["age_group"]);
        single["filter"] = json!({"age_group": ["15+"]});
        for (query, word) in [
            (of(mean), "only counts and sums add up"),
            (of(entries), "only counts and sums add up"),
            (persons(&["sex"]), "not in group_by"),
            (persons(&["age_group", "age_group"]), "twice"),
            (persons(&["a", "b", "c", "d"]), "more than 3"),
            (single, "its own total"),
        ] {
            let told = refusal(query);
            assert!(told.contains(word), "{word}: {told}");
        }
    }

    #[test]
    fn no_catalogue_has_the_key_of_a_total() {
        let text = crate::catalogue::tests::SMALL.replacen("\"06440001\"", "\"*\"", 1);
        assert!(
            Catalogue::from_toml(&text).unwrap_err().to_string().contains("stands for a total")
        );
    }
}
