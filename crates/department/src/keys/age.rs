//! The file format age, version 1, for one small secret and one recipient.
//!
//! Source: C2SP, `age.md` (<https://c2sp.org/age>), sections "Encrypted file format" and
//! "X25519 recipient stanza". Only what `keys wrap` needs is here: writing for one X25519
//! recipient, reading with one X25519 identity, payloads of a single chunk. Armour,
//! passphrases and other recipients are left out; a file that names them besides is still read.

use data_encoding::BASE64_NOPAD;
use ring::rand::SecureRandom;
use ring::{aead, hkdf, hmac};
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::Zeroizing;

use super::fault::KeyFault;
use super::identity::{Identity, Recipient};

const VERSION: &str = "age-encryption.org/v1";
const X25519_INFO: &[u8] = b"age-encryption.org/v1/X25519";
const FILE_KEY: usize = 16;
const TAG: usize = 16;
const NONCE: usize = 16;
/// Columns of a stanza's body.
const COLUMNS: usize = 64;
/// Largest payload of one chunk in bytes.
const CHUNK: usize = 64 << 10;
/// Most bytes of a file that is read: a key and a header with many stanzas fit ten times.
pub(super) const MOST_BYTES: u64 = 64 << 10;

/// Encrypts a secret to one recipient.
///
/// # Errors
/// [`KeyFault::Random`] if the random source fails, [`KeyFault::RecipientForm`] for a public key
/// with which no secret can be agreed.
pub(super) fn seal(
    secret: &[u8],
    recipient: &Recipient,
    random: &dyn SecureRandom,
) -> Result<Vec<u8>, KeyFault> {
    let (mut file_key, mut ephemeral) = (Zeroizing::new([0; FILE_KEY]), Zeroizing::new([0; 32]));
    let mut nonce = [0; NONCE];
    for bytes in [&mut file_key[..], &mut ephemeral[..], &mut nonce[..]] {
        random.fill(bytes).map_err(|_| KeyFault::Random)?;
    }
    let ephemeral = StaticSecret::from(*ephemeral);
    let share = PublicKey::from(&ephemeral);
    let agreed = ephemeral.diffie_hellman(&PublicKey::from(*recipient.as_bytes()));
    let wrap = wrap_key(&agreed, &share, recipient).ok_or(KeyFault::RecipientForm)?;
    let body = encrypt(wrap, [0; 12], &*file_key)?;
    let mut file = format!(
        "{VERSION}\n-> X25519 {}\n{}\n---",
        BASE64_NOPAD.encode(share.as_bytes()),
        BASE64_NOPAD.encode(&body)
    );
    let mac = hmac::sign(&header_key(&file_key)?, file.as_bytes());
    file.push(' ');
    BASE64_NOPAD.encode_append(mac.as_ref(), &mut file);
    file.push('\n');
    let mut file = file.into_bytes();
    file.extend_from_slice(&nonce);
    file.extend_from_slice(&encrypt(payload_key(&file_key, &nonce)?, LAST_CHUNK, secret)?);
    Ok(file)
}

/// Decrypts a file of one chunk.
///
/// # Errors
/// [`KeyFault::NotWrapped`] for another kind of file, [`KeyFault::OtherRecipient`] where no stanza
/// opens with this identity, [`KeyFault::Altered`] where header or payload are not what was
/// written.
pub(super) fn open(file: &[u8], identity: &Identity) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
    let header = Header::read(file)?;
    let file_key = header
        .stanzas
        .iter()
        .find_map(|stanza| stanza.open(identity))
        .ok_or(KeyFault::OtherRecipient)?;
    hmac::verify(&header_key(&file_key)?, header.authenticated, &header.mac)
        .map_err(|_| KeyFault::Altered)?;
    let (nonce, sealed) = header.payload.split_at_checked(NONCE).ok_or(KeyFault::Altered)?;
    if sealed.len() > CHUNK + TAG {
        return Err(KeyFault::NotWrapped);
    }
    decrypt(payload_key(&file_key, nonce)?, LAST_CHUNK, sealed).ok_or(KeyFault::Altered)
}

/// Nonce of the only chunk: an eleven-byte counter of 0 and the mark of the last chunk.
const LAST_CHUNK: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

struct Header<'f> {
    stanzas: Vec<Stanza>,
    /// Up to and including `---`.
    authenticated: &'f [u8],
    mac: Vec<u8>,
    payload: &'f [u8],
}

/// An X25519 stanza.
struct Stanza {
    share: [u8; 32],
    body: Vec<u8>,
}

impl<'f> Header<'f> {
    fn read(file: &'f [u8]) -> Result<Self, KeyFault> {
        let mut lines = Lines { file, at: 0 };
        if lines.next() != Some(VERSION) {
            return Err(KeyFault::NotWrapped);
        }
        // What begins rightly and goes on wrongly was changed or cut.
        Self::rest(&mut lines).ok_or(KeyFault::Altered)
    }

