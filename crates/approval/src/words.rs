//! The words of what is in force, kept with its digest, so that a waiting folder can be compared
//! with it in words and not only in digests.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::Rules;
use policy::{
    Catalogue, Digest, LinkageSchema, Name, Part, PartKind, PolicySet, Purpose, ReleasePlan,
    Schedule, canonical_json,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::proposals::Agreed;

use crate::ApprovalError;
use crate::force::JOINT;

/// What is in force in a project.
pub struct InForce {
    /// Every piece, by kind and name.
    pub parts: Vec<ForcePart>,
    /// The pieces whose words are known; without rules of access and without the oversight of the
    /// logs, which nobody approves. None while no catalogue was approved whose words were kept.
    pub set: Option<PolicySet>,
    /// The rules of access; those of the folder itself where they are the same.
    pub rules: Option<Arc<Rules>>,
}

/// A piece in force.
pub struct ForcePart {
    /// What it is: a word of [`PartKind::word`].
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it says.
    pub digest: Digest,
    /// Since when, in Unix seconds.
    pub since: i64,
    /// The proposal that brought it into force.
    pub proposal: String,
    /// Whether its words were kept; versions before this one kept those of the rules of access
    /// alone.
    pub has_words: bool,
}

/// The words of a piece of the folder as JSON; none where the folder lacks it.
pub(crate) fn of(policies: &PolicySet, part: &Part) -> Result<Option<String>, ApprovalError> {
    let name = &part.name;
    match part.kind {
        PartKind::Access => text(&policies.access).map(Some),
        PartKind::Catalogue => text(&policies.catalogue).map(Some),
        PartKind::Schema => policies.schemas.get(name).map(text).transpose(),
        PartKind::Purpose => policies.purposes.get(name).map(text).transpose(),
        PartKind::Schedule => policies.schedules.get(name).map(text).transpose(),
        PartKind::Plan => policies.release_plans.get(name).map(text).transpose(),
    }
}

fn text<T: Serialize>(value: &T) -> Result<String, ApprovalError> {
    String::from_utf8(canonical_json(value)?).map_err(|_| damaged())
}

fn damaged() -> ApprovalError {
    ApprovalError::Store(store::Error::Damaged("agreed.content"))
}

fn read<T: DeserializeOwned>(words: &str) -> Result<T, ApprovalError> {
    serde_json::from_str(words).map_err(|_| damaged())
}

impl InForce {
    /// From what was approved; `policies` knows the words of a piece that lies in the folder
    /// exactly as it was approved.
    pub(crate) fn of(
        project: &Name,
        agreed: &[Agreed],
        (policies, folder_rules): (&PolicySet, &Arc<Rules>),
    ) -> Result<Self, ApprovalError> {
        let access = *policies.access_digest()?.as_bytes();
        let folder = policies.parts(project)?;
        let words = |own: &Agreed| match &own.part.content {
            Some(words) => Ok(Some(words.clone())),
            None => {
                let digest = Digest::from_bytes(own.part.digest);
                let same =
                    |part: &&Part| part.digest == digest && part.kind.word() == own.part.kind;
                folder.iter().find(same).map_or(Ok(None), |part| self::of(policies, part))
            }
        };
        let own = || {
            let own = agreed.iter().filter(|own| own.project == project.as_str());
            own.filter(|own| own.part.kind != JOINT)
        };
        let (mut parts, mut pieces, mut rules) = (Vec::new(), Pieces::default(), None);
        for own in own() {
            let words = words(own)?;
            parts.push(ForcePart {
                kind: own.part.kind.clone(),
                name: own.part.name.clone(),
                digest: Digest::from_bytes(own.part.digest),
                since: own.at,
                proposal: own.proposal.clone(),
                has_words: words.is_some(),
            });
            match words {
                None => {}
                Some(_)
                    if own.part.kind == PartKind::Access.word() && own.part.digest == access =>
                {
                    rules = Some(Arc::clone(folder_rules));
                }
                Some(words) if own.part.kind == PartKind::Access.word() => {
                    let read = Rules::read_earlier(&read(&words)?);
                    rules = Some(Arc::new(read.map_err(ApprovalError::Rules)?));
                }
                Some(words) => pieces.take(&own.part.kind, &words)?,
            }
        }
        Ok(Self { parts, set: pieces.set(), rules })
    }
}

#[derive(Default)]
struct Pieces {
    catalogue: Option<Catalogue>,
    schemas: BTreeMap<Name, LinkageSchema>,
    purposes: BTreeMap<Name, Purpose>,
    schedules: BTreeMap<Name, Schedule>,
    release_plans: BTreeMap<Name, ReleasePlan>,
}

impl Pieces {
    fn take(&mut self, kind: &str, words: &str) -> Result<(), ApprovalError> {
        if kind == PartKind::Catalogue.word() {
            self.catalogue = Some(read(words)?);
        } else if kind == PartKind::Schema.word() {
            let own: LinkageSchema = read(words)?;
            self.schemas.insert(own.name.clone(), own);
        } else if kind == PartKind::Purpose.word() {
            let own: Purpose = read(words)?;
            self.purposes.insert(own.id.clone(), own);
        } else if kind == PartKind::Schedule.word() {
            let own: Schedule = read(words)?;
            self.schedules.insert(own.project.clone(), own);
        } else if kind == PartKind::Plan.word() {
            let own: ReleasePlan = read(words)?;
            self.release_plans.insert(own.id.clone(), own);
        }
        Ok(())
    }

    fn set(self) -> Option<PolicySet> {
        let Self { catalogue, schemas, purposes, schedules, release_plans } = self;
        Some(PolicySet {
            schemas,
            catalogue: catalogue?,
            purposes,
            schedules,
            release_plans,
            oversight: policy::Oversight::USUAL,
            access: BTreeMap::new(),
            digest: Digest::of(&[]),
        })
    }
}
