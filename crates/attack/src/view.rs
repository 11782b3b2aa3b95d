//! What an attack works on: bits as signs, and the similarity that the schema lets one expect.

use encoder::{EncodeError, Encoder, LinkageKey};
use policy::LinkageSchema;
use rand::RngExt as _;
use rand_chacha::ChaCha12Rng;
use submission::Encoding;

use crate::dense::Matrix;
use crate::tokens::{Bag, Vocabulary};
use crate::{AttackError, Person};

/// The public parameters: the schema, and how often the halves of a filter were folded by XOR.
pub struct Parameters<'a> {
    /// The schema.
    pub schema: &'a LinkageSchema,
    /// How often each filter was folded after encoding; see [`fold`].
    pub folds: u8,
}

impl Parameters<'_> {
    /// Bits of a filter as it travels.
    pub(crate) fn bits(&self) -> usize {
        usize::from(self.schema.bits) >> self.folds
    }

    /// Input bits that are XORed into one bit of what travels.
    fn mixed(&self, view: usize) -> i32 {
        i32::from(self.schema.views[view].diffusion) << self.folds
    }

    /// Whether a filter's weight tells how much was written into it.
    pub(crate) fn weights_tell(&self) -> bool {
        self.folds == 0 && self.schema.views.iter().all(|view| view.diffusion < 2)
    }

    /// Encodes people under a key of the attacker's own.
    pub(crate) fn own_encodings(
        &self,
        people: &[&Person],
        random: &mut ChaCha12Rng,
    ) -> Result<Vec<Vec<Encoding>>, AttackError> {
        let bytes: [u8; 32] = random.random();
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = LinkageKey::from_file_text(&format!("milchglas-linkage-key-1 {digits}"))?;
        let encoder = Encoder::new(self.schema, &key)?;
        let people: Result<Vec<_>, EncodeError> =
            people.iter().map(|person| person.identifiers()).collect();
        let mut found = Vec::new();
        for views in encoder.encode_all(&people?) {
            let folded: Result<Vec<_>, _> =
                views?.iter().map(|view| fold(view, self.folds)).collect();
            found.push(folded?);
        }
        Ok(found)
    }
}

/// XORs the halves of a filter, `times` times: the folding of the clkhash family.
///
/// # Errors
/// Where nothing of 64 bits or more is left.
pub fn fold(encoding: &Encoding, times: u8) -> Result<Encoding, AttackError> {
    let mut bytes = encoding.as_bytes().to_vec();
    for _ in 0..times {
        let (left, right) = bytes.split_at(bytes.len() / 2);
        bytes = left.iter().zip(right).map(|(a, b)| a ^ b).collect();
    }
    Ok(Encoding::new(&bytes)?)
}

/// One view of many encodings, a bit as 1 or −1.
pub(crate) fn signs(encodings: &[&[Encoding]], view: usize, bits: usize) -> Matrix {
    let mut signs = Matrix::zeros(encodings.len(), bits);
    for (row, views) in signs.cells.chunks_exact_mut(bits).zip(encodings) {
        let bytes = views[view].as_bytes();
        for (at, cell) in row.iter_mut().enumerate() {
            *cell = if bytes[at / 8] >> (at % 8) & 1 == 1 { -1.0 } else { 1.0 };
        }
    }
    signs
}

/// How people correlate in one view, whatever the key.
pub(crate) struct Expectation {
    vocabulary: Vocabulary,
    /// (1 − 1/L)^n, the probability that n positions miss a bit.
    missed: Vec<f32>,
    mixed: i32,
    view: usize,
}

impl Expectation {
    pub(crate) fn new(parameters: &Parameters<'_>, view: usize) -> Self {
        let once = 1.0 - 1.0 / f64::from(parameters.schema.bits);
        let missed = (0..8192).map(|n| once.powi(n) as f32).collect();
        let mixed = parameters.mixed(view);
        Self { vocabulary: Vocabulary::default(), missed, mixed, view }
    }

    pub(crate) fn bags(&mut self, schema: &LinkageSchema, people: &[&Person]) -> Vec<Bag> {
        people.iter().map(|person| self.vocabulary.bag(schema, self.view, person)).collect()
    }

    /// Expected product of a bit's sign and the parity of the tokens that touch what it mixes: for
    /// Poisson hits of mean λ on each of t inputs, (2e^−λ − e^−2λ)^t.
    pub(crate) fn parity_trust(&self, bag: &Bag) -> f32 {
        let once = self.missed(bag.load);
        (2.0 * once - once * once).powi(self.mixed)
    }

    /// Per token, half the log odds that it touches an even number of the inputs of a bit.
    pub(crate) fn parity_priors(&self) -> Vec<f32> {
        let of = |weight: &u32| {
            (2.0 * self.missed(*weight) - 1.0).powi(self.mixed).clamp(-0.99, 0.99).atanh()
        };
        self.vocabulary.weights.iter().map(of).collect()
    }

    /// Number of tokens read so far.
    pub(crate) fn tokens(&self) -> usize {
        self.vocabulary.len()
    }

