//! The requests of the past year decided again by another folder.
//!
//! The log holds of each question its purpose, years and price and of each refusal by which cap,
//! but neither indicator nor who asked: it holds as little as it can. What was asked stands in the
//! releases, which name the log entry of their charge. So both files together tell what would be
//! decided otherwise; the cap per analyst cannot be replayed, and the result says so.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use policy::{Budget, Name, NanoRho, Purpose, TestedQuestion};
use serde::Serialize;
use serde_json::Value;

use super::Folder;
use super::cases::decide;

/// What would be decided otherwise.
#[derive(Debug, Serialize)]
pub(crate) struct Simulated {
    /// Charges and refusals of the year.
    pub(crate) requests: usize,
    /// Of these, those whose indicator is known from a release.
    pub(crate) with_indicator: usize,
    /// One sentence per request that would be decided otherwise.
    pub(crate) otherwise: Vec<Otherwise>,
}

/// A request that would be decided otherwise.
#[derive(Debug, Serialize)]
pub(crate) struct Otherwise {
    pub(crate) sequence: u64,
    pub(crate) day: Date,
    pub(crate) purpose: String,
    /// Whether the other folder would answer; otherwise it would refuse what was answered.
    pub(crate) answered: bool,
    pub(crate) because: String,
}

/// What was asked of an indicator, by the log entry of its charge.
type Asked = BTreeMap<u64, Vec<(String, Vec<Name>, u64)>>;

/// Replays the lines of a log export of the year before `today`; `releases` as
/// `milchglas releases` prints them. Both may hold other projects' entries.
pub(crate) fn simulate(
    folder: &Folder,
    log: &str,
    releases: &str,
    today: Date,
) -> anyhow::Result<Simulated> {
    let asked = asked(releases)?;
    let first = today.checked_sub(1.year())?;
    let mut ledger = Ledger::default();
    let mut done = Simulated { requests: 0, with_indicator: 0, otherwise: Vec::new() };
    for line in log.lines() {
        let value: Value = serde_json::from_str(line)?;
        let entry = &value["entry"];
        let kind = entry["kind"].as_str().unwrap_or_default();
        if !matches!(kind, "charge.committed" | "refusal") {
            continue;
        }
        let request = Request::read(entry)?;
        let tables = asked.get(&request.sequence);
        let decided = decide_again(folder, &request, tables, &ledger);
        let was = kind == "charge.committed";
        if decided.is_ok() {
            ledger.charge(&request);
        }
        // What was before the year still counts against the caps.
        if request.day < first {
            continue;
        }
        done.requests += 1;
        done.with_indicator += usize::from(tables.is_some());
        let because = match (was, decided) {
            (true, Err(why)) => why,
            (false, Ok(())) => "passt nun unter die Obergrenzen".into(),
            _ => continue,
        };
        done.otherwise.push(Otherwise {
            sequence: request.sequence,
            day: request.day,
            purpose: request.purpose,
            answered: !was,
            because,
        });
    }
    Ok(done)
}

struct Request {
    sequence: u64,
    day: Date,
    project: String,
    purpose: String,
    rho: u64,
    years: BTreeSet<u16>,
    run: bool,
}

impl Request {
    fn read(entry: &Value) -> anyhow::Result<Self> {
        let body = &entry["body"];
        let at = Timestamp::from_second(entry["at"].as_i64().unwrap_or_default())?;
        let text = |own: &Value| own.as_str().unwrap_or_default().to_owned();
        let year = |own: &Value| own["year"].as_u64().and_then(|own| u16::try_from(own).ok());
        let lineages = body["lineages"].as_array().into_iter().flatten().filter_map(year);
        let refused = year(&body["which"]);
        Ok(Self {
            sequence: entry["sequence"].as_u64().unwrap_or_default(),
            day: TimeZone::UTC.to_datetime(at).date(),
            project: text(&body["project"]),
            purpose: text(&body["purpose"]),
            rho: body["rho"].as_u64().or_else(|| body["asked"].as_u64()).unwrap_or_default(),
            years: lineages.chain(refused).collect(),
            run: body.get("parts").is_some(),
        })
    }

    fn quarter(&self) -> (i16, i8) {
        (self.day.year(), (self.day.month() - 1) / 3)
    }
}

