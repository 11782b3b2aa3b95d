//! What the chunks of a batch must be, one by one and together.

use std::collections::BTreeMap;

use submission::{
    Half, LinkableChunk, Manifest, MeasuresChunk, ProblemCode, SubjectId, subjects_digest,
};

use crate::{Expected, IntakeError};

/// A chunk that has the agreed form.
pub(crate) enum Body {
    Linkable(LinkableChunk),
    Measures(MeasuresChunk),
}

impl Body {
    /// Reads and checks one chunk.
    pub(crate) fn read(
        expected: &Expected,
        manifest: &Manifest,
        bytes: &[u8],
    ) -> Result<Self, IntakeError> {
        let message = IntakeError::message(ProblemCode::ChunkInvalid);
        match manifest.half {
            Half::Linkable => {
                let schema = expected.schema(&manifest.project)?;
                let chunk = LinkableChunk::decode(bytes, schema).map_err(message)?;
                check_weights(&chunk, schema.weight_window)?;
                Ok(Self::Linkable(chunk))
            }
            Half::Measures => {
                let catalogue = &expected.policies.catalogue;
                MeasuresChunk::decode(bytes, catalogue, &manifest.dataset, &manifest.period)
                    .map(Self::Measures)
                    .map_err(message)
            }
        }
    }
}

/// A filter with far too many or too few bits was not made from a person (poisoning).
fn check_weights(chunk: &LinkableChunk, [low, high]: [u16; 2]) -> Result<(), IntakeError> {
    for (row, linkable) in chunk.iter().enumerate() {
        for view in &linkable.views {
            let weight: u32 = view.iter().map(|byte| byte.count_ones()).sum();
            if !(u32::from(low)..=u32::from(high)).contains(&weight) {
                let detail = format!(
                    "row {row}: an encoding lies outside the schema's weight window of {low} to \
                     {high} set bits; it was not made by the agreed encoder"
                );
                return Err(IntakeError::refuse(ProblemCode::ChunkInvalid, detail));
            }
        }
    }
    Ok(())
}

/// What all chunks amount to.
#[derive(Default)]
pub(crate) struct Sum {
    rows: u64,
    subjects: Vec<SubjectId>,
    rows_per_year: BTreeMap<(SubjectId, u16), u32>,
}

impl Sum {
    pub(crate) fn add(&mut self, body: &Body) {
        match body {
            Body::Linkable(chunk) => {
                self.rows += chunk.len() as u64;
                self.subjects.extend_from_slice(chunk.subjects());
            }
            Body::Measures(chunk) => {
                self.rows += chunk.len() as u64;
                self.subjects.extend_from_slice(chunk.subjects());
                for row in chunk.iter() {
                    *self.rows_per_year.entry((row.subject, row.year)).or_default() += 1;
                }
            }
        }
    }

    pub(crate) fn check(self, expected: &Expected, manifest: &Manifest) -> Result<(), IntakeError> {
        let refuse = |why: String| Err(IntakeError::refuse(ProblemCode::BatchInconsistent, why));
        if self.rows != manifest.rows {
            return refuse(format!(
                "the manifest announces {} rows, the chunks have {}; encode the extract again",
                manifest.rows, self.rows
            ));
        }
        let (subjects, digest) = subjects_digest(self.subjects);
        if subjects != manifest.subjects || digest != manifest.subjects_digest {
            return refuse(
                "the subjects differ from the manifest's; encode the extract again".into(),
            );
        }
        let most = expected
            .policies
            .catalogue
            .dataset(&manifest.dataset)
            .map_or(0, |dataset| u32::from(dataset.max_rows));
        if self.rows_per_year.values().any(|rows| *rows > most) {
            return refuse(format!("a subject has more than {most} rows in a year"));
        }
        Ok(())
    }
}
