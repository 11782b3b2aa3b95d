//! The custodian's secret, from which the linkage key of each project and epoch follows.

use policy::Name;
use ring::{hkdf, rand::SecureRandom};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    EncodeError, LinkageKey,
    secret::{self, BYTES, Fault},
};

const FILE_PREFIX: &str = "milchglas-master-key-1 ";
const SALT: &[u8] = b"milchglas custodian 1";

/// The custodian's master key: 32 bytes, overwritten on drop.
///
/// It never leaves the custodian: whoever has it has the linkage key of every project and epoch,
/// past and to come. No `Serialize`, `Clone` or `Debug`; no way to read it but to derive from it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; BYTES]);

impl MasterKey {
    /// The text of a new key file: one line, 256 random bits.
    ///
    /// # Errors
    /// [`EncodeError::Random`] if the random source fails.
    pub fn generate(random: &dyn SecureRandom) -> Result<Zeroizing<String>, EncodeError> {
        let mut key = Zeroizing::new([0; BYTES]);
        random.fill(&mut *key).map_err(|_| EncodeError::Random)?;
        Ok(secret::write(FILE_PREFIX, &key))
    }

    /// Reads the text of a key file; one line end may follow.
    ///
    /// # Errors
    /// [`EncodeError::MasterKeyForm`] for any other form or length, [`EncodeError::KeyShort`]
    /// below 128 bits, [`EncodeError::KeyPlaceholder`] for bytes that are visibly not random.
    pub fn from_file_text(text: &str) -> Result<Self, EncodeError> {
        let bytes = secret::read(FILE_PREFIX, text).map_err(|fault| match fault {
            Fault::Form => EncodeError::MasterKeyForm,
            Fault::Short(bits) => EncodeError::KeyShort { bits },
            Fault::Placeholder => EncodeError::KeyPlaceholder,
        })?;
        Ok(Self(*bytes))
    }

    /// The text of the linkage key file of one project and epoch; the same ones always give the
    /// same key, so that a lost file is derived again.
    ///
    /// HKDF-SHA256 (RFC 5869) with a fixed salt; info = `linkage-key ‖ 0 ‖ project ‖ 0 ‖ epoch ‖ 0`.
    /// A name holds no zero byte, so no two pairs have the same info.
    ///
    /// # Errors
    /// [`EncodeError::Derivation`], which HKDF gives for lengths that do not occur here.
    pub fn derive(&self, project: &Name, epoch: &Name) -> Result<Zeroizing<String>, EncodeError> {
        let info: [&[u8]; 6] = [
            b"linkage-key",
            b"\0",
            project.as_str().as_bytes(),
            b"\0",
            epoch.as_str().as_bytes(),
            b"\0",
        ];
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(&self.0);
        let mut key = Zeroizing::new([0; BYTES]);
        extracted
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|expanded| expanded.fill(&mut *key))
            .map_err(|_| EncodeError::Derivation)?;
        Ok(LinkageKey::file_text(&key))
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    const GOOD: &str = "milchglas-master-key-1 \
                        000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn derived(project: &str, epoch: &str) -> String {
        let master = MasterKey::from_file_text(GOOD).unwrap();
        master.derive(&name(project), &name(epoch)).unwrap().to_string()
    }

    /// Computed with Python's `hmac` from `docs/formats/keys.md`.
    #[test]
    fn the_documented_key_is_derived() {
        assert_eq!(
            derived("county-06432", "2026"),
            "milchglas-linkage-key-1 \
             5602652c48e95a75e8812ba570da696ccc48694fa311852ae9c1d911b577ca85\n"
        );
    }

    #[test]
    fn each_project_and_epoch_has_a_key_of_its_own() {
        let pairs = [("a", "bc"), ("ab", "c"), ("abc", "2026"), ("abc", "2027"), ("c", "ab")];
        let mut keys: Vec<String> = pairs.iter().map(|(p, e)| derived(p, e)).collect();
        assert!(keys.iter().all(|key| LinkageKey::from_file_text(key).is_ok()));
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), pairs.len());
        assert_eq!(derived("ab", "c"), derived("ab", "c"));
    }

    #[test]
    fn only_a_whole_master_key_is_read() {
        let new = MasterKey::generate(&SystemRandom::new()).unwrap();
        assert!(MasterKey::from_file_text(&new).is_ok());
        for (text, refusal) in [
            (GOOD.replace("master", "linkage"), EncodeError::MasterKeyForm),
            (GOOD.replace("key-1", "key-2"), EncodeError::MasterKeyForm),
            (format!("{GOOD}00"), EncodeError::MasterKeyForm),
            (GOOD[..GOOD.len() - 2].into(), EncodeError::MasterKeyForm),
            (format!("{FILE_PREFIX}0001020304050607"), EncodeError::KeyShort { bits: 64 }),
            (FILE_PREFIX.into(), EncodeError::KeyShort { bits: 0 }),
            (format!("{FILE_PREFIX}{}", "01".repeat(32)), EncodeError::KeyPlaceholder),
        ] {
            assert_eq!(MasterKey::from_file_text(&text).err(), Some(refusal), "{text}");
        }
    }

    #[test]
    fn the_key_is_overwritten() {
        fn overwritten_on_drop<T: ZeroizeOnDrop>(_: &T) {}
        let mut key = MasterKey::from_file_text(GOOD).unwrap();
        overwritten_on_drop(&key);
        key.zeroize();
        assert_eq!(key.0, [0; BYTES]);
    }
}
