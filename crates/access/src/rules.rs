//! The rules of access as data: Cedar policies with a strict schema, denied by default.
//!
//! Parsed and validated once; a decision afterwards compares one request with a handful of rules.
//! A rule that has run out permits nothing any more and goes on forbidding.

mod annotations;
mod decide;
mod place;
mod read;

pub use annotations::Note;
pub use decide::Asker;
pub use place::Fault;

use std::collections::BTreeMap;

use cedar_policy::{Authorizer, Entities, PolicyId, PolicySet, Schema};
use jiff::civil::Date;

use decide::Words;

/// All rules of one folder.
pub struct Rules {
    policies: PolicySet,
    schema: Schema,
    authorizer: Authorizer,
    actions: Entities,
    words: Words,
    notes: BTreeMap<PolicyId, Note>,
}

impl Rules {
    /// What every rule says of itself, by file and line.
    pub fn notes(&self) -> impl Iterator<Item = &Note> {
        let mut notes: Vec<&Note> = self.notes.values().collect();
        notes.sort_by_key(|note| (&note.file, note.line));
        notes.into_iter()
    }

    /// Rules that have run out on `day`, each with its place.
    #[must_use]
    pub fn expired(&self, day: Date) -> Vec<Fault> {
        let out = self.notes().filter(|note| note.valid_until < day);
        out.map(|note| Fault {
            file: note.file.clone(),
            line: note.line,
            reason: format!(
                "rule `{}` was valid until {}; decide anew and name a later day",
                note.id, note.valid_until
            ),
        })
        .collect()
    }
}

#[cfg(test)]
mod tests;
