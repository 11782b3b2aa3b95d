//! How the link map crosses: asked for with a fresh key, sealed to it, signed by the linkage unit.
//!
//! The statistics unit draws an X25519 key pair for one request and signs its public half; the
//! linkage unit draws another, derives an AES-256-GCM key from the shared secret by HKDF-SHA256
//! (salt: both public keys, info: the signed statement) and signs what it sends. Whoever carries
//! the two messages sees neither links nor keys, and nobody can open the map later: both private
//! keys are gone (RFC 7748, RFC 5869, NIST SP 800-38D).

use data_encoding::BASE64;
use policy::canonical_json;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::SecureRandom;
use serde::{Deserialize, Serialize};

use crate::{
    LinkMap, Signature, SigningKey, SnapshotId, SnapshotStatement, SubmissionError, VerifyingKey,
};

/// What the statistics unit asks the linkage unit for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapRequest {
    /// The snapshot whose map is wanted.
    pub snapshot: SnapshotId,
    /// Fresh X25519 public key, base64.
    pub public_key: String,
}

/// A request with the statistics unit's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedMapRequest {
    /// The request.
    pub request: MapRequest,
    /// Ed25519 over `milchglas/map-request/1 ‖ 0 ‖ canonical JSON`.
    pub signature: Signature,
}

/// The private half of a request, held in memory until the answer comes.
pub struct PendingMap {
    snapshot: SnapshotId,
    private: EphemeralPrivateKey,
    public: Vec<u8>,
}

/// The map as it crosses.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedLinkMap {
    /// What the snapshot was made of.
    pub statement: SnapshotStatement,
    /// The requester's public key, base64.
    pub requested_with: String,
    /// The linkage unit's fresh public key, base64.
    pub public_key: String,
    /// AES-256-GCM of the map's bytes, base64.
    pub ciphertext: String,
    /// Ed25519 of the linkage unit over everything above.
    pub signature: Signature,
}

#[derive(Serialize)]
struct Signed<'a> {
    statement: &'a SnapshotStatement,
    requested_with: &'a str,
    public_key: &'a str,
    ciphertext: &'a str,
}

const REQUEST: &str = "milchglas/map-request/1";
const SEALED: &str = "milchglas/sealed-link-map/1";

impl PendingMap {
    /// Draws a key and signs a request for the map of `snapshot`.
    ///
    /// # Errors
    /// [`SubmissionError::Random`] where the system gives no randomness.
    pub fn request(
        snapshot: SnapshotId,
        key: &SigningKey,
        random: &dyn SecureRandom,
    ) -> Result<(Self, SignedMapRequest), SubmissionError> {
        let (private, public) = draw(random)?;
        let request = MapRequest { snapshot, public_key: BASE64.encode(&public) };
        let signature = key.sign(REQUEST, &request)?;
        Ok((Self { snapshot, private, public }, SignedMapRequest { request, signature }))
    }

    /// Opens the answer to this request; usable once.
    ///
    /// # Errors
    /// [`SubmissionError::Signature`] where another unit signed it, [`SubmissionError::Sealed`]
    /// where it answers another request or was altered.
    pub fn open(
        self,
        sealed: &SealedLinkMap,
        linkage_unit: &VerifyingKey,
    ) -> Result<LinkMap, SubmissionError> {
        linkage_unit.verify(SEALED, &sealed.signed(), &sealed.signature)?;
        let own = BASE64.encode(&self.public) == sealed.requested_with;
        if !own || sealed.statement.snapshot != self.snapshot {
            return Err(SubmissionError::Sealed);
        }
        let peer = decode(&sealed.public_key)?;
        let mut body = decode(&sealed.ciphertext)?;
        let key = derive(self.private, &peer, &self.public, &peer, &sealed.statement)?;
        let plain = key
            .open_in_place(Nonce::assume_unique_for_key([0; 12]), Aad::from(SEALED), &mut body)
            .map_err(|_| SubmissionError::Sealed)?;
        if policy::Digest::of(plain) != sealed.statement.link_map {
            return Err(SubmissionError::Sealed);
        }
        LinkMap::from_bytes(plain)
    }
}

impl SealedLinkMap {
    /// Seals `map` for a request that the statistics unit signed.
    ///
    /// # Errors
    /// [`SubmissionError::Signature`] where it did not, [`SubmissionError::Sealed`] where the
    /// request names another snapshot or an unusable key.
    pub fn seal(
        statement: SnapshotStatement,
        map: &[u8],
        asked: &SignedMapRequest,
        statistics_unit: &VerifyingKey,
        key: &SigningKey,
        random: &dyn SecureRandom,
    ) -> Result<Self, SubmissionError> {
        statistics_unit.verify(REQUEST, &asked.request, &asked.signature)?;
        if asked.request.snapshot != statement.snapshot {
            return Err(SubmissionError::Sealed);
        }
        let peer = decode(&asked.request.public_key)?;
        let (private, public) = draw(random)?;
        let sealing = derive(private, &peer, &peer, &public, &statement)?;
        let mut body = map.to_vec();
        // The key is fresh for every message, so the nonce may be constant.
        sealing
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key([0; 12]),
                Aad::from(SEALED),
                &mut body,
            )
            .map_err(|_| SubmissionError::Sealed)?;
        let (public_key, ciphertext) = (BASE64.encode(&public), BASE64.encode(&body));
        let requested_with = asked.request.public_key.clone();
        let signed = Signed {
            statement: &statement,
            requested_with: &requested_with,
            public_key: &public_key,
            ciphertext: &ciphertext,
        };
        let signature = key.sign(SEALED, &signed)?;
        Ok(Self { statement, requested_with, public_key, ciphertext, signature })
    }

    fn signed(&self) -> Signed<'_> {
        Signed {
            statement: &self.statement,
            requested_with: &self.requested_with,
            public_key: &self.public_key,
            ciphertext: &self.ciphertext,
        }
    }
}

