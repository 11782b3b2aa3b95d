//! Two folders compared: what becomes possible, what impossible, what else changes.

use std::collections::{BTreeMap, BTreeSet};

use access::Role;
use jiff::civil::Date;
use policy::{Dataset, Indicator, Name, PolicySet, Purpose};
use serde::Serialize;

use super::Said;
use super::budget_words::caps;
use super::explain::{actions, may};
use super::words::{action, grouping, kind, list, rho, role};

/// What differs, in German sentences.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// What nobody could do before: this is what two people look at.
    pub(crate) possible: Vec<String>,
    /// What somebody could do before.
    pub(crate) impossible: Vec<String>,
    /// What is neither more nor less.
    pub(crate) changed: Vec<String>,
}

impl Difference {
    pub(crate) fn is_empty(&self) -> bool {
        self.possible.is_empty() && self.impossible.is_empty() && self.changed.is_empty()
    }

    fn more(&mut self, more: bool, sentence: String) {
        if more { self.possible.push(sentence) } else { self.impossible.push(sentence) }
    }

    /// A number that permits more where it is greater.
    fn limit<T: Ord>(&mut self, before: &T, after: &T, sentence: impl FnOnce() -> String) {
        if before != after {
            self.more(after > before, sentence());
        }
    }

    /// Members of a list, one by one.
    fn members<T: Ord>(
        &mut self,
        (before, after): (BTreeSet<T>, BTreeSet<T>),
        sentence: impl Fn(&T) -> String,
    ) {
        for own in after.difference(&before) {
            self.possible.push(sentence(own));
        }
        for own in before.difference(&after) {
            self.impossible.push(sentence(own));
        }
    }

    fn change<T: PartialEq + std::fmt::Display>(&mut self, what: &str, before: &T, after: &T) {
        if before != after {
            self.changed.push(format!("{what}: vorher »{before}«, nun »{after}«"));
        }
    }
}

/// Compares two folders, or one with what is in force, as they decide on a day.
pub(crate) fn compare(old: Said<'_>, new: Said<'_>, day: Date) -> anyhow::Result<Difference> {
    let mut found = Difference::default();
    access(&mut found, old, new, day)?;
    purposes(&mut found, old.set, new.set);
    plans(&mut found, old.set, new.set)?;
    schedules(&mut found, old.set, new.set)?;
    catalogue(&mut found, old.set, new.set);
    schemas(&mut found, old.set, new.set)?;
    Ok(found)
}

fn access(found: &mut Difference, old: Said<'_>, new: Said<'_>, day: Date) -> anyhow::Result<()> {
    // The very same rules decide the same; asking each of them every question takes its time.
    if std::ptr::eq(old.rules, new.rules) {
        return Ok(());
    }
    for who in Role::ALL {
        for (what, kind) in actions() {
            for elsewhere in [false, true] {
                let before = may(old.rules, who, what, kind, elsewhere, day)?;
                let after = may(new.rules, who, what, kind, elsewhere, day)?;
                if before != after {
                    let place = if elsewhere { "in fremden Projekten " } else { "" };
                    let word = if after { "darf" } else { "darf nicht mehr" };
                    let what = action(what, kind.map_or("", self::kind));
                    found.more(after, format!("{} {word} {place}{what}", role(who)));
                }
            }
        }
    }
    let notes = |folder: Said<'_>| -> BTreeMap<String, access::Note> {
        folder.rules.notes().map(|note| (note.id.clone(), note.clone())).collect()
    };
    let (before, after) = (notes(old), notes(new));
    for (id, own) in &after {
        match before.get(id) {
            None => found.changed.push(format!("Regel {id} ist neu: {}", own.purpose)),
            Some(earlier) => {
                let (until, longer) = (own.valid_until, own.valid_until > earlier.valid_until);
                if until != earlier.valid_until {
                    // A prohibition that lasts longer permits less.
                    let sentence =
                        format!("Regel {id} gilt bis {until} statt bis {}", earlier.valid_until);
                    found.more(longer == own.permits, sentence);
                }
                found.change(&format!("Regel {id}, Zweck"), &earlier.purpose, &own.purpose);
                let basis = format!("Regel {id}, Grundlage");
                found.change(&basis, &earlier.legal_basis, &own.legal_basis);
                found.change(&format!("Regel {id}, verantwortlich"), &earlier.owner, &own.owner);
            }
        }
    }
    for id in before.keys().filter(|id| !after.contains_key(*id)) {
        found.changed.push(format!("Regel {id} entfällt"));
    }
    Ok(())
}

