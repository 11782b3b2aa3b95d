use crate::document::{self, Signature, head, text};
use crate::{Error, Head, Installation, PublicKey, UnitKind};
use ring::signature::Ed25519KeyPair;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const FORMAT: &str = "milchglas/restore/1";
const APPROVAL: &str = "milchglas/restore-approval/1";
/// Most lineages of one request.
const LINES: usize = 16_384;

/// What two people approve: that a database which was put back goes on, and what is taken from
/// each lineage because it was spent and is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    format: String,
    /// Whose database.
    #[serde(with = "text")]
    pub unit: UnitKind,
    /// Of which installation.
    #[serde(with = "text")]
    pub installation: Installation,
    /// The head of the database that was put back.
    #[serde(with = "head")]
    pub restored: Head,
    /// The newest that the witness keeps; none where it never kept anything.
    pub witnessed: Option<Witnessed>,
    /// What is taken from each lineage.
    pub burn: Vec<BurnLine>,
    /// Of that, whether it holds what may have been spent while the witness was away.
    pub with_tranche: bool,
    /// When it was made, in Unix seconds.
    pub at: i64,
}

/// The newest statement that the witness keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnessed {
    /// How often the log had been restored.
    pub generation: u64,
    /// Its head.
    #[serde(with = "head")]
    pub head: Head,
}

/// What is taken from a lineage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BurnLine {
    /// The project.
    pub project: String,
    /// The event year.
    pub year: u16,
    /// In units of 1e-9.
    pub rho: u64,
    /// In units of 1e-15.
    pub delta: u64,
}

/// One person's approval of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// What is signed.
    pub approved: ApprovedRequest,
    /// Ed25519 over `milchglas/restore-approval/1 ‖ 0 ‖ canonical JSON` of it.
    pub signature: Signature,
}

/// The signed members of an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovedRequest {
    format: String,
    /// SHA-256 of the request's canonical JSON.
    pub request: String,
    /// Who approves, by the name that stands in the policies.
    pub name: String,
    /// When, in Unix seconds.
    pub at: i64,
}

/// A request with its approvals, as the witness gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceremony {
    /// The request.
    pub request: RestoreRequest,
    /// Its approvals.
    pub approvals: Vec<Approval>,
}

/// Somebody whose approval counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approver {
    /// Their key.
    pub key: PublicKey,
    /// Whether they stand for data protection; otherwise for operation.
    pub officer: bool,
}

impl RestoreRequest {
    /// A request about a database that was put back.
    #[must_use]
    pub fn new(
        (unit, installation): (UnitKind, Installation),
        restored: Head,
        witnessed: Option<Witnessed>,
        (burn, with_tranche): (Vec<BurnLine>, bool),
        at: i64,
    ) -> Self {
        let format = FORMAT.into();
        Self { format, unit, installation, restored, witnessed, burn, with_tranche, at }
    }

    /// Reads the file that [`RestoreRequest::to_json`] gave.
    ///
    /// # Errors
    /// [`Error::Document`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let read: Self = document::read(text, "a restore request")?;
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> Result<(), Error> {
        let sorted = self.burn.windows(2).all(|pair| match pair {
            [one, next] => (&one.project, one.year) < (&next.project, next.year),
            _ => true,
        });
        if self.format == FORMAT && self.burn.len() <= LINES && sorted {
            Ok(())
        } else {
            Err(Error::Document("a restore request"))
        }
    }

    /// The file, one line.
    ///
    /// # Errors
    /// [`Error::Canonical`].
    pub fn to_json(&self) -> Result<String, Error> {
        document::canonical(self)
    }

    /// SHA-256 of the canonical form, in hexadecimal digits.
    ///
    /// # Errors
    /// [`Error::Canonical`].
    pub fn digest(&self) -> Result<String, Error> {
        document::digest(self)
    }

    /// One person's approval.
    ///
    /// # Errors
    /// [`Error::Canonical`].
    pub fn approve(&self, name: String, at: i64, key: &Ed25519KeyPair) -> Result<Approval, Error> {
        let (format, request) = (APPROVAL.into(), self.digest()?);
        let approved = ApprovedRequest { format, request, name, at };
        let signature = document::sign(APPROVAL, &approved, key)?;
        Ok(Approval { approved, signature })
    }
}

