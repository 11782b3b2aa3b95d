//! The sealed register of a batch: subject → case and record numbers.
//!
//! It never leaves the department; corrections and removals find earlier subjects by it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use data_encoding::HEXLOWER;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::SecureRandom;
use submission::{BatchId, SubjectId};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, shown};
use crate::keys::{RegisterKey, write_private};

/// First bytes of a sealed register.
const MAGIC: &[u8] = b"milchglas-register-1\n";
/// Largest sealed register in bytes.
const MAX_FILE: u64 = 2 << 30;

/// An opened register. No Debug, Clone or Serialize: it holds case numbers.
pub struct Register {
    batch: BatchId,
    subjects: HashMap<SubjectId, Vec<u64>>,
    cases: Cases,
}

/// Case → subjects; the case numbers are overwritten on drop.
#[derive(Default)]
pub(crate) struct Cases(HashMap<String, Vec<SubjectId>>);

impl Cases {
    pub(crate) fn add(&mut self, case: &str, subjects: &[SubjectId]) {
        if let Some(own) = self.0.get_mut(case) {
            own.extend_from_slice(subjects);
        } else {
            self.0.insert(case.to_owned(), subjects.to_vec());
        }
    }

    pub(crate) fn of(&self, case: &str) -> &[SubjectId] {
        self.0.get(case).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn clear(&mut self) {
        for (mut case, _) in self.0.drain() {
            case.zeroize();
        }
    }
}

impl Drop for Cases {
    fn drop(&mut self) {
        self.clear();
    }
}

/// One line of a register that is being written.
pub(crate) struct Entry<'a> {
    pub(crate) subject: SubjectId,
    pub(crate) case: &'a str,
    pub(crate) records: Vec<u64>,
}

/// Seals the entries into a new file of mode 0600.
///
/// Layout: magic, batch id (16), nonce (12), AES-256-GCM over lines `subject TAB record,… TAB
/// case`; the key is HKDF-SHA256 of the register key with the batch id, and magic and batch id
/// are authenticated.
pub(crate) fn seal<'e>(
    path: &Path,
    key: &RegisterKey,
    batch: BatchId,
    entries: impl Iterator<Item = Entry<'e>>,
    random: &dyn SecureRandom,
) -> Result<(), Error> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce).map_err(|_| Error::Random)?;
    let header = [MAGIC, batch.as_bytes()].concat();
    let mut text = Zeroizing::new(Vec::with_capacity(entries.size_hint().0 * 128 + 64));
    text.extend_from_slice(&header);
    text.extend_from_slice(&nonce);
    let sealed_from = text.len();
    for entry in entries {
        let records: Vec<String> = entry.records.iter().map(u64::to_string).collect();
        // A case is one cell: line breaks and tabs in it would end the line early.
        let case = HEXLOWER.encode(entry.case.as_bytes());
        let line = format!("{}\t{}\t{case}\n", entry.subject, records.join(","));
        text.extend_from_slice(Zeroizing::new(line).as_bytes());
    }
    let sealing = derive(key, batch, path)?;
    let tag = sealing
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(&header),
            text.get_mut(sealed_from..).unwrap_or_default(),
        )
        .map_err(|_| damaged(path))?;
    text.extend_from_slice(tag.as_ref());
    write_private(path, &text)
}

fn derive(key: &RegisterKey, batch: BatchId, path: &Path) -> Result<LessSafeKey, Error> {
    let extracted = Salt::new(HKDF_SHA256, MAGIC).extract(key.as_bytes());
    let info = [batch.as_bytes().as_slice()];
    let key = extracted.expand(&info, &AES_256_GCM).map_err(|_| damaged(path))?;
    Ok(LessSafeKey::new(UnboundKey::from(key)))
}

fn damaged(path: &Path) -> Error {
    Error::Register { path: shown(path) }
}

