//! The linkage key of one project and epoch, and every key derived from it.

use ring::{hkdf, hmac, rand::SecureRandom};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    EncodeError,
    secret::{self, BYTES, Fault},
};

const FILE_PREFIX: &str = "milchglas-linkage-key-1 ";
const SALT: &[u8] = b"milchglas encoder 1";

/// The secret of one project and epoch: 32 bytes, overwritten on drop.
///
/// No `Serialize`, `Clone` or `Debug`: with it every encoding is a name. Derived keys live inside
/// `ring`, which offers no way to overwrite them; the program that holds an [`Encoder`] locks its
/// memory and forbids core dumps.
///
/// [`Encoder`]: crate::Encoder
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct LinkageKey([u8; BYTES]);

impl LinkageKey {
    /// The text of a new key file: one line, 256 random bits.
    ///
    /// # Errors
    /// [`EncodeError::Random`] if the random source fails.
    pub fn generate(random: &dyn SecureRandom) -> Result<Zeroizing<String>, EncodeError> {
        let mut key = Zeroizing::new([0; BYTES]);
        random.fill(&mut *key).map_err(|_| EncodeError::Random)?;
        Ok(Self::file_text(&key))
    }

    /// The text of the key file that holds these bytes.
    pub(crate) fn file_text(key: &[u8; BYTES]) -> Zeroizing<String> {
        secret::write(FILE_PREFIX, key)
    }

    /// Reads the text of a key file; one line end may follow.
    ///
    /// # Errors
    /// [`EncodeError::KeyForm`] for any other form or length, [`EncodeError::KeyShort`] below 128
    /// bits, [`EncodeError::KeyPlaceholder`] for bytes that are visibly not random.
    pub fn from_file_text(text: &str) -> Result<Self, EncodeError> {
        let bytes = secret::read(FILE_PREFIX, text).map_err(|fault| match fault {
            Fault::Form => EncodeError::KeyForm,
            Fault::Short(bits) => EncodeError::KeyShort { bits },
            Fault::Placeholder => EncodeError::KeyPlaceholder,
        })?;
        Ok(Self(*bytes))
    }

    /// The HMAC-SHA256 key for one purpose: HKDF-SHA256 (RFC 5869) whose info is the parts, each
    /// followed by a zero byte; no part contains one.
    pub(crate) fn derive(&self, purpose: &[&str]) -> Result<hmac::Key, EncodeError> {
        let info: Vec<&[u8]> = purpose.iter().flat_map(|part| [part.as_bytes(), b"\0"]).collect();
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(&self.0);
        let expanded =
            extracted.expand(&info, hmac::HMAC_SHA256).map_err(|_| EncodeError::Derivation)?;
        Ok(hmac::Key::from(expanded))
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use ring::rand::SystemRandom;

    use super::*;

    const GOOD: &str = "milchglas-linkage-key-1 \
                        000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn refusal(text: &str) -> Option<EncodeError> {
        LinkageKey::from_file_text(text).err()
    }

    #[test]
    fn a_generated_key_reads_back_and_no_two_are_equal() {
        let one = LinkageKey::generate(&SystemRandom::new()).unwrap();
        let two = LinkageKey::generate(&SystemRandom::new()).unwrap();
        assert_ne!(*one, *two);
        let key = LinkageKey::from_file_text(&one).unwrap();
        assert_eq!(one.trim_end().split_once(' ').unwrap().1, HEXLOWER.encode(&key.0));
    }

    #[test]
    fn one_line_end_may_follow() {
        for end in ["", "\n", "\r\n"] {
            assert!(LinkageKey::from_file_text(&format!("{GOOD}{end}")).is_ok(), "{end:?}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let cases = [
            String::new(),
            "secret".into(),
            GOOD.replace("key-1", "key-2"),
            GOOD.replace(' ', "  "),
            format!("{GOOD}\n\n"),
            format!("{GOOD} "),
            format!("\u{feff}{GOOD}"),
            GOOD[..GOOD.len() - 2].into(),
            format!("{GOOD}20"),
            GOOD.replace("1f", "1F"),
            GOOD.replace("1f", "1g"),
        ];
        for text in cases {
            assert_eq!(refusal(&text), Some(EncodeError::KeyForm), "{text:?}");
        }
        let short = format!("{FILE_PREFIX}{}", "0123456789abcdef".repeat(2).split_at(31).0);
        assert_eq!(refusal(&short), Some(EncodeError::KeyShort { bits: 124 }));
        let zeros = format!("{FILE_PREFIX}{}", "00".repeat(32));
        assert_eq!(refusal(&zeros), Some(EncodeError::KeyPlaceholder));
    }

    #[test]
    fn refusals_do_not_repeat_the_key() {
        let text = format!("{GOOD}20");
        assert!(!refusal(&text).unwrap().to_string().contains("0001020304"));
    }

    #[test]
    fn purposes_are_told_apart_wherever_they_are_cut() {
        let key = LinkageKey::from_file_text(GOOD).unwrap();
        let tag =
            |purpose: &[&str]| hmac::sign(&key.derive(purpose).unwrap(), b"x").as_ref().to_vec();
        assert_ne!(tag(&["ab", "c"]), tag(&["a", "bc"]));
        assert_ne!(tag(&["ab"]), tag(&["ab", ""]));
        assert_eq!(tag(&["ab", "c"]), tag(&["ab", "c"]));
    }

    #[test]
    fn the_key_is_overwritten() {
        fn overwritten_on_drop<T: ZeroizeOnDrop>(_: &T) {}
        let mut key = LinkageKey::from_file_text(GOOD).unwrap();
        overwritten_on_drop(&key);
        key.zeroize();
        assert_eq!(key.0, [0; BYTES]);
    }
}
