//! What was spent and what is left, for analysts and the data protection officer.

use std::collections::BTreeMap;

use policy::{Budget, Name, Purpose};
use serde::Serialize;
use store::ledger::{self, Held, Quarter, Spending, State};

use crate::UnitError;
use crate::unit::StatisticsUnit;

/// The spending of a project. All amounts in nano-rho.
#[derive(Debug, Serialize)]
pub struct BudgetReport {
    /// The project.
    pub project: Name,
    /// Per event year: what its lineage has paid and keeps. Years without either are missing.
    pub lineages: Vec<LineageReport>,
    /// Per purpose.
    pub purposes: Vec<PurposeReport>,
    /// Number of charges, void and failed ones included.
    pub charges: u64,
    /// Per analyst; an analyst sees only the own line.
    pub analysts: Vec<AnalystReport>,
    /// All charges in groups, by month of charging; to an analyst the others have no name.
    pub spending: Vec<SpendingReport>,
}

/// One lineage: project × event year.
#[derive(Debug, Serialize)]
pub struct LineageReport {
    /// The event year.
    pub year: u16,
    /// The cap that holds for it: the largest among the purposes of the project.
    pub cap: u64,
    /// Spent for ever.
    pub spent: u64,
    /// Of that, burnt after a restore: spent and lost.
    #[serde(skip_serializing_if = "is_nothing")]
    pub burnt: u64,
    /// Kept for the runs of release plans that were approved and have not run yet.
    pub reserved: u64,
    /// What may still be asked.
    pub left: u64,
}

/// One purpose.
#[derive(Debug, Serialize)]
pub struct PurposeReport {
    /// The purpose.
    pub purpose: Name,
    /// Last day on which a question is answered.
    pub expires: jiff::civil::Date,
    /// Cap per lineage.
    pub lineage_cap: u64,
    /// Cap of the purpose.
    pub cap: u64,
    /// Spent by it.
    pub spent: u64,
    /// Kept for the runs of its release plans.
    pub reserved: u64,
    /// What may still be asked.
    pub left: u64,
    /// Cap of each analyst.
    pub analyst_cap: u64,
    /// The present quarter, where the purpose has a cap for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarter: Option<QuarterReport>,
    /// The consecutive event years that have least left.
    pub horizon: HorizonReport,
}

/// What was asked in the present quarter; runs of plans do not count.
#[derive(Debug, Serialize)]
pub struct QuarterReport {
    /// Such as `2026-q1`.
    pub quarter: String,
    /// Its cap.
    pub cap: u64,
    /// Spent in it.
    pub spent: u64,
    /// What may still be asked in it.
    pub left: u64,
}

/// Consecutive event years.
#[derive(Debug, Serialize)]
pub struct HorizonReport {
    /// How many.
    pub years: u16,
    /// The most that they may cost together: stated by the purpose, or each year's cap times their
    /// number.
    pub cap: u64,
    /// Whether the purpose states it.
    pub stated: bool,
    /// The first year.
    pub from: u16,
    /// The last year.
    pub to: u16,
    /// Spent.
    pub spent: u64,
    /// Kept for release plans.
    pub reserved: u64,
    /// What is left.
    pub left: u64,
}

/// One analyst.
#[derive(Debug, Serialize)]
pub struct AnalystReport {
    /// Who.
    pub analyst: String,
    /// Spent under this name in the project.
    pub spent: u64,
}

/// Charges that have all of this in common.
#[derive(Debug, Serialize)]
pub struct SpendingReport {
    /// Month of charging, UTC, such as `2026-01`.
    pub month: String,
    /// The purpose.
    pub purpose: String,
    /// Who asked; nobody where that is not for the reader.
    pub analyst: Option<String>,
    /// The datasets that were read; none where the charge is older than that note.
    pub datasets: Option<Vec<String>>,
    /// `committed`, `drawing`, `released`, `failed` or `void`.
    pub state: &'static str,
    /// How many.
    pub charges: u64,
    /// What they cost, each once however many event years it read.
    pub spent: u64,
}

