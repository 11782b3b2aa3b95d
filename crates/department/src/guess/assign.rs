//! Columns → roles, the surest first.

use policy::{Catalogue, Dataset, Identifier, Name};

use super::facts;
use super::look::Look;
use super::look::Looks;
use super::words::{self, Case};
use super::{Role, TimePart};
use crate::error::Error;

/// Roles of all columns with their reasons, and what is missing.
pub(super) struct Assigned {
    pub(super) columns: Vec<(Role, String)>,
    pub(super) case: Option<usize>,
    pub(super) absent: Vec<Name>,
}

struct Assigning<'a> {
    looks: &'a Looks,
    roles: Vec<Option<(Role, String)>>,
    case: Option<usize>,
    absent: Vec<Name>,
}

/// Gives every column a role.
pub(super) fn assign(
    looks: &Looks,
    catalogue: &Catalogue,
    dataset: Option<&Name>,
) -> Result<Assigned, Error> {
    let roles = looks.columns.iter().map(|_| None).collect();
    let mut assigning = Assigning { looks, roles, case: None, absent: Vec::new() };
    let dataset = dataset.map(|name| catalogue.dataset(name)).transpose()?;
    assigning.blocks();
    assigning.identifiers();
    assigning.cases(dataset);
    assigning.times();
    if let Some(dataset) = dataset {
        assigning.facts(dataset, catalogue)?;
    }
    Ok(assigning.rest(dataset.is_some()))
}

