use policy::NanoRho;
use proptest::prelude::*;

use super::*;
use crate::{exact::Exact, mechanism::draw, samples::plans_with_margins, scale::Scale};

fn scale(nano: u64) -> Scale {
    Scale::calibrate(1, NanoRho::new(nano).unwrap()).unwrap().0
}

/// Up to three axes with a margin, one without, in any order.
fn axes() -> impl Strategy<Value = Vec<(usize, bool)>> {
    let margins = prop::collection::vec((2_usize..5, Just(true)), 1..4);
    (margins, (1_usize..3, Just(false))).prop_flat_map(|(mut axes, plain)| {
        axes.push(plain);
        Just(axes).prop_shuffle()
    })
}

/// Axes, a scale per table, and a noisy number per cell of every table.
fn noisy() -> impl Strategy<Value = (Vec<(usize, bool)>, Vec<u64>, Tables)> {
    axes().prop_flat_map(|axes| {
        let design = Design::of_axes(&axes);
        let number = design.tables().len();
        let size = |table: &u8| design.sizes(*table).iter().product::<usize>();
        let tables: Vec<_> = design
            .tables()
            .iter()
            .map(|table| prop::collection::vec(-500_i64..2_000, size(table)))
            .collect();
        (Just(axes), prop::collection::vec(1_000_000_u64..900_000_000, number), tables)
    })
}

/// Which detail cells a cell of a table sums, as rows of zeros and ones.
fn rows(design: &Design, table: u8) -> Vec<Vec<f64>> {
    let size: usize = design.sizes(0).iter().product();
    let mut columns = Vec::new();
    for cell in 0..size {
        let mut unit = vec![0; size];
        unit[cell] = 1;
        let tables = sums(design, unit).unwrap();
        columns.push(tables[usize::from(table)].clone());
    }
    let cells = columns[0].len();
    (0..cells).map(|row| columns.iter().map(|column| column[row] as f64).collect()).collect()
}