fn draw(random: &dyn SecureRandom) -> Result<(EphemeralPrivateKey, Vec<u8>), SubmissionError> {
    let private =
        EphemeralPrivateKey::generate(&X25519, random).map_err(|_| SubmissionError::Random)?;
    let public = private.compute_public_key().map_err(|_| SubmissionError::Random)?;
    Ok((private, public.as_ref().to_vec()))
}

fn decode(text: &str) -> Result<Vec<u8>, SubmissionError> {
    BASE64.decode(text.as_bytes()).map_err(|_| SubmissionError::Sealed)
}

fn derive(
    private: EphemeralPrivateKey,
    peer: &[u8],
    requester: &[u8],
    answerer: &[u8],
    statement: &SnapshotStatement,
) -> Result<LessSafeKey, SubmissionError> {
    let salt = [requester, answerer].concat();
    let info = canonical_json(statement)?;
    let sealed = |_| SubmissionError::Sealed;
    let key = agree_ephemeral(private, &UnparsedPublicKey::new(&X25519, peer), |secret| {
        let derived = Salt::new(HKDF_SHA256, &salt).extract(secret);
        derived.expand(&[&info], &AES_256_GCM).map(UnboundKey::from)
    });
    Ok(LessSafeKey::new(key.map_err(sealed)?.map_err(sealed)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Link, PersonId, SubjectId};
    use policy::{Digest, Name};
    use ring::rand::SystemRandom;

    struct Parties {
        linkage: SigningKey,
        statistics: SigningKey,
        statement: SnapshotStatement,
        map: Vec<u8>,
    }

    fn parties() -> Parties {
        let random = SystemRandom::new();
        let key = || SigningKey::from_pkcs8(&SigningKey::generate(&random).unwrap()).unwrap();
        let link = Link {
            subject: SubjectId::random(&random).unwrap(),
            person: PersonId::random(&random).unwrap(),
            band: 7,
        };
        let map = LinkMap::new(vec![link]).unwrap().to_bytes();
        let statement = SnapshotStatement {
            format: SnapshotStatement::FORMAT.into(),
            snapshot: SnapshotId::random(&random).unwrap(),
            project: Name::new("p").unwrap(),
            epoch: Name::new("2026").unwrap(),
            schema: Digest::of(b"schema"),
            batches: Vec::new(),
            link_map: Digest::of(&map),
            subjects: 1,
            period: None,
        };
        Parties { linkage: key(), statistics: key(), statement, map }
    }

    fn seal(p: &Parties, asked: &SignedMapRequest) -> Result<SealedLinkMap, SubmissionError> {
        let random = SystemRandom::new();
        let (statement, public) = (p.statement.clone(), p.statistics.public());
        SealedLinkMap::seal(statement, &p.map, asked, &public, &p.linkage, &random)
    }

    #[test]
    fn only_the_request_it_answers_opens_a_map() {
        let p = parties();
        let random = SystemRandom::new();
        let snapshot = p.statement.snapshot;
        let (pending, asked) = PendingMap::request(snapshot, &p.statistics, &random).unwrap();
        let (other, _) = PendingMap::request(snapshot, &p.statistics, &random).unwrap();
        let sealed = seal(&p, &asked).unwrap();
        assert!(pending.open(&sealed, &p.linkage.public()).unwrap().to_bytes() == p.map);
        assert!(other.open(&sealed, &p.linkage.public()).is_err());
    }

    #[test]
    fn altered_or_foreign_messages_do_not_open() {
        let p = parties();
        let random = SystemRandom::new();
        let spoil: [fn(&mut SealedLinkMap); 4] = [
            |s| s.statement.subjects = 2,
            |s| s.statement.link_map = Digest::of(b"other"),
            |s| s.ciphertext = BASE64.encode(&[0; 49]),
            |s| s.public_key = BASE64.encode(&[9; 32]),
        ];
        for change in spoil {
            let snapshot = p.statement.snapshot;
            let (pending, asked) = PendingMap::request(snapshot, &p.statistics, &random).unwrap();
            let mut sealed = seal(&p, &asked).unwrap();
            change(&mut sealed);
            assert!(pending.open(&sealed, &p.linkage.public()).is_err());
        }
        // A stranger's request is not answered, a stranger's answer is not opened.
        let snapshot = p.statement.snapshot;
        let (_, foreign) = PendingMap::request(snapshot, &p.linkage, &random).unwrap();
        assert!(seal(&p, &foreign).is_err());
        let (pending, asked) = PendingMap::request(snapshot, &p.statistics, &random).unwrap();
        let sealed = seal(&p, &asked).unwrap();
        assert!(pending.open(&sealed, &p.statistics.public()).is_err());
    }

    #[test]
    fn the_map_is_not_in_the_sealed_message() {
        let p = parties();
        let (_, asked) =
            PendingMap::request(p.statement.snapshot, &p.statistics, &SystemRandom::new()).unwrap();
        let sealed = seal(&p, &asked).unwrap();
        let body = BASE64.decode(sealed.ciphertext.as_bytes()).unwrap();
        assert!(!body.windows(16).any(|w| w == &p.map[..16]));
    }
}
