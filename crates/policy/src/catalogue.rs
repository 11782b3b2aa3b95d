//! The catalogue: which coded facts exist, with public keys and bounds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AgeClasses, Digest, Name, PolicyError, canonical_json};

/// The code of a fact that a department could not determine; it falls into no public cell.
pub const UNKNOWN_CODE: u16 = u16::MAX;

/// All datasets and dimensions that the parties agreed on.
///
/// A column that does not stand here does not travel, and a question about anything else has no
/// form. Shared by all controllers of an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "RawCatalogue")]
pub struct Catalogue {
    /// Short name of the catalogue.
    pub name: Name,
    /// Version of this file's format; 1.
    pub version: u16,
    /// Dimensions by name.
    pub dimensions: BTreeMap<Name, Dimension>,
    /// Datasets by name; one department's deliveries each.
    pub datasets: BTreeMap<Name, Dataset>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawCatalogue {
    name: Name,
    version: u16,
    dimensions: BTreeMap<Name, Dimension>,
    datasets: BTreeMap<Name, Dataset>,
}

/// A property of a person with a public list of keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// What a reader sees, in German.
    pub label: String,
    /// The public keys; a fact travels as the position of its key.
    pub keys: Vec<DimensionKey>,
    /// Whether the keys are age classes, derived from the date of birth at 31 December.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub age: bool,
    /// Whether it is private which of the keys occur. Such a dimension groups and filters nothing;
    /// its only use is a count per key above a threshold (`sparse`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// Datasets whose value counts where departments disagree, most trusted first.
    ///
    /// A person has one value per dimension and year: the first dataset in this list that knows
    /// one decides, its latest month, ties by a keyed hash.
    pub attribute_from: Vec<Name>,
}

/// One public key of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DimensionKey {
    /// The key as it stands in releases, such as `06432001`.
    pub key: String,
    /// What a reader sees.
    pub label: String,
}

/// What one department delivers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// What a reader sees, in German.
    pub label: String,
    /// The law that permits the use of these facts.
    pub legal_basis: String,
    /// Months after the event year in which the facts are deleted.
    pub retention_months: u16,
    /// Whether rows name a household or Bedarfsgemeinschaft by a random id.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unit: bool,
    /// Fewest people of a full delivery; a smaller one is refused at intake. An amendment may be
    /// smaller: it counts beside the delivery that it amends. No limit where missing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub least_subjects: u32,
    /// Most rows of one subject and event year; further rows are refused at intake.
    pub max_rows: u16,
    /// Dimensions of a row, in the order in which their codes travel.
    pub dimensions: Vec<Name>,
    /// Amounts of a row, in the order in which they travel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// An amount with public bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Name within the dataset.
    pub name: Name,
    /// What a reader sees.
    pub label: String,
    /// The unit of one step, such as `EUR` or `h`.
    pub unit: String,
    /// Least value, in units; smaller ones are raised to it in the department.
    pub lower: i64,
    /// Greatest value, in units; larger ones are lowered to it in the department.
    pub upper: i64,
    /// Width of a class, in units: the value travels rounded to a multiple of it.
    pub step: i64,
}

impl TryFrom<RawCatalogue> for Catalogue {
    type Error = PolicyError;
    fn try_from(raw: RawCatalogue) -> Result<Self, PolicyError> {
        let RawCatalogue { name, version, dimensions, datasets } = raw;
        let catalogue = Self { name, version, dimensions, datasets };
        catalogue.check()?;
        Ok(catalogue)
    }
}

impl Catalogue {
    /// Most keys of a dimension.
    pub const MAX_KEYS: usize = 4096;
    /// Most datasets of a catalogue.
    pub const MAX_DATASETS: usize = 32;
    /// Largest bound of a measure in either direction, so that sums stay far inside an `i64`.
    pub const MAX_BOUND: i64 = 1_000_000_000;

