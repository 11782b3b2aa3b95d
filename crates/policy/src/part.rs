//! What of a folder two people approve, piece by piece, each by its digest.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Digest, Name, PolicyError, PolicySet, Purpose};

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    /// The rules of access, all files together.
    Access,
    /// The catalogue.
    Catalogue,
    /// A linkage schema.
    Schema,
    /// A purpose with its caps.
    Purpose,
    /// A schedule.
    Schedule,
    /// A release plan.
    Plan,
}

impl PartKind {
    /// Its word in log and database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Catalogue => "catalogue",
            Self::Schema => "schema",
            Self::Purpose => "purpose",
            Self::Schedule => "schedule",
            Self::Plan => "plan",
        }
    }
}

/// A piece of a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Its name; `access` for the rules of access.
    pub name: Name,
    /// What it says, to the last number.
    pub digest: Digest,
}

impl PolicySet {
    /// Everything that the people of a project approve: what all projects share, and its own
    /// purposes, schedule and plans. Another project's pieces are not among them.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which a loaded folder does not give.
    pub fn parts(&self, project: &Name) -> Result<Vec<Part>, PolicyError> {
        let part = |kind, name: &Name, digest| Part { kind, name: name.clone(), digest };
        let mut parts = vec![
            part(PartKind::Access, &Name::new("access")?, self.access_digest()?),
            part(PartKind::Catalogue, &self.catalogue.name, self.catalogue.digest()?),
        ];
        for schema in self.schemas.values() {
            parts.push(part(PartKind::Schema, &schema.name, schema.digest()?));
        }
        for purpose in self.purposes.values().filter(|own| own.project == *project) {
            parts.push(part(PartKind::Purpose, &purpose.id, purpose.digest()?));
        }
        if let Some(schedule) = self.schedules.get(project) {
            parts.push(part(PartKind::Schedule, project, schedule.digest()?));
        }
        for plan in self.release_plans.values() {
            let own = self.purposes.get(&plan.purpose).is_some_and(|own| own.project == *project);
            if own {
                parts.push(part(PartKind::Plan, &plan.id, plan.digest()?));
            }
        }
        parts.sort();
        Ok(parts)
    }

    /// What [`PolicySet::parts`] names, as a set of its own: without other projects' purposes,
    /// schedules and plans. It keeps the digest of the whole.
    #[must_use]
    pub fn of_project(&self, project: &Name) -> Self {
        let purposes = self.purposes.iter().filter(|(_, own)| own.project == *project);
        let purposes: BTreeMap<Name, Purpose> =
            purposes.map(|(id, own)| (id.clone(), own.clone())).collect();
        let plans =
            self.release_plans.iter().filter(|(_, own)| purposes.contains_key(&own.purpose));
        let schedules = self.schedules.iter().filter(|(id, _)| *id == project);
        Self {
            schemas: self.schemas.clone(),
            catalogue: self.catalogue.clone(),
            schedules: schedules.map(|(id, own)| (id.clone(), own.clone())).collect(),
            release_plans: plans.map(|(id, own)| (id.clone(), own.clone())).collect(),
            purposes,
            oversight: self.oversight.clone(),
            access: self.access.clone(),
            digest: self.digest,
        }
    }

    /// The counties that answer for the purposes of a project. More than one means that people are
    /// linked over a border.
    #[must_use]
    pub fn controllers(&self, project: &Name) -> BTreeSet<&Name> {
        let own = self.purposes.values().filter(|own| own.project == *project);
        own.map(|own| &own.controller).collect()
    }

    /// Digest of the rules of access.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which texts do not give.
    pub fn access_digest(&self) -> Result<Digest, PolicyError> {
        Digest::of_json(&self.access)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_project_approves_its_own_and_what_is_shared() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
        let mut set = PolicySet::load(&folder).unwrap();
        let own = Name::new("county-06432").unwrap();
        let before = set.parts(&own).unwrap();
        let words: Vec<&str> = before.iter().map(|part| part.kind.word()).collect();
        assert!(words.contains(&"access") && words.contains(&"plan"), "{words:?}");
        assert!(before.iter().all(|part| !part.name.as_str().contains("06440")));
        let of_other = set.purposes.values_mut().find(|own| own.project.as_str() != "county-06432");
        of_other.unwrap().recipients.push("Presse".into());
        assert_eq!(set.parts(&own).unwrap(), before, "another county's purpose is its own affair");
        let digest = set.access_digest().unwrap();
        set.access.values_mut().next().unwrap().push('\n');
        assert_ne!(set.access_digest().unwrap(), digest);
        assert_ne!(set.parts(&own).unwrap(), before);
    }
}
