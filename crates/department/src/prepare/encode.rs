//! Subjects → encodings: the extract is read a second time, for the one record of each subject
//! whose identifiers count, so that no identifiers wait in memory for their turn.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use encoder::{Encoder, Fill};
use submission::SubjectId;

use super::shuffled::Shuffled;
use super::{PrepareSettings, Progress};
use crate::encoded::{Refusal, stream};
use crate::error::{Error, shown};
use crate::mapping::Layout;
use crate::source::{Source, SourceSettings};
use crate::subjects::{Collected, Reason, identify};

/// Size and time of change of a file: whether both readings saw the same.
#[derive(PartialEq, Eq)]
pub(super) struct Stamp(u64, SystemTime);

impl Stamp {
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        let metadata = fs::metadata(path).map_err(|e| Error::read(path, &e))?;
        let modified = metadata.modified().map_err(|e| Error::read(path, &e))?;
        Ok(Self(metadata.len(), modified))
    }
}

/// The second reading of an extract.
pub(super) struct Again<'a> {
    pub(super) extract: &'a Path,
    pub(super) source_settings: &'a SourceSettings,
    pub(super) layout: &'a Layout<'a>,
    /// Of the first reading.
    pub(super) stamp: Stamp,
}

/// Encodes all subjects under their ids; those that cannot be encoded go to quarantine. Gives the
/// encodings in random order, the ids of those that are left, and the fill of each view.
pub(super) fn encode(
    settings: &PrepareSettings<'_>,
    encoder: &Encoder,
    again: &Again<'_>,
    collected: &mut Collected,
    folder: &Path,
) -> Result<(Shuffled, Vec<SubjectId>, Vec<Fill>), Error> {
    let total = collected.subjects.len();
    let ids = (0..total).map(|_| SubjectId::random(settings.random));
    let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
    let mut shuffled = Shuffled::create(folder, total, encoder.encoded_bytes(), settings.random)?;
    let mut unusable = BTreeMap::new();
    let mut source = Source::open(again.extract, again.source_settings)?;
    let mut wanted = Vec::with_capacity(total);
    wanted.extend(collected.subjects.iter().map(|subject| subject.newest).zip(0_u64..));
    wanted.sort_unstable();
    let mut wanted = wanted.into_iter();
    let layout = again.layout;
    let streamed = stream(
        encoder,
        settings.schema.weight_window,
        |person| {
            let Some((number, subject)) = wanted.next() else { return Ok(None) };
            loop {
                let Some(record) = source.next_record()? else {
                    return Err(changed(again.extract));
                };
                if record.number == number {
                    identify(layout, &record, person)?;
                    return Ok(Some(subject));
                }
            }
        },
        |subject, encoded| {
            let subject = usize::try_from(subject).unwrap_or(usize::MAX);
            match (encoded, ids.get(subject)) {
                (Ok(bytes), Some(id)) => shuffled.put(subject, *id, bytes)?,
                (Ok(_), None) => {}
                (Err(refusal), _) => drop(unusable.insert(subject, reason(refusal))),
            }
            Ok(())
        },
        &|count| (settings.progress)(Progress::Encoded(count, total as u64)),
    )?;
    if Stamp::of(again.extract)? != again.stamp {
        return Err(changed(again.extract));
    }
    if !unusable.is_empty() {
        collected.reject_subjects(&unusable);
        let mut place = 0..;
        ids.retain(|_| place.next().is_some_and(|subject| !unusable.contains_key(&subject)));
    }
    Ok((shuffled, ids, streamed.fill))
}

fn reason(refusal: Refusal) -> Reason {
    match refusal {
        Refusal::TooLittle => Reason::TooLittle,
        Refusal::OtherScript => Reason::OtherScript,
        Refusal::OutsideWindow => Reason::OutsideWindow,
    }
}

fn changed(extract: &Path) -> Error {
    Error::Changed { path: shown(extract) }
}
