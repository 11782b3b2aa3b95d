//! Spending over time, with names: for the officer.

use std::collections::BTreeMap;

use access::Action;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use policy::Name;
use publication::{BurnDown, Charge, GridStyle};
use serde_json::Value;
use statistics_unit::{BudgetReport, LineageReport, PurposeReport, SpendingReport, StatisticsUnit};

use crate::api::answer::Refusal;
use crate::api::staff::compared::today;
use crate::api::staff::{Door, Language, Turned, show};
use crate::pages::staff::oversight::budget::{
    BudgetPage, MonthLine, PersonLine, PurposeLine, YearLine,
};
use crate::pages::staff::oversight::words::rho;
use crate::pages::staff::when::{date, number};

pub(super) async fn page(
    State(unit): State<StatisticsUnit>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Turned> {
    // As the log: what the officer sees here has names.
    let member = door.member(&unit, &headers, Action::ReadLog)?;
    if !unit.desk().may(&member.identity, Action::ReadLedger, None) {
        return Err(Turned::NotThere(member.language));
    }
    let language = member.language;
    let report = unit.budget(&member.identity.project).await.map_err(Refusal::from)?;
    let charges = charges(&unit, &member.identity.project).await?;
    let title = language.say("Budget", "Budget");
    show(&BudgetPage {
        frame: member.frame(&unit, &door, title, "/aufsicht/budget"),
        charges: number(report.charges, language),
        purposes: report.purposes.iter().map(|own| purpose(own, language)).collect(),
        years: years(&report, &charges, unit.now(), language),
        people: report
            .analysts
            .iter()
            .map(|own| PersonLine {
                name: who(Some(&own.analyst), language),
                spent: rho(own.spent, language),
            })
            .collect(),
        months: months(&report.spending, language),
    })
}

fn purpose(own: &PurposeReport, language: Language) -> PurposeLine {
    let used = own.spent.saturating_add(own.reserved);
    PurposeLine {
        purpose: own.purpose.to_string(),
        expires: date(own.expires, language),
        cap: rho(own.cap, language),
        spent: rho(own.spent, language),
        reserved: rho(own.reserved, language),
        left: rho(own.left, language),
        percent: used.saturating_mul(100).checked_div(own.cap).unwrap_or(0).min(100),
    }
}

/// A charge of one event year, as the log has it.
struct Logged {
    year: u64,
    charge: Charge,
}

/// The charges of a project, oldest first; the latest thousand.
async fn charges(unit: &StatisticsUnit, project: &Name) -> Result<Vec<Logged>, Refusal> {
    let entries = store::chain::newest(unit.db(), u64::MAX, "charge.committed", 1_000).await?;
    let mut charges = Vec::new();
    for entry in entries.iter().rev() {
        let read: Value = serde_json::from_str(&entry.entry).unwrap_or_default();
        let body = &read["body"];
        if body["project"] != project.as_str() {
            continue;
        }
        let day = today(read["at"].as_i64().unwrap_or_default());
        // Every event year that is read pays in full; what the entry says of each year is its sum.
        let Some(rho_nano) = body["rho"].as_u64() else { continue };
        for own in body["lineages"].as_array().into_iter().flatten() {
            let Some(year) = own["year"].as_u64() else { continue };
            let label = body["purpose"].as_str().unwrap_or_default().to_owned();
            charges.push(Logged { year, charge: Charge { day, label, rho_nano } });
        }
    }
    Ok(charges)
}

fn years(report: &BudgetReport, charges: &[Logged], now: i64, language: Language) -> Vec<YearLine> {
    let line = |own: &LineageReport| YearLine {
        year: own.year,
        cap: rho(own.cap, language),
        spent: rho(own.spent, language),
        burnt: rho(own.burnt, language),
        reserved: rho(own.reserved, language),
        left: rho(own.left, language),
        pictures: drawn(own, charges, now),
    };
    report.lineages.iter().map(line).collect()
}

/// Only where the charges that are known come to what was spent: a burnt amount is no charge, and
/// of very many only the latest are read.
fn drawn(own: &LineageReport, charges: &[Logged], now: i64) -> Option<[String; 2]> {
    let charges = charges.iter().filter(|charge| charge.year == u64::from(own.year));
    let charges: Vec<Charge> = charges.map(|own| own.charge.clone()).collect();
    let sum = charges.iter().fold(0_u64, |sum, own| sum.saturating_add(own.rho_nano));
    if charges.is_empty() || sum != own.spent {
        return None;
    }
    let (year, cap, reserved, until) = (own.year, own.cap, own.reserved, today(now));
    let picture = BurnDown { year, cap, reserved, charges, until };
    let draw = |width| picture.svg(&GridStyle { width, titled: false }).ok();
    Some([draw(720)?, draw(340)?])
}

fn who(name: Option<&str>, language: Language) -> String {
    match name {
        Some(access::RELEASE_PLAN) => {
            language.say("Freigabeplan (von selbst)", "release plan (by itself)").into()
        }
        Some(name) => name.to_owned(),
        None => "–".into(),
    }
}

/// By month, oldest first, with the sum of each purpose up to there.
fn months(spending: &[SpendingReport], language: Language) -> Vec<MonthLine> {
    let mut ordered: Vec<&SpendingReport> = spending.iter().collect();
    ordered.sort_by(|one, other| (&one.month, &one.purpose).cmp(&(&other.month, &other.purpose)));
    let mut so_far: BTreeMap<&str, u64> = BTreeMap::new();
    let line = |own: &SpendingReport, sum: u64| MonthLine {
        month: own.month.clone(),
        purpose: own.purpose.clone(),
        who: who(own.analyst.as_deref(), language),
        datasets: own.datasets.as_ref().map_or_else(|| "–".into(), |own| own.join(", ")),
        state: state(own.state, language),
        charges: number(own.charges, language),
        spent: rho(own.spent, language),
        so_far: rho(sum, language),
    };
    let mut lines = Vec::with_capacity(ordered.len());
    for own in ordered {
        let sum = so_far.entry(own.purpose.as_str()).or_default();
        *sum = sum.saturating_add(own.spent);
        lines.push(line(own, *sum));
    }
    lines
}

fn state(word: &str, language: Language) -> &'static str {
    match word {
        "released" => language.say("veröffentlicht", "released"),
        "failed" => language.say("ohne Ergebnis", "no result"),
        "void" => language.say("durch Absturz verloren", "lost in a crash"),
        "committed" | "drawing" => language.say("in Arbeit", "at work"),
        _ => "–",
    }
}