/// The inverse by Gauss and Jordan.
fn inverse(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let size = matrix.len();
    for (place, row) in matrix.iter_mut().enumerate() {
        row.extend((0..size).map(|other| f64::from(u8::from(other == place))));
    }
    for column in 0..size {
        let pivot = (column..size)
            .max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()));
        matrix.swap(column, pivot.unwrap());
        let by = matrix[column][column];
        matrix[column].iter_mut().for_each(|own| *own /= by);
        let pivot = matrix[column].clone();
        for (place, row) in matrix.iter_mut().enumerate() {
            let times = row[column];
            if place != column {
                row.iter_mut().zip(&pivot).for_each(|(own, pivot)| *own -= times * pivot);
            }
        }
    }
    matrix.into_iter().map(|row| row[size..].to_vec()).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    /// The normal equations Σ AᵀA/σ² · x = Σ Aᵀy/σ², solved as they stand.
    #[test]
    fn the_closed_form_is_the_dense_least_squares_solution((axes, nano, tables) in noisy()) {
        let design = Design::of_axes(&axes);
        let scales: Vec<Scale> = nano.into_iter().map(scale).collect();
        let size: usize = design.sizes(0).iter().product();
        let (mut normal, mut right) = (vec![vec![0.0; size]; size], vec![0.0; size]);
        for ((table, scale), cells) in design.tables().iter().zip(&scales).zip(&tables) {
            let weight = scale.sigma().powi(-2);
            for (row, value) in rows(&design, *table).iter().zip(cells) {
                for (place, own) in row.iter().enumerate() {
                    right[place] += weight * own * *value as f64;
                    for (other, theirs) in row.iter().enumerate() {
                        normal[place][other] += weight * own * theirs;
                    }
                }
            }
        }
        let covariance = inverse(normal);
        let solution: Vec<f64> = covariance.iter().map(|row| dot(row, &right)).collect();
        let estimate = adjust::least_squares(&design, &scales, tables).unwrap();
        let denominator = estimate.denominator as f64;
        let whole = rounding::rounded(
            adjust::Estimate { numerators: estimate.numerators.clone(), ..estimate },
            &design,
        ).unwrap();
        for (own, dense) in estimate.numerators.cells().iter().zip(&solution) {
            prop_assert!((*own as f64 / denominator - dense).abs() < 1e-4, "{own} {dense}");
        }
        // Variances of every cell of every table, and how far rounding moves it.
        let published = sums(&design, whole).unwrap();
        for (table, cells) in design.tables().into_iter().zip(&published) {
            let stated = design.cell_variance(table, &scales);
            let kept = (design.all() & !table).count_ones();
            let most = 2_f64.powi(kept as i32 - 1) + 1e-3;
            for (row, cell) in rows(&design, table).iter().zip(cells) {
                let along: Vec<f64> = covariance.iter().map(|own| dot(own, row)).collect();
                prop_assert!((dot(row, &along) / stated - 1.0).abs() < 1e-9);
                prop_assert!((*cell as f64 - dot(row, &solution)).abs() <= most);
            }
        }
    }

    #[test]
    fn tables_that_agree_already_stay(axes in axes(), seed in any::<u32>()) {
        let design = Design::of_axes(&axes);
        let size: usize = design.sizes(0).iter().product();
        let cells: Vec<i64> =
            (0..size as i64).map(|cell| (cell * 7_919 + i64::from(seed)) % 301 - 40).collect();
        let tables = sums(&design, cells.clone()).unwrap();
        let scales: Vec<Scale> =
            (0..tables.len() as u64).map(|table| scale(20_000_000 + table * 3_000_000)).collect();
        let estimate = adjust::least_squares(&design, &scales, tables).unwrap();
        prop_assert_eq!(rounding::rounded(estimate, &design).unwrap(), cells);
    }

    #[test]
    fn the_non_negative_table_adds_up_and_keeps_its_grand_totals((axes, _, tables) in noisy()) {
        let design = Design::of_axes(&axes);
        let shifted = tables[0].iter().map(|own| own - 600).collect();
        let unbiased = sums(&design, shifted).unwrap();
        let own = non_negative::tables(&design, &unbiased).unwrap();
        prop_assert!(own.iter().flatten().all(|cell| *cell >= 0));
        prop_assert_eq!(&sums(&design, own[0].clone()).unwrap(), &own);
        let totals = |tables: &Tables| tables.last().unwrap().clone();
        let expected: Vec<i64> = totals(&unbiased).iter().map(|own| (*own).max(0)).collect();
        prop_assert_eq!(totals(&own), expected);
    }

    #[test]
    fn a_budget_is_split_by_public_sizes_and_never_passed(axes in axes(), nano in 10_000_u64..2_000_000_000) {
        let design = Design::of_axes(&axes);
        let asked = NanoRho::new(nano).unwrap();
        let parts: Vec<u64> =
            design.split(asked).unwrap().into_iter().map(NanoRho::get).collect();
        prop_assert!(parts.iter().sum::<u64>() <= nano);
        prop_assert!(parts.iter().sum::<u64>() + parts.len() as u64 >= nano);
        let size = |table: &u8| design.sizes(*table).iter().product::<usize>() as f64;
        for (table, part) in design.tables().iter().zip(&parts) {
            let wanted = parts[0] as f64 * (size(table) / size(&0)).sqrt();
            prop_assert!((*part as f64 - wanted).abs() <= 2.0 + wanted * 1e-5);
        }
    }
}