impl StatisticsUnit {
    /// What a project has spent, with all names: for the data protection officer.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn budget(&self, project: &Name) -> Result<BudgetReport, UnitError> {
        self.budget_seen_by(project, None).await
    }

    /// What a project has spent, as one analyst may see it.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn budget_seen_by(
        &self,
        project: &Name,
        analyst: Option<&Name>,
    ) -> Result<BudgetReport, UnitError> {
        let groups = ledger::spending(self.db(), project.as_str()).await?;
        let held = ledger::held(self.db(), &self.reserved(project)).await?;
        let spent = ledger::spent_by_year(self.db(), project.as_str()).await?;
        let spent: BTreeMap<u16, u64> =
            spent.into_iter().map(|(year, price)| (year, price.rho)).collect();
        let own = || self.policies_ref().purposes.values().filter(|own| own.project == *project);
        let cap = own().map(|own| own.budget.lineage_cap_nano_rho.get()).max().unwrap_or(0);
        let mut purposes = Vec::new();
        for purpose in own() {
            purposes.push(self.purpose_report(purpose, &spent, &held).await?);
        }
        Ok(BudgetReport {
            project: project.clone(),
            lineages: lineages(cap, &spent, &self.burnt(project).await?, &held),
            purposes,
            charges: groups.iter().map(|group| group.charges).sum(),
            analysts: analysts(&groups, analyst),
            spending: shown(&groups, analyst),
        })
    }

    async fn burnt(&self, project: &Name) -> Result<BTreeMap<u16, u64>, UnitError> {
        let burnt = store::witness::burnt(self.db()).await?.into_iter();
        let own = burnt.filter(|own| own.project == project.as_str());
        Ok(own.map(|own| (own.year, own.price.rho)).collect())
    }

    async fn purpose_report(
        &self,
        purpose: &Purpose,
        years: &BTreeMap<u16, u64>,
        held: &Held,
    ) -> Result<PurposeReport, UnitError> {
        let (project, id) = (purpose.project.as_str(), purpose.id.as_str());
        let spent = ledger::spent_by_purpose(self.db(), project, id).await?.rho;
        let reserved = held.purposes.get(id).copied().unwrap_or(0);
        let budget = &purpose.budget;
        let cap = budget.purpose_cap_nano_rho.get();
        let quarter = match budget.quarter_cap_nano_rho {
            Some(cap) => {
                let (now, apart) = (Quarter::at(self.now())?, access::RELEASE_PLAN);
                let spent = ledger::spent_in_quarter(self.db(), project, id, now, apart).await?;
                let left = cap.get().saturating_sub(spent);
                Some(QuarterReport { quarter: now.to_string(), cap: cap.get(), spent, left })
            }
            None => None,
        };
        Ok(PurposeReport {
            purpose: purpose.id.clone(),
            expires: purpose.expires,
            lineage_cap: budget.lineage_cap_nano_rho.get(),
            cap,
            spent,
            reserved,
            left: left(cap, spent, reserved),
            analyst_cap: budget.analyst_cap_nano_rho.get(),
            quarter,
            horizon: fullest(budget, years, held, self.today().year().unsigned_abs()),
        })
    }
}

fn left(cap: u64, spent: u64, reserved: u64) -> u64 {
    cap.saturating_sub(spent).saturating_sub(reserved)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_nothing(amount: &u64) -> bool {
    *amount == 0
}

fn lineages(
    cap: u64,
    spent: &BTreeMap<u16, u64>,
    burnt: &BTreeMap<u16, u64>,
    held: &Held,
) -> Vec<LineageReport> {
    let mut years = spent.clone();
    for year in held.years.keys() {
        years.entry(*year).or_default();
    }
    let lineage = |(year, spent)| {
        let reserved = held.years.get(&year).copied().unwrap_or(0);
        let burnt = burnt.get(&year).copied().unwrap_or(0);
        LineageReport { year, cap, spent, burnt, reserved, left: left(cap, spent, reserved) }
    };
    years.into_iter().map(lineage).collect()
}

/// The consecutive years with most spent and kept; those up to `today` while there is nothing.
fn fullest(budget: &Budget, spent: &BTreeMap<u16, u64>, held: &Held, today: u16) -> HorizonReport {
    let reach = budget.horizon_years.saturating_sub(1);
    let sum = |years: &BTreeMap<u16, u64>, from: u16, to: u16| {
        years.range(from..=to).fold(0_u64, |sum, (_, rho)| sum.saturating_add(*rho))
    };
    let of = |to: u16| {
        let from = to.saturating_sub(reach);
        (from, to, sum(spent, from, to), sum(&held.years, from, to))
    };
    // A run that ends between two charged years holds no more than one that ends at the later.
    let ends = spent.keys().chain(held.years.keys()).copied();
    let fullest =
        ends.map(of).max_by_key(|(_, to, spent, kept)| (spent.saturating_add(*kept), *to));
    let (from, to, spent, reserved) = fullest.unwrap_or_else(|| of(today));
    let cap = budget.horizon_most();
    HorizonReport {
        years: budget.horizon_years,
        cap,
        stated: budget.horizon_cap_nano_rho.is_some(),
        from,
        to,
        spent,
        reserved,
        left: left(cap, spent, reserved),
    }
}

/// Names that a reader may see: all, or the own one; a release plan is nobody.
fn visible<'a>(name: &'a str, reader: Option<&Name>) -> Option<&'a str> {
    let own = reader.is_none_or(|reader| reader.as_str() == name);
    (own || name == access::RELEASE_PLAN).then_some(name)
}

