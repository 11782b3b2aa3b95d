use ring::aead::Aad;

use super::key_store::{Group, KeyId, KeyStore, open_in_place, seal_in_place};
use crate::Error;

/// Where a piece lies. A piece that somebody moves to another row, column or epoch does not open.
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) row: &'a [&'a str],
    pub(crate) column: &'static str,
    pub(crate) project: &'a str,
    pub(crate) epoch: &'a str,
}

impl Place<'_> {
    /// The additional data: every part with its length before it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"milchglas/sealed/1\0".to_vec();
        let fixed = [self.table, self.column, self.project, self.epoch];
        for part in fixed.iter().chain(self.row) {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }

    /// The mark of the group in which the key of this place is destroyed.
    pub(crate) fn mark(&self, group: Group) -> [u8; 16] {
        group.mark(self.project, self.epoch)
    }
}

/// A piece as the database holds it.
pub(crate) struct Sealed {
    pub(crate) key: KeyId,
    /// Where its key lies in the key store.
    pub(crate) slot: u64,
    pub(crate) bytes: Vec<u8>,
}

impl KeyStore {
    /// Seals under a fresh key, which is on the disk when this returns; `mark` says with what it is
    /// destroyed, `bound` where the piece will lie.
    pub(crate) fn seal(
        &self,
        mark: [u8; 16],
        bound: &[u8],
        mut bytes: Vec<u8>,
    ) -> Result<Sealed, Error> {
        let fresh = self.fresh(mark)?;
        seal_in_place(&fresh.key, Aad::from(bound), &mut bytes)?;
        Ok(Sealed { key: fresh.id, slot: fresh.slot, bytes })
    }

    /// Opens a piece in the place where it was found.
    pub(crate) fn unseal(
        &self,
        key: &KeyId,
        place: &Place<'_>,
        mut bytes: Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let length = open_in_place(&self.key(key)?, Aad::from(place.bytes()), &mut bytes)?.len();
        bytes.truncate(length);
        Ok(bytes)
    }
}
