//! The frequency attack: what is frequent among people is frequent among encodings.
//!
//! Two forms. Equal encodings are counted and their groups laid beside equal records of the
//! register, most frequent first. And bits that are set together more often than chance would have
//! it are grown into patterns that stand for one token each, which are laid beside the register's
//! most frequent tokens (after Christen, Ranbaduge, Vatsalan and Schnell, PAKDD 2018).

use std::collections::HashMap;

use rayon::prelude::*;

use crate::dense::Matrix;
use crate::guess::{Guesses, Target};
use crate::pairs::guess;
use crate::view::{Expectation, Parameters};
use crate::{AttackError, Person};

/// Tokens that are looked for in each view.
const TOKENS: usize = 30;
/// Where a pattern is not one of a token, how often the token's holders lack it all the same.
const SLIP: f32 = 0.05;

/// What a frequency attack found.
pub struct Frequency {
    /// Guesses by patterns.
    pub guesses: Guesses,
    /// Attacked records that share an encoding, in any view, with another one of their source.
    pub equal: u64,
}

/// Names the entry of `register` for each record of `target`, by frequencies alone.
///
/// # Errors
/// [`AttackError::TooFew`] for fewer than 20 records.
pub fn frequency(
    parameters: &Parameters<'_>,
    register: &[&Person],
    target: &Target<'_>,
) -> Result<Frequency, AttackError> {
    if register.len() < 20 || target.encodings.len() < 20 {
        return Err(AttackError::TooFew(20));
    }
    let mut scores = Matrix::zeros(target.encodings.len(), register.len());
    for view in 0..parameters.schema.views.len() {
        by_patterns(parameters, view, register, target, &mut scores);
    }
    Ok(Frequency { guesses: guess(&scores, register), equal: equal(parameters, target) })
}

fn equal(parameters: &Parameters<'_>, target: &Target<'_>) -> u64 {
    let mut shared = vec![false; target.encodings.len()];
    for view in 0..parameters.schema.views.len() {
        let mut groups: HashMap<(u8, &[u8]), Vec<usize>> = HashMap::new();
        for (at, (views, source)) in target.encodings.iter().zip(target.sources).enumerate() {
            groups.entry((*source, views[view].as_bytes())).or_default().push(at);
        }
        for group in groups.into_values().filter(|group| group.len() > 1) {
            group.into_iter().for_each(|at| shared[at] = true);
        }
    }
    shared.into_iter().filter(|own| *own).count() as u64
}

/// Which records have a bit, or a pattern.
type Rows = Vec<u64>;

fn common(one: &[u64], other: &[u64]) -> u32 {
    one.iter().zip(other).map(|(a, b)| (a & b).count_ones()).sum()
}

fn by_patterns(
    parameters: &Parameters<'_>,
    view: usize,
    register: &[&Person],
    target: &Target<'_>,
    scores: &mut Matrix,
) {
    let mut expectation = Expectation::new(parameters, view);
    let bags = expectation.bags(parameters.schema, register);
    let mut holders: Vec<Vec<u32>> = vec![Vec::new(); expectation.tokens()];
    for (at, bag) in (0_u32..).zip(&bags) {
        bag.tokens.iter().for_each(|token| holders[*token as usize].push(at));
    }
    let mut frequent: Vec<usize> = (0..holders.len()).collect();
    frequent.sort_by_key(|token| std::cmp::Reverse(holders[*token].len()));
    let rows = target.encodings.len();
    let columns: Vec<Rows> = (0..parameters.bits())
        .map(|bit| {
            let mut own = vec![0; rows.div_ceil(64)];
            for (at, views) in target.encodings.iter().enumerate() {
                let set = views[view].as_bytes()[bit / 8] >> (bit % 8) & 1;
                own[at / 64] |= u64::from(set) << (at % 64);
            }
            own
        })
        .collect();
    let mut free = vec![true; columns.len()];
    for token in frequent.into_iter().take(TOKENS) {
        let share = holders[token].len() as f32 / register.len() as f32;
        let expected = share * rows as f32;
        let wanted = (expected - 2.0 * (expected * (1.0 - share)).sqrt()).max(2.0) as u32;
        let length = expectation.weight(token).min(12) as usize;
        let Some((bits, found)) = pattern(&columns, &free, wanted, length) else { continue };
        bits.into_iter().for_each(|bit| free[bit] = false);
        let found_share =
            found.iter().map(|own| own.count_ones()).sum::<u32>() as f32 / rows as f32;
        let found_share = found_share.clamp(0.001, 0.999);
        let (holds, lacks) = (((1.0 - SLIP) / found_share).ln(), (SLIP / (1.0 - found_share)).ln());
        for row in 0..rows {
            let has = found[row / 64] >> (row % 64) & 1 == 1;
            let line = &mut scores.cells[row * scores.columns..][..scores.columns];
            for entry in &holders[token] {
                line[*entry as usize] += if has { holds } else { lacks };
            }
        }
    }
}

/// The pattern of `length` free bits that most records have, grown from every bit in turn, if at
/// least `wanted` records have it.
fn pattern(
    columns: &[Rows],
    free: &[bool],
    wanted: u32,
    length: usize,
) -> Option<(Vec<usize>, Rows)> {
    let starts: Vec<usize> = (0..columns.len()).filter(|bit| free[*bit]).collect();
    let grown = starts.par_iter().filter_map(|start| {
        let mut bits = vec![*start];
        let mut rows = columns[*start].clone();
        while bits.len() < length {
            let next = starts
                .iter()
                .filter(|bit| !bits.contains(bit))
                .map(|bit| (common(&rows, &columns[*bit]), *bit))
                .max()?;
            if next.0 < wanted {
                return None;
            }
            bits.push(next.1);
            rows.iter_mut().zip(&columns[next.1]).for_each(|(row, own)| *row &= own);
        }
        let support: u32 = rows.iter().map(|row| row.count_ones()).sum();
        (support >= wanted).then_some((support, bits, rows))
    });
    grown
        .reduce_with(|a, b| if (b.0, &a.1) > (a.0, &b.1) { b } else { a })
        .map(|(_, bits, rows)| (bits, rows))
}
