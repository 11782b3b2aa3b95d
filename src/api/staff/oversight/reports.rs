//! The program's own audits, as they belong to this version.

use access::Action;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::{Date, date as day_of};

use crate::api::staff::{Door, Language, Turned, show};
use crate::api::unit::Unit;
use crate::pages::staff::markdown;
use crate::pages::staff::oversight::papers::{ReportLine, ReportPage, ReportsPage};
use crate::pages::staff::when::date;
use crate::papers::Attack;

/// An audit that comes with the program.
struct Report {
    name: &'static str,
    title: (&'static str, &'static str),
    /// The day on which it was made, or where it does not say so itself, added to the program.
    made_on: Date,
    measured: (&'static str, &'static str),
    code: &'static str,
    text: &'static str,
}

const ATTACK: &str = include_str!("../../../../docs/attack.md");

const REPORTS: [Report; 2] = [
    Report {
        name: "angriff",
        title: (
            "Angriffsbericht: was Kodierungen verraten",
            "Attack report: what encodings give away",
        ),
        made_on: day_of(2026, 11, 28),
        measured: (
            "Gemessen an 600 Datensätzen eines erfundenen Landkreises gegen ein Register von 1.200 erfundenen Personen.",
            "Measured on 600 records of an invented county against a register of 1,200 invented people.",
        ),
        code: "de",
        text: ATTACK,
    },
    Report {
        name: "rauschen",
        title: ("Prüfung des Rauschens", "Audit of the noise"),
        made_on: day_of(2026, 11, 28),
        measured: (
            "Gemessen an veröffentlichten Tabellen einer Statistikstelle mit erfundenen Menschen; zwei kleine Läufe, wie der Bericht am Ende sagt. Englisch, mit einem deutschen Abschnitt.",
            "Measured on released tables of a statistics unit with invented people; two small runs, as the report says at its end.",
        ),
        code: "en",
        text: include_str!("../../../../docs/noise.md"),
    },
];

impl Report {
    fn line(&self, language: Language) -> ReportLine {
        ReportLine {
            name: self.name,
            title: language.say(self.title.0, self.title.1),
            made_on: date(self.made_on, language),
            measured: language.say(self.measured.0, self.measured.1),
        }
    }
}

/// The attack report, for the papers.
pub(super) fn attack() -> anyhow::Result<Attack> {
    let made = REPORTS.first().map(|own| own.made_on.to_string()).unwrap_or_default();
    Attack::read("attack.md".into(), ATTACK, made)
}

pub(super) async fn list<U: Unit>(
    State(unit): State<U>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::ReadLog)?;
    let title = member.language.say("Selbstprüfungen", "Self-audits");
    show(&ReportsPage {
        frame: member.frame(&unit, &door, title, "/aufsicht/berichte"),
        reports: REPORTS.iter().map(|own| own.line(member.language)).collect(),
    })
}

pub(super) async fn one<U: Unit>(
    State(unit): State<U>,
    Path(name): Path<String>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    let member = door.member(&unit, &headers, Action::ReadLog)?;
    let found = REPORTS.iter().find(|own| own.name == name);
    let report = found.ok_or(Turned::NotThere(member.language))?;
    let line = report.line(member.language);
    let here = format!("/aufsicht/berichte/{}", report.name);
    show(&ReportPage {
        frame: member.frame(&unit, &door, line.title, &here),
        line,
        code: report.code,
        html: markdown::html(report.text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dates stand here because one of the files names none; the other has to agree.
    #[test]
    fn reports_are_what_the_program_carries() {
        assert_eq!(attack().unwrap().made_on, "2026-11-28");
        let noise = REPORTS.iter().find(|own| own.name == "rauschen").unwrap();
        assert!(noise.text.contains(&noise.made_on.to_string()));
        assert!(
            ATTACK.contains("Angegriffen: 600 Datensätze")
                && ATTACK.contains("Register 1200 Personen")
        );
    }
}