    /// Reads a catalogue from TOML text.
    ///
    /// # Errors
    /// [`PolicyError::Form`] with line and cause.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        toml::from_str(text)
            .map_err(|e| PolicyError::Form { path: "catalogue".into(), reason: e.to_string() })
    }

    /// SHA-256 of the canonical JSON; stands in every manifest, since codes are positions in it.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which a checked catalogue does not give.
    pub fn digest(&self) -> Result<Digest, PolicyError> {
        Ok(Digest::of(&canonical_json(self)?))
    }

    /// The dataset of that name.
    ///
    /// # Errors
    /// [`PolicyError::Catalogue`] that lists the known names.
    pub fn dataset(&self, name: &Name) -> Result<&Dataset, PolicyError> {
        self.datasets.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.datasets.keys().map(Name::as_str).collect();
            PolicyError::Catalogue(format!(
                "dataset `{name}` is not in the catalogue; it has {}",
                known.join(", ")
            ))
        })
    }

    /// The dimension of that name.
    ///
    /// # Errors
    /// [`PolicyError::Catalogue`] that lists the known names.
    pub fn dimension(&self, name: &Name) -> Result<&Dimension, PolicyError> {
        self.dimensions.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.dimensions.keys().map(Name::as_str).collect();
            PolicyError::Catalogue(format!(
                "dimension `{name}` is not in the catalogue; it has {}",
                known.join(", ")
            ))
        })
    }

    fn check(&self) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Catalogue(why));
        if self.version != 1 {
            return fail(format!("version {} is not known; this program reads 1", self.version));
        }
        if self.datasets.is_empty() || self.datasets.len() > Self::MAX_DATASETS {
            return fail(format!("declare 1 to {} datasets", Self::MAX_DATASETS));
        }
        for (name, dimension) in &self.dimensions {
            self.check_dimension(name, dimension)?;
        }
        for (name, dataset) in &self.datasets {
            self.check_dataset(name, dataset)?;
        }
        Ok(())
    }

    fn check_dimension(&self, name: &Name, dimension: &Dimension) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Catalogue(format!("dimension `{name}`: {why}")));
        if dimension.keys.is_empty() || dimension.keys.len() > Self::MAX_KEYS {
            return fail(format!("declare 1 to {} keys", Self::MAX_KEYS));
        }
        let mut seen = std::collections::BTreeSet::new();
        for key in &dimension.keys {
            if key.key.is_empty() || key.key.len() > 40 || !seen.insert(key.key.as_str()) {
                return fail(format!("key `{}` is empty, too long or declared twice", key.key));
            }
            if key.key == crate::Plan::TOTAL {
                return fail("key `*` stands for a total in releases; choose another".into());
            }
        }
        if dimension.age && dimension.private {
            return fail("age classes are public; leave out private".into());
        }
        if dimension.age {
            AgeClasses::from_keys(dimension.keys.iter().map(|key| key.key.as_str()))?;
        }
        for source in &dimension.attribute_from {
            if !self.dataset(source)?.dimensions.contains(name) {
                return fail(format!("attribute_from names `{source}`, which does not deliver it"));
            }
        }
        for (dataset, body) in &self.datasets {
            if body.dimensions.contains(name) && !dimension.attribute_from.contains(dataset) {
                return fail(format!("`{dataset}` delivers it but is missing in attribute_from"));
            }
        }
        Ok(())
    }

    fn check_dataset(&self, name: &Name, dataset: &Dataset) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Catalogue(format!("dataset `{name}`: {why}")));
        if dataset.max_rows == 0 {
            return fail("max_rows must be at least 1".into());
        }
        for (position, dimension) in dataset.dimensions.iter().enumerate() {
            self.dimension(dimension)?;
            if dataset.dimensions.iter().skip(position + 1).any(|other| other == dimension) {
                return fail(format!("dimension `{dimension}` is listed twice"));
            }
        }
        for (position, measure) in dataset.measures.iter().enumerate() {
            if dataset.measures.iter().skip(position + 1).any(|m| m.name == measure.name) {
                return fail(format!("measure `{}` is declared twice", measure.name));
            }
            let bounded = measure.lower >= 0
                && measure.lower < measure.upper
                && measure.upper <= Self::MAX_BOUND;
            if !bounded || measure.step < 1 || measure.step > measure.upper {
                return fail(format!(
                    "measure `{}`: need 0 <= lower < upper <= {} and 1 <= step <= upper",
                    measure.name,
                    Self::MAX_BOUND
                ));
            }
        }
        Ok(())
    }
}

impl Dimension {
    /// The code of a key: its position, or `None` where the key is not public.
    #[must_use]
    pub fn code(&self, key: &str) -> Option<u16> {
        let position = self.keys.iter().position(|known| known.key == key)?;
        u16::try_from(position).ok()
    }

