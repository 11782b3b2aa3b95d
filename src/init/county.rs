//! A county about which everything is known that a folder needs, and who is who in it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use policy::Name;

use super::answers::Answers;
use super::exercise::EXERCISE_PREFIX;
use super::places::{Place, Places};

/// Somebody with a role at both units.
pub(super) struct Person {
    /// The role in the rules of access.
    pub(super) role: &'static str,
    /// The office's short name; the county's key is put behind it.
    pub(super) office: &'static str,
    /// What a reader calls them.
    pub(super) word: &'static str,
}

/// Who a county needs beside its departments.
pub(super) const PEOPLE: [Person; 5] = [
    Person { role: "custodian", office: "schluesselstelle", word: "Schlüsselstelle" },
    Person { role: "operator", office: "betrieb", word: "Betrieb der Stellen" },
    Person { role: "analyst", office: "sozialplanung", word: "Sozialplanung" },
    Person { role: "dpo", office: "datenschutz", word: "Datenschutz" },
    Person { role: "approver", office: "sozialdezernat", word: "Leitung (zweite Person)" },
];

/// A county about which everything is known that a folder needs.
pub(super) struct County {
    pub(super) answers: Answers,
    pub(super) places: Places,
    pub(super) exercise: bool,
    pub(super) today: Date,
}

impl County {
    pub(super) fn project(&self) -> String {
        let prefix = if self.exercise { EXERCISE_PREFIX } else { "county-" };
        format!("{prefix}{}", self.answers.ags)
    }

    pub(super) fn purpose(&self) -> String {
        format!("sozialmonitoring-{}", self.answers.ags)
    }

    /// What a reader sees; an exercise says so wherever it is named.
    pub(super) fn label(&self) -> String {
        let name = &self.answers.name;
        if self.exercise { format!("{name} (Übung)") } else { name.clone() }
    }

    pub(super) fn person(&self, person: &Person) -> String {
        format!("{}-{}", person.office, self.answers.ags)
    }

    pub(super) fn approvals(&self) -> String {
        let people = PEOPLE.iter().filter(|own| matches!(own.role, "dpo" | "approver"));
        let names: Vec<String> = people.map(|own| format!("\"{}\"", self.person(own))).collect();
        names.join(", ")
    }

    pub(super) fn departments(&self) -> Vec<String> {
        let name = |own: &Name| format!("{own}-{}", self.answers.ags);
        self.answers.departments.iter().map(|own| name(&own.name)).collect()
    }

    /// Department and dataset of every delivery.
    pub(super) fn deliveries(&self) -> impl Iterator<Item = (String, &Name)> {
        self.answers
            .departments
            .iter()
            .zip(self.departments())
            .flat_map(|(own, name)| own.datasets.iter().map(move |dataset| (name.clone(), dataset)))
    }

    pub(super) fn datasets(&self) -> BTreeSet<&str> {
        self.answers.datasets()
    }

    pub(super) fn place(&self, key: &str) -> Option<&Place> {
        self.places.own.iter().find(|own| own.key == key)
    }

    pub(super) fn has_social_areas(&self) -> bool {
        self.places.own.iter().any(|own| own.social_area.is_some())
    }

    /// Each social area with its municipalities, in the order in which the list names them.
    pub(super) fn social_areas(&self) -> Vec<(&str, Vec<&str>)> {
        let mut areas: Vec<(&str, Vec<&str>)> = Vec::new();
        for place in &self.places.own {
            let Some(area) = place.social_area.as_deref() else { continue };
            match areas.iter_mut().find(|(name, _)| *name == area) {
                Some((_, keys)) => keys.push(&place.key),
                None => areas.push((area, vec![&place.key])),
            }
        }
        areas
    }
}
