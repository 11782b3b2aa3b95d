//! The threshold that is recommended without knowing the truth, beside the best one.

use std::collections::{BTreeMap, HashMap};

use linkage::{
    Clusters, Comparison, Filters, Kernel, Limits, Measure, Options, PairList, Progress, RecordRef,
    Rule, Source, Threshold, assess_sources, compare, groups,
};
use policy::PolicySet;
use ring::rand::SystemRandom;
use serde::Serialize;
use submission::LinkableChunk;

use crate::calibrate::whole_window;
use crate::county::{County, PersonNumber, Settings, World};
use crate::installation::SCHEMA;
use crate::policies_folder;
use crate::rehearsal::Workplace;

/// Most candidate pairs of a county.
const MOST_PAIRS: u64 = 100_000_000;
/// Thousandths between the thresholds that are tried for the best one.
const STEP: u32 = 3;
/// Thousandths above the floor beyond which none is tried: recall only falls there.
const REACH: u32 = 200;

/// What the comparison is asked for.
pub struct AssessSettings {
    /// The people.
    pub county: Settings,
    /// Whether to print JSON.
    pub json: bool,
}

/// One county: what was recommended, what was predicted, and what is true.
#[derive(Serialize)]
pub struct Assessed {
    /// County key.
    pub county: String,
    /// Records of all datasets.
    pub records: u64,
    /// Least similarity looked at.
    pub floor: String,
    /// The recommended threshold; none where no match was expected.
    pub recommended: Option<String>,
    /// F1 predicted for it.
    pub predicted_f1: f64,
    /// F1 against the truth at it, clustered as a run of the unit does.
    pub true_f1: f64,
    /// The threshold of the greatest true F1.
    pub best: String,
    /// That F1.
    pub best_f1: f64,
    /// Estimated matching pairs of records.
    pub matches: f64,
    /// True pairs of records, one to one between two datasets.
    pub true_matches: u64,
    /// What the assistant warns of.
    pub warnings: Vec<String>,
    /// From the floor on.
    pub curve: Vec<Point>,
}

/// Predicted and true figures at one threshold.
#[derive(Serialize)]
pub struct Point {
    /// Thousandths.
    pub per_mille: u32,
    /// Predicted precision.
    pub precision: f64,
    /// Predicted recall.
    pub recall: f64,
    /// Predicted F1.
    pub f1: f64,
    /// F1 against the truth.
    pub true_f1: f64,
}

/// Encodes both counties, assesses each, and prints how far the recommendation is from the best.
///
/// # Errors
/// Where a setting is out of range or a county cannot be encoded.
pub fn assess(settings: &AssessSettings) -> anyhow::Result<Vec<Assessed>> {
    let folder = policies_folder();
    let policies = PolicySet::load(&folder)?;
    let place = Workplace {
        policies: &policies,
        folder: &folder,
        schema: &policies.schemas[SCHEMA],
        random: &SystemRandom::new(),
        period: whole_window()?,
        year: None,
    };
    let world = World::generate(&settings.county)?;
    let mut all = Vec::new();
    for county in world.counties() {
        let assessed = one(&place, county)?;
        if !settings.json {
            print(&assessed);
        }
        all.push(assessed);
    }
    if settings.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
    }
    Ok(all)
}

fn print(own: &Assessed) {
    println!(
        "{}: {} records; recommended {} (predicted F1 {:.4}, true {:.4}), best {} ({:.4}); {:.0} \
         matches estimated, {} true {:?}",
        own.county,
        own.records,
        own.recommended.as_deref().unwrap_or("none"),
        own.predicted_f1,
        own.true_f1,
        own.best,
        own.best_f1,
        own.matches,
        own.true_matches,
        own.warnings,
    );
}