    fn rest(lines: &mut Lines<'f>) -> Option<Self> {
        let mut stanzas = Vec::new();
        loop {
            let start = lines.at;
            let line = lines.next()?;
            if let Some(mac) = line.strip_prefix("--- ") {
                return Some(Self {
                    stanzas,
                    authenticated: lines.file.get(..start + 3)?,
                    mac: BASE64_NOPAD.decode(mac.as_bytes()).ok()?,
                    payload: lines.file.get(lines.at..)?,
                });
            }
            let arguments: Vec<&str> = line.strip_prefix("-> ")?.split(' ').collect();
            let body = lines.body()?;
            // Stanzas of other kinds are for others, or there to be passed over.
            if let ["X25519", share] = arguments[..] {
                let share = BASE64_NOPAD.decode(share.as_bytes()).ok()?;
                stanzas.push(Stanza { share: share.try_into().ok()?, body });
            }
        }
    }
}

impl Stanza {
    fn open(&self, identity: &Identity) -> Option<Zeroizing<[u8; FILE_KEY]>> {
        let share = PublicKey::from(self.share);
        let agreed = identity.secret().diffie_hellman(&share);
        let wrap = wrap_key(&agreed, &share, &identity.recipient())?;
        // Fixed before decryption, lest one file open under several keys.
        if self.body.len() != FILE_KEY + TAG {
            return None;
        }
        let opened = decrypt(wrap, [0; 12], &self.body)?;
        Some(Zeroizing::new(opened.as_slice().try_into().ok()?))
    }
}

/// The lines of a header, each ended by one `\n`.
struct Lines<'f> {
    file: &'f [u8],
    at: usize,
}

impl<'f> Lines<'f> {
    fn next(&mut self) -> Option<&'f str> {
        let rest = self.file.get(self.at..)?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        self.at += end + 1;
        std::str::from_utf8(rest.get(..end)?).ok()
    }

    /// Base64 in full lines and one that is not full, which may be empty.
    fn body(&mut self) -> Option<Vec<u8>> {
        let mut text = String::new();
        loop {
            let line = self.next()?;
            text.push_str(line);
            if line.len() < COLUMNS {
                return BASE64_NOPAD.decode(text.as_bytes()).ok();
            }
            if line.len() > COLUMNS {
                return None;
            }
        }
    }
}

/// `None` for a share with which every secret agrees on zeros.
fn wrap_key(
    agreed: &SharedSecret,
    share: &PublicKey,
    recipient: &Recipient,
) -> Option<aead::UnboundKey> {
    if !agreed.was_contributory() {
        return None;
    }
    let salt = [share.as_bytes().as_slice(), recipient.as_bytes()].concat();
    aead_key(agreed.as_bytes(), &salt, X25519_INFO)
}

fn payload_key(file_key: &[u8; FILE_KEY], nonce: &[u8]) -> Result<aead::UnboundKey, KeyFault> {
    aead_key(file_key, nonce, b"payload").ok_or(KeyFault::Altered)
}

fn header_key(file_key: &[u8; FILE_KEY]) -> Result<hmac::Key, KeyFault> {
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(file_key);
    let expanded = extracted.expand(&[b"header"], hmac::HMAC_SHA256);
    Ok(hmac::Key::from(expanded.map_err(|_| KeyFault::Altered)?))
}

fn aead_key(secret: &[u8], salt: &[u8], info: &[u8]) -> Option<aead::UnboundKey> {
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let info = [info];
    let expanded = extracted.expand(&info, &aead::CHACHA20_POLY1305).ok()?;
    Some(aead::UnboundKey::from(expanded))
}

fn encrypt(key: aead::UnboundKey, nonce: [u8; 12], text: &[u8]) -> Result<Vec<u8>, KeyFault> {
    // Room for the tag, so that no copy of the text is left behind by growing.
    let mut bytes = Vec::with_capacity(text.len() + TAG);
    bytes.extend_from_slice(text);
    let nonce = aead::Nonce::assume_unique_for_key(nonce);
    aead::LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut bytes)
        .map_err(|_| KeyFault::Random)?;
    Ok(bytes)
}

