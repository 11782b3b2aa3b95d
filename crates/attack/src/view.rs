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
                    let differ =
                        self.missed(bag.load) + self.missed(other.load) - 2.0 * both;
                    *cell = (1.0 - 2.0 * differ).powi(self.mixed);
                }
            },
        );
        matrix
    }
}
