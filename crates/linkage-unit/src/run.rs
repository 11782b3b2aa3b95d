//! One linkage run: load, compare, cluster, name the persons, freeze.

use std::time::{Duration, Instant};

use linkage::{Clusters, Options, Progress, Threshold, greedy, groups, mutual_best, optimal};
use policy::{Digest, LinkageSchema, Name, SimilarityThreshold, canonical_json};
use ring::rand::SecureRandom;
use store::proposals::Approved;
use store::snapshots::{self, Made, NewSnapshot};
use store::{Db, Head};
use submission::{
    BatchStatement, Link, LinkMap, ProblemCode, SnapshotId, SnapshotStatement, SubjectId,
};

use crate::UnitError;
use crate::job::{LinkReport, PairsReport, SourceReport, StageReport};
use crate::kept::{Counted, Course};
use crate::load::{Loaded, LoadedSource};
use crate::order::{Solver, Solving};
use crate::persons;

/// What a run makes.
pub(crate) struct Linked {
    pub(crate) map: LinkMap,
    pub(crate) batches: Vec<BatchStatement>,
    pub(crate) report: LinkReport,
}

/// How a run goes about it.
pub(crate) struct Way<'a> {
    pub(crate) schema: &'a LinkageSchema,
    pub(crate) solving: Solving,
    /// Whether pairs are there, or are to be compared.
    pub(crate) course: Course,
    /// The link map before, whose persons keep their ids.
    pub(crate) earlier: Option<&'a LinkMap>,
    pub(crate) progress: &'a Progress,
    pub(crate) random: &'a dyn SecureRandom,
}

/// Compares and clusters; runs on the machine's cores, so call it on a blocking thread.
pub(crate) fn link(loaded: Loaded, loading: Duration, way: Way<'_>) -> Result<Linked, UnitError> {
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
    let threshold = Threshold::from_per_million(way.solving.threshold.millionths())?;
    let started = Instant::now();
    let mut candidates = way.course.take(&packed, way.schema, threshold, way.progress)?;
    stages.push(stage("compare", started.elapsed()));
    let started = Instant::now();
    let sizes: Vec<u32> =
        packed.iter().map(|source| u32::try_from(source.rows()).unwrap_or(u32::MAX)).collect();
    let agreement = Threshold::from_per_million(way.schema.agreement.millionths())?;
    let mut pairs = Counted::new(&mut candidates.pairs, threshold);
    let options = Options::new(threshold);
    let clusters = match way.solving.solver {
        Solver::Groups => groups(&mut pairs, &sizes, agreement, &options),
        Solver::Greedy => greedy(&mut pairs, &sizes, &options),
        Solver::Mutual => mutual_best(&mut pairs, &sizes, &options),
        Solver::Optimal => optimal(&mut pairs, &sizes, &options),
    }?;
    let candidate_pairs = pairs.reached;
    stages.push(stage("cluster", started.elapsed()));
    let (map, cluster_sizes) = name_persons(&clusters, &subjects, way.earlier, way.random)?;
    let floor = SimilarityThreshold::from_millionths(candidates.floor.per_million())?;
    let report = LinkReport {
        period: None,
        sources: reports,
        compared: candidates.compared,
        candidate_pairs,
        clusters: clusters.len() as u64,
        cluster_sizes,
        pairs: Some(PairsReport {
            threshold: way.solving.threshold,
            solver: way.solving.solver,
            floor,
            compared_from_tile: candidates.from_tile,
        }),
        stages,
    };
    Ok(Linked { map, batches, report })
}

fn stage(name: &str, took: Duration) -> StageReport {
    StageReport { name: name.into(), seconds: took.as_secs_f64() }
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
    let solving = linked.report.pairs.as_ref().map(|own| {
        let (threshold, solver) = (String::from(own.threshold), own.solver);
        format!("{threshold}:{}", solver.as_str())
    });
    let made = Made { period: period.map(String::from), report: Some(report), solving };
    Ok(snapshots::freeze_approved(db, &new, &made, approved, now).await?)
}