fn one(place: &Workplace<'_>, county: &County) -> anyhow::Result<Assessed> {
    let (sources, people) = sources(place, county)?;
    let rule = Rule::between_all(sources.len() as u32);
    let (limits, kernel) = (Limits { pairs: MOST_PAIRS }, Kernel::detect());
    let measure = Measure::Hamming;
    let told = assess_sources(&sources, &rule, measure, limits, kernel, &Progress::new())?;
    let mut pairs = PairList::new();
    let (threshold, first_tile) = (told.floor, 0);
    let sources = sources.as_slice();
    let comparison =
        Comparison { sources, rule: &rule, measure, threshold, limits, first_tile, kernel };
    compare(&comparison, &mut pairs, &Progress::new())?;
    let sizes: Vec<u32> = people.iter().map(|own| own.len() as u32).collect();
    let agreement = Threshold::from_per_million(place.schema.agreement.millionths())?;
    let true_matches = real(&people);
    let f1 = |threshold: Threshold| -> anyhow::Result<f64> {
        let options = Options::new(threshold);
        let clusters = groups(&mut pairs.reader(), &sizes, agreement, &options)?;
        let (found, both) = counts(&clusters, &people);
        Ok(2.0 * both as f64 / (found + true_matches).max(1) as f64)
    };
    let mut curve = Vec::new();
    let reach = told.floor.per_million() / 1_000 + REACH;
    for figure in told.figures.iter().step_by(STEP as usize) {
        let per_mille = figure.threshold.per_million() / 1_000;
        if per_mille <= reach {
            let (precision, recall) = (figure.precision, figure.recall);
            let true_f1 = f1(figure.threshold)?;
            curve.push(Point { per_mille, precision, recall, f1: figure.f1, true_f1 });
        }
    }
    let best = curve.iter().max_by(|a, b| a.true_f1.total_cmp(&b.true_f1));
    let (best, best_f1) = best.map_or((1_000, 0.0), |best| (best.per_mille, best.true_f1));
    let chosen = told.figures.iter().find(|own| Some(own.threshold) == told.recommended);
    Ok(Assessed {
        county: county.ags().to_owned(),
        records: sizes.iter().map(|own| u64::from(*own)).sum(),
        floor: told.floor.to_string(),
        recommended: told.recommended.map(|own| own.to_string()),
        predicted_f1: chosen.map_or(0.0, |own| own.f1),
        true_f1: told.recommended.map_or(Ok(0.0), f1)?,
        best: Threshold::from_per_million(best * 1_000)?.to_string(),
        best_f1,
        matches: told.matches,
        true_matches,
        warnings: told.warnings.iter().map(|own| format!("{own:?}")).collect(),
        curve,
    })
}

type People = Vec<Vec<Option<PersonNumber>>>;

/// The datasets as the linkage unit would load them, and who is behind each row.
fn sources(place: &Workplace<'_>, county: &County) -> anyhow::Result<(Vec<Source>, People)> {
    let (mut sources, mut people) = (Vec::new(), Vec::new());
    for (_, encoded) in place.encode_all(county, || ())? {
        let mut views = Vec::new();
        for _ in &place.schema.views {
            views.push(Filters::new(u32::from(place.schema.bits))?);
        }
        let mut rows = Vec::new();
        for linkable in encoded.source.chunks.iter().flat_map(LinkableChunk::iter) {
            rows.push(encoded.people.get(&linkable.subject).copied());
            for (filters, bytes) in views.iter_mut().zip(&linkable.views) {
                filters.push(bytes)?;
            }
        }
        sources.push(Source::new(views)?);
        people.push(rows);
    }
    Ok((sources, people))
}

/// Pairs of different datasets among records, by dataset.
fn across(records: impl Iterator<Item = usize>) -> u64 {
    let mut by: BTreeMap<usize, u64> = BTreeMap::new();
    for source in records {
        *by.entry(source).or_default() += 1;
    }
    let all: u64 = by.values().sum();
    let within: u64 = by.values().map(|own| own * (own - 1) / 2).sum();
    all * all.saturating_sub(1) / 2 - within
}

fn real(people: &People) -> u64 {
    let mut by: HashMap<PersonNumber, Vec<usize>> = HashMap::new();
    for (source, rows) in people.iter().enumerate() {
        for person in rows.iter().flatten() {
            by.entry(*person).or_default().push(source);
        }
    }
    by.into_values().map(|own| across(own.into_iter())).sum()
}

/// Pairs found, and those of them that are true.
fn counts(clusters: &Clusters, people: &People) -> (u64, u64) {
    let (mut found, mut both) = (0, 0);
    for cluster in clusters.iter() {
        let source = |record: &RecordRef| record.source as usize;
        found += across(cluster.records.iter().map(source));
        let mut by: HashMap<PersonNumber, Vec<usize>> = HashMap::new();
        for record in cluster.records {
            if let Some(person) = people[record.source as usize][record.row as usize] {
                by.entry(person).or_default().push(source(record));
            }
        }
        both += by.into_values().map(|own| across(own.into_iter())).sum::<u64>();
    }
    (found, both)
}
