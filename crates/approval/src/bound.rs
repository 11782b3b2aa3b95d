//! What a proposal binds, in one form for everybody.

use access::ProposalKind;
use policy::{Digest, Name, Part, canonical_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use submission::ProblemCode;

use crate::ApprovalError;

/// Exactly that which is approved. Its canonical JSON is hashed, so two programs that mean the same
/// have the same digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// `milchglas/proposal/v1`.
    pub format: String,
    /// What it is.
    pub kind: ProposalKind,
    /// The project.
    pub project: Name,
    /// The particulars: an object without any personal value.
    pub about: Value,
}

impl Bound {
    /// The only format.
    pub const FORMAT: &'static str = "milchglas/proposal/v1";
    /// Most bytes of the canonical form.
    const LONGEST: usize = 256 << 10;

    /// Binds particulars.
    #[must_use]
    pub fn new(kind: ProposalKind, project: &Name, about: Value) -> Self {
        Self { format: Self::FORMAT.into(), kind, project: project.clone(), about }
    }

    /// Binds the pieces of a folder of policies; `milchglas approve --policies` computes the same
    /// from the approver's own copy.
    #[must_use]
    pub fn policy(project: &Name, parts: &[Part]) -> Self {
        Self::new(ProposalKind::Policy, project, serde_json::json!({ "parts": parts }))
    }

    /// The pieces, where it is a folder of policies.
    #[must_use]
    pub fn parts(&self) -> Option<Vec<Part>> {
        if self.kind != ProposalKind::Policy {
            return None;
        }
        serde_json::from_value(self.about.get("parts")?.clone()).ok()
    }

    /// Canonical form and digest.
    ///
    /// # Errors
    /// [`ProblemCode::MalformedRequest`] where the particulars are no object or too long.
    pub fn canonical(&self) -> Result<(String, Digest), ApprovalError> {
        let malformed =
            |detail: &str| ApprovalError::refuse(ProblemCode::MalformedRequest, detail.to_owned());
        if !self.about.is_object() {
            return Err(malformed("`about` is an object with what is to be approved"));
        }
        let bytes = canonical_json(self)?;
        if bytes.len() > Self::LONGEST {
            return Err(malformed("what is to be approved is longer than 256 KiB"));
        }
        let digest = Digest::of(&bytes);
        let text = String::from_utf8(bytes).map_err(|_| malformed("`about` is not text"))?;
        Ok((text, digest))
    }
}
