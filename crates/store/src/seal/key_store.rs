use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::hkdf::Prk;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroize;

use super::key_file::{Header, KeyFile, Slot, WRAPPED};
use super::unit_key::Sealing;
use crate::Error;

/// Names a data key; random, no secret.
pub type KeyId = [u8; 16];

const CHECK: &[u8; 32] = b"milchglas unit data key check 01";

/// What is destroyed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Encodings, key-check value, manifests and scored pairs of an epoch: the linkage unit's.
    Epoch,
    /// Facts and manifests of the statistics unit: kept until their retention ends.
    Facts,
    /// Link maps.
    LinkMaps,
}

impl Group {
    /// The mark that a key of this group carries in the key store.
    pub(crate) fn mark(self, project: &str, epoch: &str) -> [u8; 16] {
        let kind = match self {
            Self::Epoch => "epoch",
            Self::Facts => "facts",
            Self::LinkMaps => "link-maps",
        };
        let text = format!("milchglas/key-group/1\n{kind}\n{project}\n{epoch}");
        let mut mark = [0; 16];
        for (to, from) in mark.iter_mut().zip(digest(&SHA256, text.as_bytes()).as_ref()) {
            *to = *from;
        }
        mark
    }
}

/// A key that sealed nothing yet; sealing eats it, so its one nonce is used once.
pub(super) struct FreshKey {
    pub(super) id: KeyId,
    pub(super) slot: u64,
    pub(super) key: LessSafeKey,
}

/// The keys of one database, in a file of their own.
pub(crate) struct KeyStore {
    store: [u8; 16],
    wrapping: Prk,
    random: SystemRandom,
    inner: Mutex<Inner>,
}

struct Inner {
    file: KeyFile,
    /// The keys that are not destroyed, with their slots and groups.
    live: HashMap<KeyId, (u64, [u8; 16])>,
    /// Slots that were read.
    seen: u64,
}

impl KeyStore {
    /// Makes a new key store and returns its id.
    pub(crate) fn create(sealing: &Sealing) -> Result<[u8; 16], Error> {
        let random = SystemRandom::new();
        let store = random_bytes::<16>(&random)?;
        let wrapping = sealing.unit_key.of_store(&store);
        let mut check = CHECK.to_vec();
        let key = derived(&wrapping, &[b"check"])?;
        seal_in_place(&key, Aad::from(&store[..]), &mut check)?;
        let check = check.try_into().map_err(|_| Error::Cipher)?;
        KeyFile::create(&sealing.key_store, &Header { store, check })?;
        Ok(store)
    }

    /// Opens the key store of that path.
    pub(crate) fn open(sealing: &Sealing) -> Result<Self, Error> {
        let (file, header) = KeyFile::open(&sealing.key_store)?;
        let wrapping = sealing.unit_key.of_store(&header.store);
        let mut check = header.check.to_vec();
        let key = derived(&wrapping, &[b"check"])?;
        let found = open_in_place(&key, Aad::from(&header.store[..]), &mut check);
        if !found.is_ok_and(|found| found == CHECK) {
            return Err(Error::UnitKeyWrong);
        }
        let inner = Inner { file, live: HashMap::new(), seen: 0 };
        let (store, random) = (header.store, SystemRandom::new());
        Ok(Self { store, wrapping, random, inner: Mutex::new(inner) })
    }

    /// Whether there is a file at all.
    pub(crate) fn exists(path: &Path) -> bool {
        path.symlink_metadata().is_ok()
    }

    /// Names this key store.
    pub(crate) fn id(&self) -> &[u8; 16] {
        &self.store
    }

    /// Reads every slot, and hands the living keys with their slots to `settle`, which says which
    /// of them to destroy; only where nobody else has the file open. Then shares the file.
    pub(crate) fn begin(
        &self,
        settle: impl FnOnce(&HashMap<KeyId, (u64, [u8; 16])>) -> Vec<KeyId>,
    ) -> Result<usize, Error> {
        let mut inner = self.inner();
        let ours = inner.file.is_ours()?;
        if ours {
            inner.file.cut_torn_slot()?;
        }
        inner.refresh()?;
        let destroyed = if ours {
            let ids = settle(&inner.live);
            inner.destroy(&ids)?
        } else {
            0
        };
        inner.file.share()?;
        Ok(destroyed)
    }

    /// Draws a key; when this returns, it lies on the disk.
    pub(super) fn fresh(&self, group: [u8; 16]) -> Result<FreshKey, Error> {
        let id = random_bytes::<16>(&self.random)?;
        let mut bytes = random_bytes::<32>(&self.random)?;
        let key = unbound(&bytes)?;
        let mut wrapped = bytes.to_vec();
        bytes.zeroize();
        let aad = [&self.store[..], &id, &group].concat();
        seal_in_place(&derived(&self.wrapping, &[&id])?, Aad::from(aad), &mut wrapped)?;
        let wrapped: [u8; WRAPPED] = wrapped.try_into().map_err(|_| Error::Cipher)?;
        let mut inner = self.inner();
        inner.file.add(&Slot { id, group, wrapped })?;
        inner.refresh()?;
        let slot = inner.live.get(&id).ok_or(Error::KeyDestroyed)?.0;
        Ok(FreshKey { id, slot, key })
    }

