//! Encodings that are attacked, as changes of the county's schema.

use policy::LinkageSchema;
use serde_json::{Value, json};

/// How people are encoded.
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) schema: LinkageSchema,
    pub(crate) folds: u8,
}

/// The six weights of a view: surname, given names, date, sex, street, postcode.
#[derive(Clone, Copy)]
pub(crate) struct Weights(pub(crate) [u8; 6]);

impl Weights {
    /// As names and date parts are weighted, with the rest in proportion.
    pub(crate) fn of(k: u8, date: u8) -> Self {
        Self([k, k, date, k, (k / 4).max(1), k])
    }
}

/// What may be chosen.
#[derive(Clone, Copy)]
pub(crate) struct Choice {
    pub(crate) weights: Weights,
    /// Input bits per output bit; 1 for none.
    pub(crate) t: u8,
    pub(crate) salt: Salt,
    pub(crate) bits: u16,
    pub(crate) folds: u8,
}

/// Which salts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Salt {
    None,
    /// The birth year in both views.
    Year,
    /// The birth year in the first view, sex and first letter in the second.
    Apart,
    /// The birth year in the first view only.
    First,
    /// Birth year and sex in the first view, sex and first letter in the second.
    Sexes,
    /// Birth year and first letter in the first view, sex and first letter in the second.
    Letters,
}

impl Choice {
    pub(crate) fn profile(&self, base: &LinkageSchema, name: &str) -> anyhow::Result<Profile> {
        let mut schema = serde_json::to_value(base)?;
        let undiffused = self.t < 2;
        schema["measure"] = if undiffused { "dice".into() } else { "hamming".into() };
        schema["bits"] = self.bits.into();
        schema["weight_window"] = json!([1, self.bits]);
        let (first, second): (Value, Value) = match self.salt {
            Salt::None => (json!([]), json!([])),
            Salt::Year => (json!(["birth_year"]), json!(["birth_year"])),
            Salt::Apart => (json!(["birth_year"]), json!(["sex", "given_initial"])),
            Salt::Sexes => (json!(["birth_year", "sex"]), json!(["sex", "given_initial"])),
            Salt::Letters => {
                (json!(["birth_year", "given_initial"]), json!(["sex", "given_initial"]))
            }
            Salt::First => (json!(["birth_year"]), json!([])),
        };
        for (view, salt) in [(0, first), (1, second)] {
            schema["views"][view]["diffusion"] = self.t.into();
            schema["views"][view]["salt"] = salt;
            for (field, k) in self.weights.0.into_iter().enumerate() {
                schema["views"][view]["fields"][field]["k"] = k.into();
            }
        }
        let schema = LinkageSchema::from_json(&schema.to_string())?;
        Ok(Profile { name: name.to_owned(), schema, folds: self.folds })
    }
}

/// Reads `k=8,date=14,street=2,t=8,salt=apart,bits=1024,folds=0`, all but `k` and `t` optional.
pub(crate) fn parse(text: &str) -> anyhow::Result<Choice> {
    let mut choice =
        Choice { weights: Weights::of(8, 14), t: 1, salt: Salt::None, bits: 1024, folds: 0 };
    for part in text.split([',', ';']) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name {
            "k" => {
                let k: u8 = value.parse()?;
                choice.weights = Weights::of(k, (u16::from(k) * 7).div_ceil(4) as u8);
            }
            "surname" => choice.weights.0[0] = value.parse()?,
            "given" => choice.weights.0[1] = value.parse()?,
            "date" => choice.weights.0[2] = value.parse()?,
            "sex" => choice.weights.0[3] = value.parse()?,
            "street" => choice.weights.0[4] = value.parse()?,
            "postcode" => choice.weights.0[5] = value.parse()?,
            "t" => choice.t = value.parse()?,
            "bits" => choice.bits = value.parse()?,
            "folds" => choice.folds = value.parse()?,
            "salt" => {
                choice.salt = match value {
                    "none" => Salt::None,
                    "year" => Salt::Year,
                    "apart" => Salt::Apart,
                    "first" => Salt::First,
                    "sexes" => Salt::Sexes,
                    "letters" => Salt::Letters,
                    _ => anyhow::bail!("salt is none, year, apart, first, sexes or letters"),
                }
            }
            _ => anyhow::bail!(
                "`{name}`: name an encoding (plain, folded, salted, t2 to t32, low-k, default, strict), \
                 or choose by k, surname, given, date, sex, street, postcode, t, salt, bits, folds"
            ),
        }
    }
    Ok(choice)
}

/// A choice as it is written beside a point.
pub(crate) fn label(text: &str) -> String {
    match parse(text) {
        Ok(choice) => format!("k{} t{}", choice.weights.0[0], choice.t),
        Err(_) => text.to_owned(),
    }
}
