//! From stored batches and a link map to the person table of a snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use policy::{Catalogue, Digest, Name};
use ring::hmac;
use statistics::{DatasetFacts, Fact, Links, PersonTable, RankKey};
use store::Db;
use store::batches::{self, BatchKey};
use submission::{
    BatchStatement, LinkMap, MeasuresChunk, Month, Period, PersonId, ProblemCode, SignedManifest,
    SnapshotId, SnapshotStatement, SubjectId, UnitId,
};
use zeroize::Zeroize;

use crate::UnitError;

/// A person table with the subjects that were found on the way, for the check at acceptance.
pub(crate) struct LoadedTable {
    pub(crate) table: PersonTable,
    pub(crate) subjects: BTreeSet<SubjectId>,
}

/// Reads the facts of the batches of a snapshot.
///
/// Rows of subjects that the map does not name are left out; [`crate::accept`] has checked that
/// these are exactly the withdrawn ones.
pub(crate) async fn load(
    db: &Db,
    catalogue: &Catalogue,
    statement: &SnapshotStatement,
    map: &LinkMap,
    rank_secret: &hmac::Key,
) -> Result<LoadedTable, UnitError> {
    let (persons, index) = person_index(map)?;
    let rank = rank_key(rank_secret, statement.snapshot);
    // One dataset after the other: sorted facts take a third of the room of those that arrive.
    let mut datasets: BTreeMap<&Name, Vec<&BatchStatement>> = BTreeMap::new();
    for batch in &statement.batches {
        datasets.entry(&batch.dataset).or_default().push(batch);
    }
    let mut facts = Vec::with_capacity(datasets.len());
    let mut subjects = BTreeSet::new();
    let mut units = Numbers::<UnitId>(BTreeMap::new());
    let mut years: Option<RangeInclusive<u16>> = None;
    for (dataset, batches) in datasets {
        let mut builder = DatasetFacts::builder(dataset.clone(), catalogue.dataset(dataset)?);
        let mut numbers = Numbers::<SubjectId>(BTreeMap::new());
        for batch in batches {
            let read = read_batch(db, catalogue, statement, batch, |chunk| {
                for row in chunk.iter() {
                    subjects.insert(row.subject);
                    let Some(person) = index.get(&row.subject) else { continue };
                    builder.push(&Fact {
                        person: *person,
                        subject: numbers.index(row.subject)?,
                        rank: rank.rank(row.subject.as_bytes(), row.row),
                        year: row.year,
                        first_month: row.first_month,
                        last_month: row.last_month,
                        unit: row.unit.map(|unit| units.index(unit)).transpose()?,
                        codes: row.codes,
                        measures: row.amounts,
                    })?;
                }
                Ok(())
            })
            .await?;
            // Rows past their retention are gone: of those years this says nothing any more.
            let Some(Period { from, to }) = read else { continue };
            builder.delivered(((from.year, from.month), (to.year, to.month)));
            years = Some(match years {
                None => from.year..=to.year,
                Some(own) => from.year.min(*own.start())..=to.year.max(*own.end()),
            });
        }
        let sorted = tokio::task::spawn_blocking(move || builder.finish()).await;
        facts.push(sorted.map_err(|_| UnitError::Worker)?);
    }
    let nothing = || {
        let detail = "the snapshot names no batch whose facts are kept; deliver and link again";
        UnitError::refuse(ProblemCode::SnapshotInconsistent, detail)
    };
    let snapshot = Name::new(statement.snapshot.to_string())?;
    let lines = map.links().iter().filter_map(|own| Some((*index.get(&own.subject)?, own.band)));
    let links = Links::of_lines(statement.schema, persons, lines)?;
    let table = PersonTable::new(snapshot, persons, years.ok_or_else(nothing)?, facts)?
        .with_links(links)?;
    Ok(LoadedTable { table, subjects })
}

