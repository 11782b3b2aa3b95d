//! What a run counted. Exact, so for whoever ran it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::time::Duration;

use linkage::{Apart, Filters, Measure, Source, Threshold};
use serde::Serialize;

use super::blocking::BlockLine;
use super::link::Found;
use super::odd::Odd;
use super::read::EncodedSource;

const MILLION: f64 = 1_000_000.0;
/// Bands between the threshold and 1.
const BANDS: u32 = 8;

/// The report; `docs/formats/link.md` is normative.
#[derive(Serialize)]
pub(crate) struct LinkFilesReport {
    format: &'static str,
    threshold: String,
    measure: &'static str,
    solver: String,
    sources: Vec<SourceLine>,
    compared: u64,
    candidate_pairs: u64,
    /// Those that stayed; all of them without --per-record.
    kept_pairs: u64,
    per_record: Option<u32>,
    /// Of those, what did not fit into memory.
    spilled_pairs: u64,
    pairs_by_band: Vec<BandLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocking: Option<BlockLine>,
    groups: u64,
    grouped_records: u64,
    single_records: u64,
    groups_by_size: Vec<SizeLine>,
    look_alikes: LookAlikes,
    stages: Vec<Stage>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct SourceLine {
    source: usize,
    path: String,
    records: u32,
    not_encoded: u32,
    /// Records with a filter that another one has too, and how often the most frequent is.
    repeated: u64,
    most_equal: u64,
    /// Records with more candidate partners in one source than --most-matches.
    crowded: u64,
    set_aside: u64,
    /// Records in a group.
    linked: u64,
    views: Vec<ViewLine>,
}

/// People who are alike and were kept apart, as members of a household are; counts only.
#[derive(Serialize)]
struct LookAlikes {
    classes: u64,
    persons: u64,
    records: u64,
    by_persons: Vec<ClassLine>,
}

#[derive(Serialize)]
struct ClassLine {
    persons: u64,
    classes: u64,
}

/// Set bits of the filters of a view, as shares of their length.
#[derive(Serialize)]
struct ViewLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    view: Option<String>,
    bits: u32,
    least_fill: f64,
    mean_fill: f64,
    greatest_fill: f64,
}

#[derive(Serialize)]
struct BandLine {
    from: f64,
    to: f64,
    pairs: u64,
}

#[derive(Serialize)]
struct SizeLine {
    size: usize,
    groups: u64,
}

/// One stage, and how many of what it went through.
#[derive(Serialize)]
pub(crate) struct Stage {
    stage: &'static str,
    seconds: f64,
    /// Filter pairs where it compared, candidate pairs where it solved or wrote, else records.
    items: u64,
    per_second: f64,
}

impl Stage {
    pub(crate) fn new(stage: &'static str, took: Duration, items: u64) -> Self {
        let seconds = took.as_secs_f64();
        let per_second = if seconds > 0.0 { (items as f64 / seconds).round() } else { 0.0 };
        Self { stage, seconds, items, per_second }
    }
}

impl LinkFilesReport {
    pub(crate) fn new(
        (threshold, measure, solver): (Threshold, Measure, String),
        inputs: &[EncodedSource],
        sources: &[Source],
        found: Found,
        (reading, mut warnings): (Stage, Vec<String>),
    ) -> Self {
        let least = f64::from(threshold.per_million()) / MILLION;
        let edge = |band: usize| {
            let share = band as f64 / f64::from(BANDS);
            ((least + (1.0 - least) * share) * MILLION).round() / MILLION
        };
        let band = |(number, &pairs): (usize, &u64)| BandLine {
            from: edge(number),
            to: edge(number + 1),
            pairs,
        };
        let mut sizes: BTreeMap<usize, u64> = BTreeMap::new();
        for cluster in found.clusters.iter() {
            *sizes.entry(cluster.records.len()).or_default() += 1;
        }
        let single_records = sizes.remove(&1).unwrap_or_default();
        let lines = inputs.iter().zip(sources).enumerate();
        let lines = lines.map(|(number, own)| SourceLine::new(number, own, &found.odd)).collect();
        warnings.extend(found_odd(&found));
        Self {
            format: "milchglas/link-report/v1",
            threshold: threshold.to_string(),
            measure: match measure {
                Measure::Dice => "dice",
                Measure::Jaccard => "jaccard",
                Measure::Hamming => "hamming",
            },
            solver,
            sources: lines,
            compared: found.summary.compared,
            candidate_pairs: found.summary.candidates,
            kept_pairs: found.summary.pairs,
            per_record: found.per_record.map(NonZeroU32::get),
            spilled_pairs: found.pairs.spilled(),
            pairs_by_band: found.pairs.bands.iter().enumerate().map(band).collect(),
            groups: sizes.values().sum(),
            grouped_records: sizes.iter().map(|(size, groups)| *size as u64 * groups).sum(),
            single_records,
            groups_by_size: sizes
                .into_iter()
                .map(|(size, groups)| SizeLine { size, groups })
                .collect(),
            look_alikes: LookAlikes::new(&found.apart),
            blocking: found.blocking,
            stages: std::iter::once(reading).chain(found.stages).collect(),
            warnings,
        }
    }

    pub(crate) fn add(&mut self, stage: Stage) {
        self.stages.push(stage);
    }