fn purposes(found: &mut Difference, old: &PolicySet, new: &PolicySet) {
    for (id, own) in &new.purposes {
        match old.purposes.get(id) {
            None => found.possible.push(format!(
                "Zweck {id} ist neu, bis {}: {} ({} Kennzahlen, je Ereignisjahr {})",
                own.expires,
                own.purpose,
                own.indicators.len(),
                rho(own.budget.lineage_cap_nano_rho)
            )),
            Some(earlier) => purpose(found, earlier, own),
        }
    }
    for id in old.purposes.keys().filter(|id| !new.purposes.contains_key(*id)) {
        found.impossible.push(format!("Zweck {id} entfällt; er beantwortet nichts mehr"));
    }
}

fn purpose(found: &mut Difference, old: &Purpose, new: &Purpose) {
    let id = &new.id;
    let of = |word: &str| format!("Zweck {id}, {word}");
    found.limit(&old.expires, &new.expires, || {
        format!("{}: bis {} statt bis {}", of("gilt"), new.expires, old.expires)
    });
    found.change(&of("Wortlaut"), &old.purpose, &new.purpose);
    found.change(&of("Grundlage"), &list(&old.legal_basis), &list(&new.legal_basis));
    found.change(&of("Projekt"), &old.project, &new.project);
    found.change(&of("verantwortlich"), &old.controller, &new.controller);
    found.change(&of("Gebiet"), &old.territory.prefix, &new.territory.prefix);
    let set = |list: &[String]| -> BTreeSet<String> { list.iter().cloned().collect() };
    found.members((set(&old.recipients), set(&new.recipients)), |own| {
        format!("{} »{own}«", of("Empfänger"))
    });
    for (before, after) in caps(&old.budget).iter().zip(caps(&new.budget)) {
        let most = |own: Option<policy::NanoRho>| own.map_or(u64::MAX, policy::NanoRho::get);
        let said = |own: Option<policy::NanoRho>| own.map_or("ohne Grenze".into(), rho);
        found.limit(&most(before.most), &most(after.most), || {
            format!("{}: {} statt {}", of(after.what), said(after.most), said(before.most))
        });
    }
    let (before, after) =
        (old.budget.lineage_cap_delta_femto.get(), new.budget.lineage_cap_delta_femto.get());
    found.limit(&before, &after, || format!("{}: {after}e-15 statt {before}e-15", of("delta")));
    indicators(found, old, new);
    ad_hoc(found, old, new);
    let withheld =
        |own: &Purpose| format!("{:?}", own.withhold_above.map(|w| (w.half_width(), w.percent())));
    found.change(&of("zurückgehalten wird"), &withheld(old), &withheld(new));
    if old.poolings != new.poolings {
        found.changed.push(of("Zusammenfassungen sind andere"));
    }
}

