//! The linkage schema: how a record becomes an encoding, agreed by all departments.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Digest, Name, PolicyError, View, canonical_json};

/// How records are encoded and compared; one per project and epoch.
///
/// Every department encodes by the same schema and the linkage unit compares by it; the digest
/// stands in each manifest, so that a difference is refused before matching.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "RawSchema")]
#[schemars(!try_from)]
pub struct LinkageSchema {
    /// Short name, such as `county-2026`.
    pub name: Name,
    /// Version of this file's format; 1.
    pub version: u16,
    /// The family of encodings.
    pub family: Family,
    /// Named version of the normaliser, such as `de-1`.
    pub normaliser: Name,
    /// Length of a filter in bits; a power of two from 256 to 8,192.
    pub bits: u16,
    /// How two filters of the same view are compared.
    pub measure: SchemaMeasure,
    /// Least similarity of a link.
    pub threshold: SimilarityThreshold,
    /// Share of the pairs across two groups of records that must be links for them to become one
    /// person, where more than two departments know somebody.
    #[schemars(default = "half")]
    pub agreement: SimilarityThreshold,
    /// Bounds on the number of set bits of an honest encoding, both included.
    ///
    /// Filters outside are refused at intake (poisoning: all ones, empty).
    pub weight_window: [u16; 2],
    /// One to four encodings of the same record, each keyed separately.
    pub views: Vec<View>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSchema {
    name: Name,
    version: u16,
    family: Family,
    normaliser: Name,
    bits: u16,
    measure: SchemaMeasure,
    threshold: SimilarityThreshold,
    #[serde(default = "half")]
    agreement: SimilarityThreshold,
    weight_window: [u16; 2],
    views: Vec<View>,
}

/// Half of the cross pairs: one of two typos may break a link without splitting the person.
fn half() -> SimilarityThreshold {
    SimilarityThreshold(500_000)
}

/// The family of encodings a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Record-level filters by keyed random hashing, optionally diffused.
    Milchglas,
}

/// How two filters are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SchemaMeasure {
    /// 2·|a∧b| / (|a| + |b|); for filters that are not diffused.
    Dice,
    /// (l − |a⊕b|) / l; for diffused filters.
    Hamming,
}

/// A least similarity as an exact decimal of at most six digits, such as `"0.82"`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct SimilarityThreshold(u32);

impl SimilarityThreshold {
    /// From millionths, above 0 and at most 1,000,000.
    ///
    /// # Errors
    /// [`PolicyError::Schema`] outside that range.
    pub fn from_millionths(millionths: u32) -> Result<Self, PolicyError> {
        if (1..=1_000_000).contains(&millionths) {
            Ok(Self(millionths))
        } else {
            Err(PolicyError::Schema("threshold must lie above 0 and be at most 1".into()))
        }
    }

    /// The threshold in millionths.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.0
    }
}

impl TryFrom<String> for SimilarityThreshold {
    type Error = PolicyError;
    fn try_from(text: String) -> Result<Self, PolicyError> {
        let wrong = || {
            PolicyError::Schema(format!(
                "threshold `{}`: write a decimal from 0.000001 to 1 with at most six digits",
                text.chars().take(20).collect::<String>()
            ))
        };
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let digits = rest.len() <= 6 && rest.bytes().all(|b| b.is_ascii_digit());
        if !digits || !matches!(whole, "0" | "1") {
            return Err(wrong());
        }
        let whole: u32 = whole.parse().map_err(|_| wrong())?;
        let rest: u32 = format!("{rest:0<6}").parse().map_err(|_| wrong())?;
        Self::from_millionths(whole * 1_000_000 + rest).map_err(|_| wrong())
    }
}

impl From<SimilarityThreshold> for String {
    fn from(threshold: SimilarityThreshold) -> Self {
        let (whole, rest) = (threshold.0 / 1_000_000, threshold.0 % 1_000_000);
        let digits = format!("{rest:06}");
        match digits.trim_end_matches('0') {
            "" => whole.to_string(),
            shown => format!("{whole}.{shown}"),
        }
    }
}