impl Register {
    /// Opens a sealed register.
    ///
    /// # Errors
    /// [`Error::Read`]; [`Error::Register`] for another key or altered bytes.
    pub fn open(path: &Path, key: &RegisterKey) -> Result<Self, Error> {
        let size = fs::metadata(path).map_err(|e| Error::read(path, &e))?.len();
        if size > MAX_FILE {
            return Err(damaged(path));
        }
        let bytes = fs::read(path).map_err(|e| Error::read(path, &e))?;
        let (header, rest) = bytes.split_at_checked(MAGIC.len() + 16).ok_or(damaged(path))?;
        let id = header.strip_prefix(MAGIC).ok_or(damaged(path))?;
        let batch = BatchId::from_wire(id)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or(damaged(path))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged(path))?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let text = derive(key, batch, path)?
            .open_in_place(nonce, Aad::from(header), &mut sealed)
            .map_err(|_| damaged(path))?;
        let text = std::str::from_utf8(text).map_err(|_| damaged(path))?;
        let mut register = Self { batch, subjects: HashMap::new(), cases: Cases::default() };
        for line in text.lines() {
            register.take(line).ok_or(damaged(path))?;
        }
        Ok(register)
    }

    fn take(&mut self, line: &str) -> Option<()> {
        let mut parts = line.split('\t');
        let subject: SubjectId = parts.next()?.parse().ok()?;
        let records = parts.next()?.split(',').map(|number| number.parse().ok());
        let records: Vec<u64> = records.collect::<Option<_>>()?;
        let case = HEXLOWER.decode(parts.next()?.as_bytes()).ok()?;
        let case = Zeroizing::new(String::from_utf8(case).ok()?);
        if !case.is_empty() {
            self.cases.add(&case, &[subject]);
        }
        self.subjects.insert(subject, records);
        Some(())
    }

    /// The batch it belongs to.
    #[must_use]
    pub fn batch(&self) -> BatchId {
        self.batch
    }

    /// The subjects of a case: one where the case is a person's, several where it is a
    /// household's, none where it is not known.
    #[must_use]
    pub fn subjects_of_case(&self, case: &str) -> &[SubjectId] {
        self.cases.of(case)
    }

    /// The data records of a subject, from 0 in the file's order; none where it is not known.
    #[must_use]
    pub fn records_of_subject(&self, subject: SubjectId) -> Option<&[u64]> {
        self.subjects.get(&subject).map(Vec::as_slice)
    }

    /// Every subject with its data records, in no particular order.
    pub fn subjects(&self) -> impl Iterator<Item = (SubjectId, &[u64])> {
        self.subjects.iter().map(|(subject, records)| (*subject, records.as_slice()))
    }

    pub(crate) fn cases(&self) -> impl Iterator<Item = (&str, &[SubjectId])> {
        self.cases.0.iter().map(|(case, subjects)| (case.as_str(), subjects.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;
    use crate::keys::{self, KeyKind};

    fn key(folder: &Path, name: &str) -> RegisterKey {
        let path = folder.join(name);
        keys::generate(KeyKind::Register, &path, &SystemRandom::new()).unwrap();
        keys::read_register(&path).unwrap()
    }

    #[test]
    fn a_register_opens_with_its_key_only_and_shows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let random = SystemRandom::new();
        let (own, other) = (key(folder.path(), "a"), key(folder.path(), "b"));
        let ids: Vec<SubjectId> = (0..3).map(|_| SubjectId::random(&random).unwrap()).collect();
        let batch = BatchId::random(&random).unwrap();
        let entries = [
            Entry { subject: ids[0], case: "BG-77\t\n", records: vec![0, 4] },
            Entry { subject: ids[1], case: "BG-77\t\n", records: vec![1] },
            Entry { subject: ids[2], case: "", records: vec![2] },
        ];
        let path = folder.path().join("register.sealed");
        seal(&path, &own, batch, entries.into_iter(), &random).unwrap();

        let register = Register::open(&path, &own).unwrap();
        assert!(register.batch() == batch);
        assert_eq!(register.subjects_of_case("BG-77\t\n"), &ids[..2]);
        assert_eq!(register.records_of_subject(ids[0]).unwrap(), [0, 4]);
        assert_eq!(register.records_of_subject(ids[2]).unwrap(), [2]);
        assert!(register.subjects_of_case("").is_empty());
        assert!(matches!(Register::open(&path, &other), Err(Error::Register { .. })));

        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(5).any(|window| window == b"BG-77"));
        for at in [0, MAGIC.len() + 3, MAGIC.len() + 20, bytes.len() - 1] {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            let path = folder.path().join(format!("altered-{at}"));
            fs::write(&path, altered).unwrap();
            assert!(Register::open(&path, &own).is_err(), "byte {at}");
        }
    }
}