impl Assigning<'_> {
    /// Columns without a role.
    fn free(&self) -> impl Iterator<Item = (usize, &Look)> {
        let all = self.looks.columns.iter().enumerate();
        all.filter(|(position, _)| self.roles.get(*position).is_some_and(Option::is_none))
    }

    fn set(&mut self, position: usize, role: Role, reason: impl Into<String>) {
        if let Some(place) = self.roles.get_mut(position) {
            *place = Some((role, reason.into()));
        }
    }

    fn blocks(&mut self) {
        let found: Vec<(usize, Role, &str)> = self
            .free()
            .filter(|(_, look)| words::is_block(&look.name))
            .map(|(position, look)| match look.flags() {
                Some((yes, no)) if !yes.is_empty() => {
                    let drop = yes.into_iter().map(str::to_owned).collect();
                    let keep = std::iter::once("").chain(no).map(str::to_owned).collect();
                    let role = Role::Exclude(drop, keep);
                    (position, role, "Name klingt nach Sperrvermerk, Werte nach Ja und Nein")
                }
                _ => (
                    position,
                    Role::Undecided,
                    "Name klingt nach Sperrvermerk: role = \"exclude\" mit drop und keep, welche Werte sperren",
                ),
            })
            .collect();
        for (position, role, reason) in found {
            self.set(position, role, reason);
        }
    }

    fn identifiers(&mut self) {
        let mut found: Vec<(usize, Identifier)> = self
            .free()
            .filter_map(|(position, look)| Some((position, words::identifier(&look.name)?)))
            .collect();
        // `nachname` before `name`: the shorter word may be anything.
        found.sort_by_key(|(position, _)| {
            let look = self.looks.columns.get(*position);
            look.is_some_and(|look| words::words(&look.name) == ["name"])
        });
        let mut taken: Vec<Identifier> = Vec::new();
        for (position, identifier) in found {
            if taken.contains(&identifier) {
                self.set(position, Role::Undecided, "noch eine Spalte dieses Namens: welche gilt?");
            } else {
                taken.push(identifier);
                self.set(position, Role::Identifier(identifier), "nach dem Namen der Spalte");
            }
        }
    }

    fn cases(&mut self, dataset: Option<&Dataset>) {
        let found: Vec<(usize, Case, usize)> = self
            .free()
            .filter_map(|(position, look)| {
                Some((position, words::case(&look.name)?, look.people_per_case()))
            })
            .collect();
        let units = dataset.is_some_and(|dataset| dataset.unit);
        let (mut person, mut unit) = (false, false);
        for (position, case, people) in found {
            let each = format!("{},{:02} Personen je Nummer", people / 100, people % 100);
            let role = match case {
                Case::Unit if units && !unit => Role::Unit,
                Case::Person if !person => Role::Person,
                Case::Either if units && !unit && !person => Role::Unit,
                // A few slips do not make a number that of a household.
                Case::Either if !units && !person && people <= 120 => Role::Person,
                _ => Role::Secret,
            };
            person |= role == Role::Person;
            unit |= role == Role::Unit;
            if self.case.is_none() || role == Role::Person {
                self.case = Some(position);
            }
            self.set(position, role, format!("Name einer Fallnummer; {each}"));
        }
    }

    fn times(&mut self) {
        let mut found: Vec<(usize, TimePart, u8, _)> = self
            .free()
            .filter_map(|(position, look)| {
                let (part, sure) = words::part(&look.name)?;
                Some((position, part, sure, look.time()?.0))
            })
            .collect();
        found.sort_by_key(|(_, _, sure, _)| std::cmp::Reverse(*sure));
        let first = |part: TimePart| found.iter().find(|(_, own, _, _)| *own == part).copied();
        let to = first(TimePart::To);
        let month = first(TimePart::At).filter(|(_, _, sure, _)| *sure == 3);
        let chosen = match (to, month) {
            (Some(to), _) => {
                // Without a word that says so, any other date may be the beginning.
                let from = first(TimePart::From).or_else(|| first(TimePart::At));
                from.map_or_else(Vec::new, |from| vec![(from, TimePart::From), (to, TimePart::To)])
            }
            (None, Some(month)) => vec![(month, TimePart::At)],
            (None, None) => match (first(TimePart::From), first(TimePart::At)) {
                (Some(from), _) if from.2 == 3 => vec![(from, TimePart::From)],
                (_, Some(at)) => vec![(at, TimePart::At)],
                (Some(from), None) => vec![(from, TimePart::From)],
                (None, None) => Vec::new(),
            },
        };
        for ((position, _, _, format), part) in chosen {
            self.set(position, Role::Time(part, format), "nach Name und Form der Werte");
        }
    }

    fn facts(&mut self, dataset: &Dataset, catalogue: &Catalogue) -> Result<(), Error> {
        let has = |roles: &[Option<(Role, String)>], wanted: Identifier| {
            roles.iter().flatten().any(|(role, _)| *role == Role::Identifier(wanted))
        };
        let mut fits: Vec<(u32, usize, usize)> = Vec::new();
        for (at, name) in dataset.dimensions.iter().enumerate() {
            let own = catalogue.dimension(name)?;
            for (position, look) in self.free() {
                fits.push((facts::dimension(look, own, name.as_str()), at, position));
            }
        }
        let dimensions = dataset.dimensions.len();
        for (at, own) in dataset.measures.iter().enumerate() {
            for (position, look) in self.free() {
                fits.push((facts::measure(look, own), dimensions + at, position));
            }
        }
        fits.retain(|(points, _, _)| *points >= 2);
        fits.sort_by_key(|(points, at, position)| (std::cmp::Reverse(*points), *at, *position));
        let mut done = vec![false; dimensions + dataset.measures.len()];
        for (points, at, position) in fits {
            let taken = self.roles.get(position).is_none_or(Option::is_some);
            let Some(done) = done.get_mut(at).filter(|done| !**done && !taken) else { continue };
            *done = true;
            let Some(look) = self.looks.columns.get(position) else { continue };
            let role = match dataset.dimensions.get(at) {
                Some(name) => {
                    let own = catalogue.dimension(name)?;
                    let codes = look.codes().filter(|_| !look.is_municipality());
                    let codes = codes.unwrap_or_default().into_iter();
                    let key = |code: &str| facts::key_of(code, own).map(str::to_owned);
                    Role::Dimension(
                        name.clone(),
                        codes.map(|code| (code.to_owned(), key(code))).collect(),
                    )
                }
                None => {
                    let Some(own) = dataset.measures.get(at - dimensions) else { continue };
                    let per_unit = dataset.unit && own.label.contains("je Haushalt");
                    let decimal = look.decimal().unwrap_or_default();
                    Role::Measure(own.name.clone(), decimal, per_unit)
                }
            };
            let sure = if points > 3 { "nach Name und Werten" } else { "nur ähnlich: prüfen" };
            self.set(position, role, sure);
        }
        for (name, done) in dataset.dimensions.iter().zip(&done) {
            let own = catalogue.dimension(name)?;
            let born = own.age && has(&self.roles, Identifier::DateOfBirth);
            let sex = name.as_str() == "sex" && has(&self.roles, Identifier::Sex);
            let town = has(&self.roles, Identifier::Town) && has(&self.roles, Identifier::Postcode);
            let place = name.as_str() == "municipality" && town;
            let lasting = !own.age && own.age_classes().is_ok() && self.begins();
            if !(*done || born || sex || place || lasting) {
                self.absent.push(name.clone());
            }
        }
        let measures = dataset.measures.iter().zip(done.get(dimensions..).unwrap_or_default());
        let missing = measures.filter(|(_, done)| !**done).map(|(own, _)| own.name.clone());
        self.absent.extend(missing.collect::<Vec<_>>());
        Ok(())
    }

    fn begins(&self) -> bool {
        let from = |role: &Role| matches!(role, Role::Time(TimePart::From | TimePart::At, _));
        self.roles.iter().flatten().any(|(role, _)| from(role))
    }

    /// What nothing needs is ignored; what may be a block, or what is missing, is asked about.
    fn rest(self, known: bool) -> Assigned {
        let Self { looks, roles, case, absent } = self;
        let missing = absent.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
        let columns = looks.columns.iter().zip(roles).map(|(look, role)| {
            if let Some(decided) = role {
                return decided;
            }
            let undecided = |reason: String| (Role::Undecided, reason);
            if words::is_needless(&look.name) {
                (Role::Ignore, "wird nie gebraucht".into())
            } else if look.filled == 0 {
                undecided("die Spalte ist leer: ignore, oder was sollte darin stehen?".into())
            } else if look.flags().is_some() && !words::is_foreign(&look.name) {
                undecided("Ja oder Nein: ein Sperrvermerk (exclude)? sonst ignore".into())
            } else if !known {
                undecided("ohne Datenbestand nicht zu sagen".into())
            } else if !absent.is_empty() && (look.codes().is_some() || look.decimal().is_some()) {
                undecided(format!("vielleicht {missing}? sonst ignore"))
            } else {
                let reason = "nichts im Datenbestand braucht sie; was nicht gebraucht wird, wird nicht gelesen";
                (Role::Ignore, reason.into())
            }
        });
        Assigned { columns: columns.collect(), case, absent }
    }
}