impl TryFrom<RawSchema> for LinkageSchema {
    type Error = PolicyError;
    fn try_from(raw: RawSchema) -> Result<Self, PolicyError> {
        let RawSchema {
            name,
            version,
            family,
            normaliser,
            bits,
            measure,
            threshold,
            agreement,
            weight_window,
            views,
        } = raw;
        let schema = Self {
            name,
            version,
            family,
            normaliser,
            bits,
            measure,
            threshold,
            agreement,
            weight_window,
            views,
        };
        schema.check()?;
        Ok(schema)
    }
}

impl LinkageSchema {
    /// Most views a schema may declare; each costs privacy.
    pub const MAX_VIEWS: usize = 4;
    /// Most fields of a view.
    pub const MAX_FIELDS: usize = 32;

    /// Reads a schema from JSON text.
    ///
    /// # Errors
    /// [`PolicyError::Form`] with position and cause.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        serde_json::from_str(text)
            .map_err(|e| PolicyError::Form { path: "linkage schema".into(), reason: e.to_string() })
    }

    /// SHA-256 of the canonical JSON; stands in every manifest.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which a checked schema does not give.
    pub fn digest(&self) -> Result<Digest, PolicyError> {
        Ok(Digest::of(&canonical_json(self)?))
    }

    /// Length of a filter in bytes.
    #[must_use]
    pub fn filter_bytes(&self) -> usize {
        usize::from(self.bits / 8)
    }

    fn check(&self) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Schema(why));
        if self.version != 1 {
            return fail(format!("version {} is not known; this program reads 1", self.version));
        }
        if !self.bits.is_power_of_two() || !(256..=8192).contains(&self.bits) {
            return fail(format!("bits = {}: use a power of two from 256 to 8192", self.bits));
        }
        let [low, high] = self.weight_window;
        if low == 0 || low > high || high > self.bits {
            return fail("weight_window must satisfy 1 <= low <= high <= bits".into());
        }
        if self.views.is_empty() || self.views.len() > Self::MAX_VIEWS {
            return fail(format!("declare 1 to {} views", Self::MAX_VIEWS));
        }
        for (position, view) in self.views.iter().enumerate() {
            if self.views.iter().skip(position + 1).any(|other| other.name == view.name) {
                return fail(format!("view `{}` is declared twice", view.name));
            }
            view.check(self)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(change: impl Fn(&mut serde_json::Value)) -> Result<LinkageSchema, PolicyError> {
        let mut value = serde_json::json!({
            "name": "test", "version": 1, "family": "milchglas", "normaliser": "de-1",
            "bits": 1024, "measure": "hamming", "threshold": "0.66", "weight_window": [416, 608],
            "views": [{"name": "name", "diffusion": 6, "fields": [
                {"identifier": "surname", "tokens": "bigrams", "k": 8},
                {"identifier": "date_of_birth", "tokens": "date_parts", "k": 8}]}]
        });
        change(&mut value);
        LinkageSchema::from_json(&value.to_string())
    }

    #[test]
    fn a_schema_reads_back_with_the_same_digest() {
        let one = schema(|_| ()).unwrap();
        let two = LinkageSchema::from_json(&serde_json::to_string_pretty(&one).unwrap()).unwrap();
        assert_eq!(one.digest().unwrap(), two.digest().unwrap());
    }

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        let cases: [(&str, serde_json::Value, &str); 8] = [
            ("/bits", 1000.into(), "power of two"),
            ("/version", 2.into(), "version 2"),
            ("/threshold", "0".into(), "threshold"),
            ("/threshold", "1.5".into(), "threshold"),
            ("/threshold", "0.1234567".into(), "threshold"),
            ("/measure", "dice".into(), "hamming"),
            ("/views/0/fields/0/k", 0.into(), "k must be"),
            ("/weight_window", serde_json::json!([0, 9]), "weight_window"),
        ];
        for (place, value, word) in cases {
            let error = schema(|json| *json.pointer_mut(place).unwrap() = value.clone());
            let text = error.err().map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains(word), "{place}: {text}");
        }
        assert!(schema(|json| json["surprise"] = 1.into()).is_err(), "unknown key");
    }

    #[test]
    fn thresholds_are_exact_decimals() {
        let read = |t: &str| SimilarityThreshold::try_from(t.to_owned());
        assert_eq!(read("0.82").unwrap().millionths(), 820_000);
        assert_eq!(String::from(read("0.820").unwrap()), "0.82");
        assert_eq!(String::from(read("1").unwrap()), "1");
        assert!(read("1.000001").is_err());
        assert!(read("-0.5").is_err());
        assert!(read("0.8e1").is_err());
    }

    fn by_power(powers: [&str; 2]) -> impl Fn(&mut serde_json::Value) {
        move |json| {
            let view = &mut json["views"][0];
            view["budget"] = 240.into();
            for (place, power) in powers.into_iter().enumerate() {
                let field = view["fields"][place].as_object_mut().unwrap();
                field.remove("k");
                field.insert("power".into(), power.into());
            }
        }
    }

    #[test]
    fn weights_follow_from_power() {
        let k = |powers| -> Vec<u8> {
            let read = schema(by_power(powers)).unwrap();
            read.views[0].fields.iter().map(|field| field.k).collect()
        };
        // 240 · 9.1 / 24.1 / 7.2 = 12.6 and 240 · 15 / 24.1 / 7 = 21.3.
        assert_eq!(k(["9.1", "15"]), [13, 21]);
        assert_eq!(k(["0.1", "99.9"]), [1, 34]);
    }

    #[test]
    fn a_derived_weight_may_stand_beside_its_power_and_must_fit() {
        let derived = schema(by_power(["9.1", "15"])).unwrap();
        let json = serde_json::to_value(&derived).unwrap();
        assert_eq!(json["views"][0]["fields"][0]["k"], 13);
        assert_eq!(LinkageSchema::from_json(&json.to_string()).unwrap(), derived);
        let mut other = json;
        other["views"][0]["fields"][0]["k"] = 12.into();
        let error = LinkageSchema::from_json(&other.to_string()).unwrap_err().to_string();
        assert!(error.contains("power gives 13"), "{error}");
    }

    #[test]
    fn a_view_declares_weights_in_one_way() {
        for (place, value) in [
            ("/views/0/budget", serde_json::json!(240)),
            ("/views/0/fields/0/power", serde_json::json!("9.1")),
        ] {
            let error = schema(|json| {
                let (parent, key) = place.rsplit_once('/').unwrap();
                json.pointer_mut(parent).unwrap()[key] = value.clone();
            });
            assert!(error.unwrap_err().to_string().contains("budget"), "{place}");
        }
        let missing = schema(|json| {
            json["views"][0]["fields"][0].as_object_mut().unwrap().remove("k");
        });
        assert!(missing.unwrap_err().to_string().contains("declare k"));
        let wide = schema(|json| {
            by_power(["9.1", "15"])(json);
            json["views"][0]["budget"] = 1025.into();
        });
        assert!(wide.unwrap_err().to_string().contains("budget must be"));
    }

    #[test]
    fn a_fill_is_two_thousandths_in_their_order() {
        let read = |fill: [u16; 2]| schema(|json| json["views"][0]["fill"] = fill.to_vec().into());
        assert_eq!(read([150, 300]).unwrap().views[0].fill, Some([150, 300]));
        for fill in [[0, 300], [300, 300], [300, 150], [150, 1001]] {
            assert!(read(fill).is_err(), "{fill:?}");
        }
    }

    #[test]
    fn a_schema_without_the_newer_words_keeps_its_digest() {
        // The county's first schema, from before salts, powers and fills.
        let first = include_str!("../tests/vectors/linkage-first.json");
        let digest = LinkageSchema::from_json(first).unwrap().digest().unwrap();
        assert_eq!(
            digest.to_string(),
            "d1eceb611a6b463f41d96c8591e90bef6c168be58ed1b4e97de9f86a5338ae9a"
        );
    }
}