fn indicators(found: &mut Difference, old: &Purpose, new: &Purpose) {
    let of = |own: &Purpose| -> BTreeMap<Name, Indicator> {
        own.indicators.iter().map(|i| (i.id.clone(), i.clone())).collect()
    };
    let (before, after) = (of(old), of(new));
    for (id, own) in &after {
        let Some(earlier) = before.get(id) else {
            found.possible.push(format!(
                "Zweck {}: neue Kennzahl {id} »{}«, {}",
                new.id,
                own.label,
                rho(own.most())
            ));
            continue;
        };
        let word = |what: &str| format!("Zweck {}, Kennzahl {id}, {what}", new.id);
        found.limit(&earlier.most(), &own.most(), || {
            format!("{}: {} statt {}", word("höchster Preis"), rho(own.most()), rho(earlier.most()))
        });
        let groups = |own: &Indicator| -> BTreeSet<String> {
            let all = std::iter::once(&own.query.group_by).chain(&own.groupings);
            all.map(|group| grouping(group)).collect()
        };
        found.members((groups(earlier), groups(own)), |own| format!("{} {own}", word("Tabelle")));
        let mut same = own.query.clone();
        same.group_by.clone_from(&earlier.query.group_by);
        if same != earlier.query {
            found.possible.push(word("zählt etwas anderes als bisher; bitte im Ganzen lesen"));
        }
        found.change(&word("Bezeichnung"), &earlier.label, &own.label);
        found.change(&word("üblicher Preis"), &rho(earlier.rho_nano), &rho(own.rho_nano));
    }
    for id in before.keys().filter(|id| !after.contains_key(*id)) {
        found.impossible.push(format!("Zweck {}: Kennzahl {id} entfällt", new.id));
    }
}

fn ad_hoc(found: &mut Difference, old: &Purpose, new: &Purpose) {
    let word = |what: &str| format!("Zweck {}, eigene Fragen, {what}", new.id);
    let of = |own: &Purpose, pick: fn(&policy::AdHoc) -> &[Name]| -> BTreeSet<Name> {
        own.ad_hoc.as_ref().map(pick).unwrap_or_default().iter().cloned().collect()
    };
    type Pick = fn(&policy::AdHoc) -> &[Name];
    let picks: [(&str, Pick); 3] = [
        ("Art", |own| &own.kinds),
        ("Datensatz", |own| &own.datasets),
        ("Merkmal", |own| &own.dimensions),
    ];
    for (what, pick) in picks {
        found.members((of(old, pick), of(new, pick)), |own| format!("{} {own}", word(what)));
    }
    let most =
        |own: &Purpose| own.ad_hoc.as_ref().map_or(policy::NanoRho::ZERO, |a| a.most_rho_nano);
    found.limit(&most(old), &most(new), || {
        format!("{}: {} statt {}", word("je Antwort höchstens"), rho(most(new)), rho(most(old)))
    });
    let households = |own: &Purpose| own.ad_hoc.as_ref().is_some_and(|own| own.households);
    found.limit(&households(old), &households(new), || word("je Haushalt"));
}

fn plans(found: &mut Difference, old: &PolicySet, new: &PolicySet) -> anyhow::Result<()> {
    for (id, own) in &new.release_plans {
        let sum: u64 = own.runs.iter().map(|run| run.rho_nano.get()).sum();
        let said = format!(
            "{} Läufe, {} Tabellen, zusammen {}",
            own.runs.len(),
            own.releases.len(),
            policy::NanoRho::new(sum).map_or_else(|_| sum.to_string(), rho)
        );
        match old.release_plans.get(id) {
            None => found.possible.push(format!("Freigabeplan {id} ist neu: {said}")),
            Some(earlier) if earlier.digest()? != own.digest()? => {
                found.possible.push(format!("Freigabeplan {id} ist ein anderer: {said}"));
            }
            Some(_) => {}
        }
    }
    for id in old.release_plans.keys().filter(|id| !new.release_plans.contains_key(*id)) {
        found.impossible.push(format!("Freigabeplan {id} entfällt"));
    }
    Ok(())
}

