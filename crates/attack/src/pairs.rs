//! The known-pair attack: from pairs of a clear text and its encoding to everybody else's.
//!
//! Each bit of an encoding is, for whoever lacks the key, a random function of the person whose
//! correlation between two people follows from the public schema alone ([`Expectation`]). The best
//! linear estimate of that function from known pairs is kriging (Rasmussen and Williams 2006,
//! section 2.2). With the schema's own correlation it uses tokens, pairs of tokens and all higher
//! products at once, each as far as the diffusion lets it matter; with a correlation that is
//! linear in shared tokens it is the ridge regression on tokens.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::dense::{Factor, Matrix};
use crate::guess::{Guesses, Known, Target};
use crate::tokens::Bag;
use crate::view::{Expectation, Parameters, signs};
use crate::{AttackError, Person};

/// How a bit is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairModel {
    /// By the correlation that the schema makes.
    Kriging,
    /// By tokens alone.
    Linear,
}

/// Predictions are not believed more than this.
const SUREST: f32 = 0.98;

/// Names the entry of `register` for each record of `target`.
///
/// # Errors
/// [`AttackError::TooFew`] without records, register or pairs.
pub fn known_pairs(
    parameters: &Parameters<'_>,
    register: &[&Person],
    known: &[Known<'_>],
    target: &Target<'_>,
    model: PairModel,
) -> Result<Guesses, AttackError> {
    if register.is_empty() || known.is_empty() || target.encodings.is_empty() {
        return Err(AttackError::TooFew(1));
    }
    let mut scores = Matrix::zeros(target.encodings.len(), register.len());
    let people: Vec<&Person> = known.iter().map(|own| own.person).collect();
    let encodings: Vec<_> = known.iter().map(|own| own.encodings).collect();
    for view in 0..parameters.schema.views.len() {
        let teacher = Teacher::new(parameters, view, register);
        teacher.add_scores(&people, &encodings, target, model, 0.01, &mut scores);
    }
    add_ages(register, known, target, &mut scores);
    Ok(guess(&scores, register))
}

/// One view, and the register as it reads it.
pub(crate) struct Teacher<'a> {
    parameters: &'a Parameters<'a>,
    view: usize,
    register: &'a [&'a Person],
}

impl<'a> Teacher<'a> {
    pub(crate) fn new(
        parameters: &'a Parameters<'a>,
        view: usize,
        register: &'a [&'a Person],
    ) -> Self {
        Self { parameters, view, register }
    }

    /// Adds to `scores` the log likelihood of every attacked record, were it the entry's, less the
    /// one if nothing were known. `doubt` is the variance of the pairs' bits around the truth.
    pub(crate) fn add_scores(
        &self,
        people: &[&Person],
        encodings: &[&[submission::Encoding]],
        target: &Target<'_>,
        model: PairModel,
        doubt: f32,
        scores: &mut Matrix,
    ) {
        let bits = self.parameters.bits();
        let mut expectation = Expectation::new(self.parameters, self.view);
        let entries = expectation.bags(self.parameters.schema, self.register);
        let pairs = expectation.bags(self.parameters.schema, people);
        let seen = signs(target.encodings, self.view, bits);
        let mut classes: BTreeMap<u32, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (at, bag) in pairs.iter().enumerate() {
            classes.entry(bag.class).or_default().0.push(at);
        }
        for (at, bag) in entries.iter().enumerate() {
            if let Some(own) = classes.get_mut(&bag.class) {
                own.1.push(at);
            }
        }
        for (members, candidates) in classes.into_values() {
            if candidates.is_empty() {
                continue;
            }
            let own: Vec<&Bag> = members.iter().map(|at| &pairs[*at]).collect();
            let asked: Vec<&Bag> = candidates.iter().map(|at| &entries[*at]).collect();
            let known: Vec<_> = members.iter().map(|at| encodings[*at]).collect();
            let answers = signs(&known, self.view, bits);
            let predicted = predict(&expectation, &own, &asked, answers, model, doubt);
            weigh(&seen, &predicted, &candidates, scores);
        }
    }
}

