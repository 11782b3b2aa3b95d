//! A folder in German words: who may do what, what may be asked at which price, until when.

use access::{Action, Asker, ProposalKind, Role, Rules};
use jiff::civil::Date;
use policy::{Indicator, Name, PolicySet, Purpose};
use serde::Serialize;

use super::Said;
use super::budget_words::{caps, said};
use super::words::{action, grouping, kind, list, rho, role};

/// A heading with its sentences.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
}

/// Everything that is permitted on a day.
pub(crate) fn explain(own: Said<'_>, day: Date) -> anyhow::Result<Vec<Section>> {
    let mut sections = vec![permitted(own.rules, day)?, rules(own.rules, day)];
    for own in own.set.purposes.values() {
        sections.push(purpose(own, day));
    }
    sections.extend(plans(own.set));
    sections.extend(schedules(own.set));
    sections.push(datasets(own.set));
    Ok(sections)
}

/// What somebody may do in their own project, or in another one.
pub(super) fn may(
    rules: &Rules,
    who: Role,
    what: Action,
    kind: Option<ProposalKind>,
    elsewhere: bool,
    day: Date,
) -> anyhow::Result<bool> {
    let (name, home, other) = (Name::new("somebody")?, Name::new("own")?, Name::new("other")?);
    let asker = Asker { name: &name, role: who, project: &home };
    Ok(rules.permits(&asker, what, if elsewhere { &other } else { &home }, kind, day))
}

/// Every action, those on proposals once per kind.
pub(super) fn actions() -> impl Iterator<Item = (Action, Option<ProposalKind>)> {
    Action::ALL.into_iter().flat_map(|action| {
        let kinds: Vec<Option<ProposalKind>> = if action.has_kind() {
            ProposalKind::ALL.into_iter().map(Some).collect()
        } else {
            vec![None]
        };
        kinds.into_iter().map(move |kind| (action, kind))
    })
}

fn permitted(rules: &Rules, day: Date) -> anyhow::Result<Section> {
    let mut lines = Vec::new();
    for who in Role::ALL {
        for elsewhere in [false, true] {
            for what in Action::ALL {
                let kinds = kinds(rules, (who, what), elsewhere, day)?;
                let place = if elsewhere { "auch in fremden Projekten " } else { "" };
                match kinds.as_slice() {
                    [] => {}
                    [None] => lines.push(format!("{} darf {place}{}", role(who), action(what, ""))),
                    some => {
                        let all = some.len() == ProposalKind::ALL.len();
                        let named = list(some.iter().flatten().map(|own| kind(*own)));
                        let named = if all { "alles, was zwei Menschen braucht" } else { &named };
                        lines.push(format!("{} darf {place}{}", role(who), action(what, named)));
                    }
                }
            }
        }
    }
    lines.push("Alles andere ist verboten. Niemand gibt den eigenen Vorschlag frei.".into());
    Ok(Section { title: format!("Wer am {day} was darf, im eigenen Projekt"), lines })
}

/// The kinds of proposal for which an action is permitted; `None` for one without.
fn kinds(
    rules: &Rules,
    (who, what): (Role, Action),
    elsewhere: bool,
    day: Date,
) -> anyhow::Result<Vec<Option<ProposalKind>>> {
    let mut found = Vec::new();
    for (_, kind) in actions().filter(|own| own.0 == what) {
        if may(rules, who, what, kind, elsewhere, day)? {
            found.push(kind);
        }
    }
    Ok(found)
}

fn rules(rules: &Rules, day: Date) -> Section {
    let line = |note: &access::Note| {
        format!(
            "{} ({}:{}) {}: {}. Grundlage: {}. Verantwortlich: {}. Gilt bis {}{}",
            note.id,
            note.file,
            note.line,
            if note.permits { "erlaubt" } else { "verbietet" },
            note.purpose,
            note.legal_basis,
            note.owner,
            note.valid_until,
            if note.valid_until < day { ", ist also abgelaufen" } else { "" }
        )
    };
    Section { title: "Die Regeln dahinter".into(), lines: rules.notes().map(line).collect() }
}