fn schedules(found: &mut Difference, old: &PolicySet, new: &PolicySet) -> anyhow::Result<()> {
    for (project, own) in &new.schedules {
        let Some(earlier) = old.schedules.get(project) else {
            let sentence =
                format!("Lieferplan {project} ist neu: danach wird von selbst verknüpft");
            found.possible.push(sentence);
            continue;
        };
        let expected = |own: &policy::Schedule| -> BTreeSet<String> {
            own.expected.iter().map(|e| format!("{} liefert {}", e.department, e.dataset)).collect()
        };
        found.members((expected(earlier), expected(own)), |line| {
            format!("Lieferplan {project}: {line}")
        });
        let periods = |own: &policy::Schedule| -> BTreeSet<String> {
            own.periods.iter().map(|p| format!("{} in Epoche {}", p.id, p.epoch)).collect()
        };
        found.members((periods(earlier), periods(own)), |line| {
            format!("Lieferplan {project}: Zeitraum {line}")
        });
        if earlier.periods != own.periods {
            found.changed.push(format!("Lieferplan {project}: Tage oder Monate sind andere"));
        }
        let before = list(&earlier.approvals);
        found.change(&format!("Lieferplan {project}, gezeichnet"), &before, &list(&own.approvals));
    }
    for project in old.schedules.keys().filter(|own| !new.schedules.contains_key(*own)) {
        found
            .impossible
            .push(format!("Lieferplan {project} entfällt; von selbst verknüpft wird nichts"));
    }
    Ok(())
}

fn catalogue(found: &mut Difference, old: &PolicySet, new: &PolicySet) {
    let (old, new) = (&old.catalogue, &new.catalogue);
    let names = |own: &BTreeMap<Name, Dataset>| -> BTreeSet<Name> { own.keys().cloned().collect() };
    found.members((names(&old.datasets), names(&new.datasets)), |own| {
        format!("Katalog: Datensatz {own} wird geliefert")
    });
    for (name, own) in &new.datasets {
        let Some(earlier) = old.datasets.get(name) else { continue };
        let word = |what: &str| format!("Katalog, Datensatz {name}, {what}");
        let months = (&earlier.retention_months, &own.retention_months);
        found.limit(months.0, months.1, || {
            format!("{}: {} statt {} Monate", word("Aufbewahrung"), months.1, months.0)
        });
        let columns = |own: &Dataset| -> BTreeSet<String> {
            let measures = own.measures.iter().map(|m| {
                format!("{} ({} bis {} {}, Schritt {})", m.name, m.lower, m.upper, m.unit, m.step)
            });
            own.dimensions.iter().map(ToString::to_string).chain(measures).collect()
        };
        found.members((columns(earlier), columns(own)), |own| format!("{} {own}", word("Spalte")));
        found.change(&word("Grundlage"), &earlier.legal_basis, &own.legal_basis);
        found.limit(&earlier.max_rows, &own.max_rows, || {
            format!(
                "{}: {} statt {}",
                word("Zeilen je Person und Jahr"),
                own.max_rows,
                earlier.max_rows
            )
        });
    }
    for (name, own) in &new.dimensions {
        let Some(earlier) = old.dimensions.get(name) else { continue };
        let keys = |own: &policy::Dimension| -> BTreeSet<String> {
            own.keys.iter().map(|key| key.key.clone()).collect()
        };
        found.members((keys(earlier), keys(own)), |key| format!("Katalog: {name} kennt {key}"));
    }
    if old != new {
        let sentence = "Der Katalog ist ein anderer: Lieferungen unter dem alten werden nicht mehr \
                        angenommen";
        found.changed.push(sentence.into());
    }
}

fn schemas(found: &mut Difference, old: &PolicySet, new: &PolicySet) -> anyhow::Result<()> {
    for (name, own) in &new.schemas {
        match old.schemas.get(name) {
            None => found.possible.push(format!("Verknüpfungsschema {name} ist neu")),
            Some(earlier) if earlier.digest()? != own.digest()? => found.possible.push(format!(
                "Verknüpfungsschema {name} ist ein anderes: was verglichen wird und wann zwei als eine \
                 Person gelten"
            )),
            Some(_) => {}
        }
    }
    for name in old.schemas.keys().filter(|own| !new.schemas.contains_key(*own)) {
        found.impossible.push(format!("Verknüpfungsschema {name} entfällt"));
    }
    Ok(())
}
