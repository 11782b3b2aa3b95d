//! What the chunks of a batch must be, one by one and together.

use std::collections::BTreeMap;

use policy::UNKNOWN_CODE;
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
                let (dataset, period) = (&manifest.dataset, &manifest.period);
                let chunk =
                    MeasuresChunk::decode(bytes, catalogue, dataset, period).map_err(message)?;
                check_columns(expected, manifest, &chunk)?;
                Ok(Self::Measures(chunk))
            }
        }
    }
}

/// A column that no purpose of the project names stays empty: nobody may ask about it.
fn check_columns(
    expected: &Expected,
    manifest: &Manifest,
    chunk: &MeasuresChunk,
) -> Result<(), IntakeError> {
    let policies = &expected.policies;
    let Ok(dataset) = policies.catalogue.dataset(&manifest.dataset) else { return Ok(()) };
    let named = policies.named_columns(&manifest.project, &manifest.dataset).unwrap_or_default();
    let filled = |row: submission::Measures<'_>| {
        let codes = dataset.dimensions.iter().zip(row.codes);
        let code = codes.filter(|(_, code)| **code != UNKNOWN_CODE).map(|(name, _)| name);
        let code = code.filter(|name| !named.dimension(name));
        let amounts = dataset.measures.iter().zip(row.amounts);
        let amount = amounts.filter(|(_, amount)| amount.is_some()).map(|(own, _)| &own.name);
        code.chain(amount.filter(|name| !named.measure(name))).next().cloned()
    };
    match chunk.iter().find_map(filled) {
        None => Ok(()),
        Some(column) => {
            let detail = format!(
                "no purpose of the project names column `{column}` of `{}`; take it out of the \
                 mapping and encode the extract again",
                manifest.dataset
            );
            Err(IntakeError::refuse(ProblemCode::ColumnUnnamed, detail))
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

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use policy::{Dataset, Digest, Name, PolicySet};
    use submission::{BatchId, Measures, Mode, Period};

    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn expected() -> Expected {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
        let policies = Arc::new(PolicySet::load(&folder).unwrap());
        Expected { half: Half::Measures, policies, schemas: BTreeMap::new() }
    }

    /// As many rows of each year and subject.
    fn chunk(dataset: &Dataset, subjects: &[SubjectId], years: &[(u16, u16)]) -> MeasuresChunk {
        let mut chunk = MeasuresChunk::new(dataset);
        let codes = vec![0; dataset.dimensions.len()];
        let amounts = vec![None; dataset.measures.len()];
        for subject in subjects {
            let years = years.iter().flat_map(|(year, rows)| (0..*rows).map(move |_| *year));
            for (row, year) in (0..).zip(years) {
                let row = Measures {
                    subject: *subject,
                    row,
                    year,
                    first_month: 1,
                    last_month: 1,
                    unit: None,
                    codes: &codes,
                    amounts: &amounts,
                };
                chunk.push(&row).unwrap();
            }
        }
        chunk
    }

    fn check(expected: &Expected, chunks: Vec<MeasuresChunk>) -> Result<(), IntakeError> {
        let all: Vec<SubjectId> =
            chunks.iter().flat_map(|chunk| chunk.subjects().to_vec()).collect();
        let rows = all.len() as u64;
        let (subjects, digest) = subjects_digest(all);
        let id = |text: &str| serde_json::from_value(serde_json::json!(text)).unwrap();
        let batch: BatchId = id("000102030405060708090a0b0c0d0e0f");
        let manifest = Manifest {
            format: Manifest::FORMAT.into(),
            half: Half::Measures,
            project: name("county-06432"),
            epoch: name("2026"),
            department: name("youth-welfare"),
            dataset: name("kita"),
            batch,
            mode: Mode::Full,
            period: Period { from: "2024-01".parse().unwrap(), to: "2025-12".parse().unwrap() },
            schema: None,
            key_check_value: None,
            catalogue: None,
            rows,
            chunks: Vec::<Digest>::new(),
            subjects,
            subjects_digest: digest,
            withdrawn: Vec::new(),
        };
        let mut sum = Sum::default();
        chunks.into_iter().for_each(|chunk| sum.add(&Body::Measures(chunk)));
        sum.check(expected, &manifest)
    }

    /// The cap that a department's rows have, whatever the other departments deliver.
    #[test]
    fn a_subject_has_no_more_rows_in_a_year_than_the_catalogue_permits() {
        let expected = expected();
        let dataset = expected.policies.catalogue.dataset(&name("kita")).unwrap();
        let most = dataset.max_rows;
        let subject = |byte: u8| -> SubjectId {
            let text = format!("{byte:02x}").repeat(16);
            serde_json::from_value(serde_json::json!(text)).unwrap()
        };
        let both = [subject(1), subject(2)];
        assert!(
            check(&expected, vec![chunk(dataset, &both, &[(2024, most), (2025, most)])]).is_ok()
        );
        let refused = |chunks| {
            let problem = check(&expected, chunks).err().unwrap().to_string();
            assert!(problem.contains(&format!("more than {most} rows in a year")), "{problem}");
        };
        refused(vec![chunk(dataset, &both, &[(2025, most + 1)])]);
        // Spread over two chunks, beside a subject with few rows.
        refused(vec![
            chunk(dataset, &both[..1], &[(2025, most)]),
            chunk(dataset, &both, &[(2025, 1)]),
        ]);
    }
}