fn decrypt(key: aead::UnboundKey, nonce: [u8; 12], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let nonce = aead::Nonce::assume_unique_for_key(nonce);
    let key = aead::LessSafeKey::new(key);
    let length = key.open_in_place(nonce, aead::Aad::empty(), &mut bytes).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;
    use proptest::prelude::*;
    use ring::rand::SystemRandom;

    use super::*;

    /// The linkage key of the bytes 0 to 31, encrypted by pyrage 1.4.0 (the library rage) for two
    /// recipients, of which the second is ours, and with a stanza that is there to be passed over.
    const BY_RAGE: &str = "\
         YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSAzZE1sYUNoZjFFb1ZSM1ZFUUJuZEUzTWJPa1c4Qzg4\
         N2dhcGJCRXp6VVdrCnlETU53WHU0S1BTVWVGa0theStyRjhkMjlQN2V1TXlEVTB6bktScGIvV1EKLT4gWDI1\
         NTE5IGRkWU5Oc2hyUlJ2Wkx5eUtwUjlHY1NVZFk1bFdPN0EvSEV2a3kvUkEyeUkKTlBrRDhTSUpSckpUcFF6\
         L0ZRYm96RHZZUlBuTEJUWmlDS0xhbFdmRWNmUQotPiAnTF40J3FNOS1ncmVhc2UKK240QwotLS0gdDJQV0g1\
         NkpDTUNhTERMUk5HMC9hTko3WnFXWUZ4OFA5T2VvZXgrbExBdwpDPgGheS2DfliHPECy6ZRR6prc5nWk5pHN\
         +Imbh5WEjpWctXx40YCQDCdN6IyBmHYusuryRaKrmD0v88gvHXQb0OzLxaPT4GiRpeV7kQ+6NO2oBwDiOA/9\
         Yp+SJ71mCKyMwz48eVP8czpoNYxGqs+x7QuWqz2zcleB";
    const IDENTITY: &str =
        "AGE-SECRET-KEY-1A5CJWT6V6Y0STHP8M4ZKEM55TU965XCGDC5F5K922VQ84PZNSKZQNT70JY";
    const RECIPIENT: &str = "age1zvggrms05j2lcjml64e23qncfw80apu6s7jq44jxmxtjwspjna2sayl8al";
    const KEY: &str = "milchglas-linkage-key-1 \
                       000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

    fn identity() -> Identity {
        Identity::from_file_text(IDENTITY).unwrap()
    }

    fn sealed() -> Vec<u8> {
        seal(KEY.as_bytes(), &identity().recipient(), &SystemRandom::new()).unwrap()
    }

    fn opened(file: &[u8]) -> Result<Vec<u8>, KeyFault> {
        open(file, &identity()).map(|bytes| bytes.to_vec())
    }

    #[test]
    fn a_file_of_another_implementation_opens() {
        assert_eq!(identity().recipient().to_string(), RECIPIENT);
        let file = BASE64.decode(BY_RAGE.as_bytes()).unwrap();
        assert_eq!(opened(&file), Ok(KEY.into()));
    }

    #[test]
    fn what_is_sealed_opens_with_the_right_identity_only() {
        let file = sealed();
        assert_eq!(opened(&file), Ok(KEY.into()));
        assert_ne!(file, sealed(), "every file has keys of its own");
        let (other, _) = Identity::generate(&SystemRandom::new()).unwrap();
        let other = Identity::from_file_text(&other).unwrap();
        assert_eq!(open(&file, &other).err(), Some(KeyFault::OtherRecipient));
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let file = sealed();
        for position in 0..file.len() {
            let mut altered = file.clone();
            altered[position] ^= 1;
            assert!(opened(&altered).is_err(), "byte {position}");
            assert!(opened(&file[..position]).is_err(), "cut at {position}");
        }
        assert_eq!(opened(&[&file[..], b"x"].concat()), Err(KeyFault::Altered));
    }

    #[test]
    fn other_files_are_told_from_altered_ones() {
        let armoured = b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n".as_slice();
        for other in [b"".as_slice(), b"x", KEY.as_bytes(), armoured, b"age-encryption.org/v2\n"] {
            assert_eq!(opened(other), Err(KeyFault::NotWrapped));
        }
        let file = sealed();
        for length in [VERSION.len() + 1, 60, file.len() - 1] {
            assert_eq!(opened(&file[..length]), Err(KeyFault::Altered), "{length}");
        }
    }

    /// A share of small order agrees on zeros with everybody's key.
    #[test]
    fn shares_that_agree_with_everybody_are_refused() {
        let nobody = Recipient::from_file_text(
            "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq",
        );
        assert!(nobody.is_err(), "a wrong checksum");
        let zeros = format!(
            "{VERSION}\n-> X25519 {}\n{}\n--- {}\n",
            BASE64_NOPAD.encode(&[0; 32]),
            BASE64_NOPAD.encode(&[0; 32]),
            BASE64_NOPAD.encode(&[0; 32])
        );
        assert_eq!(opened(zeros.as_bytes()), Err(KeyFault::OtherRecipient));
    }

    proptest! {
        #[test]
        fn reading_never_panics(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            at in 0..400_usize,
        ) {
            let _ = opened(&bytes);
            let _ = opened(&[VERSION.as_bytes(), b"\n-> X25519 ", &bytes].concat());
            let mut file = sealed();
            let at = at.min(file.len());
            file.splice(at.., bytes);
            let _ = opened(&file);
        }
    }
}
