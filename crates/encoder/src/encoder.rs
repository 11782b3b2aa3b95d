//! Identifiers to encodings.

use std::sync::{Mutex, PoisonError};

use policy::{Digest, LinkageSchema, Name};
use rayon::prelude::*;
use ring::hmac;
use submission::{Encoding, KeyCheckValue};

use crate::{
    EncodeError, Identifiers, LinkageKey, field::identifier_name, key_check, normalise, plan::Plan,
    scratch::Scratch,
};

/// Encodes people under one schema and one key; may be shared between threads.
pub struct Encoder {
    plan: Plan,
    view_names: Vec<Name>,
    words: usize,
    digest: Digest,
    check_key: hmac::Key,
    /// Scratch of workers that are not at work; a record takes one and puts it back.
    idle: Mutex<Vec<Scratch>>,
}

/// How full the filters of one view are before diffusion: what the schema's author tunes, and a
/// department's warning that its data does not fit the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// The view.
    pub view: Name,
    /// Usable records.
    pub records: u64,
    /// Set bits of all of them together.
    pub set_bits: u64,
    /// Bits of a filter.
    pub bits: u64,
}

impl Fill {
    /// Mean number of set bits per filter, rounded down; 0 without records.
    #[must_use]
    pub fn mean_weight(&self) -> u64 {
        self.set_bits.checked_div(self.records).unwrap_or(0)
    }

    /// Mean share of set bits in thousandths, rounded down; 0 without records.
    #[must_use]
    pub fn per_mille(&self) -> u64 {
        self.set_bits.saturating_mul(1000).checked_div(self.records * self.bits).unwrap_or(0)
    }
}

impl Encoder {
    /// Derives all keys of `schema` from `key`.
    ///
    /// # Errors
    /// [`EncodeError::Normaliser`] for rules that this program does not have,
    /// [`EncodeError::Derivation`] and [`EncodeError::Schema`] where key or schema give none.
    pub fn new(schema: &LinkageSchema, key: &LinkageKey) -> Result<Self, EncodeError> {
        if schema.normaliser.as_str() != normalise::VERSION {
            return Err(EncodeError::Normaliser(schema.normaliser.clone()));
        }
        Ok(Self {
            plan: Plan::new(schema, key)?,
            view_names: schema.views.iter().map(|view| view.name.clone()).collect(),
            words: schema.filter_bytes() / 8,
            digest: schema.digest().map_err(|e| EncodeError::Schema(e.to_string()))?,
            check_key: key.derive(&["key-check", schema.name.as_str()])?,
            idle: Mutex::new(Vec::new()),
        })
    }

    /// The encodings of one person, one per view in the schema's order.
    ///
    /// # Errors
    /// [`EncodeError::TooLittle`] unless the identifiers are [usable](Identifiers::is_usable) and
    /// every view reads something of them: a nearly empty filter would match everybody's.
    /// [`EncodeError::OtherScript`] for a name or address outside DIN 91379.
    pub fn encode(&self, identifiers: &Identifiers) -> Result<Vec<Encoding>, EncodeError> {
        if let Some(foreign) = identifiers.in_other_script() {
            return Err(EncodeError::OtherScript { field: identifier_name(foreign) });
        }
        if !identifiers.is_usable() {
            return Err(EncodeError::TooLittle);
        }
        let mut encodings = Vec::with_capacity(self.plan.views.len());
        self.with_scratch(|scratch| {
            scratch.encode(&self.plan, identifiers, |weight, filter| {
                if weight > 0 {
                    encodings.extend(Encoding::new(&filter_bytes(filter)));
                }
            });
        });
        if encodings.len() == self.plan.views.len() {
            Ok(encodings)
        } else {
            Err(EncodeError::TooLittle)
        }
    }

    /// Encodes many people in parallel; results in their order.
    #[must_use]
    pub fn encode_all(&self, people: &[Identifiers]) -> Vec<Result<Vec<Encoding>, EncodeError>> {
        people.par_iter().with_min_len(64).map(|person| self.encode(person)).collect()
    }

    /// Mean fill of each view over the usable ones of `people`, before diffusion.
    #[must_use]
    pub fn fill(&self, people: &[Identifiers]) -> Vec<Fill> {
        let bits = (self.words * 64) as u64;
        let mut fills: Vec<Fill> = self
            .view_names
            .iter()
            .map(|view| Fill { view: view.clone(), records: 0, set_bits: 0, bits })
            .collect();
        self.with_scratch(|scratch| {
            for person in people.iter().filter(|person| person.is_usable()) {
                let mut views = fills.iter_mut();
                scratch.encode(&self.plan, person, |weight, _| {
                    if let Some(fill) = views.next() {
                        fill.records += 1;
                        fill.set_bits += u64::from(weight);
                    }
                });
            }
        });
        fills
    }

    /// What the key custodian compares: the first 8 bytes of an HMAC over the encodings of 64
    /// published test persons and the schema's digest. Equal values mean equal key, schema,
    /// normaliser and code.
    #[must_use]
    pub fn key_check_value(&self) -> KeyCheckValue {
        self.check_value_over(&key_check::test_persons())
    }

    fn check_value_over(&self, people: &[Identifiers]) -> KeyCheckValue {
        let mut context = hmac::Context::with_key(&self.check_key);
        self.with_scratch(|scratch| {
            for person in people {
                scratch.encode(&self.plan, person, |_, filter| {
                    context.update(&filter_bytes(filter));
                });
            }
        });
        context.update(self.digest.as_bytes());
        let tag = context.sign();
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&tag.as_ref()[..8]);
        KeyCheckValue::from_bytes(bytes)
    }

    fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let mut scratch = taken.unwrap_or_else(|| Scratch::new(&self.plan, self.words));
        let result = work(&mut scratch);
        idle().push(scratch);
        result
    }
}

/// Little-endian: byte 0 holds bits 0 to 7.
fn filter_bytes(filter: &[u64]) -> Vec<u8> {
    filter.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use policy::Identifier;

    use super::*;
    use crate::key_check::test_persons;

    const SCHEMA: &str = include_str!("../tests/vectors/schema.json");

    fn encoder() -> Encoder {
        let key = "milchglas-linkage-key-1 \
                   000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        Encoder::new(
            &LinkageSchema::from_json(SCHEMA).unwrap(),
            &LinkageKey::from_file_text(key).unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn a_rule_that_treats_one_test_person_differently_shows_in_the_key_check_value() {
        let encoder = encoder();
        let expected = encoder.key_check_value();
        assert!(encoder.check_value_over(&test_persons()) == expected);
        for changed in 0..test_persons().len() {
            let mut people = test_persons();
            let other =
                normalise::text(Identifier::Surname, people[changed].get(Identifier::Surname));
            people[changed].set(Identifier::Surname, &format!("{}x", *other)).unwrap();
            assert!(encoder.check_value_over(&people) != expected, "person {changed}");
        }
    }

    #[test]
    fn unusable_people_count_towards_the_key_check_value_and_nowhere_else() {
        let encoder = encoder();
        let nobody = [Identifiers::new()];
        assert!(encoder.check_value_over(&nobody) != encoder.check_value_over(&[]));
        assert!(encoder.encode(&nobody[0]).is_err());
        assert_eq!(encoder.fill(&nobody)[0].records, 0);
    }

    #[test]
    fn threads_share_an_encoder() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&encoder());
    }
}