fn purpose(own: &Purpose, day: Date) -> Section {
    let mut lines = vec![
        own.purpose.clone(),
        format!(
            "Projekt {}, verantwortlich {}, {}",
            own.project, own.controller, own.territory.label
        ),
        format!("Rechtsgrundlage: {}", list(&own.legal_basis)),
        format!("Empfänger: {}", list(&own.recipients)),
    ];
    if own.expires < day {
        lines.push("Dieser Zweck ist abgelaufen; er beantwortet nichts mehr.".into());
    }
    lines.extend(caps(&own.budget).iter().map(said));
    lines.extend(own.indicators.iter().map(indicator));
    match &own.ad_hoc {
        None => lines.push("Eigene Fragen sind nicht erlaubt.".into()),
        Some(free) => lines.push(format!(
            "Eigene Fragen: {} über {}, gruppiert und gefiltert nach {}{}, je Antwort höchstens {}",
            list(&free.kinds),
            list(&free.datasets),
            list(&free.dimensions),
            if free.households { ", auch je Haushalt" } else { "" },
            rho(free.most_rho_nano)
        )),
    }
    Section { title: format!("Zweck {}, bis {}", own.id, own.expires), lines }
}

fn indicator(own: &Indicator) -> String {
    let usual = grouping(&own.query.group_by);
    let others: Vec<String> = own.groupings.iter().map(|own| grouping(own)).collect();
    let others =
        if others.is_empty() { String::new() } else { format!("; auch {}", others.join(", ")) };
    let most = if own.most() > own.rho_nano {
        format!(", höchstens {}", rho(own.most()))
    } else {
        String::new()
    };
    format!("{} »{}«: {usual}{others}; {}{most}", own.id, own.label, rho(own.rho_nano))
}

fn plans(set: &PolicySet) -> impl Iterator<Item = Section> {
    set.release_plans.values().map(|plan| {
        let runs = plan.runs.iter().map(|run| {
            format!("nach {} für {}: höchstens {}", run.period, run.event_year, rho(run.rho_nano))
        });
        let tables = plan
            .releases
            .iter()
            .map(|own| format!("{}: {} von 1000 Teilen", own.indicator, own.share_per_mille));
        Section {
            title: format!("Freigabeplan {}, zulasten von {}", plan.id, plan.purpose),
            lines: runs.chain(tables).collect(),
        }
    })
}

fn schedules(set: &PolicySet) -> impl Iterator<Item = Section> {
    set.schedules.values().map(|own| {
        let expected =
            own.expected.iter().map(|e| format!("{} liefert {}", e.department, e.dataset));
        let periods = own.periods.iter().map(|period| {
            let until = match period.link_on {
                Some(day) => format!("spätestens am {day} mit dem, was da ist"),
                None => "erst wenn alle geliefert haben".into(),
            };
            format!("{} (Epoche {}): {until}", period.id, period.epoch)
        });
        Section {
            title: format!(
                "Lieferplan {}: danach wird ohne weitere Freigabe verknüpft",
                own.project
            ),
            lines: expected.chain(periods).collect(),
        }
    })
}

fn datasets(set: &PolicySet) -> Section {
    let line = |(name, own): (&Name, &policy::Dataset)| {
        let measures = own.measures.iter().map(|m| {
            format!("{} {} bis {} {} in Schritten von {}", m.name, m.lower, m.upper, m.unit, m.step)
        });
        format!(
            "{name} »{}«: {}; {}. Grundlage: {}. Aufbewahrung {} Monate",
            own.label,
            list(&own.dimensions),
            list(measures),
            own.legal_basis,
            own.retention_months
        )
    };
    let title = format!("Was die Ämter liefern (Katalog {})", set.catalogue.name);
    Section { title, lines: set.catalogue.datasets.iter().map(line).collect() }
}