impl Approval {
    /// Reads the file that [`Approval::to_json`] gave; the signature is not checked yet.
    ///
    /// # Errors
    /// [`Error::Document`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        document::read(text, "an approval")
    }

    /// The file, one line.
    ///
    /// # Errors
    /// [`Error::Canonical`].
    pub fn to_json(&self) -> Result<String, Error> {
        document::canonical(self)
    }
}

impl Ceremony {
    /// Reads the text that [`Ceremony::to_json`] gave; the signatures are not checked yet.
    ///
    /// # Errors
    /// [`Error::Document`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let read: Self = document::read(text, "a restore ceremony")?;
        read.request.check()?;
        Ok(read)
    }

    /// The text, one line.
    ///
    /// # Errors
    /// [`Error::Canonical`].
    pub fn to_json(&self) -> Result<String, Error> {
        document::canonical(self)
    }

    /// The names of those who approved, if one of them stands for data protection and another one
    /// for operation, each with a key of their own; `who` finds somebody by name.
    ///
    /// # Errors
    /// [`Error::Approvals`] for a signature that does not verify or is under another request, and
    /// where too few remain.
    pub fn approved_by(
        &self,
        who: impl Fn(&str) -> Option<Approver>,
    ) -> Result<Vec<String>, Error> {
        let digest = self.request.digest()?;
        let (mut names, mut keys) = (BTreeSet::new(), BTreeSet::new());
        let (mut officer, mut operator) = (false, false);
        for Approval { approved, signature } in &self.approvals {
            let own = who(&approved.name).ok_or(Error::Approvals)?;
            let about = approved.format == APPROVAL && approved.request == digest;
            if !about || !document::is_signed(APPROVAL, approved, signature, &own.key) {
                return Err(Error::Approvals);
            }
            if !names.insert(approved.name.clone()) || !keys.insert(own.key.bytes()) {
                return Err(Error::Approvals);
            }
            officer |= own.officer;
            operator |= !own.officer;
        }
        if officer && operator { Ok(names.into_iter().collect()) } else { Err(Error::Approvals) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::KeyPair;

    fn key(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn public(key: &Ed25519KeyPair) -> PublicKey {
        PublicKey::from_bytes(key.public_key().as_ref().try_into().unwrap())
    }

    fn request() -> RestoreRequest {
        let head = |sequence| Head { sequence, hash: [1; 32] };
        let witnessed = Some(Witnessed { generation: 0, head: head(9) });
        let line = BurnLine { project: "county".into(), year: 2025, rho: 5, delta: 0 };
        let whose = (UnitKind::Statistics, "test".parse().unwrap());
        RestoreRequest::new(whose, head(4), witnessed, (vec![line], false), 1)
    }

    fn who(name: &str) -> Option<Approver> {
        let (seed, officer) = match name {
            "anna" => (1, true),
            "berta" => (2, true),
            "otto" => (3, false),
            "egon" => (4, false),
            _ => return None,
        };
        Some(Approver { key: public(&key(seed)), officer })
    }

    fn by(names: &[(&str, u8)]) -> Ceremony {
        let request = request();
        let approve = |(name, seed): &(&str, u8)| {
            request.approve((*name).to_owned(), 2, &key(*seed)).unwrap()
        };
        let approvals = names.iter().map(approve).collect();
        Ceremony { request, approvals }
    }

    #[test]
    fn an_officer_and_an_operator_together_and_nobody_alone() {
        let good = by(&[("anna", 1), ("otto", 3)]);
        assert_eq!(good.approved_by(who).unwrap(), ["anna", "otto"]);
        let read = Ceremony::from_json(&good.to_json().unwrap()).unwrap();
        assert!(read.approved_by(who).is_ok());
        for bad in [
            &[][..],
            &[("anna", 1)],
            &[("otto", 3)],
            &[("anna", 1), ("anna", 1)],
            &[("anna", 1), ("berta", 2)],
            &[("otto", 3), ("egon", 4)],
            &[("anna", 3), ("otto", 3)],
            &[("anna", 1), ("carla", 3)],
        ] {
            assert_eq!(by(bad).approved_by(who), Err(Error::Approvals), "{bad:?}");
        }
    }

    #[test]
    fn an_approval_is_of_one_request() {
        let mut ceremony = by(&[("anna", 1), ("otto", 3)]);
        ceremony.request.burn[0].rho = 4;
        assert_eq!(ceremony.approved_by(who), Err(Error::Approvals));
        let mut unsorted = request();
        unsorted.burn.push(unsorted.burn[0].clone());
        assert!(RestoreRequest::from_json(&unsorted.to_json().unwrap()).is_err());
    }
}
