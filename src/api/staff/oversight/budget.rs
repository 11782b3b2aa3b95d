//! Spending over time, with names: for the officer.

use std::collections::BTreeMap;

use access::Action;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use statistics_unit::StatisticsUnit;
use statistics_unit::{BudgetReport, PurposeReport, SpendingReport};

use crate::api::answer::Refusal;
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
    let title = language.say("Budget", "Budget");
    show(&BudgetPage {
        frame: member.frame(&unit, &door, title, "/aufsicht/budget"),
        charges: number(report.charges, language),
        purposes: report.purposes.iter().map(|own| purpose(own, language)).collect(),
        years: years(&report, language),
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
        picture: String::new(),
    }
}

fn years(report: &BudgetReport, language: Language) -> Vec<YearLine> {
    let line = |own: &statistics_unit::LineageReport| YearLine {
        year: own.year,
        cap: rho(own.cap, language),
        spent: rho(own.spent, language),
        burnt: rho(own.burnt, language),
        reserved: rho(own.reserved, language),
        left: rho(own.left, language),
    };
    report.lineages.iter().map(line).collect()
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