    /// Bits that a token sets.
    pub(crate) fn weight(&self, token: usize) -> u32 {
        self.vocabulary.weights[token]
    }

    fn missed(&self, positions: u32) -> f32 {
        self.missed.get(positions as usize).copied().unwrap_or(0.0)
    }

    /// Correlation of the bits, as signs, of each of `rows` with each of `columns`.
    ///
    /// Two filters differ in a bit with probability p = q^a + q^b − 2q^(a+b−s) for loads a and b
    /// of which s is shared; t bits XORed make the correlation (1 − 2p)^t (Armknecht, Heng,
    /// Schnell, PETS 2023).
    pub(crate) fn correlations(&self, rows: &[&Bag], columns: &[&Bag]) -> Matrix {
        use rayon::prelude::*;
        let mut postings: Vec<Vec<u32>> = vec![Vec::new(); self.vocabulary.len()];
        for (at, bag) in (0_u32..).zip(columns) {
            bag.tokens.iter().for_each(|token| postings[*token as usize].push(at));
        }
        let mut matrix = Matrix::zeros(rows.len(), columns.len());
        let width = columns.len().max(1);
        matrix.cells.par_chunks_mut(width).zip(rows).for_each_init(
            || vec![0_u32; columns.len()],
            |shared, (cells, bag)| {
                shared.fill(0);
                for token in &bag.tokens {
                    let weight = self.vocabulary.weights[*token as usize];
                    for at in &postings[*token as usize] {
                        shared[*at as usize] += weight;
                    }
                }
                for ((cell, shared), other) in cells.iter_mut().zip(&*shared).zip(columns) {
                    let both = self.missed(bag.load + other.load - shared);
                    let differ = self.missed(bag.load) + self.missed(other.load) - 2.0 * both;
                    *cell = (1.0 - 2.0 * differ).powi(self.mixed);
                }
            },
        );
        matrix
    }
}

#[cfg(test)]
mod tests {
    use policy::Identifier;
    use rand::SeedableRng as _;

    use super::*;

    const SCHEMA: &str = include_str!("../../../policies/linkage/county-2026.json");

    fn person(cells: [&str; 6]) -> Person {
        use Identifier::{BirthName, DateOfBirth, GivenNames, Sex, Street, Surname};
        let mut person = Person::default();
        for (identifier, cell) in
            [Surname, BirthName, GivenNames, DateOfBirth, Sex, Street].into_iter().zip(cells)
        {
            person.set(identifier, cell);
        }
        person.set(Identifier::Postcode, "64807");
        person
    }

    fn people() -> Vec<Person> {
        [
            ["Müller", "Groß", "Ute Maria", "21.03.1975", "w", "Bahnhofstraße 12"],
            ["Mueller", "", "Uta", "21.03.1975", "2", "Bahnhofstr. 12"],
            ["Müller", "", "Ute", "01.01.1975", "w", "Lange Gasse 4"],
            ["Groß", "", "Ute Maria", "21.03.1975", "w", "Talweg 5"],
            ["von der Heide", "", "Karim", "04.00.2019", "m", "Schulstr. 9\nHinterhaus"],
        ]
        .map(person)
        .to_vec()
    }

    /// The tokeniser, the salts and the formula are those of the encoder: over many keys the
    /// correlations of encodings are the expected ones.
    #[test]
    fn encodings_correlate_as_the_schema_lets_one_expect() {
        for diffusion in [1, 3] {
            let mut schema = LinkageSchema::from_json(SCHEMA).unwrap();
            schema.views.iter_mut().for_each(|view| view.diffusion = diffusion);
            let parameters = Parameters { schema: &schema, folds: 0 };
            let people = people();
            let people: Vec<&Person> = people.iter().collect();
            for view in 0..schema.views.len() {
                let mut expectation = Expectation::new(&parameters, view);
                let bags = expectation.bags(&schema, &people);
                let bags: Vec<&Bag> = bags.iter().collect();
                let expected = expectation.correlations(&bags, &bags);
                let mut found = vec![0.0; expected.cells.len()];
                let mut random = ChaCha12Rng::seed_from_u64(1);
                let keys = 40;
                for _ in 0..keys {
                    let own = parameters.own_encodings(&people, &mut random).unwrap();
                    let own: Vec<&[Encoding]> = own.iter().map(Vec::as_slice).collect();
                    let signs = signs(&own, view, 1024);
                    let product = signs.times_transposed(&signs);
                    found.iter_mut().zip(&product.cells).for_each(|(sum, own)| *sum += own);
                }
                for (found, expected) in found.iter().zip(&expected.cells) {
                    let found = found / (1024.0 * keys as f32);
                    assert!((found - expected).abs() < 0.02, "{found} beside {expected}");
                }
            }
        }
    }

    #[test]
    fn folding_halves_and_ends_at_a_word() {
        let encoding = Encoding::new(&[1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        assert_eq!(fold(&encoding, 1).unwrap().as_bytes(), [0, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(fold(&encoding, 0).unwrap(), encoding);
        assert!(fold(&encoding, 2).is_err());
    }
}
