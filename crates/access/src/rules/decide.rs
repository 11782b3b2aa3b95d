//! One decision: who asks, to do what, with what, on which day.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Context, Decision, Entity, EntityId, EntityTypeName, EntityUid, PolicyId, Request,
    RestrictedExpression,
};
use jiff::civil::Date;
use policy::Name;

use super::Rules;
use crate::{Action, ProposalKind, Role};

/// Somebody who wants to do something.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// Their name.
    pub name: &'a Name,
    /// What they are.
    pub role: Role,
    /// Where they are it.
    pub project: &'a Name,
}

/// The types of the schema, read once.
pub(super) struct Words {
    project: EntityTypeName,
    role: EntityTypeName,
    identity: EntityTypeName,
    resources: Vec<(Action, EntityUid, EntityTypeName)>,
}

impl Words {
    pub(super) fn new() -> Result<Self, String> {
        let word = |word: &str| EntityTypeName::from_str(word).map_err(|e| e.to_string());
        let action = word("Action")?;
        let of = |own: Action| {
            let uid = EntityUid::from_type_name_and_id(action.clone(), EntityId::new(own.word()));
            Ok::<_, String>((own, uid, word(own.resource())?))
        };
        Ok(Self {
            project: word("Project")?,
            role: word("Role")?,
            identity: word("Identity")?,
            resources: Action::ALL.into_iter().map(of).collect::<Result<_, _>>()?,
        })
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

/// What is compared with the rules.
struct Asked {
    request: Request,
    entities: Vec<Entity>,
}

impl Rules {
    /// Whether `asker` may do this in project `place` on `day`. A proposal without a kind stands
    /// for any: whether there is one at all.
    #[must_use]
    pub fn permits(
        &self,
        asker: &Asker<'_>,
        action: Action,
        place: &Name,
        kind: Option<ProposalKind>,
        day: Date,
    ) -> bool {
        if action.has_kind() && kind.is_none() {
            let any = |kind| !self.permitting(asker, action, place, Some(kind), day).is_empty();
            return ProposalKind::ALL.into_iter().any(any);
        }
        !self.permitting(asker, action, place, kind, day).is_empty()
    }

    /// The names of the rules that permit it; none where it is not permitted.
    #[must_use]
    pub fn because(
        &self,
        asker: &Asker<'_>,
        action: Action,
        place: &Name,
        kind: Option<ProposalKind>,
        day: Date,
    ) -> Vec<String> {
        let found = self.permitting(asker, action, place, kind, day);
        found.iter().map(ToString::to_string).collect()
    }

    pub(super) fn permitting(
        &self,
        asker: &Asker<'_>,
        action: Action,
        place: &Name,
        kind: Option<ProposalKind>,
        day: Date,
    ) -> Vec<PolicyId> {
        // What cannot be asked is not permitted; `knows_every_word` said at the start that it can.
        let Ok(asked) = self.asked(asker, action, place, kind, false) else { return Vec::new() };
        let Ok(entities) = self.actions.clone().add_entities(asked.entities, None) else {
            return Vec::new();
        };
        let answer = self.authorizer.is_authorized(&asked.request, &self.policies, &entities);
        // An error in a rule that forbids would otherwise permit.
        if answer.decision() != Decision::Allow || answer.diagnostics().errors().next().is_some() {
            return Vec::new();
        }
        let valid = |id: &&PolicyId| self.notes.get(*id).is_some_and(|n| day <= n.valid_until);
        answer.diagnostics().reason().filter(valid).cloned().collect()
    }

    fn asked(
        &self,
        asker: &Asker<'_>,
        action: Action,
        place: &Name,
        kind: Option<ProposalKind>,
        checked: bool,
    ) -> Result<Asked, String> {
        let words = &self.words;
        let known = words.resources.iter().find(|own| own.0 == action);
        let (_, action, resource) = known.ok_or("an action without a word")?;
        let home = uid(&words.project, asker.project.as_str());
        let there = uid(&words.project, place.as_str());
        let role = uid(&words.role, asker.role.word());
        let principal = uid(&words.identity, asker.name.as_str());
        let resource = uid(resource, place.as_str());
        let project = |own: &EntityUid| {
            ("project".to_owned(), RestrictedExpression::new_entity_uid(own.clone()))
        };
        let mut attributes = HashMap::from([project(&there)]);
        if let Some(kind) = kind {
            let kind = RestrictedExpression::new_string(kind.word().to_owned());
            attributes.insert("kind".to_owned(), kind);
        }
        let parents = HashSet::from([role.clone()]);
        let text = |e: &dyn std::fmt::Display| e.to_string();
        let entities = vec![
            Entity::new(principal.clone(), HashMap::from([project(&home)]), parents)
                .map_err(|e| text(&e))?,
            Entity::new(resource.clone(), attributes, HashSet::new()).map_err(|e| text(&e))?,
            Entity::new_no_attrs(role, HashSet::new()),
        ];
        let schema = checked.then_some(&self.schema);
        let request = Request::new(principal, action.clone(), resource, Context::empty(), schema)
            .map_err(|e| text(&e))?;
        Ok(Asked { request, entities })
    }

    /// The program's actions, attributes and types are those of the schema.
    pub(super) fn knows_every_word(&self) -> Result<(), String> {
        let name = Name::new("p").map_err(|e| e.to_string())?;
        let asker = Asker { name: &name, role: Role::Dpo, project: &name };
        for action in Action::ALL {
            let kind = action.has_kind().then_some(ProposalKind::Policy);
            let asked = self
                .asked(&asker, action, &name, kind, true)
                .map_err(|e| format!("{}: {e}", action.word()))?;
            self.actions
                .clone()
                .add_entities(asked.entities, Some(&self.schema))
                .map_err(|e| format!("{}: {e}", action.word()))?;
        }
        Ok(())
    }
}
