//! What was spent, for analysts and the data protection officer.

use std::collections::BTreeMap;

use policy::Name;
use serde::Serialize;
use store::ledger;

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
}

/// One lineage: project × event year.
#[derive(Debug, Serialize)]
pub struct LineageReport {
    /// The event year.
    pub year: u16,
    /// Spent for ever.
    pub spent: u64,
    /// Kept for the runs of release plans that were approved and have not run yet.
    pub reserved: u64,
}

/// One purpose.
#[derive(Debug, Serialize)]
pub struct PurposeReport {
    /// The purpose.
    pub purpose: Name,
    /// Cap per lineage.
    pub lineage_cap: u64,
    /// Cap of the purpose.
    pub cap: u64,
    /// Spent by it.
    pub spent: u64,
    /// Kept for the runs of its release plans.
    pub reserved: u64,
}

impl StatisticsUnit {
    /// What a project has spent.
    ///
    /// # Errors
    /// [`UnitError::Store`].
    pub async fn budget(&self, project: &Name) -> Result<BudgetReport, UnitError> {
        let mut lineages: BTreeMap<u16, u64> = BTreeMap::new();
        let mut charges = 0;
        let mut after = 0;
        loop {
            let page = ledger::charges(self.db(), project.as_str(), after, 1000).await?;
            let Some(last) = page.last() else { break };
            after = last.head.sequence;
            for charge in &page {
                charges += 1;
                for year in &charge.years {
                    *lineages.entry(*year).or_default() += charge.price.rho;
                }
            }
        }
        let held = ledger::held(self.db(), &self.reserved(project)).await?;
        for year in held.years.keys() {
            lineages.entry(*year).or_default();
        }
        let mut purposes = Vec::new();
        for purpose in self.policies_ref().purposes.values().filter(|p| p.project == *project) {
            let spent =
                ledger::spent_by_purpose(self.db(), project.as_str(), purpose.id.as_str()).await?;
            purposes.push(PurposeReport {
                purpose: purpose.id.clone(),
                lineage_cap: purpose.budget.lineage_cap_nano_rho.get(),
                cap: purpose.budget.purpose_cap_nano_rho.get(),
                spent: spent.rho,
                reserved: held.purposes.get(purpose.id.as_str()).copied().unwrap_or(0),
            });
        }
        let lineage = |(year, spent)| {
            let reserved = held.years.get(&year).copied().unwrap_or(0);
            LineageReport { year, spent, reserved }
        };
        let lineages = lineages.into_iter().map(lineage).collect();
        Ok(BudgetReport { project: project.clone(), lineages, purposes, charges })
    }
}
