//! What of a folder is in force, project by project.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::Rules;
use policy::{Digest, Name, Part, PartKind, PolicySet};
use store::proposals::Agreed;

use crate::ApprovalError;

/// The pieces of one project.
pub(crate) struct Force {
    /// Which pieces of the folder were approved as they stand there.
    pub(crate) parts: BTreeMap<(PartKind, Name), bool>,
    /// The rules of access that hold.
    pub(crate) rules: Holding,
    /// The linkage over a border that the officers of all its counties approved.
    pub(crate) joint: Option<[u8; 32]>,
}

/// The word of such a linkage among the pieces in force.
pub(crate) const JOINT: &str = "joint";

/// Which rules of access hold.
pub(crate) enum Holding {
    /// Those of the folder, or earlier ones until the folder's are approved.
    Approved(Arc<Rules>),
    /// None were ever approved: the folder's rules say who may propose and approve, and nothing
    /// else is permitted yet.
    OnlyToApprove(Arc<Rules>),
}

impl Force {
    pub(crate) fn of(
        project: &Name,
        policies: &PolicySet,
        rules: &Arc<Rules>,
        agreed: &[Agreed],
    ) -> Result<Self, ApprovalError> {
        let find = |part: &Part| {
            agreed.iter().find(|own| {
                own.project == project.as_str()
                    && own.part.kind == part.kind.word()
                    && own.part.name == part.name.as_str()
            })
        };
        let mut parts = BTreeMap::new();
        let mut holding = Holding::OnlyToApprove(Arc::clone(rules));
        for part in policies.parts(project)? {
            let found = find(&part);
            let same = found.is_some_and(|own| Digest::from_bytes(own.part.digest) == part.digest);
            if part.kind == PartKind::Access {
                holding = match (same, found.and_then(|own| own.part.content.as_deref())) {
                    (true, _) => Holding::Approved(Arc::clone(rules)),
                    (false, Some(earlier)) => Holding::Approved(Arc::new(read(earlier)?)),
                    (false, None) => holding,
                };
            }
            parts.insert((part.kind, part.name), same);
        }
        let joint = agreed
            .iter()
            .find(|own| own.project == project.as_str() && own.part.kind == JOINT)
            .map(|own| own.part.digest);
        Ok(Self { parts, rules: holding, joint })
    }

    pub(crate) fn holds(&self, kind: PartKind, name: &Name) -> bool {
        self.parts.get(&(kind, name.clone())).copied().unwrap_or(false)
    }
}

fn read(text: &str) -> Result<Rules, ApprovalError> {
    let files: BTreeMap<String, String> = serde_json::from_str(text)
        .map_err(|_| ApprovalError::Store(store::Error::Damaged("agreed.content")))?;
    Rules::read_earlier(&files).map_err(ApprovalError::Rules)
}
