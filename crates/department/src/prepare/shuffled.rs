//! Encodings on their way into a random order: on the disk, so that memory does not grow with
//! them.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ring::rand::SecureRandom;
use submission::SubjectId;

use super::order::shuffle;
use crate::error::Error;

const ID: usize = 16;
/// No subject has this id but by a chance of 2^-128; it marks a place that stayed empty.
const NOBODY: [u8; ID] = [0; ID];

/// A file with a place for each subject, drawn by lot before the first encoding is made: a uniform
/// permutation, of which those that are refused leave out their places.
///
/// Mode 0600, in the folder of the batch, where the encodings lie afterwards as well; removed on
/// drop.
pub(super) struct Shuffled {
    path: PathBuf,
    file: File,
    /// By subject.
    places: Vec<u32>,
    row: Vec<u8>,
}

impl Shuffled {
    /// Places for so many subjects with encodings of `width` bytes, all views together.
    pub(super) fn create(
        folder: &Path,
        subjects: usize,
        width: usize,
        random: &dyn SecureRandom,
    ) -> Result<Self, Error> {
        let limit = u64::from(u32::MAX);
        let count = u32::try_from(subjects).map_err(|_| submission::SubmissionError::Limit {
            what: "number of subjects",
            limit,
        })?;
        let mut places: Vec<u32> = (0..count).collect();
        shuffle(&mut places, random)?;
        let path = folder.join("encodings.partial");
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create_new(true).mode(0o600);
        let file = options.open(&path).map_err(|e| Error::write(&path, &e))?;
        let row = vec![0; ID + width];
        let shuffled = Self { path, file, places, row };
        let length = shuffled.row.len() as u64 * u64::from(count);
        shuffled.file.set_len(length).map_err(|e| Error::write(&shuffled.path, &e))?;
        Ok(shuffled)
    }

    /// Puts a subject's encodings into its place.
    pub(super) fn put(
        &mut self,
        subject: usize,
        id: SubjectId,
        encodings: &[u8],
    ) -> Result<(), Error> {
        let Some(place) = self.places.get(subject).copied() else { return Ok(()) };
        let offset = u64::from(place) * self.row.len() as u64;
        let (head, body) = self.row.split_at_mut(ID);
        head.copy_from_slice(id.as_bytes());
        body.copy_from_slice(encodings);
        self.file.write_all_at(&self.row, offset).map_err(|e| Error::write(&self.path, &e))
    }

    /// Gives `each` all subjects with their encodings, place after place.
    pub(super) fn each(
        &mut self,
        mut each: impl FnMut(SubjectId, &[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let file = File::open(&self.path).map_err(|e| Error::read(&self.path, &e))?;
        let mut reader = BufReader::with_capacity(1 << 20, file);
        for _ in &self.places {
            reader.read_exact(&mut self.row).map_err(|e| Error::read(&self.path, &e))?;
            let (id, encodings) = self.row.split_at(ID);
            if id != NOBODY {
                each(SubjectId::from_wire(id)?, encodings)?;
            }
        }
        Ok(())
    }
}

impl Drop for Shuffled {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    fn order(refused: usize) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let random = SystemRandom::new();
        let mut shuffled = Shuffled::create(folder.path(), 4, 8, &random).unwrap();
        for subject in (0..4).filter(|subject| *subject != refused) {
            let id = SubjectId::random(&random).unwrap();
            shuffled.put(subject, id, &[subject as u8; 8]).unwrap();
        }
        let mut order = Vec::new();
        let mut take = |_: SubjectId, bytes: &[u8]| {
            order.push(bytes[7]);
            Ok(())
        };
        shuffled.each(&mut take).unwrap();
        drop(shuffled);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays behind");
        order
    }

    #[test]
    fn whoever_is_refused_leaves_a_uniform_order_of_the_others() {
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..3000 {
            *counts.entry(order(2)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        // Six standard deviations around 500.
        assert!(counts.values().all(|count| (378..622).contains(count)), "{counts:?}");
    }
}
