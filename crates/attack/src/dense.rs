//! Dense linear algebra, as much of it as a known-pair attack needs.

use rayon::prelude::*;

/// Columns that are worked on at once; two vector registers of the least processor.
const LANES: usize = 8;
/// Rows that are worked on at once.
const ROWS: usize = 4;
/// Rows of a block of the factorisation.
const BLOCK: usize = 128;

/// A matrix, row after row.
pub(crate) struct Matrix {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) cells: Vec<f32>,
}

impl Matrix {
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, cells: vec![0.0; rows * columns] }
    }

    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.cells[row * self.columns..][..self.columns]
    }

    /// `self · other`.
    pub(crate) fn times(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.rows, other.columns);
        let packed = Packed::new(&other.cells, other.columns, self.columns);
        packed.add_product(&self.cells, self.columns, 1.0, &mut product.cells);
        product
    }

    /// `self · otherᵀ`.
    pub(crate) fn times_transposed(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.rows, other.rows);
        let packed = Packed::of_transposed(other);
        packed.add_product(&self.cells, self.columns, 1.0, &mut product.cells);
        product
    }
}

/// The right factor of a product, in panels of [`LANES`] columns.
struct Packed {
    depth: usize,
    columns: usize,
    cells: Vec<[f32; LANES]>,
}

impl Packed {
    /// The first `depth` rows of `cells`.
    fn new(cells: &[f32], columns: usize, depth: usize) -> Self {
        let mut packed = Vec::with_capacity(columns.div_ceil(LANES) * depth);
        for first in (0..columns).step_by(LANES) {
            let width = LANES.min(columns - first);
            for row in 0..depth {
                let mut lanes = [0.0; LANES];
                lanes[..width].copy_from_slice(&cells[row * columns + first..][..width]);
                packed.push(lanes);
            }
        }
        Self { depth, columns, cells: packed }
    }

    fn of_transposed(matrix: &Matrix) -> Self {
        let (columns, depth) = (matrix.rows, matrix.columns);
        let mut packed = Vec::with_capacity(columns.div_ceil(LANES) * depth);
        for first in (0..columns).step_by(LANES) {
            let width = LANES.min(columns - first);
            for at in 0..depth {
                let mut lanes = [0.0; LANES];
                for (lane, cell) in lanes.iter_mut().take(width).enumerate() {
                    *cell = matrix.cells[(first + lane) * depth + at];
                }
                packed.push(lanes);
            }
        }
        Self { depth, columns, cells: packed }
    }

    /// Adds `factor · left · self` to `out`; rows of `left` are `stride` apart.
    fn add_product(&self, left: &[f32], stride: usize, factor: f32, out: &mut [f32]) {
        if self.depth == 0 || self.columns == 0 {
            return;
        }
        out.par_chunks_mut(ROWS * self.columns).enumerate().for_each(|(group, out)| {
            let rows = out.len() / self.columns;
            let lines: [&[f32]; ROWS] = std::array::from_fn(|row| {
                let row = group * ROWS + row.min(rows - 1);
                &left[row * stride..][..self.depth]
            });
            for (panel, cells) in self.cells.chunks_exact(self.depth).enumerate() {
                let sums = small(&lines, cells);
                let first = panel * LANES;
                let width = LANES.min(self.columns - first);
                for (row, sums) in sums.iter().take(rows).enumerate() {
                    let out = &mut out[row * self.columns + first..][..width];
                    for (cell, sum) in out.iter_mut().zip(sums) {
                        *cell += factor * sum;
                    }
                }
            }
        });
    }
}

fn small(lines: &[&[f32]; ROWS], cells: &[[f32; LANES]]) -> [[f32; LANES]; ROWS] {
    let mut sums = [[0.0; LANES]; ROWS];
    let [a, b, c, d] = lines;
    for ((((lanes, a), b), c), d) in cells.iter().zip(*a).zip(*b).zip(*c).zip(*d) {
        for (row, own) in [a, b, c, d].into_iter().enumerate() {
            for (sum, lane) in sums[row].iter_mut().zip(lanes) {
                *sum += own * lane;
            }
        }
    }
    sums
}

