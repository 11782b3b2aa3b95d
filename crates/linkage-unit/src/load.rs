//! From stored batches to packed sources.

use std::collections::{BTreeMap, BTreeSet};

use linkage::{Filters, Source};
use policy::{LinkageSchema, Name};
use store::Db;
use store::batches::{self, LiveBatch};
use submission::{BatchStatement, LinkableChunk, SignedManifest, SubjectId};

use crate::UnitError;

/// The records of one department and dataset, with the subject of each row.
pub(crate) struct LoadedSource {
    pub(crate) department: String,
    pub(crate) dataset: String,
    pub(crate) subjects: Vec<SubjectId>,
    pub(crate) source: Source,
}

/// All records that count in an epoch.
pub(crate) struct Loaded {
    pub(crate) sources: Vec<LoadedSource>,
    pub(crate) batches: Vec<BatchStatement>,
}

struct Growing {
    subjects: Vec<SubjectId>,
    views: Vec<Filters>,
}

/// Reads the live batches of an epoch without the withdrawn subjects.
pub(crate) async fn load(
    db: &Db,
    schema: &LinkageSchema,
    (project, epoch): (&Name, &Name),
    live: Vec<LiveBatch>,
) -> Result<Loaded, UnitError> {
    let mut growing: BTreeMap<(String, String), Growing> = BTreeMap::new();
    let mut statements = Vec::new();
    let mut withdrawn: BTreeMap<String, BTreeSet<[u8; 16]>> = BTreeMap::new();
    for batch in live {
        let department = batch.key.department.clone();
        if !withdrawn.contains_key(&department) {
            let gone =
                batches::withdrawn(db, project.as_str(), epoch.as_str(), &department).await?;
            withdrawn.insert(department.clone(), gone);
        }
        let place = (department.clone(), batch.dataset.clone());
        let entry = match growing.entry(place) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(empty(schema)?),
        };
        let gone = withdrawn.get(&department);
        read_batch(db, schema, &batch, gone, entry).await?;
        statements.push(statement(&batch)?);
    }
    statements.sort();
    let mut sources = Vec::new();
    for ((department, dataset), Growing { subjects, views }) in growing {
        sources.push(LoadedSource { department, dataset, subjects, source: Source::new(views)? });
    }
    Ok(Loaded { sources, batches: statements })
}

fn empty(schema: &LinkageSchema) -> Result<Growing, UnitError> {
    let mut views = Vec::new();
    for _ in &schema.views {
        views.push(Filters::new(u32::from(schema.bits))?);
    }
    Ok(Growing { subjects: Vec::new(), views })
}

async fn read_batch(
    db: &Db,
    schema: &LinkageSchema,
    batch: &LiveBatch,
    withdrawn: Option<&BTreeSet<[u8; 16]>>,
    into: &mut Growing,
) -> Result<(), UnitError> {
    for index in 0..batch.chunk_count {
        let bytes = batches::read_chunk(db, &batch.key, index).await?;
        // All of its subjects were withdrawn and erased.
        if bytes.is_empty() {
            continue;
        }
        let chunk = LinkableChunk::decode(&bytes, schema)?;
        for linkable in chunk.iter() {
            if withdrawn.is_some_and(|gone| gone.contains(linkable.subject.as_bytes())) {
                continue;
            }
            into.subjects.push(linkable.subject);
            for (filters, bytes) in into.views.iter_mut().zip(&linkable.views) {
                filters.push(bytes)?;
            }
        }
    }
    Ok(())
}

fn statement(batch: &LiveBatch) -> Result<BatchStatement, UnitError> {
    let damaged = |_| UnitError::Store(store::Error::Damaged("batch.manifest"));
    let signed: SignedManifest = serde_json::from_str(&batch.manifest).map_err(damaged)?;
    Ok(BatchStatement {
        batch: signed.manifest.batch,
        department: signed.manifest.department,
        dataset: signed.manifest.dataset,
        subjects_digest: signed.manifest.subjects_digest,
    })
}