fn person_index(map: &LinkMap) -> Result<(u32, BTreeMap<SubjectId, u32>), UnitError> {
    let persons: BTreeSet<PersonId> = map.links().iter().map(|link| link.person).collect();
    let count = u32::try_from(persons.len())
        .map_err(|_| UnitError::refuse(ProblemCode::TooLarge, "too many persons"))?;
    let dense: BTreeMap<PersonId, u32> = persons.into_iter().zip(0..count).collect();
    let index = map.links().iter().filter_map(|l| Some((l.subject, *dense.get(&l.person)?)));
    Ok((count, index.collect()))
}

/// One key per snapshot, so that nobody chooses which of a person's rows decides.
fn rank_key(secret: &hmac::Key, snapshot: SnapshotId) -> RankKey {
    let tag = hmac::sign(secret, snapshot.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    let key = RankKey::take(&mut bytes);
    bytes.zeroize();
    key
}

/// Subjects or households by their random ids, numbered as they come.
struct Numbers<Id>(BTreeMap<Id, u32>);

impl<Id: Ord> Numbers<Id> {
    fn index(&mut self, id: Id) -> Result<u32, UnitError> {
        let too_many =
            |_| UnitError::refuse(ProblemCode::TooLarge, "too many subjects or households");
        let next = u32::try_from(self.0.len()).map_err(too_many)?;
        Ok(*self.0.entry(id).or_insert(next))
    }
}

/// Hands every chunk of a batch to `take` and returns the period that it still covers.
async fn read_batch(
    db: &Db,
    catalogue: &Catalogue,
    statement: &SnapshotStatement,
    batch: &BatchStatement,
    mut take: impl FnMut(&MeasuresChunk) -> Result<(), UnitError>,
) -> Result<Option<Period>, UnitError> {
    let key = BatchKey {
        project: statement.project.to_string(),
        department: batch.department.to_string(),
        batch: batch.batch.to_string(),
    };
    let missing = || {
        let detail = format!(
            "batch {} of `{}` reached only the linkage unit; submit its other half and link again",
            batch.batch, batch.department
        );
        UnitError::refuse(ProblemCode::SnapshotInconsistent, detail)
    };
    let status = batches::status(db, &key).await?.ok_or_else(missing)?;
    if status.state == batches::State::Receiving {
        return Err(missing());
    }
    let damaged = |_| UnitError::Store(store::Error::Damaged("batch.manifest"));
    let erased = || {
        let detail = "a later delivery replaced one of this snapshot's, whose facts are erased; \
                      ask the newest snapshot";
        UnitError::refuse(ProblemCode::SnapshotUnknown, detail)
    };
    let text = status.manifest.as_deref().ok_or_else(erased)?;
    let signed: SignedManifest = serde_json::from_str(text).map_err(damaged)?;
    let manifest = signed.manifest;
    if manifest.subjects_digest != batch.subjects_digest {
        let detail = format!(
            "batch {} of `{}` has other subjects in its two halves; encode and submit it again",
            batch.batch, batch.department
        );
        return Err(UnitError::refuse(ProblemCode::SnapshotInconsistent, detail));
    }
    same_catalogue(manifest.catalogue, catalogue)?;
    for position in 0..status.chunk_count {
        let bytes = batches::read_chunk(db, &key, position).await?;
        // An empty one has no row left: all were withdrawn, or are past their retention.
        if !bytes.is_empty() {
            take(&MeasuresChunk::decode(&bytes, catalogue, &manifest.dataset, &manifest.period)?)?;
        }
    }
    Ok(still_covered(manifest.period, status.kept_from))
}

/// The part of a period whose event years are kept.
fn still_covered(period: Period, kept_from: Option<i64>) -> Option<Period> {
    let first = kept_from.and_then(|year| Month::new(u16::try_from(year).ok()?, 1).ok());
    let from = first.map_or(period.from, |first| first.max(period.from));
    (from <= period.to).then_some(Period { from, to: period.to })
}

/// Codes are positions in the catalogue, so a changed catalogue would change their meaning.
fn same_catalogue(sent: Option<Digest>, own: &Catalogue) -> Result<(), UnitError> {
    if sent == Some(own.digest()?) {
        return Ok(());
    }
    let detail = "the catalogue changed since the delivery; deliver again under the new one";
    Err(UnitError::refuse(ProblemCode::CatalogueDiffers, detail))
}
