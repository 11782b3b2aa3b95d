//! The two halves on disk: shuffled apart, cut into chunks, signed.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use encoder::Encoder;
use policy::Digest;
use submission::{
    BatchId, Half, LinkableChunk, Manifest, Measures, MeasuresChunk, SignedManifest, SubjectId,
    SubmissionError, UnitId, limits, subjects_digest,
};

use super::order::shuffle;
use super::shuffled::Shuffled;
use super::{Encoded, PrepareSettings, mode};
use crate::batch::{chunk_name, folder_name};
use crate::error::{Error, shown};
use crate::keys::write_private;
use crate::subjects::FactAt;

/// Creates a folder that only its owner may enter.
pub(super) fn create_folder(path: &Path) -> Result<(), Error> {
    DirBuilder::new().mode(0o700).create(path).map_err(|e| Error::write(path, &e))
}

/// What both halves need to know.
pub(super) struct Halves<'a> {
    pub(super) settings: &'a PrepareSettings<'a>,
    pub(super) encoder: &'a Encoder,
    pub(super) batch: BatchId,
    pub(super) folder: &'a Path,
    pub(super) withdrawn: &'a [SubjectId],
}

/// The chunks of one half as they are written.
struct Written {
    rows: u64,
    digests: Vec<Digest>,
}

impl Halves<'_> {
    pub(super) fn write(&self, encoded: Option<&mut Encoded>) -> Result<(), Error> {
        for half in [Half::Linkable, Half::Measures] {
            create_folder(&self.folder.join(folder_name(half)))?;
        }
        let (mut linkable, mut measures) = (Written::new(), Written::new());
        let mut ids: &[SubjectId] = &[];
        if let Some(encoded) = encoded {
            linkable = self.write_linkable(&mut encoded.encodings)?;
            measures = self.write_measures(encoded)?;
            ids = &encoded.ids;
        }
        self.sign(Half::Linkable, linkable, ids)?;
        self.sign(Half::Measures, measures, ids)
    }

    fn write_linkable(&self, encodings: &mut Shuffled) -> Result<Written, Error> {
        let schema = self.settings.schema;
        let most = rows_per_chunk(16 + schema.views.len() * schema.filter_bytes());
        let mut written = Written::new();
        let mut chunk = LinkableChunk::new(schema);
        encodings.each(|id, views| {
            chunk.push_bytes(id, views)?;
            if chunk.len() < most {
                return Ok(());
            }
            let full = std::mem::replace(&mut chunk, LinkableChunk::new(schema));
            self.keep(Half::Linkable, &mut written, full.len(), &full.encode()?)
        })?;
        if !chunk.is_empty() {
            self.keep(Half::Linkable, &mut written, chunk.len(), &chunk.encode()?)?;
        }
        Ok(written)
    }

    fn write_measures(&self, encoded: &Encoded) -> Result<Written, Error> {
        let dataset = self.settings.catalogue.dataset(&self.settings.mapping.dataset)?;
        let units = (0..encoded.collected.units).map(|_| UnitId::random(self.settings.random));
        let units = units.collect::<Result<Vec<_>, _>>()?;
        let mut facts: Vec<FactAt> = encoded.collected.facts().collect();
        // Not by subject either: the two halves share no order at all.
        shuffle(&mut facts, self.settings.random)?;
        let width = 64 + 2 * dataset.dimensions.len() + 9 * dataset.measures.len();
        let mut written = Written::new();
        for rows in facts.chunks(rows_per_chunk(width)) {
            let mut chunk = MeasuresChunk::new(dataset);
            for found in rows {
                let Some(fact) = encoded.collected.fact(found) else { continue };
                let Some(subject) = encoded.ids.get(fact.subject) else { continue };
                let unit = fact.place.unit.filter(|_| dataset.unit);
                chunk.push(&Measures {
                    subject: *subject,
                    row: fact.row,
                    year: fact.place.part.year,
                    first_month: fact.place.part.first_month,
                    last_month: fact.place.part.last_month,
                    unit: unit.and_then(|unit| units.get(unit as usize).copied()),
                    codes: fact.codes,
                    amounts: fact.amounts,
                })?;
            }
            self.keep(Half::Measures, &mut written, chunk.len(), &chunk.encode()?)?;
        }
        Ok(written)
    }

    fn keep(&self, half: Half, to: &mut Written, rows: usize, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() as u64 > limits::CHUNK_BYTES {
            let limit = limits::CHUNK_BYTES;
            return Err(SubmissionError::Limit { what: "size of a chunk", limit }.into());
        }
        let name = chunk_name(to.digests.len() as u64);
        write_private(&self.folder.join(folder_name(half)).join(name), bytes)?;
        to.digests.push(Digest::of(bytes));
        to.rows += rows as u64;
        Ok(())
    }

    fn sign(&self, half: Half, written: Written, ids: &[SubjectId]) -> Result<(), Error> {
        let settings = self.settings;
        let (subjects, subjects_digest) = subjects_digest(ids.iter().copied());
        let linkable = half == Half::Linkable;
        let manifest = Manifest {
            format: Manifest::FORMAT.into(),
            half,
            project: settings.sender.project.clone(),
            epoch: settings.sender.epoch.clone(),
            department: settings.sender.department.clone(),
            dataset: settings.mapping.dataset.clone(),
            batch: self.batch,
            mode: mode(&settings.change),
            period: settings.period,
            schema: linkable.then(|| settings.schema.digest()).transpose()?,
            key_check_value: linkable.then(|| self.encoder.key_check_value()),
            catalogue: (!linkable).then(|| settings.catalogue.digest()).transpose()?,
            rows: written.rows,
            chunks: written.digests,
            subjects,
            subjects_digest,
            withdrawn: self.withdrawn.to_vec(),
        };
        let signed = SignedManifest::sign(manifest, &settings.keys.signing)?;
        let json = serde_json::to_vec_pretty(&signed)
            .map_err(|e| Error::Batch { path: shown(self.folder), reason: e.to_string() })?;
        write_private(&self.folder.join(folder_name(half)).join("manifest.json"), &json)
    }
}

impl Written {
    fn new() -> Self {
        Self { rows: 0, digests: Vec::new() }
    }
}

/// As many rows as surely fit into a chunk; an eighth is left for Arrow's own bytes.
fn rows_per_chunk(width: usize) -> usize {
    let bytes = usize::try_from(limits::CHUNK_BYTES).unwrap_or(usize::MAX);
    (bytes / 8 * 7 / width).clamp(1, limits::CHUNK_ROWS)
}