    /// The report as text for a person.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for own in &self.sources {
            let _ = writeln!(text, "source {}: {}, {} records", own.source, own.path, own.records);
            if own.not_encoded > 0 {
                let _ = writeln!(text, "  {} rows without an encoding", own.not_encoded);
            }
            for view in &own.views {
                let name = view.view.as_deref().map(|own| format!("{own}: ")).unwrap_or_default();
                let _ = writeln!(
                    text,
                    "  {name}{} bits, {:.1} % set ({:.1} to {:.1})",
                    view.bits,
                    view.mean_fill * 100.0,
                    view.least_fill * 100.0,
                    view.greatest_fill * 100.0
                );
            }
        }
        let _ = writeln!(
            text,
            "{} filter pairs compared by {}, {} candidate pairs from {} on",
            self.compared, self.measure, self.candidate_pairs, self.threshold
        );
        if let Some(most) = self.per_record {
            let _ = writeln!(
                text,
                "{} pairs kept, at most {most} of a record with a source",
                self.kept_pairs
            );
        }
        if self.spilled_pairs > 0 {
            let _ = writeln!(text, "{} pairs went through a temporary file", self.spilled_pairs);
        }
        text.extend(self.blocking.iter().map(BlockLine::text));
        for band in &self.pairs_by_band {
            let _ = writeln!(text, "  {:.6} to {:.6}  {:>12}", band.from, band.to, band.pairs);
        }
        let _ = writeln!(
            text,
            "{} groups of {} records by {}, {} records alone",
            self.groups, self.grouped_records, self.solver, self.single_records
        );
        for own in &self.groups_by_size {
            let _ = writeln!(text, "  of {:<3} {:>12}", own.size, own.groups);
        }
        let alike = &self.look_alikes;
        let _ = writeln!(
            text,
            "{} classes of {} persons who are alike and were kept apart, for review",
            alike.classes, alike.persons
        );
        for own in &alike.by_persons {
            let _ = writeln!(text, "  of {:<3} {:>12}", own.persons, own.classes);
        }
        for own in &self.stages {
            let _ = writeln!(
                text,
                "{:<8} {:>9.3} s  {:>14} per second",
                own.stage, own.seconds, own.per_second
            );
        }
        text
    }
}

impl SourceLine {
    fn new(number: usize, (about, source): (&EncodedSource, &Source), odd: &Odd) -> Self {
        let view = |(place, filters): (usize, &Filters)| ViewLine {
            view: about.views.get(place).cloned(),
            ..ViewLine::new(filters)
        };
        Self {
            source: number,
            path: about.path.display().to_string(),
            records: about.records,
            not_encoded: about.not_encoded,
            repeated: odd.repeats.get(number).map_or(0, |own| own.repeated),
            most_equal: odd.repeats.get(number).map_or(0, |own| own.largest),
            crowded: odd.crowded.get(number).copied().unwrap_or_default(),
            set_aside: odd.aside_of(number),
            linked: odd.hits.get(number).map_or(0, |own| own.linked),
            views: source.views().iter().enumerate().map(view).collect(),
        }
    }
}

impl ViewLine {
    fn new(filters: &Filters) -> Self {
        let weights = || (0..filters.rows()).map(|row| filters.weight(row));
        let bits = f64::from(filters.bits());
        let share = |weight: Option<u32>| f64::from(weight.unwrap_or_default()) / bits;
        let sum: u64 = weights().map(u64::from).sum();
        let rounded = |share: f64| (share * MILLION).round() / MILLION;
        Self {
            view: None,
            bits: filters.bits(),
            least_fill: rounded(share(weights().min())),
            mean_fill: rounded(sum as f64 / bits / (filters.rows().max(1)) as f64),
            greatest_fill: rounded(share(weights().max())),
        }
    }
}

impl LookAlikes {
    fn new(apart: &Apart) -> Self {
        let line =
            |(persons, classes): (&u64, &u64)| ClassLine { persons: *persons, classes: *classes };
        Self {
            classes: apart.classes(),
            persons: apart.clusters,
            records: apart.records,
            by_persons: apart.by_clusters.iter().map(line).collect(),
        }
    }
}

/// What was noticed while linking.
pub(crate) fn found_odd(found: &Found) -> Vec<String> {
    let alarms = found.odd.alarms.iter().map(ToString::to_string);
    let aside = found.odd.set_aside.records().len();
    let aside = (aside > 0).then(|| format!("{aside} records were set aside and linked to nobody"));
    let blocks = found.blocking.as_ref().map(BlockLine::warnings).unwrap_or_default();
    alarms.chain(aside).chain(blocks).collect()
}

/// What is odd about the encodings.
pub(crate) fn warnings(inputs: &[EncodedSource], sources: &[Source]) -> Vec<String> {
    inputs.iter().zip(sources).flat_map(warnings_of).collect()
}

fn warnings_of((about, source): (&EncodedSource, &Source)) -> Vec<String> {
    let path = about.path.display();
    let mut warnings = Vec::new();
    for (place, filters) in source.views().iter().enumerate() {
        let rows = filters.rows();
        let equal = (1..rows).all(|row| filters.row(row) == filters.row(0));
        if rows > 1 && equal {
            warnings.push(format!(
                "{path}: all {rows} filters of view {place} are equal; was each encoded from the \
                 same text, or from none?"
            ));
        }
        let empty = (0..rows).filter(|row| filters.weight(*row) == 0).count();
        if empty > 0 {
            warnings.push(format!("{path}: {empty} filters of view {place} have no bit set"));
        }
    }
    warnings
}