    /// The age classes of an age dimension.
    ///
    /// # Errors
    /// [`PolicyError::Catalogue`] where the dimension is not one.
    pub fn age_classes(&self) -> Result<AgeClasses, PolicyError> {
        AgeClasses::from_keys(self.keys.iter().map(|key| key.key.as_str()))
    }
}

impl Dataset {
    /// The position of a dimension in the rows of this dataset.
    #[must_use]
    pub fn dimension_position(&self, name: &Name) -> Option<usize> {
        self.dimensions.iter().position(|own| own == name)
    }

    /// Position and declaration of a measure.
    #[must_use]
    pub fn measure(&self, name: &Name) -> Option<(usize, &Measure)> {
        self.measures.iter().enumerate().find(|(_, own)| own.name == *name)
    }
}

impl Measure {
    /// The value as it may travel: rounded to the nearest step, within the bounds.
    #[must_use]
    pub fn coarsen(&self, value: i64) -> i64 {
        let clamped = value.clamp(self.lower, self.upper);
        let rounded = (clamped + self.step / 2) / self.step * self.step;
        rounded.clamp(self.lower, self.upper)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const SMALL: &str = r#"
        name = "test"
        version = 1
        [dimensions.municipality]
        label = "Gemeinde"
        keys = [{ key = "06432001", label = "A" }, { key = "06432002", label = "B" },
                { key = "06440001", label = "C" }]
        attribute_from = ["kita", "sgb2"]
        [dimensions.age_group]
        label = "Altersgruppe"
        age = true
        keys = [{ key = "00-02", label = "unter 3" }, { key = "03-14", label = "3 bis 14" },
                { key = "15+", label = "ab 15" }]
        attribute_from = ["kita", "sgb2"]
        [datasets.sgb2]
        label = "Grundsicherung"
        legal_basis = "SGB II § 51b"
        retention_months = 36
        unit = true
        max_rows = 24
        dimensions = ["municipality", "age_group"]
        measures = [{ name = "kdu", label = "Kosten der Unterkunft", unit = "EUR", lower = 0, upper = 1500, step = 10 }]
        [datasets.kita]
        label = "Kindertagesbetreuung"
        legal_basis = "SGB VIII §§ 22-24"
        retention_months = 36
        max_rows = 12
        dimensions = ["municipality", "age_group"]
        measures = [{ name = "hours", label = "Stunden je Woche", unit = "h", lower = 0, upper = 50, step = 1 }]
    "#;

    #[test]
    fn a_catalogue_reads_and_codes_keys_by_position() {
        let catalogue = Catalogue::from_toml(SMALL).unwrap();
        let municipality = catalogue.dimension(&Name::new("municipality").unwrap()).unwrap();
        assert_eq!(municipality.code("06432002"), Some(1));
        assert_eq!(municipality.code("06432099"), None);
    }

    #[test]
    fn contradictions_are_named() {
        let cases = [
            ("unit = \"EUR\", lower = 0", "unit = \"EUR\", lower = 2000", "kdu"),
            ("step = 10", "step = 0", "kdu"),
            ("max_rows = 24", "max_rows = 0", "max_rows"),
            ("\"15+\"", "\"16+\"", "begin where"),
            ("attribute_from = [\"kita\", \"sgb2\"]", "attribute_from = [\"kita\"]", "missing in"),
            ("06432002", "06432001", "declared twice"),
            ("unit = true", "unite = true", "unite"),
            ("age = true", "age = true\nprivate = true", "age classes are public"),
            ("age = true", "age = true\nsecret = true", "secret"),
        ];
        for (from, to, word) in cases {
            let error = Catalogue::from_toml(&SMALL.replacen(from, to, 1)).err();
            let text = error.map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains(word), "{to}: {text}");
        }
    }

    #[test]
    fn amounts_are_rounded_to_steps_within_bounds() {
        let catalogue = Catalogue::from_toml(SMALL).unwrap();
        let sgb2 = catalogue.dataset(&Name::new("sgb2").unwrap()).unwrap();
        let (_, kdu) = sgb2.measure(&Name::new("kdu").unwrap()).unwrap();
        assert_eq!(kdu.coarsen(444), 440);
        assert_eq!(kdu.coarsen(445), 450);
        assert_eq!(kdu.coarsen(-3), 0);
        assert_eq!(kdu.coarsen(9_999), 1_500);
    }
}
