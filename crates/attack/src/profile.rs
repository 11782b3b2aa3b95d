//! What a node of the similarity graph looks like to whoever knows no key.
//!
//! Similarity hardly depends on the key, so the same person looks alike in the graph of the
//! attacked encodings and in that of the attacker's own (Vidanage et al., CIKM 2020). How far
//! chance moves a feature from key to key is seen on the attacker's own keys.

use rayon::prelude::*;
use submission::Encoding;

use crate::dense::{Factor, Matrix};
use crate::view::{Parameters, signs};

/// Nearest neighbours whose similarity is a feature.
const NEAREST: usize = 10;
/// Nearest neighbours whose own neighbourhood is a feature.
const FOLLOWED: usize = 3;
/// Quantiles of the similarities to everybody.
const QUANTILES: usize = 10;
/// Rows that are compared with everybody at once.
const BAND: usize = 256;

/// Features of every node, one row each.
pub(crate) fn features(parameters: &Parameters<'_>, encodings: &[&[Encoding]]) -> Matrix {
    let views: Vec<Matrix> = (0..parameters.schema.views.len())
        .map(|view| signs(encodings, view, parameters.bits()))
        .collect();
    let mut features: Vec<Vec<f32>> = Vec::with_capacity(encodings.len());
    let mut nearest: Vec<Vec<u32>> = Vec::with_capacity(encodings.len());
    for first in (0..encodings.len()).step_by(BAND) {
        let bands: Vec<Matrix> = views.iter().map(|own| correlations(own, first)).collect();
        let rows = 0..bands.first().map_or(0, |band| band.rows);
        let found = rows.into_par_iter().map(|row| {
            let lines: Vec<&[f32]> = bands.iter().map(|band| band.row(row)).collect();
            let mut own = of_lines(&lines, first + row);
            if parameters.weights_tell() {
                let weights = encodings[first + row].iter().map(Encoding::weight);
                own.0.extend(weights.map(|weight| weight as f32 / parameters.bits() as f32));
            }
            own
        });
        let found: Vec<(Vec<f32>, Vec<u32>)> = found.collect();
        for (own, neighbours) in found {
            features.push(own);
            nearest.push(neighbours);
        }
    }
    let followed = features.iter().zip(&nearest).map(|(own, neighbours)| {
        let mut own = own.clone();
        for at in 0..FOLLOWED {
            let of = neighbours.get(at).map_or(&[][..], |at| &features[*at as usize]);
            own.extend((0..NEAREST / 2).map(|at| of.get(at).copied().unwrap_or(0.0)));
        }
        own
    });
    let rows: Vec<Vec<f32>> = followed.collect();
    let columns = rows.first().map_or(0, Vec::len);
    Matrix { rows: rows.len(), columns, cells: rows.into_iter().flatten().collect() }
}

/// Of some rows with everybody.
fn correlations(signs: &Matrix, first: usize) -> Matrix {
    let rows = BAND.min(signs.rows - first);
    let cells = signs.cells[first * signs.columns..][..rows * signs.columns].to_vec();
    let band = Matrix { rows, columns: signs.columns, cells };
    let mut found = band.times_transposed(signs);
    let scale = 1.0 / signs.columns as f32;
    found.cells.iter_mut().for_each(|cell| *cell *= scale);
    found
}

/// Features of the node `own`, and its nearest neighbours. The first are those of all views
/// together.
fn of_lines(lines: &[&[f32]], own: usize) -> (Vec<f32>, Vec<u32>) {
    let others = || (0..lines[0].len()).filter(|at| *at != own);
    let mut best: Vec<(f32, u32)> = others()
        .map(|at| (lines.iter().map(|line| line[at]).fold(f32::MIN, f32::max), at as u32))
        .collect();
    best.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut features: Vec<f32> = (0..NEAREST).map(|at| nth(&best, at)).collect();
    for line in lines {
        // The same neighbours' similarity in each view.
        features.extend(
            (0..NEAREST / 2).map(|at| best.get(at).map_or(0.0, |own| line[own.1 as usize])),
        );
        let mut sorted: Vec<f32> = others().map(|at| line[at]).collect();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        features.extend((0..NEAREST).map(|at| sorted.get(at).copied().unwrap_or(0.0)));
        let last = sorted.len().saturating_sub(1);
        features.extend((1..=QUANTILES).map(|at| {
            let place = (at as f32 / (QUANTILES + 1) as f32).powi(2) * last as f32;
            sorted.get(place as usize).copied().unwrap_or(0.0)
        }));
        for power in 1..=3 {
            let sum: f32 = sorted.iter().map(|cell| cell.powi(power)).sum();
            features.push(sum / sorted.len().max(1) as f32);
        }
    }
    (features, best.into_iter().take(FOLLOWED).map(|own| own.1).collect())
}

