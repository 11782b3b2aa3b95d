//! One view of a linkage schema: which identifiers are read, and what each counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::weight::bits_per_token;
use crate::{LinkageSchema, Name, PolicyError, Power, SchemaMeasure, expected_tokens_in_tenths};

/// One encoding of a record: its own fields under its own keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "RawView")]
#[schemars(!try_from)]
pub struct View {
    /// Short name, such as `name` or `birth-name`.
    pub name: Name,
    /// Number of secretly chosen input bits that are XORed into each output bit; 1 for none.
    pub diffusion: u8,
    /// Attributes that enter every token's key (record salt); empty for none.
    ///
    /// Two records of one person whose salts differ are strangers in this view, so a salt belongs
    /// into a schema whose other view is salted by something else or not at all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub salt: Vec<SaltAttribute>,
    /// Bits that an average record sets in the filter, shared out by the fields' power; none where
    /// the fields say `k` themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<u16>,
    /// Least and greatest mean fill of a batch before diffusion, in thousandths, both included.
    /// The department's program warns outside: its data are not what the schema was made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill: Option<[u16; 2]>,
    /// The fields, in the order in which they enter the filter.
    pub fields: Vec<ViewField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawView {
    name: Name,
    diffusion: u8,
    #[serde(default)]
    salt: Vec<SaltAttribute>,
    budget: Option<u16>,
    fill: Option<[u16; 2]>,
    fields: Vec<RawField>,
}

/// A stable attribute of a person that salts a view (Niedermeyer et al. 2014, section 5).
///
/// Equal names of people with different salts share no bits, so that what an attacker learns of
/// one class of people is worth nothing in the next.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SaltAttribute {
    /// The year of birth; records without one form a class of their own.
    BirthYear,
    /// The entry for the sex.
    Sex,
    /// The first letter of the first given name in normal form.
    GivenInitial,
}

/// One field of a view; read as a part of its view, which knows its weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ViewField {
    /// Which identifier is read.
    pub identifier: Identifier,
    /// What is read instead where the first is empty (a birth name that equals the surname).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Identifier>,
    /// How its text becomes tokens.
    pub tokens: Tokens,
    /// How well it tells people apart, where the view has a budget; `k` follows from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power: Option<Power>,
    /// Bits set per token, 1 to 64: the field's weight.
    #[schemars(with = "Option<u8>")]
    pub k: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    identifier: Identifier,
    otherwise: Option<Identifier>,
    tokens: Tokens,
    power: Option<Power>,
    k: Option<u8>,
}

/// An identifying field; its value never leaves the department.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the German register's own field names")]
pub enum Identifier {
    Surname,
    BirthName,
    GivenNames,
    DateOfBirth,
    Sex,
    Street,
    HouseNumber,
    Postcode,
    Town,
    Phone,
}

impl Identifier {
    /// Every identifier, in the order of the type.
    pub const ALL: [Self; 10] = [
        Self::Surname,
        Self::BirthName,
        Self::GivenNames,
        Self::DateOfBirth,
        Self::Sex,
        Self::Street,
        Self::HouseNumber,
        Self::Postcode,
        Self::Town,
        Self::Phone,
    ];

    /// The name in the schema's JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Surname => "surname",
            Self::BirthName => "birth_name",
            Self::GivenNames => "given_names",
            Self::DateOfBirth => "date_of_birth",
            Self::Sex => "sex",
            Self::Street => "street",
            Self::HouseNumber => "house_number",
            Self::Postcode => "postcode",
            Self::Town => "town",
            Self::Phone => "phone",
        }
    }
}

/// How a normalised text becomes tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tokens {
    /// Overlapping pairs of characters, padded at both ends; for names each part on its own.
    Bigrams,
    /// Overlapping pairs of characters with their position; for numbers such as telephones.
    PositionalBigrams,
    /// Day, month, year and their digits, tolerant to a swap or a wrong digit.
    DateParts,
    /// The whole text as one token.
    Whole,
}

impl View {
    /// What a schema with this view has to be, and the view in it.
    pub(crate) fn check(&self, schema: &LinkageSchema) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Schema(format!("view `{}`: {why}", self.name)));
        if !(1..=32).contains(&self.diffusion) {
            return fail("diffusion must be 1 (none) to 32".into());
        }
        if (self.diffusion > 1) != (schema.measure == SchemaMeasure::Hamming) {
            return fail("diffused views are compared by hamming, undiffused ones by dice".into());
        }
        for (position, salt) in self.salt.iter().enumerate() {
            if self.salt.iter().skip(position + 1).any(|other| other == salt) {
                return fail(format!("salt {salt:?} is declared twice"));
            }
        }
        if self.budget.is_some_and(|budget| !(1..=schema.bits).contains(&budget)) {
            return fail("budget must be 1 to the filter's bits".into());
        }
        if self.fill.is_some_and(|[low, high]| low == 0 || low >= high || high > 1000) {
            return fail("fill must be two thousandths with 1 <= low < high <= 1000".into());
        }
        if self.fields.is_empty() || self.fields.len() > LinkageSchema::MAX_FIELDS {
            return fail(format!("declare 1 to {} fields", LinkageSchema::MAX_FIELDS));
        }
        for (position, field) in self.fields.iter().enumerate() {
            if !(1..=64).contains(&field.k) {
                return fail(format!("{:?}: k must be 1 to 64", field.identifier));
            }
            let again = |other: &&ViewField| {
                other.identifier == field.identifier && other.tokens == field.tokens
            };
            if self.fields.iter().skip(position + 1).any(|other| again(&other)) {
                return fail(format!("{:?} is declared twice", field.identifier));
            }
            let date = field.identifier == Identifier::DateOfBirth;
            if date != (field.tokens == Tokens::DateParts) {
                return fail("date_parts belongs to date_of_birth and only to it".into());
            }
        }
        Ok(())
    }
}

impl TryFrom<RawView> for View {
    type Error = PolicyError;
    fn try_from(raw: RawView) -> Result<Self, PolicyError> {
        let RawView { name, diffusion, salt, budget, fill, fields } = raw;
        let fail = |why: &str| Err(PolicyError::Schema(format!("view `{name}`: {why}")));
        if budget.is_some() != fields.iter().any(|field| field.power.is_some())
            || (budget.is_some() && fields.iter().any(|field| field.power.is_none()))
        {
            return fail("declare a budget and the power of every field, or k of every field");
        }
        let all =
            fields.iter().filter_map(|field| field.power).map(|own| u32::from(own.tenths())).sum();
        let mut checked = Vec::with_capacity(fields.len());
        for RawField { identifier, otherwise, tokens, power, k } in fields {
            let tokens_each = expected_tokens_in_tenths(identifier, tokens);
            let derived =
                budget.zip(power).map(|(bits, own)| bits_per_token(bits, own, all, tokens_each));
            let k = match (derived, k) {
                (Some(derived), Some(k)) if derived != k => {
                    let why = format!("{identifier:?}: k = {k}, but its power gives {derived}");
                    return fail(&why);
                }
                (Some(k), _) | (None, Some(k)) => k,
                (None, None) => return fail("declare k of every field, or its power"),
            };
            checked.push(ViewField { identifier, otherwise, tokens, power, k });
        }
        Ok(Self { name, diffusion, salt, budget, fill, fields: checked })
    }
}