/// Each run draws every table anew; the cells of a table share a width and are counted together.
/// The limits have a false-alarm rate of 1e-6 per table if the cells of a run were one.
#[test]
fn intervals_cover_after_the_adjustment_and_are_no_wider_than_they_must_be() {
    const Z: f64 = 4.753_424;
    let design = Design::of_axes(&[(6, true), (3, true), (2, true)]);
    let exact: Vec<i64> = (0..36).map(|cell| [40, 0, 7, 320, 3, 95][cell % 6]).collect();
    let tables = sums(&design, exact).unwrap();
    for (nano, runs) in [(3_000_000_u64, 500), (100_000_000, 500), (2_000_000_000, 500)] {
        let parts = design.split(NanoRho::new(nano).unwrap()).unwrap();
        let scales: Vec<Scale> = parts.iter().map(|part| scale(part.get())).collect();
        let widths = design.half_widths(&scales).unwrap();
        let mut covered = vec![0_usize; tables.len()];
        for _ in 0..runs {
            let noisy = tables.iter().zip(&scales);
            let noisy = noisy.map(|(own, scale)| draw(Exact::new(own.clone()), *scale).unwrap());
            let estimate = adjust::least_squares(&design, &scales, noisy.collect()).unwrap();
            let detail = rounding::rounded(estimate, &design).unwrap();
            for (table, own) in sums(&design, detail).unwrap().iter().enumerate() {
                let cells = own.iter().zip(&tables[table]);
                covered[table] +=
                    cells.filter(|(own, exact)| own.abs_diff(**exact) <= widths[table]).count();
            }
        }
        for (table, covered) in covered.into_iter().enumerate() {
            let share = covered as f64 / (runs * tables[table].len()) as f64;
            let spread = Z * (0.05 * 0.95 / runs as f64).sqrt();
            assert!(share > 0.95 - spread, "{nano}, table {table}: {share}");
            // A width of few persons cannot come near 95 %.
            if widths[table] >= 20 {
                assert!(share < 0.96 + spread, "{nano}, table {table}: {share}");
            }
        }
    }
}

#[test]
fn margins_gain_from_the_detail_and_the_detail_from_its_margins() {
    let design = Design::of_axes(&[(23, true), (2, true)]);
    let asked = NanoRho::new(50_000_000).unwrap();
    let scales: Vec<Scale> =
        design.split(asked).unwrap().iter().map(|part| scale(part.get())).collect();
    for (table, own) in design.tables().into_iter().zip(&scales) {
        assert!(design.cell_variance(table, &scales) < own.sigma().powi(2), "{table}");
    }
    // A county summed up from 46 detail cells that had the whole budget.
    let summed = 46.0 * scale(50_000_000).sigma().powi(2);
    assert!(design.cell_variance(3, &scales) < summed / 2.0);
}

#[test]
fn every_published_cell_is_found_in_its_table() {
    for plan in plans_with_margins() {
        let design = Design::of(&plan).unwrap();
        let published = design.published().unwrap();
        assert_eq!(published.len(), plan.cells.len());
        let bits: Vec<(usize, u8)> = (0_u8..)
            .zip(&plan.margins)
            .map(|(bit, name)| {
                let at = plan.group_by.iter().position(|group| group.dimension == *name).unwrap();
                (at, 1 << bit)
            })
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        for ((table, place), cell) in published.iter().zip(&plan.cells) {
            let totals: u8 =
                bits.iter().filter(|(at, _)| cell.keys[*at] == Plan::TOTAL).map(|own| own.1).sum();
            assert_eq!(*table, usize::from(totals), "{:?}", cell.keys);
            assert!(seen.insert((*table, *place)));
        }
    }
}

#[test]
fn what_cannot_be_is_an_error_and_no_panic() {
    let design = Design::of_axes(&[(2, true)]);
    let scales = [scale(1_000_000), scale(1_000_000)];
    assert!(adjust::least_squares(&design, &scales, vec![vec![1, 2]]).is_err());
    assert!(adjust::least_squares(&design, &scales, vec![vec![1], vec![1]]).is_err());
    assert!(sums(&design, vec![i64::MAX, 1]).is_err(), "a margin beyond its limits");
    assert!(Grid::of(vec![0, 3], vec![]).is_err());
    assert!(design.split(NanoRho::ZERO).unwrap().iter().all(|part| *part == NanoRho::ZERO));
}

/// 48 municipalities, 8 age groups, 3 sexes.
#[test]
fn a_countys_table_that_agrees_stays_as_it_is() {
    let design = Design::of_axes(&[(48, true), (8, true), (3, true), (1, false)]);
    let tables = sums(&design, (0..1_152).map(|cell| cell % 97).collect()).unwrap();
    let scales: Vec<Scale> = tables.iter().map(|_| scale(5_000_000)).collect();
    let estimate = adjust::least_squares(&design, &scales, tables).unwrap();
    let detail = rounding::rounded(estimate, &design).unwrap();
    let unbiased = sums(&design, detail).unwrap();
    let non_negative = non_negative::tables(&design, &unbiased).unwrap();
    assert_eq!(non_negative, unbiased, "these tables agreed and had nothing below zero");
}