fn nth(sorted: &[(f32, u32)], at: usize) -> f32 {
    sorted.get(at).map_or(0.0, |own| own.0)
}

/// Log likelihood, up to a constant of the row, that a row of `seen` is the node of `own`: the
/// attacker's graphs, one for each of their keys, say how far chance moves a feature.
pub(crate) fn likelihoods(mut seen: Matrix, mut own: Vec<Matrix>) -> Matrix {
    centre(&mut seen);
    own.iter_mut().for_each(centre);
    let (rows, columns, keys) = (own[0].rows, own[0].columns, own.len() as f32);
    let mut mean = Matrix::zeros(rows, columns);
    for graph in &own {
        mean.cells.iter_mut().zip(&graph.cells).for_each(|(cell, own)| *cell += own / keys);
    }
    let mut chance = Matrix::zeros(columns, columns);
    let mut total = vec![0.0_f32; columns];
    for graph in &own {
        let mut apart = Matrix::zeros(columns, rows);
        for row in 0..rows {
            let cells = graph.row(row).iter().zip(mean.row(row)).zip(&mut total);
            for (column, ((cell, mean), total)) in cells.enumerate() {
                apart.cells[column * rows + row] = cell - mean;
                *total += cell.powi(2) / (rows as f32 * keys);
            }
        }
        let part = apart.times_transposed(&apart);
        let freedom = rows as f32 * (keys - 1.0).max(1.0);
        chance.cells.iter_mut().zip(&part.cells).for_each(|(cell, own)| *cell += own / freedom);
    }
    // On one scale, so that rounding does not decide.
    let scale: Vec<f32> = total.iter().map(|total| 1.0 / total.sqrt().max(1e-9)).collect();
    for graph in [&mut seen, &mut mean] {
        for row in graph.cells.chunks_exact_mut(columns) {
            row.iter_mut().zip(&scale).for_each(|(cell, scale)| *cell *= scale);
        }
    }
    for row in 0..columns {
        for column in 0..columns {
            chance.cells[row * columns + column] *= scale[row] * scale[column] * (1.0 + 1.0 / keys);
        }
        chance.cells[row * columns + row] += 0.01;
    }
    distances(&seen, &mean, chance)
}

fn centre(matrix: &mut Matrix) {
    let mut means = vec![0.0_f32; matrix.columns];
    for row in matrix.cells.chunks_exact(matrix.columns) {
        means.iter_mut().zip(row).for_each(|(mean, cell)| *mean += cell / matrix.rows as f32);
    }
    for row in matrix.cells.chunks_exact_mut(means.len()) {
        row.iter_mut().zip(&means).for_each(|(cell, mean)| *cell -= mean);
    }
}

/// Minus half the distance of Mahalanobis.
fn distances(seen: &Matrix, mean: &Matrix, chance: Matrix) -> Matrix {
    let columns = mean.columns;
    let mut turned = Matrix::zeros(columns, mean.rows);
    for row in 0..mean.rows {
        for column in 0..columns {
            turned.cells[column * mean.rows + row] = mean.row(row)[column];
        }
    }
    let weighted = Factor::new(chance).solve(turned);
    let mut scores = seen.times(&weighted);
    let levels: Vec<f32> = (0..mean.rows)
        .map(|row| {
            let own = mean.row(row).iter().enumerate();
            own.map(|(column, cell)| cell * weighted.cells[column * mean.rows + row]).sum::<f32>()
        })
        .collect();
    for row in scores.cells.chunks_exact_mut(levels.len()) {
        row.iter_mut().zip(&levels).for_each(|(cell, level)| *cell -= 0.5 * level);
    }
    scores
}
