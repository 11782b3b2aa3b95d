//! The known-pair attack over GF(2).
//!
//! A diffused bit is the XOR of the t input bits it mixes. Where no two tokens of a record meet in
//! one of these, it is the XOR of one secret bit per token: so many equations in few unknowns, of
//! which a known share is wrong because tokens do meet. That is learning parity with noise, with
//! sparse equations and a sparse secret, and what decodes low-density parity checks decodes it:
//! belief propagation (Gallager 1962).

use rayon::prelude::*;

use crate::dense::Matrix;
use crate::guess::{Guesses, Known, Target};
use crate::pairs::{add_ages, guess, weigh};
use crate::tokens::Bag;
use crate::view::{Expectation, Parameters, signs};
use crate::{AttackError, Person};

/// Output bits that are decoded side by side.
const WIDTH: usize = 16;
/// Rounds of messages.
const ROUNDS: usize = 12;
/// No belief is taken to be surer.
const SUREST: f32 = 0.999;

/// Names the entry of `register` for each record of `target`.
///
/// # Errors
/// [`AttackError::TooFew`] without records, register or pairs.
pub fn parity(
    parameters: &Parameters<'_>,
    register: &[&Person],
    known: &[Known<'_>],
    target: &Target<'_>,
) -> Result<Guesses, AttackError> {
    if register.is_empty() || known.is_empty() || target.encodings.is_empty() {
        return Err(AttackError::TooFew(1));
    }
    let mut scores = Matrix::zeros(target.encodings.len(), register.len());
    let people: Vec<&Person> = known.iter().map(|own| own.person).collect();
    let encodings: Vec<_> = known.iter().map(|own| own.encodings).collect();
    let all: Vec<usize> = (0..register.len()).collect();
    for view in 0..parameters.schema.views.len() {
        let mut expectation = Expectation::new(parameters, view);
        let pairs = expectation.bags(parameters.schema, &people);
        let entries = expectation.bags(parameters.schema, register);
        let answers = signs(&encodings, view, parameters.bits());
        let predicted = Decoder::new(&expectation, &pairs).predict(&answers, &entries);
        let seen = signs(target.encodings, view, parameters.bits());
        weigh(&seen, &predicted, &all, &mut scores);
    }
    add_ages(register, known, target, &mut scores);
    Ok(guess(&scores, register))
}

/// The graph of equations of one view.
struct Decoder<'a> {
    expectation: &'a Expectation,
    pairs: &'a [Bag],
    /// How far an equation is believed, by pair.
    trust: Vec<f32>,
    /// What is believed of a token's bit beforehand, as half a log odds ratio.
    prior: Vec<f32>,
    /// First edge of each pair.
    starts: Vec<usize>,
}

impl<'a> Decoder<'a> {
    fn new(expectation: &'a Expectation, pairs: &'a [Bag]) -> Self {
        let mut starts = vec![0];
        for bag in pairs {
            starts.push(starts.last().copied().unwrap_or(0) + bag.tokens.len());
        }
        Self {
            expectation,
            pairs,
            trust: pairs.iter().map(|bag| expectation.parity_trust(bag)).collect(),
            prior: expectation.parity_priors(),
            starts,
        }
    }

    /// Expected sign of every bit of every entry.
    fn predict(&self, answers: &Matrix, entries: &[Bag]) -> Matrix {
        let bits = answers.columns;
        let blocks: Vec<Vec<[f32; WIDTH]>> = (0..bits / WIDTH)
            .into_par_iter()
            .map(|block| self.decode(answers, block * WIDTH))
            .collect();
        let mut predicted = Matrix::zeros(entries.len(), bits);
        predicted.cells.par_chunks_mut(bits).zip(entries).for_each(|(row, bag)| {
            let trust = self.expectation.parity_trust(bag);
            for (cells, beliefs) in row.chunks_exact_mut(WIDTH).zip(&blocks) {
                cells.fill(trust);
                for token in &bag.tokens {
                    let own = &beliefs[*token as usize];
                    cells.iter_mut().zip(own).for_each(|(cell, own)| *cell *= own);
                }
            }
        });
        predicted
    }

    /// Beliefs of every token's bit, for some outputs.
    fn decode(&self, answers: &Matrix, first: usize) -> Vec<[f32; WIDTH]> {
        let edges = self.starts.last().copied().unwrap_or(0);
        let mut messages = vec![[0.0_f32; WIDTH]; edges];
        let mut sums: Vec<[f32; WIDTH]> = self.prior.iter().map(|own| [*own; WIDTH]).collect();
        for _ in 0..ROUNDS {
            let mut next: Vec<[f32; WIDTH]> = self.prior.iter().map(|own| [*own; WIDTH]).collect();
            for (pair, bag) in self.pairs.iter().enumerate() {
                let own = &mut messages[self.starts[pair]..self.starts[pair + 1]];
                let signs = &answers.row(pair)[first..first + WIDTH];
                // Beliefs without what this equation said before.
                for (message, token) in own.iter_mut().zip(&bag.tokens) {
                    let sum = &sums[*token as usize];
                    for (cell, sum) in message.iter_mut().zip(sum) {
                        *cell = (sum - *cell).tanh().clamp(-SUREST, SUREST);
                    }
                }
                let mut ahead = vec![[1.0_f32; WIDTH]; own.len() + 1];
                for at in (0..own.len()).rev() {
                    for lane in 0..WIDTH {
                        ahead[at][lane] = ahead[at + 1][lane] * own[at][lane];
                    }
                }
                let mut behind = [self.trust[pair]; WIDTH];
                behind.iter_mut().zip(signs).for_each(|(cell, sign)| *cell *= sign);
                for ((message, token), ahead) in own.iter_mut().zip(&bag.tokens).zip(&ahead[1..]) {
                    let sum = &mut next[*token as usize];
                    for lane in 0..WIDTH {
                        let said = (behind[lane] * ahead[lane]).atanh();
                        behind[lane] *= message[lane];
                        message[lane] = said;
                        sum[lane] += said;
                    }
                }
            }
            sums = next;
        }
        for own in &mut sums {
            own.iter_mut().for_each(|cell| *cell = cell.tanh());
        }
        sums
    }
}
