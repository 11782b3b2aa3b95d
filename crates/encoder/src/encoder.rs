//! Identifiers to encodings.

use std::sync::Mutex;

use policy::{Digest, LinkageSchema, Name};
use rayon::prelude::*;
use ring::hmac;
use submission::{Encoding, KeyCheckValue};

use crate::{
    EncodeError, Fill, Identifiers, LinkageKey, Worker, key_check, normalise,
    plan::Plan,
    scratch::{PEOPLE, Scratch},
};

/// Fewest people that a thread takes at once.
const FEWEST_AT_ONCE: usize = 256;

/// Encodes people under one schema and one key; may be shared between threads.
pub struct Encoder {
    pub(crate) plan: Plan,
    view_names: Vec<Name>,
    /// Of a filter, of 64 bits.
    pub(crate) words: usize,
    digest: Digest,
    check_key: hmac::Key,
    /// Scratch of workers that are not at work.
    pub(crate) idle: Mutex<Vec<Scratch>>,
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
        identifiers.check()?;
        let one = std::slice::from_ref(identifiers);
        self.worker().encodings(one).pop().unwrap_or(Err(EncodeError::TooLittle))
    }

    /// One thread's share of the work: what it remembers from record to record makes it fast.
    #[must_use]
    pub fn worker(&self) -> Worker<'_> {
        Worker::new(self)
    }

    /// Bytes of the encodings of one person, all views together.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        self.plan.views.len() * self.words * 8
    }

    /// Encodes many people in parallel; results in their order.
    #[must_use]
    pub fn encode_all(&self, people: &[Identifiers]) -> Vec<Result<Vec<Encoding>, EncodeError>> {
        let share = people.len().div_ceil(rayon::current_num_threads());
        let chunks = people.par_chunks(share.clamp(FEWEST_AT_ONCE, PEOPLE));
        let encoded = chunks.map(|people| self.worker().encodings(people));
        encoded.flatten_iter().collect()
    }

    /// Mean fill of each view over the usable ones of `people`, before diffusion.
    #[must_use]
    pub fn fill(&self, people: &[Identifiers]) -> Vec<Fill> {
        let mut fills = self.empty_fill();
        let mut worker = self.worker();
        let mut bytes = vec![0; people.len().min(PEOPLE) * self.encoded_bytes()];
        for people in people.chunks(PEOPLE) {
            for weights in worker.encode(people, &mut bytes).iter().flatten() {
                Fill::take_all(&mut fills, weights);
            }
        }
        fills
    }

    /// The fill of no record yet, view by view.
    #[must_use]
    pub fn empty_fill(&self) -> Vec<Fill> {
        let bits = (self.words * 64) as u64;
        self.view_names.iter().map(|view| Fill::of_view(view.clone(), bits)).collect()
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
        let mut worker = self.worker();
        for person in people {
            worker.each_filter(std::iter::once(person), |_, _, _, filter| {
                filter.iter().for_each(|word| context.update(&word.to_le_bytes()));
            });
        }
        context.update(self.digest.as_bytes());
        let tag = context.sign();
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&tag.as_ref()[..8]);
        KeyCheckValue::from_bytes(bytes)
    }
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
