//! Which columns of a dataset some purpose of a project names: the only ones that may be filled.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Name, PolicySet, Purpose};

/// What of a dataset may travel for a project.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct NamedColumns {
    dimensions: BTreeSet<Name>,
    measures: BTreeSet<Name>,
    every_measure: bool,
}

impl NamedColumns {
    /// Whether a purpose groups, filters or counts by this dimension.
    #[must_use]
    pub fn dimension(&self, name: &Name) -> bool {
        self.dimensions.contains(name)
    }

    /// Whether a purpose reads this measure of the dataset.
    #[must_use]
    pub fn measure(&self, name: &Name) -> bool {
        self.every_measure || self.measures.contains(name)
    }
}

impl PolicySet {
    /// The columns of a dataset that purposes of a project name; `None` where none reads it.
    ///
    /// A dimension counts as named wherever it is named: a person's value may come from any dataset
    /// that delivers it (`attribute_from`). A purpose that has ended names nothing any more, which is
    /// not looked at here: the folder drops it.
    #[must_use]
    pub fn named_columns(&self, project: &Name, dataset: &Name) -> Option<NamedColumns> {
        let mut named = NamedColumns::default();
        let mut read = false;
        for purpose in self.purposes.values().filter(|own| own.project == *project) {
            read |= collect(purpose, dataset, &mut named);
        }
        read.then_some(named)
    }
}

/// Kinds of question that read a measure.
const MEASURING: [&str; 5] = ["mean", "sum", "histogram", "quantiles", "subject_sum"];

/// Adds what a purpose names and says whether it reads the dataset.
fn collect(purpose: &Purpose, dataset: &Name, named: &mut NamedColumns) -> bool {
    let mut words = Words::default();
    for indicator in &purpose.indicators {
        // A query that was read from a file has a form.
        let query = serde_json::to_value(&indicator.query).unwrap_or_default();
        words.walk(&query, dataset.as_str(), false);
        words.dimensions.extend(indicator.groupings.iter().flatten().map(ToString::to_string));
    }
    words.dimensions.insert(purpose.territory.dimension.to_string());
    if let Some(free) = &purpose.ad_hoc {
        words.dimensions.extend(free.dimensions.iter().map(ToString::to_string));
        if free.datasets.contains(dataset) {
            words.read = true;
            named.every_measure |= free.kinds.iter().any(|own| MEASURING.contains(&own.as_str()));
        }
    }
    for word in words.dimensions {
        let Ok(word) = Name::new(word) else { continue };
        let of = purpose.poolings.get(&word).map_or(word, |own| own.of.clone());
        named.dimensions.insert(of);
    }
    named.measures.extend(words.measures.into_iter().filter_map(|own| Name::new(own).ok()));
    words.read
}

/// The words of questions, by what they stand for.
#[derive(Default)]
struct Words {
    dimensions: BTreeSet<String>,
    measures: BTreeSet<String>,
    read: bool,
}

impl Words {
    /// `inside`: below an object that names the dataset.
    fn walk(&mut self, value: &Value, dataset: &str, inside: bool) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.walk(item, dataset, inside)),
            Value::Object(members) => {
                let own = members.get("dataset").is_some_and(|own| own == dataset);
                let inside = inside || own;
                self.read |= own;
                for (key, value) in members {
                    self.word(key, value, dataset, inside);
                    self.walk(value, dataset, inside);
                }
            }
            _ => {}
        }
    }

    fn word(&mut self, key: &str, value: &Value, dataset: &str, inside: bool) {
        let texts = || value.as_array().into_iter().flatten().filter_map(Value::as_str);
        match key {
            "filter" => {
                let members = value.as_object().into_iter().flatten();
                self.dimensions.extend(members.map(|(name, _)| name.clone()));
            }
            "group_by" | "margins" => self.dimensions.extend(texts().map(str::to_owned)),
            "dimension" => self.dimensions.extend(value.as_str().map(str::to_owned)),
            "datasets" | "before" => self.read |= texts().any(|own| own == dataset),
            "measure" | "name" if inside => self.measures.extend(value.as_str().map(str::to_owned)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn shipped() -> PolicySet {
        PolicySet::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")).unwrap()
    }

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    /// Columns that travel for nobody, per project: the shipped purposes are why the others do.
    #[test]
    fn the_shipped_purposes_name_these_columns_not() {
        let set = shipped();
        let mut unnamed = Vec::new();
        for project in ["county-06432", "county-06440"] {
            for (dataset, own) in &set.catalogue.datasets {
                let Some(named) = set.named_columns(&name(project), dataset) else {
                    unnamed.push(format!("{project} {dataset}"));
                    continue;
                };
                let dimensions = own.dimensions.iter().filter(|own| !named.dimension(own));
                let measures = own.measures.iter().map(|own| &own.name);
                let measures = measures.filter(|own| !named.measure(own));
                let columns = dimensions.chain(measures);
                unnamed.extend(columns.map(|own| format!("{project} {dataset}.{own}")));
            }
        }
        let same = |project: &str| {
            let own = [
                "asyl.asyl_benefit",
                "but.but_benefit",
                "but.but_law",
                "kita.kita_form",
                "wohngeld.wohngeld",
                "wohngeld.miete",
            ];
            own.map(|column| format!("{project} {column}")).to_vec()
        };
        let mut expected = same("county-06432");
        expected.insert(4, "county-06432 sgb2.leistung".into());
        expected.extend(same("county-06440"));
        expected.insert(11, "county-06440 sgb2".into());
        assert_eq!(unnamed, expected);
    }

    #[test]
    fn a_column_is_named_by_every_way_to_ask_for_it_and_by_no_other() {
        let mut set = shipped();
        let project = name("county-06440");
        set.purposes.retain(|id, _| id.as_str() == "sozialmonitoring-06440");
        let purpose = set.purposes.get_mut("sozialmonitoring-06440").unwrap();
        purpose.ad_hoc = None;
        purpose.indicators.retain(|own| own.id.as_str() == "day-care-hours");
        let kita = set.named_columns(&project, &name("kita")).unwrap();
        assert!(kita.measure(&name("hours")) && kita.dimension(&name("age_group")));
        assert!(kita.dimension(&name("municipality")), "the territory, and its pooling");
        assert!(!kita.dimension(&name("sex")));
        assert!(set.named_columns(&project, &name("hze")).is_none());
        assert!(set.named_columns(&name("county-06432"), &name("kita")).is_none(), "another's");
    }
}
