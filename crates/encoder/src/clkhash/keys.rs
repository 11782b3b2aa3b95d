//! From the secret to two keys per feature.

use data_encoding::BASE64;
use policy::clkhash::{Kdf, KdfHash};
use ring::hkdf;
use zeroize::Zeroizing;

use super::ClkhashSecret;
use crate::EncodeError;

/// Keys of one feature: of HMAC-SHA1 or BLAKE2b, and of HMAC-MD5.
pub(super) type FeatureKeys = [Zeroizing<Vec<u8>>; 2];

/// A length that `ring` fills.
struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// One run of HKDF (RFC 5869), cut into two keys for each feature in their order. A missing salt
/// is a row of zeros, which HMAC cannot tell from an empty one.
pub(super) fn derive(
    kdf: &Kdf,
    secret: &ClkhashSecret,
    features: usize,
) -> Result<Vec<FeatureKeys>, EncodeError> {
    let Kdf::Hkdf { hash, salt, info, key_size } = kdf;
    let algorithm = match hash {
        KdfHash::Sha256 => hkdf::HKDF_SHA256,
        KdfHash::Sha512 => hkdf::HKDF_SHA512,
    };
    let decode = |text: &Option<String>| match text {
        Some(text) => BASE64.decode(text.as_bytes()).map_err(|_| EncodeError::Derivation),
        None => Ok(Vec::new()),
    };
    let (salt, info) = (decode(salt)?, decode(info)?);
    let size = *key_size as usize;
    let mut all = Zeroizing::new(vec![0; 2 * size * features]);
    hkdf::Salt::new(algorithm, &salt)
        .extract(secret.bytes())
        .expand(&[&info], Length(all.len()))
        .and_then(|expanded| expanded.fill(&mut all))
        .map_err(|_| EncodeError::Derivation)?;
    let key = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
    Ok(all.chunks_exact(2 * size).map(|pair| [key(&pair[..size]), key(&pair[size..])]).collect())
}