fn analysts(groups: &[Spending], reader: Option<&Name>) -> Vec<AnalystReport> {
    let mut spent: BTreeMap<&str, u64> = BTreeMap::new();
    for group in groups {
        if let Some(name) = visible(&group.analyst, reader) {
            let sum = spent.entry(name).or_default();
            *sum = sum.saturating_add(group.rho);
        }
    }
    let report = |(name, spent): (&str, u64)| AnalystReport { analyst: name.to_owned(), spent };
    spent.into_iter().map(report).collect()
}

fn shown(groups: &[Spending], reader: Option<&Name>) -> Vec<SpendingReport> {
    let mut lines: Vec<SpendingReport> = Vec::with_capacity(groups.len());
    for group in groups {
        let line = SpendingReport {
            month: format!("{:04}-{:02}", group.year, group.month),
            purpose: group.purpose.clone(),
            analyst: visible(&group.analyst, reader).map(str::to_owned),
            datasets: group.datasets.clone(),
            state: word(group.state),
            charges: group.charges,
            spent: group.rho,
        };
        // Others without a name are one line: how many they are is not for the reader either.
        match lines.iter_mut().find(|other| same(other, &line)) {
            Some(other) => {
                other.charges = other.charges.saturating_add(line.charges);
                other.spent = other.spent.saturating_add(line.spent);
            }
            None => lines.push(line),
        }
    }
    lines
}

fn same(one: &SpendingReport, other: &SpendingReport) -> bool {
    one.month == other.month
        && one.purpose == other.purpose
        && one.analyst == other.analyst
        && one.datasets == other.datasets
        && one.state == other.state
}

fn word(state: State) -> &'static str {
    match state {
        State::Committed => "committed",
        State::Drawing => "drawing",
        State::Released => "released",
        State::Failed => "failed",
        State::Void => "void",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(analyst: &str, rho: u64) -> Spending {
        Spending {
            year: 2026,
            month: 3,
            purpose: "early-help".into(),
            analyst: analyst.into(),
            datasets: Some(vec!["kita".into()]),
            state: State::Released,
            charges: 1,
            rho,
        }
    }

    #[test]
    fn an_analyst_sees_no_other_name() {
        let groups =
            [group("anna", 5), group("berta", 7), group("carla", 9), group("release-plan", 2)];
        let anna = Name::new("anna").unwrap();
        let names = |lines: &[SpendingReport]| -> Vec<_> {
            lines.iter().map(|line| (line.analyst.clone(), line.spent, line.charges)).collect()
        };
        assert_eq!(
            names(&shown(&groups, Some(&anna))),
            [(Some("anna".into()), 5, 1), (None, 16, 2), (Some("release-plan".into()), 2, 1)]
        );
        let own = analysts(&groups, Some(&anna));
        assert_eq!(
            own.iter().map(|own| own.analyst.as_str()).collect::<Vec<_>>(),
            ["anna", "release-plan"]
        );
        assert_eq!((shown(&groups, None).len(), analysts(&groups, None).len()), (4, 4));
    }
}