    /// The key of that name.
    pub(super) fn key(&self, id: &KeyId) -> Result<LessSafeKey, Error> {
        let mut inner = self.inner();
        if !inner.live.contains_key(id) {
            inner.refresh()?;
        }
        let (number, _) = *inner.live.get(id).ok_or(Error::KeyDestroyed)?;
        let Slot { id, group, wrapped } = inner.file.read(number)?;
        drop(inner);
        let aad = [&self.store[..], &id, &group].concat();
        let mut wrapped = wrapped.to_vec();
        let key = open_in_place(&derived(&self.wrapping, &[&id])?, Aad::from(aad), &mut wrapped)
            .and_then(unbound)
            .map_err(|_| Error::KeyDestroyed);
        wrapped.zeroize();
        key
    }

    /// Overwrites keys where they lie; when this returns, that has reached the disk. Returns how
    /// many there were.
    pub(crate) fn destroy(&self, ids: &[KeyId]) -> Result<usize, Error> {
        self.inner().destroy(ids)
    }

    /// Overwrites every key of a group, whether or not the database still refers to it.
    pub(crate) fn destroy_group(&self, group: [u8; 16]) -> Result<usize, Error> {
        let mut inner = self.inner();
        inner.refresh()?;
        let of = |(id, (_, own)): (&KeyId, &(u64, [u8; 16]))| (*own == group).then_some(*id);
        let ids: Vec<KeyId> = inner.live.iter().filter_map(of).collect();
        inner.destroy(&ids)
    }

    /// The keys that are not destroyed.
    pub(crate) fn ids(&self) -> Result<Vec<KeyId>, Error> {
        let mut inner = self.inner();
        inner.refresh()?;
        Ok(inner.live.keys().copied().collect())
    }

    /// Whether this key store ever had the key: one that was destroyed leaves its name.
    pub(crate) fn missing(&self, ids: &[KeyId]) -> Result<u64, Error> {
        let inner = self.inner();
        let mut known = std::collections::HashSet::with_capacity(ids.len());
        for number in 1..=inner.file.last()? {
            known.insert(inner.file.read(number)?.id);
        }
        Ok(ids.iter().filter(|id| !known.contains(*id)).count() as u64)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Reads the slots that were added since, by whomever.
    fn refresh(&mut self) -> Result<(), Error> {
        let last = self.file.last()?;
        for number in self.seen + 1..=last {
            let slot = self.file.read(number)?;
            if !slot.is_destroyed() {
                self.live.insert(slot.id, (number, slot.group));
            }
        }
        self.seen = self.seen.max(last);
        Ok(())
    }

    fn destroy(&mut self, ids: &[KeyId]) -> Result<usize, Error> {
        let slots: Vec<u64> = ids.iter().filter_map(|id| Some(self.live.get(id)?.0)).collect();
        for number in &slots {
            self.file.wipe(*number)?;
        }
        if !slots.is_empty() {
            self.file.flush()?;
        }
        for id in ids {
            self.live.remove(id);
        }
        Ok(slots.len())
    }
}

fn random_bytes<const N: usize>(random: &SystemRandom) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    random.fill(&mut bytes).map_err(|_| Error::Cipher)?;
    Ok(bytes)
}

/// A key of its own for each wrapped key, so that every nonce is used once.
fn derived(wrapping: &Prk, about: &[&[u8]]) -> Result<LessSafeKey, Error> {
    let info = [&[b"milchglas/key-store/1".as_slice()], about].concat();
    let key = wrapping.expand(&info, &AES_256_GCM).map_err(|_| Error::Cipher)?;
    Ok(LessSafeKey::new(UnboundKey::from(key)))
}

fn unbound(bytes: &[u8]) -> Result<LessSafeKey, Error> {
    UnboundKey::new(&AES_256_GCM, bytes).map(LessSafeKey::new).map_err(|_| Error::Cipher)
}

/// Seals with a key that seals nothing else: the nonce is zero.
pub(super) fn seal_in_place(
    key: &LessSafeKey,
    aad: Aad<impl AsRef<[u8]>>,
    bytes: &mut Vec<u8>,
) -> Result<(), Error> {
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    key.seal_in_place_append_tag(nonce, aad, bytes).map_err(|_| Error::Cipher)
}

/// Opens what [`seal_in_place`] sealed.
pub(super) fn open_in_place<'a>(
    key: &LessSafeKey,
    aad: Aad<impl AsRef<[u8]>>,
    bytes: &'a mut [u8],
) -> Result<&'a [u8], Error> {
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    key.open_in_place(nonce, aad, bytes)
        .map(|bytes| &*bytes)
        .map_err(|_| Error::Damaged("a sealed piece"))
}
