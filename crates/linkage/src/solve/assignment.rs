//! Heaviest matching of a sparse bipartite graph, in integers.
//!
//! Shortest augmenting paths with dual prices, one row after the other: R. Jonker and
//! A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
//! assignment problems", Computing 38 (1987), 325-340. A row may also stay alone, at
//! weight 0, so that the heaviest matching need not be the largest.

use std::{cmp::Reverse, collections::BinaryHeap, ops::Range};

const NONE: usize = usize::MAX;
const FAR: i64 = i64::MAX;

/// Where an augmenting path ends.
#[derive(Clone, Copy)]
enum End {
    /// At a column that no row has.
    Column(usize),
    /// At a row that gives its column up.
    Row(usize),
}

struct Matching<'a> {
    rows: &'a [Range<usize>],
    columns: &'a [usize],
    weights: &'a [i64],
    /// Dual price by row and by column: never negative, for each edge together at least
    /// its weight, exactly its weight where the edge is kept, 0 where nothing is.
    row_price: Vec<i64>,
    column_price: Vec<i64>,
    /// Kept edge by row, row by column.
    edge_of: Vec<usize>,
    row_of: Vec<usize>,
    /// Length of the shortest path to each column, and its last row and edge.
    distance: Vec<i64>,
    reached_by: Vec<(usize, usize)>,
}

/// The edges of the matching with the greatest sum of weights, by row.
///
/// `rows` are each row's edges, `columns` and `weights` (from 0 to 2^32) are by edge.
/// The result follows from the order of rows and edges alone.
pub(super) fn heaviest(
    rows: &[Range<usize>],
    columns: &[usize],
    weights: &[i64],
    column_count: usize,
) -> Vec<usize> {
    let mut matching = Matching {
        rows,
        columns,
        weights,
        row_price: vec![0; rows.len()],
        column_price: vec![0; column_count],
        edge_of: vec![NONE; rows.len()],
        row_of: vec![NONE; column_count],
        distance: vec![FAR; column_count],
        reached_by: vec![(NONE, NONE); column_count],
    };
    for row in 0..rows.len() {
        matching.add(row);
    }
    matching.edge_of.into_iter().filter(|&edge| edge != NONE).collect()
}

impl Matching<'_> {
    /// Brings one more row in.
    fn add(&mut self, start: usize) {
        let net = |edge: usize| self.weights[edge] - self.column_price[self.columns[edge]];
        self.row_price[start] = self.rows[start].clone().map(net).max().unwrap_or(0).max(0);
        let mut heap = BinaryHeap::new();
        let (mut reached, mut passed_rows, mut passed_columns) =
            (Vec::new(), Vec::new(), Vec::new());
        let (mut end, mut length) = (End::Row(start), self.row_price[start]);
        let mut next = Some((start, 0));
        while let Some((row, so_far)) = next.take() {
            passed_rows.push((row, so_far));
            if so_far + self.row_price[row] < length {
                (end, length) = (End::Row(row), so_far + self.row_price[row]);
            }
            for edge in self.rows[row].clone() {
                let column = self.columns[edge];
                let slack = self.row_price[row] + self.column_price[column] - self.weights[edge];
                if so_far + slack <= length && so_far + slack < self.distance[column] {
                    if self.distance[column] == FAR {
                        reached.push(column);
                    }
                    self.distance[column] = so_far + slack;
                    self.reached_by[column] = (row, edge);
                    let taken = self.row_of[column] != NONE;
                    heap.push(Reverse((so_far + slack, taken, column)));
                }
            }
            while let Some(Reverse((distance, taken, column))) = heap.pop() {
                if distance > length {
                    break;
                }
                if distance > self.distance[column] {
                    continue;
                }
                if taken {
                    passed_columns.push((column, distance));
                    next = Some((self.row_of[column], distance));
                } else {
                    (end, length) = (End::Column(column), distance);
                }
                break;
            }
        }
        for (row, distance) in passed_rows {
            self.row_price[row] -= length - distance;
        }
        for (column, distance) in passed_columns {
            self.column_price[column] += length - distance;
        }
        self.augment(end);
        for column in reached {
            self.distance[column] = FAR;
        }
    }

    /// Exchanges kept and other edges along the path.
    fn augment(&mut self, end: End) {
        let mut column = match end {
            End::Column(column) => column,
            End::Row(row) => match std::mem::replace(&mut self.edge_of[row], NONE) {
                NONE => return,
                edge => self.columns[edge],
            },
        };
        loop {
            let (row, edge) = self.reached_by[column];
            self.row_of[column] = row;
            match std::mem::replace(&mut self.edge_of[row], edge) {
                NONE => return,
                before => column = self.columns[before],
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The greatest sum, by trying everything.
    fn tried(edges: &[(usize, usize, i64)], row: usize, rows: usize, taken: u32) -> i64 {
        if row == rows {
            return 0;
        }
        let own = edges.iter().filter(|edge| edge.0 == row && taken >> edge.1 & 1 == 0);
        let with = own.map(|edge| edge.2 + tried(edges, row + 1, rows, taken | 1 << edge.1));
        with.max().unwrap_or(0).max(tried(edges, row + 1, rows, taken))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_sum_is_the_greatest_and_nothing_is_taken_twice(
            edges in prop::collection::btree_map((0_usize..6, 0_usize..6), 0_i64..12, 0..30),
        ) {
            let edges: Vec<_> = edges.into_iter().map(|((row, column), w)| (row, column, w)).collect();
            let start = |row| edges.partition_point(|edge| edge.0 < row);
            let rows: Vec<_> = (0..6).map(|row| start(row)..start(row + 1)).collect();
            let columns: Vec<_> = edges.iter().map(|edge| edge.1).collect();
            let weights: Vec<_> = edges.iter().map(|edge| edge.2).collect();
            let kept = heaviest(&rows, &columns, &weights, 6);
            let mut used: Vec<_> = kept.iter().map(|&edge| columns[edge]).collect();
            used.sort_unstable();
            prop_assert!(used.windows(2).all(|two| two[0] < two[1]));
            prop_assert!(kept.windows(2).all(|two| edges[two[0]].0 < edges[two[1]].0));
            let sum: i64 = kept.iter().map(|&edge| weights[edge]).sum();
            prop_assert_eq!(sum, tried(&edges, 0, 6, 0));
        }
    }

    /// Equal encodings on both sides: every choice is as good, and none may take long.
    #[test]
    fn a_thousand_equal_records_are_matched_one_to_one() {
        let size = 1_000;
        let rows: Vec<_> = (0..size).map(|row| row * size..(row + 1) * size).collect();
        let columns: Vec<_> = (0..size * size).map(|edge| edge % size).collect();
        let kept = heaviest(&rows, &columns, &vec![7; size * size], size);
        assert_eq!(kept, (0..size).map(|row| row * size + row).collect::<Vec<_>>());
    }
}
