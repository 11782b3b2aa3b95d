//! The similarity-graph attack: no key, no pair, only a register and the schema.
//!
//! Nodes are first matched by what their neighbourhood looks like ([`profile`](crate::profile)).
//! The surest matches are then taken for known pairs, whose models judge all others, and so on:
//! seed and extend. A record is never judged by a model that was taught with it, so that a wrong
//! seed does not confirm itself.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use submission::Encoding;

use crate::dense::Matrix;
use crate::guess::{Guesses, Target};
use crate::pairs::{PairModel, Teacher, guess};
use crate::profile::{features, likelihoods};
use crate::view::Parameters;
use crate::{AttackError, Person};

/// Share of the records that are seeds, and how much their bits are doubted, round by round.
const ROUNDS: [(f32, f32); 10] = [
    (0.1, 2.0),
    (0.15, 1.0),
    (0.2, 1.0),
    (0.3, 0.5),
    (0.4, 0.5),
    (0.6, 0.3),
    (0.8, 0.2),
    (1.0, 0.1),
    (1.0, 0.05),
    (1.0, 0.02),
];
/// Parts of the records that are judged by turns.
const PARTS: usize = 3;
/// Most seeds.
const MOST_SEEDS: usize = 3000;
/// Most people for whom the attacker encodes under more keys than two.
const FEW: usize = 4000;

/// Names the entry of `register` for each record of `target`. `seed` is the attacker's dice.
///
/// # Errors
/// [`AttackError::TooFew`] for fewer than 20 records; where the register cannot be encoded.
pub fn graph(
    parameters: &Parameters<'_>,
    register: &[&Person],
    target: &Target<'_>,
    seed: u64,
) -> Result<Guesses, AttackError> {
    if register.len() < 20 || target.encodings.len() < 20 {
        return Err(AttackError::TooFew(20));
    }
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let profile = profile(parameters, register, target, &mut random)?;
    let mut scores = Matrix { cells: profile.cells.clone(), ..profile };
    for (share, doubt) in ROUNDS {
        let wanted = (share * target.encodings.len() as f32) as usize;
        let seeds = seeds(&scores, wanted.min(MOST_SEEDS));
        scores = extend(parameters, register, target, &seeds, doubt, &profile, &mut random);
    }
    Ok(guess(&scores, register))
}

fn profile(
    parameters: &Parameters<'_>,
    register: &[&Person],
    target: &Target<'_>,
    random: &mut ChaCha12Rng,
) -> Result<Matrix, AttackError> {
    let seen = features(parameters, target.encodings);
    let keys = if register.len() > FEW { 2 } else { 4 };
    let mut own = Vec::new();
    for _ in 0..keys {
        let encodings = parameters.own_encodings(register, random)?;
        let encodings: Vec<&[Encoding]> = encodings.iter().map(Vec::as_slice).collect();
        own.push(features(parameters, &encodings));
    }
    Ok(likelihoods(seen, own))
}

/// The records whose best entry is theirs alone and furthest from the second best.
fn seeds(scores: &Matrix, wanted: usize) -> Vec<(usize, usize)> {
    let mut holders: Vec<Option<(f32, usize)>> = vec![None; scores.columns];
    let mut leads = Vec::with_capacity(scores.rows);
    for row in 0..scores.rows {
        let (mut best, mut second) = ((f32::MIN, 0), f32::MIN);
        for (at, score) in scores.row(row).iter().enumerate() {
            if *score > best.0 {
                second = best.0;
                best = (*score, at);
            } else if *score > second {
                second = *score;
            }
        }
        leads.push((best.0 - second, best.1));
        let holder = &mut holders[best.1];
        if holder.is_none_or(|held| best.0 > held.0) {
            *holder = Some((best.0, row));
        }
    }
    let alone =
        (0..scores.rows).filter(|row| holders[leads[*row].1].is_some_and(|held| held.1 == *row));
    let mut found: Vec<usize> = alone.collect();
    found.sort_by(|a, b| leads[*b].0.total_cmp(&leads[*a].0));
    found.truncate(wanted);
    found.into_iter().map(|row| (row, leads[row].1)).collect()
}

fn extend(
    parameters: &Parameters<'_>,
    register: &[&Person],
    target: &Target<'_>,
    seeds: &[(usize, usize)],
    doubt: f32,
    profile: &Matrix,
    random: &mut ChaCha12Rng,
) -> Matrix {
    let part: Vec<usize> = target.encodings.iter().map(|_| random.random_range(0..PARTS)).collect();
    let mut scores =
        Matrix { rows: profile.rows, columns: profile.columns, cells: profile.cells.clone() };
    for own in 0..PARTS {
        let rows: Vec<usize> = (0..scores.rows).filter(|row| part[*row] == own).collect();
        let others: Vec<_> = seeds.iter().filter(|seed| part[seed.0] != own).collect();
        if rows.is_empty() || others.is_empty() {
            continue;
        }
        let people: Vec<&Person> = others.iter().map(|seed| register[seed.1]).collect();
        let known: Vec<_> = others.iter().map(|seed| target.encodings[seed.0]).collect();
        let judged: Vec<_> = rows.iter().map(|row| target.encodings[*row]).collect();
        let sources: Vec<u8> = rows.iter().map(|row| target.sources[*row]).collect();
        let judged = Target { encodings: &judged, sources: &sources };
        let mut found = Matrix::zeros(rows.len(), register.len());
        for view in 0..parameters.schema.views.len() {
            let teacher = Teacher::new(parameters, view, register);
            teacher.add_scores(&people, &known, &judged, PairModel::Kriging, doubt, &mut found);
        }
        for (at, row) in rows.iter().enumerate() {
            let line = &mut scores.cells[row * register.len()..][..register.len()];
            line.iter_mut().zip(found.row(at)).for_each(|(cell, more)| *cell += more);
        }
    }
    scores
}
