//! One linkage run: load, compare, cluster, name the persons, freeze.

use std::time::{Duration, Instant};

use linkage::{
    Clusters, Comparison, Kernel, Limits, Measure, Options, PairList, Progress, Rule, Summary,
    Threshold, compare, groups,
};
use policy::{Digest, LinkageSchema, Name, SchemaMeasure, canonical_json};
use ring::rand::SecureRandom;
use store::proposals::Approved;
use store::snapshots::{self, Made, NewSnapshot};
use store::{Db, Head};
use submission::{
    BatchStatement, Link, LinkMap, ProblemCode, SnapshotId, SnapshotStatement, SubjectId,
};

use crate::UnitError;
use crate::job::{LinkReport, SourceReport, StageReport};
use crate::load::{Loaded, LoadedSource};
use crate::persons;

/// Most candidate pairs of a run; each takes 24 bytes.
const MOST_PAIRS: u64 = 200_000_000;

/// What a run makes.
pub(crate) struct Linked {
    pub(crate) map: LinkMap,
    pub(crate) batches: Vec<BatchStatement>,
    pub(crate) report: LinkReport,
}

/// Compares and clusters; runs on the machine's cores, so call it on a blocking thread.
pub(crate) fn link(
    loaded: Loaded,
    loading: Duration,
    schema: &LinkageSchema,
    earlier: Option<&LinkMap>,
    progress: &Progress,
    random: &dyn SecureRandom,
) -> Result<Linked, UnitError> {
    let Loaded { sources, batches } = loaded;
    if sources.iter().all(|source| source.subjects.is_empty()) {
        let detail = "no complete batch of this epoch has a record; submit first";
        return Err(UnitError::refuse(ProblemCode::NothingToLink, detail));
    }
    let mut stages = vec![stage("load", loading)];
    let mut packed = Vec::with_capacity(sources.len());
    let mut subjects = Vec::with_capacity(sources.len());
    let mut reports = Vec::with_capacity(sources.len());
    for LoadedSource { department, dataset, subjects: own, source } in sources {
        reports.push(SourceReport { department, dataset, records: own.len() as u64 });
        subjects.push(own);
        packed.push(source);
    }
    let threshold = Threshold::from_per_million(schema.threshold.millionths())?;
    let started = Instant::now();
    let (pairs, summary) = candidates(&packed, schema, threshold, progress)?;
    stages.push(stage("compare", started.elapsed()));
    let started = Instant::now();
    let sizes: Vec<u32> =
        packed.iter().map(|source| u32::try_from(source.rows()).unwrap_or(u32::MAX)).collect();
    let agreement = Threshold::from_per_million(schema.agreement.millionths())?;
    let clusters = groups(&mut pairs.reader(), &sizes, agreement, &Options::new(threshold))?;
    stages.push(stage("cluster", started.elapsed()));
    let (map, cluster_sizes) = name_persons(&clusters, &subjects, earlier, random)?;
    let report = LinkReport {
        period: None,
        sources: reports,
        compared: summary.compared,
        candidate_pairs: summary.pairs,
        clusters: clusters.len() as u64,
        cluster_sizes,
        stages,
    };
    Ok(Linked { map, batches, report })
}

fn stage(name: &str, took: Duration) -> StageReport {
    StageReport { name: name.into(), seconds: took.as_secs_f64() }
}

fn candidates(
    sources: &[linkage::Source],
    schema: &LinkageSchema,
    threshold: Threshold,
    progress: &Progress,
) -> Result<(PairList, Summary), UnitError> {
    let rule = Rule::between_all(u32::try_from(sources.len()).unwrap_or(u32::MAX));
    let comparison = Comparison {
        sources,
        rule: &rule,
        measure: match schema.measure {
            SchemaMeasure::Dice => Measure::Dice,
            SchemaMeasure::Hamming => Measure::Hamming,
        },
        threshold,
        limits: Limits { pairs: MOST_PAIRS },
        first_tile: 0,
        kernel: Kernel::detect(),
    };
    let mut pairs = PairList::new();
    let summary = compare(&comparison, &mut pairs, progress)?;
    Ok((pairs, summary))
}

fn name_persons(
    clusters: &Clusters,
    subjects: &[Vec<SubjectId>],
    earlier: Option<&LinkMap>,
    random: &dyn SecureRandom,
) -> Result<(LinkMap, Vec<u64>), UnitError> {
    let mut members = Vec::with_capacity(clusters.len());
    let mut bands = Vec::with_capacity(clusters.len());
    let mut sizes: Vec<u64> = Vec::new();
    for cluster in clusters.iter() {
        let place = cluster.records.len().saturating_sub(1);
        if sizes.len() <= place {
            sizes.resize(place + 1, 0);
        }
        if let Some(count) = sizes.get_mut(place) {
            *count += 1;
        }
        let own = cluster.records.iter().filter_map(|record| {
            subjects.get(record.source as usize)?.get(record.row as usize).copied()
        });
        members.push(own.collect::<Vec<_>>());
        bands.push(cluster.band.map_or(7, linkage::Band::number));
    }
    let persons = persons::assign(&members, earlier, random)?;
    let mut links = Vec::new();
    for ((cluster, person), band) in members.iter().zip(&persons).zip(&bands) {
        let link = |subject: &SubjectId| Link { subject: *subject, person: *person, band: *band };
        links.extend(cluster.iter().map(link));
    }
    Ok((LinkMap::new(links)?, sizes))
}

/// Stores the result with its report; from here on it does not change.
pub(crate) async fn freeze(
    db: &Db,
    snapshot: SnapshotId,
    (project, epoch, schema): (&Name, &Name, Digest),
    (linked, approved): (&Linked, Option<Approved>),
    now: i64,
) -> Result<Head, UnitError> {
    let period = linked.report.period.as_ref().map(|own| own.period.clone());
    let bytes = linked.map.to_bytes();
    let digest = Digest::of(&bytes);
    let statement = SnapshotStatement {
        format: SnapshotStatement::FORMAT.into(),
        snapshot,
        project: project.clone(),
        epoch: epoch.clone(),
        schema,
        batches: linked.batches.clone(),
        link_map: digest,
        subjects: linked.map.links().len() as u64,
        period: period.clone(),
    };
    let text = String::from_utf8(canonical_json(&statement)?)
        .map_err(|_| UnitError::Store(store::Error::Damaged("snapshot.statement")))?;
    let new = NewSnapshot {
        snapshot: snapshot.to_string(),
        project: project.to_string(),
        epoch: epoch.to_string(),
        statement: text,
        link_map: bytes,
        digest: *digest.as_bytes(),
    };
    let report = serde_json::to_string(&linked.report)
        .map_err(|_| UnitError::Store(store::Error::Damaged("snapshot.report")))?;
    let made = Made { period: period.map(String::from), report: Some(report) };
    Ok(snapshots::freeze_approved(db, &new, &made, approved, now).await?)
}