fn predict(
    expectation: &Expectation,
    pairs: &[&Bag],
    asked: &[&Bag],
    mut answers: Matrix,
    model: PairModel,
    doubt: f32,
) -> Matrix {
    let (mut within, mut across) =
        (expectation.correlations(pairs, pairs), expectation.correlations(asked, pairs));
    let mut doubt = doubt;
    let mut means = vec![0.0; answers.columns];
    if model == PairModel::Linear {
        for row in answers.cells.chunks_exact(answers.columns) {
            means.iter_mut().zip(row).for_each(|(mean, cell)| *mean += cell / answers.rows as f32);
        }
        for row in answers.cells.chunks_exact_mut(means.len()) {
            row.iter_mut().zip(&means).for_each(|(cell, mean)| *cell -= mean);
        }
        (within, across) = (shared(pairs, pairs), shared(asked, pairs));
        doubt = 0.3;
    }
    let size = within.rows;
    (0..size).for_each(|at| within.cells[at * size + at] += doubt);
    let weights = Factor::new(within).solve(answers);
    let mut predicted = across.times(&weights);
    for row in predicted.cells.chunks_exact_mut(means.len()) {
        row.iter_mut().zip(&means).for_each(|(cell, mean)| *cell += mean);
    }
    predicted
}

/// Shared tokens, as a share of a mean person's.
fn shared(rows: &[&Bag], columns: &[&Bag]) -> Matrix {
    let mean =
        columns.iter().map(|bag| bag.tokens.len()).sum::<usize>() as f32 / columns.len() as f32;
    let tokens = rows.iter().chain(columns).flat_map(|bag| bag.tokens.last()).max();
    let mut postings: Vec<Vec<u32>> = vec![Vec::new(); tokens.map_or(0, |last| *last as usize + 1)];
    for (at, bag) in (0_u32..).zip(columns) {
        bag.tokens.iter().for_each(|token| postings[*token as usize].push(at));
    }
    let mut matrix = Matrix::zeros(rows.len(), columns.len());
    matrix.cells.par_chunks_mut(columns.len()).zip(rows).for_each(|(cells, bag)| {
        for token in &bag.tokens {
            postings[*token as usize].iter().for_each(|at| cells[*at as usize] += 1.0 / mean);
        }
    });
    matrix
}

/// Log likelihood of bits ±1 whose expectations are `predicted`: Σ log(1 + yμ), linear in y.
pub(crate) fn weigh(seen: &Matrix, predicted: &Matrix, candidates: &[usize], scores: &mut Matrix) {
    let mut slopes = Matrix::zeros(predicted.rows, predicted.columns);
    let mut levels = vec![0.0_f32; predicted.rows];
    slopes
        .cells
        .par_chunks_mut(predicted.columns)
        .zip(predicted.cells.par_chunks(predicted.columns))
        .zip(&mut levels)
        .for_each(|((slopes, predicted), level)| {
            for (slope, mean) in slopes.iter_mut().zip(predicted) {
                let mean = mean.clamp(-SUREST, SUREST);
                *slope = mean.atanh();
                *level += 0.5 * (1.0 - mean * mean).ln();
            }
        });
    let product = seen.times_transposed(&slopes);
    let columns = scores.columns;
    scores.cells.par_chunks_mut(columns).zip(product.cells.par_chunks(product.columns)).for_each(
        |(scores, product)| {
            for ((entry, cell), level) in candidates.iter().zip(product).zip(&levels) {
                scores[*entry] += cell + level;
            }
        },
    );
}

/// A department knows some ages more than others, and a record's source is seen.
pub(crate) fn add_ages(
    register: &[&Person],
    known: &[Known<'_>],
    target: &Target<'_>,
    scores: &mut Matrix,
) {
    let group = |person: &Person| usize::from(person.birth_year().unwrap_or(1850) / 5 % 64);
    let mut counts = vec![[0.2_f32; 64]; 256];
    for own in known {
        counts[usize::from(own.source)][group(own.person)] += 1.0;
    }
    let mut all = [0.2_f32 * 8.0; 64];
    known.iter().for_each(|own| all[group(own.person)] += 1.0);
    let groups: Vec<usize> = register.iter().map(|person| group(person)).collect();
    let columns = scores.columns;
    for (row, source) in scores.cells.chunks_exact_mut(columns).zip(target.sources) {
        let own = &counts[usize::from(*source)];
        for (cell, group) in row.iter_mut().zip(&groups) {
            *cell += (own[*group] / all[*group]).ln();
        }
    }
}

/// The best entry of each record, and the most likely year over all entries.
pub(crate) fn guess(scores: &Matrix, register: &[&Person]) -> Guesses {
    let years: Vec<Option<u16>> = register.iter().map(|person| person.birth_year()).collect();
    let rows = scores.cells.par_chunks(scores.columns).map(|row| {
        let best = (0..row.len()).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap_or(0);
        let mut sums: BTreeMap<u16, f32> = BTreeMap::new();
        for (score, year) in row.iter().zip(&years) {
            if let Some(year) = year {
                *sums.entry(*year).or_default() += (score - row[best]).exp();
            }
        }
        let year = sums.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|own| own.0);
        (best as u32, year)
    });
    let (entries, years) = rows.unzip();
    Guesses { entries, years }
}
