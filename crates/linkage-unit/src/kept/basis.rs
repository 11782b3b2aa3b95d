use policy::{Digest, LinkageSchema};
use submission::SubjectId;

use crate::load::LoadedSource;

/// What is compared: the subjects by source and row. A subject's encodings never change, so these
/// and the schema say whether two comparisons find the same pairs.
pub(crate) struct Basis {
    /// Which comparison this is.
    pub(crate) digest: Digest,
    /// The subjects, to be kept with the pairs that name their rows.
    pub(crate) sources: Vec<u8>,
}

impl Basis {
    /// Of the sources in their order; by measure, length and views, not by threshold.
    pub(crate) fn of(sources: &[LoadedSource], schema: &LinkageSchema) -> Self {
        let mut bytes = Vec::new();
        for source in sources {
            for name in [&source.department, &source.dataset] {
                put(&mut bytes, name.len());
                bytes.extend_from_slice(name.as_bytes());
            }
            put(&mut bytes, source.subjects.len());
            for subject in &source.subjects {
                bytes.extend_from_slice(subject.as_bytes());
            }
        }
        let measure = format!("{:?} {} {}", schema.measure, schema.bits, schema.views.len());
        let digest =
            Digest::from_parts(&[b"milchglas/comparison/1\0", measure.as_bytes(), b"\0", &bytes]);
        Self { digest, sources: bytes }
    }
}

fn put(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

/// The subjects by source and row, as [`Basis::of`] wrote them; `None` where they are damaged.
pub(super) fn subjects(bytes: &[u8]) -> Option<Vec<Vec<SubjectId>>> {
    let (mut rest, mut sources) = (bytes, Vec::new());
    while !rest.is_empty() {
        for _name in 0..2 {
            let length = take(&mut rest)?;
            rest = rest.get(length..)?;
        }
        let count = take(&mut rest)?;
        let (own, behind) = rest.split_at_checked(count.checked_mul(16)?)?;
        let subject = |id: &[u8]| SubjectId::from_wire(id).ok();
        sources.push(own.chunks_exact(16).map(subject).collect::<Option<_>>()?);
        rest = behind;
    }
    Some(sources)
}

fn take(bytes: &mut &[u8]) -> Option<usize> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    usize::try_from(u32::from_le_bytes(*number)).ok()
}