/// What the other folder would have spent so far.
#[derive(Default)]
struct Ledger {
    years: BTreeMap<(String, u16), u64>,
    purposes: BTreeMap<String, u64>,
    quarters: BTreeMap<(String, (i16, i8)), u64>,
}

impl Ledger {
    fn charge(&mut self, own: &Request) {
        for year in &own.years {
            *self.years.entry((own.project.clone(), *year)).or_default() += own.rho;
        }
        *self.purposes.entry(own.purpose.clone()).or_default() += own.rho;
        if !own.run {
            *self.quarters.entry((own.purpose.clone(), own.quarter())).or_default() += own.rho;
        }
    }

    fn fits(&self, own: &Request, budget: &Budget) -> Result<(), String> {
        let over = |spent: Option<&u64>, cap: NanoRho| {
            spent.copied().unwrap_or(0).saturating_add(own.rho) > cap.get()
        };
        for year in &own.years {
            let spent = self.years.get(&(own.project.clone(), *year));
            if over(spent, budget.lineage_cap_nano_rho) {
                return Err(format!("über der Obergrenze des Ereignisjahres {year}"));
            }
        }
        if over(self.purposes.get(&own.purpose), budget.purpose_cap_nano_rho) {
            return Err("über der Obergrenze des Zwecks".into());
        }
        let quarter = self.quarters.get(&(own.purpose.clone(), own.quarter()));
        match budget.quarter_cap_nano_rho {
            Some(cap) if !own.run && over(quarter, cap) => {
                Err("über der Obergrenze des Quartals".into())
            }
            _ => Ok(()),
        }
    }
}

fn decide_again(
    folder: &Folder,
    request: &Request,
    tables: Option<&Vec<(String, Vec<Name>, u64)>>,
    ledger: &Ledger,
) -> Result<(), String> {
    let purpose = folder.set.purposes.get(request.purpose.as_str());
    let purpose: &Purpose = purpose.ok_or("den Zweck gibt es nicht mehr")?;
    if purpose.expires < request.day {
        return Err(format!("der Zweck endet am {}", purpose.expires));
    }
    for (indicator, group_by, rho) in tables.into_iter().flatten() {
        // A question of one's own is not an indicator; only its price and kind could be compared.
        if indicator.starts_with(policy::AdHoc::PREFIX) {
            if purpose.ad_hoc.is_none() {
                return Err("eigene Fragen sind nicht mehr erlaubt".into());
            }
            continue;
        }
        let indicator = Name::new(indicator.as_str()).map_err(|e| e.to_string())?;
        let group_by = groups_of(purpose, &indicator, group_by);
        let own = TestedQuestion {
            case: String::new(),
            purpose: purpose.id.clone(),
            indicator,
            group_by: Some(group_by),
            // The share of a plan is its own; a single question names its price.
            rho_nano: (!request.run).then(|| NanoRho::new(*rho).ok()).flatten(),
            on: request.day,
            allow: true,
        };
        decide(folder, &own)?;
    }
    ledger.fits(request, &purpose.budget)
}

/// The grouping among a document's dimensions: without what divides a group by itself.
fn groups_of(purpose: &Purpose, indicator: &Name, dimensions: &[Name]) -> Vec<Name> {
    let compute = purpose.indicator(indicator).ok().map(|own| serde_json::json!(own.query.compute));
    let counted = compute.and_then(|own| own["dimension"].as_str().map(str::to_owned));
    let mut groups = dimensions.to_vec();
    if let Some(counted) = counted
        && groups.last().is_some_and(|last| last.as_str() == counted)
    {
        groups.pop();
    }
    groups
}

fn asked(releases: &str) -> anyhow::Result<Asked> {
    let mut asked = Asked::new();
    for line in releases.lines().filter(|line| !line.trim().is_empty()) {
        let value: Value = serde_json::from_str(line)?;
        let sequence = value["ledger"]["sequence"].as_u64().unwrap_or_default();
        let indicator = value["indicator"].as_str().unwrap_or_default().to_owned();
        let groups = value["dimensions"].as_array().into_iter().flatten();
        let own = ["class", "quantile", "from", "to", "service", "period", "link"];
        let groups = groups.filter_map(Value::as_str).filter(|name| !own.contains(name));
        let group_by = groups.filter_map(|name| Name::new(name).ok()).collect();
        let rho = value["rho_nano"].as_u64().unwrap_or_default();
        asked.entry(sequence).or_default().push((indicator, group_by, rho));
    }
    Ok(asked)
}
