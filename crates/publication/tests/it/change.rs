//! Changes between releases, and how often noise is taken for one.

use publication::{
    ChangeRule, Changes, Document, Error, Moment, Names, Step, Tolerance, Verdict, changes,
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use crate::sample;

const YEARS: ChangeRule = ChangeRule { step: Step::Year, tolerance: Tolerance::HALF };
const QUARTERS: ChangeRule = ChangeRule { step: Step::Quarter, tolerance: Tolerance::HALF };
const SIGMA: f64 = 3.163_085_937_5;

/// Counts per municipality of a year, as they would be released.
fn release(year: u16, sequence: u64, counts: &[i64]) -> Value {
    let mut document = sample::persons();
    document["year"] = json!(year);
    document["ledger"]["sequence"] = json!(sequence);
    document["noise"] = json!([{"quantity": "count", "sigma": SIGMA}]);
    for (cell, value) in document["cells"].as_array_mut().unwrap().iter_mut().zip(counts) {
        cell["value"] = json!(value);
        cell["low"] = json!(value - 6);
        cell["high"] = json!(value + 6);
    }
    document
}

fn compare(documents: &[Value], rule: &ChangeRule) -> Result<Changes, Error> {
    let read: Vec<Document> = documents.iter().map(sample::read).collect();
    changes(&read.iter().collect::<Vec<_>>(), rule, &Names::default())
}

/// The discrete Gaussian by its own definition: P(x) is proportional to exp(−x²/2σ²).
struct DiscreteGaussian(Vec<(f64, i64)>);

impl DiscreteGaussian {
    fn new(sigma: f64) -> Self {
        let weight = |x: i64| (-(x * x) as f64 / (2.0 * sigma * sigma)).exp();
        let total: f64 = (-60..=60).map(weight).sum();
        let mut below = 0.0;
        let ends = (-60..=60).map(|x| {
            below += weight(x) / total;
            (below, x)
        });
        Self(ends.collect())
    }

    fn draw(&self, random: &mut ChaCha20Rng) -> i64 {
        let at: f64 = random.random();
        self.0.iter().find(|(end, _)| at < *end).map_or(60, |(_, x)| *x)
    }
}

fn noised(truth: &[i64], noise: &DiscreteGaussian, random: &mut ChaCha20Rng) -> Vec<i64> {
    truth.iter().map(|own| own + noise.draw(random)).collect()
}

/// 800 made-up counties in which nothing changes over three years: in at most 5 % of them anything
/// may be called clear. The band is three standard deviations of that share, 0.05 + 3·√(0.05·0.95/800)
/// = 7.3 %. Some counts are so small that noise decides whether they are compared.
#[test]
fn where_nothing_changes_hardly_anything_is_called_clear() {
    const COUNTIES: usize = 800;
    let mut random = ChaCha20Rng::seed_from_u64(20_261_128);
    let noise = DiscreteGaussian::new(SIGMA);
    let truth: Vec<i64> = (0..24).map(|place| 6 + place * place / 3).collect();
    let (mut wrong, mut compared, mut uncertain) = (0_usize, 0_usize, 0_usize);
    for _ in 0..COUNTIES {
        let years: Vec<Value> = (2023..2026)
            .map(|year| release(year, u64::from(year), &noised(&truth, &noise, &mut random)))
            .collect();
        let found = compare(&years, &YEARS).unwrap();
        wrong += usize::from(found.clear() > 0);
        compared += found.changes.len();
        uncertain += found.uncertain;
    }
    assert_eq!(compared + uncertain, COUNTIES * 48);
    assert!(uncertain > COUNTIES, "small counts are left out: {uncertain}");
    let share = wrong as f64 / COUNTIES as f64;
    assert!(share <= 0.0732, "{share} of families hold a false change");
    assert!(share >= 0.01, "{share}: so few that real changes would be missed");
}

/// Of 24 municipalities 6 grow by 20 persons, 4.5 standard deviations of the difference: nearly all
/// are found, and on average at most 5 % of what is called clear is false.
#[test]
fn planted_changes_are_found_and_few_others() {
    const COUNTIES: usize = 300;
    let mut random = ChaCha20Rng::seed_from_u64(7);
    let noise = DiscreteGaussian::new(SIGMA);
    let before: Vec<i64> = (0..24).map(|place| 40 + place * 5).collect();
    let after: Vec<i64> =
        before.iter().zip(0..).map(|(own, at)| own + if at % 4 == 0 { 20 } else { 0 }).collect();
    let (mut right, mut share_false) = (0_usize, 0.0);
    for _ in 0..COUNTIES {
        let years = [
            release(2024, 1, &noised(&before, &noise, &mut random)),
            release(2025, 2, &noised(&after, &noise, &mut random)),
        ];
        let found = compare(&years, &YEARS).unwrap();
        let clear = || found.changes.iter().filter(|own| own.verdict == Verdict::Clear);
        let planted = |key: &str| {
            let at = sample::PLACES.iter().position(|place| place.0 == key).unwrap();
            at % 4 == 0
        };
        let hits = clear().filter(|own| planted(&own.keys[0])).count();
        right += hits;
        share_false += (found.clear() - hits) as f64 / found.clear().max(1) as f64;
    }
    let (found, wrong) = (right as f64 / (COUNTIES * 6) as f64, share_false / COUNTIES as f64);
    assert!(found > 0.9, "{found} of planted changes");
    assert!(wrong <= 0.05 + 0.015, "{wrong} of what is called clear");
}

#[test]
fn a_change_is_told_with_its_interval_strongest_first() {
    let mut later = [100_i64; 24];
    (later[3], later[5], later[7]) = (140, 40, 104);
    let found = compare(&[release(2025, 2, &later), release(2024, 1, &[100; 24])], &YEARS).unwrap();
    let first = &found.changes[0];
    assert_eq!(
        (first.row.as_str(), first.verdict, first.direction()),
        (sample::PLACES[5].1, Verdict::Clear, "gesunken")
    );
    // √2·3.163 = 4.473; 1.96 of it less a half, rounded up, is 9.
    assert_eq!(
        found.changes[1].sentence(),
        "Dieburg: von 100 (2024) auf 140 (2025), +40 (95-%-Intervall: 31 bis 49), deutlich gestiegen"
    );
    // (4 − 1/2)/4.473 = 0.782 standard deviations.
    let third = &found.changes[2];
    assert_eq!((third.signed().as_str(), third.verdict.german()), ("+4", "unklar"));
    assert!((third.strength - 0.782_4).abs() < 1e-3 && (third.p - 0.434).abs() < 1e-3);
    assert_eq!(found.notes(), ["2 von 24 verglichenen Veränderungen sind deutlich."]);
    assert!(found.changes[3..].iter().all(|own| own.verdict == Verdict::Unclear && own.p > 0.99));
}

#[test]
fn clear_changes_exclude_zero_also_where_only_half_widths_are_stated() {
    for difference in 5..20 {
        let mut later = [100_i64; 24];
        later[0] += difference;
        let mut years = [release(2024, 1, &[100; 24]), release(2025, 2, &later)];
        for own in &mut years {
            own["noise"] = json!([]);
        }
        let found = compare(&years, &YEARS).unwrap();
        let first = &found.changes[0];
        let publication::Amount::Whole(low) = first.difference.low else { panic!("whole") };
        // A half-width of 6 is one of 3.163 at most: ⌈1.96·√2·(6.5/1.96) − 1/2⌉ = 9.
        assert_eq!(low, difference - 9);
        assert!(first.verdict == Verdict::Unclear || low > 0);
    }
}

#[test]
fn two_releases_of_one_year_are_no_change() {
    let same = [release(2025, 1, &[100; 24]), release(2025, 2, &[200; 24])];
    let error = compare(&same, &YEARS).unwrap_err();
    assert!(matches!(&error, Error::Changes(why) if why.contains("two years")), "{error}");
    let [old, new] = same;
    let found = compare(&[new, release(2024, 3, &[200; 24]), old], &YEARS).unwrap();
    assert_eq!(found.changes.len(), 24, "the newest of 2025 alone");
    assert!(found.changes.iter().all(|own| own.difference.value == publication::Amount::Whole(0)));
}

#[test]
fn withheld_and_tiny_numbers_are_counted_and_a_fall_to_nearly_none_is_not_tiny() {
    let mut years = [release(2024, 1, &[100; 24]), release(2025, 2, &[100; 24])];
    for (year, value) in years.iter_mut().zip([60, 3]) {
        let own = &mut year["cells"][0];
        (own["value"], own["low"], own["high"]) =
            (json!(value), json!(value - 6), json!(value + 6));
        let own = &mut year["cells"][1];
        (own["value"], own["low"], own["high"]) = (json!(8), json!(2), json!(14));
    }
    let own = &mut years[0]["cells"][2];
    (own["value"], own["low"], own["high"]) = (Value::Null, Value::Null, Value::Null);
    own["withheld"] = json!(true);
    years[1]["cells"].as_array_mut().unwrap().pop();
    let found = compare(&years, &YEARS).unwrap();
    assert_eq!((found.withheld, found.uncertain, found.unmatched), (1, 1, 1));
    assert_eq!((found.changes.len(), found.changes[0].signed().as_str()), (21, "−57"));
    assert_eq!(found.notes().len(), 4);
    years[1]["linkage_schema"] = json!("5".repeat(64));
    assert!(compare(&years, &YEARS).unwrap().linked_differently);
}

#[test]
fn quarters_follow_each_other_over_the_end_of_a_year() {
    let entries = |year: u16, counts: [i64; 4]| {
        let mut document = sample::entries();
        document["year"] = json!(year);
        document["noise"] = json!([{"quantity": "count", "sigma": 3.0}]);
        let all = counts.into_iter().chain([counts.iter().sum()]);
        for (cell, value) in document["cells"].as_array_mut().unwrap().iter_mut().zip(all) {
            cell["value"] = json!(value);
            cell["low"] = json!(value - 5);
            cell["high"] = json!(value + 5);
        }
        document
    };
    let years = [entries(2024, [50, 51, 52, 53]), entries(2025, [90, 91, 92, 93])];
    let found = compare(&years, &QUARTERS).unwrap();
    let strongest = &found.changes[0];
    assert_eq!(found.changes.len(), 7);
    let moment = |year, quarter| Moment { year, quarter: Some(quarter) };
    assert_eq!((strongest.from, strongest.to), (moment(2024, 4), moment(2025, 1)));
    assert_eq!((strongest.row.as_str(), strongest.signed().as_str()), ("Kita", "+37"));
    assert_eq!(strongest.to.german(), "1. Quartal 2025");
    // Variances of 9 + 1/4 each: what makes quarters agree with their year cancels between them.
    assert!((strongest.strength - 36.5 / 18.5_f64.sqrt()).abs() < 1e-9);
    let found = compare(&years, &YEARS).unwrap();
    assert_eq!(found.changes.len(), 5, "each quarter with its own, and the year");
    let later = entries(2027, [90, 91, 92, 93]);
    let found = compare(&[years[0].clone(), later], &QUARTERS).unwrap();
    assert_eq!(found.changes.len(), 6, "nothing follows over a gap");
    assert!(compare(&[release(2024, 1, &[1; 24]), release(2025, 2, &[1; 24])], &QUARTERS).is_err());
}

#[test]
fn means_take_the_longer_side_of_their_interval() {
    let mut years = [sample::mean(), sample::mean()];
    years[0]["year"] = json!(2024);
    years[1]["cells"][0] = json!({"keys": ["00-02"], "labels": ["unter 3"], "datasets": [],
        "value": 37.306, "low": 36.056, "high": 38.806, "withheld": false});
    let found = compare(&years, &YEARS).unwrap();
    // Longer sides of 1.5: standard deviations of 0.765 each, of the difference 1.082.
    let first = &found.changes[0];
    assert_eq!(first.row, "unter 3");
    assert!((first.strength - 10.0 / (1.5 / 1.959_964 * 2_f64.sqrt())).abs() < 1e-4);
    assert_eq!(first.difference.low.german(), "7,88");
    assert_eq!((found.withheld, first.verdict), (1, Verdict::Clear));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let two = |mut document: Value| {
        let later = document.clone();
        document["year"] = json!(2024);
        compare(&[document, later], &YEARS)
    };
    for (document, why) in [
        (sample::quantiles(), "hull"),
        (sample::sparse(2), "threshold"),
        (sample::rows(), "not Gaussian"),
    ] {
        let error = two(document).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    assert!(two(sample::share()).is_ok() && two(sample::overlap()).is_ok());
    let mut other = release(2024, 1, &[1; 24]);
    other["filter"] = json!({"sex": ["w"]});
    let error = compare(&[other, release(2025, 2, &[1; 24])], &YEARS).unwrap_err();
    assert!(error.to_string().contains("different questions"));
    let many: Vec<Value> = (1990..2031).map(|year| release(year, 1, &[1; 24])).collect();
    assert!(compare(&many, &YEARS).unwrap_err().to_string().contains("at most 40"));
    assert!(compare(&[], &YEARS).is_err());
}