/// Sum of products, in lanes.
pub(crate) fn dot(one: &[f32], other: &[f32]) -> f32 {
    let (ones, rest_one) = one.as_chunks::<LANES>();
    let (others, rest_other) = other.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (one, other) in ones.iter().zip(others) {
        for ((sum, a), b) in sums.iter_mut().zip(one).zip(other) {
            *sum += a * b;
        }
    }
    let rest: f32 = rest_one.iter().zip(rest_other).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// The lower factor of a symmetric positive matrix.
pub(crate) struct Factor {
    lower: Matrix,
}

impl Factor {
    /// Cholesky, block by block. A pivot that rounding has made too small is raised.
    pub(crate) fn new(mut matrix: Matrix) -> Self {
        let size = matrix.rows;
        for first in (0..size).step_by(BLOCK) {
            let width = BLOCK.min(size - first);
            let (head, tail) = matrix.cells.split_at_mut((first + width) * size);
            let block = &mut head[first * size..];
            for row in 0..width {
                for column in 0..=row {
                    let known = dot(
                        &block[row * size + first..][..column],
                        &block[column * size + first..][..column],
                    );
                    let rest = block[row * size + first + column] - known;
                    block[row * size + first + column] = if row == column {
                        rest.max(1e-6).sqrt()
                    } else {
                        rest / block[column * size + first + column]
                    };
                }
            }
            let block = &*block;
            tail.par_chunks_mut(size).for_each(|line| {
                for column in 0..width {
                    let known =
                        dot(&line[first..][..column], &block[column * size + first..][..column]);
                    line[first + column] =
                        (line[first + column] - known) / block[column * size + first + column];
                }
            });
            let panel: Vec<f32> =
                tail.chunks(size).flat_map(|line| line[first..][..width].iter().copied()).collect();
            let panel = &panel;
            tail.par_chunks_mut(size).enumerate().for_each(|(row, line)| {
                let own = &panel[row * width..][..width];
                let others = panel.chunks_exact(width).take(row + 1);
                for (cell, other) in line[first + width..].iter_mut().zip(others) {
                    *cell -= dot(own, other);
                }
            });
        }
        Self { lower: matrix }
    }

    /// The solution for every column of `right`.
    pub(crate) fn solve(&self, mut right: Matrix) -> Matrix {
        let (size, columns) = (self.lower.rows, right.columns);
        let starts: Vec<usize> = (0..size).step_by(BLOCK).collect();
        for &first in &starts {
            let width = BLOCK.min(size - first);
            let (done, rest) = right.cells.split_at_mut(first * columns);
            let block = &mut rest[..width * columns];
            let packed = Packed::new(done, columns, first);
            packed.add_product(&self.lower.cells[first * size..], size, -1.0, block);
            for row in 0..width {
                let (above, own) = block.split_at_mut(row * columns);
                let own = &mut own[..columns];
                let line = &self.lower.row(first + row)[first..];
                for (other, factor) in above.chunks_exact(columns).zip(line) {
                    own.iter_mut().zip(other).for_each(|(cell, other)| *cell -= factor * other);
                }
                own.iter_mut().for_each(|cell| *cell /= line[row]);
            }
        }
        for &first in starts.iter().rev() {
            let width = BLOCK.min(size - first);
            let below = size - first - width;
            let (head, done) = right.cells.split_at_mut((first + width) * columns);
            let block = &mut head[first * columns..];
            let mut turned = vec![0.0; width * below];
            for row in 0..below {
                let line = &self.lower.row(first + width + row)[first..][..width];
                for (column, cell) in line.iter().enumerate() {
                    turned[column * below + row] = *cell;
                }
            }
            let packed = Packed::new(done, columns, below);
            packed.add_product(&turned, below, -1.0, block);
            for row in (0..width).rev() {
                let (head, after) = block.split_at_mut((row + 1) * columns);
                let own = &mut head[row * columns..];
                for (at, other) in after.chunks_exact(columns).enumerate() {
                    let factor = self.lower.row(first + row + 1 + at)[first + row];
                    own.iter_mut().zip(other).for_each(|(cell, other)| *cell -= factor * other);
                }
                let pivot = self.lower.row(first + row)[first + row];
                own.iter_mut().for_each(|cell| *cell /= pivot);
            }
        }
        right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(rows: usize, columns: usize) -> Matrix {
        let cell = |at: usize| ((at * 7919 + 13) % 101) as f32 / 101.0 - 0.5;
        Matrix { rows, columns, cells: (0..rows * columns).map(cell).collect() }
    }

    #[test]
    fn products_are_those_of_the_definition() {
        let (a, b) = (noise(7, 13), noise(13, 11));
        let product = a.times(&b);
        for row in 0..7 {
            for column in 0..11 {
                let sum: f32 = (0..13).map(|at| a.row(row)[at] * b.cells[at * 11 + column]).sum();
                assert!((product.row(row)[column] - sum).abs() < 1e-5);
            }
        }
        let turned = a.times_transposed(&noise(5, 13));
        assert!((turned.row(6)[4] - dot(a.row(6), noise(5, 13).row(4))).abs() < 1e-5);
    }

    #[test]
    fn a_solution_solves() {
        let size = 300;
        let mut matrix = noise(size, 40).times_transposed(&noise(size, 40));
        (0..size).for_each(|at| matrix.cells[at * size + at] += 1.0);
        let whole = Matrix { rows: size, columns: size, cells: matrix.cells.clone() };
        let right = noise(size, 10);
        let solution = Factor::new(matrix).solve(noise(size, 10));
        let back = whole.times(&solution);
        for (found, wanted) in back.cells.iter().zip(&right.cells) {
            assert!((found - wanted).abs() < 1e-2, "{found} {wanted}");
        }
    }
}
