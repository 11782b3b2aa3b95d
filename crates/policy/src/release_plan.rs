//! What is released by itself, after which period, and what that may cost.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Digest, Indicator, Name, NanoRho, PolicyError, Purpose, Query, QueryKind, Schedule,
    canonical_json,
};

/// A release plan: after each approved snapshot of a period it runs once, as one charge.
///
/// What it releases is read for nothing ever after; that is what most people need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleasePlan {
    /// Short name, such as `plan-2026-06432`.
    pub id: Name,
    /// Version of this file's format; 1.
    pub version: u16,
    /// The purpose that allows its indicators and bears the cost.
    pub purpose: Name,
    /// The persons or offices that approved it; two different ones at least.
    pub approvals: Vec<Name>,
    /// When it runs, and on what.
    #[serde(rename = "run")]
    pub runs: Vec<PlanRun>,
    /// The tables of every run.
    #[serde(rename = "release")]
    pub releases: Vec<PlannedRelease>,
}

/// One run of a plan: one charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRun {
    /// The period of the schedule after whose snapshot it runs.
    pub period: Name,
    /// The event year that is read and charged.
    pub event_year: u16,
    /// What all tables together may cost.
    pub rho_nano: NanoRho,
    /// Day before which it does not run, even where the snapshot is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Date>,
}

/// One table of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedRelease {
    /// An indicator of the purpose.
    pub indicator: Name,
    /// A grouping that the purpose permits for it; its usual one where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<Vec<Name>>,
    /// Share of the run's budget, in thousandths.
    pub share_per_mille: u16,
}

impl PlannedRelease {
    /// The part of `whole` that this table gets, rounded down.
    #[must_use]
    pub fn part_of(&self, whole: NanoRho) -> NanoRho {
        whole.per_mille(self.share_per_mille)
    }
}

impl ReleasePlan {
    /// Reads a plan from TOML text and checks it against purposes and schedules.
    ///
    /// # Errors
    /// [`PolicyError::Form`] with line and cause, or [`PolicyError::Plan`].
    pub fn from_toml(
        text: &str,
        purposes: &BTreeMap<Name, Purpose>,
        schedules: &BTreeMap<Name, Schedule>,
    ) -> Result<Self, PolicyError> {
        let plan: Self = toml::from_str(text)
            .map_err(|e| PolicyError::Form { path: "plan".into(), reason: e.to_string() })?;
        plan.check(purposes, schedules)?;
        Ok(plan)
    }

    /// SHA-256 of the canonical JSON.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which a checked plan does not give.
    pub fn digest(&self) -> Result<Digest, PolicyError> {
        Ok(Digest::of(&canonical_json(self)?))
    }

    fn check(
        &self,
        purposes: &BTreeMap<Name, Purpose>,
        schedules: &BTreeMap<Name, Schedule>,
    ) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Plan(format!("`{}`: {why}", self.id)));
        if self.version != 1 {
            return fail(format!("version {} is not known; this program reads 1", self.version));
        }
        if self.approvals.iter().collect::<BTreeSet<_>>().len() < 2 {
            return fail("needs the approvals of two different people or offices".into());
        }
        let Some(purpose) = purposes.get(&self.purpose) else {
            return fail(format!("there is no purpose `{}`", self.purpose));
        };
        let Some(schedule) = schedules.get(&purpose.project) else {
            return fail(format!("project `{}` has no schedule to run by", purpose.project));
        };
        self.check_runs(purpose, schedule)?;
        self.check_releases(purpose)
    }

    fn check_runs(&self, purpose: &Purpose, schedule: &Schedule) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Plan(format!("`{}`: {why}", self.id)));
        let mut seen = BTreeSet::new();
        let mut years: BTreeMap<u16, u64> = BTreeMap::new();
        for run in &self.runs {
            if schedule.period(&run.period).is_none() {
                return fail(format!("the schedule has no period `{}`", run.period));
            }
            if !seen.insert((&run.period, run.event_year)) {
                return fail(format!("`{}` runs twice for {}", run.period, run.event_year));
            }
            let sum = years.entry(run.event_year).or_default();
            *sum = sum.saturating_add(run.rho_nano.get());
        }
        let budget = &purpose.budget;
        let most = budget.left_to_plans().get();
        match years.iter().find(|(_, sum)| **sum > most) {
            Some((year, sum)) => fail(format!(
                "its runs for event year {year} cost {sum} nano-rho; of the purpose's cap of {} \
                 they may cost {most}, because {} thousandths are left to questions nobody foresaw",
                budget.lineage_cap_nano_rho.get(),
                budget.question_share_per_mille
            )),
            None if seen.is_empty() => fail("names no run".into()),
            None => Ok(()),
        }
    }

    fn check_releases(&self, purpose: &Purpose) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Plan(format!("`{}`: {why}", self.id)));
        let mut tables = BTreeSet::new();
        for release in &self.releases {
            let indicator = purpose.indicator(&release.indicator)?;
            let query = indicator.grouped(release.group_by.as_deref())?;
            if !tables.insert((&release.indicator, query.group_by)) {
                return fail(format!("`{}` is released twice with one grouping", indicator.id));
            }
            for run in &self.runs {
                if release.part_of(run.rho_nano).get() < Indicator::LEAST_NANO_RHO {
                    return fail(format!("`{}` gets less than 1000 nano-rho", indicator.id));
                }
            }
        }
        self.check_delta(purpose)?;
        let shares: u32 = self.releases.iter().map(|own| u32::from(own.share_per_mille)).sum();
        match shares {
            0 => fail("releases nothing".into()),
            1..=1_000 => Ok(()),
            _ => fail(format!("the shares add up to {shares} thousandths")),
        }
    }
}

impl ReleasePlan {
    /// Private keys cost delta in each run that releases them.
    fn check_delta(&self, purpose: &Purpose) -> Result<(), PolicyError> {
        let mut run = 0_u64;
        for release in &self.releases {
            let compute = &purpose.indicator(&release.indicator)?.query.compute;
            if let QueryKind::Sparse { threshold_delta_femto, .. } = compute {
                run = run.saturating_add(threshold_delta_femto.get());
            }
        }
        let cap = purpose.budget.lineage_cap_delta_femto.get();
        for own in &self.runs {
            let runs = self.runs.iter().filter(|other| other.event_year == own.event_year).count();
            let sum = run.saturating_mul(u64::try_from(runs).unwrap_or(u64::MAX));
            if sum > cap {
                return Err(PolicyError::Plan(format!(
                    "`{}`: its runs for event year {} cost {sum}e-15 delta, the purpose's cap is {cap}e-15",
                    self.id, own.event_year
                )));
            }
        }
        Ok(())
    }
}

impl Indicator {
    /// The question under one of its permitted groupings; the usual one for `None`.
    ///
    /// # Errors
    /// [`PolicyError::Plan`] that lists the permitted ones.
    pub fn grouped(&self, group_by: Option<&[Name]>) -> Result<Query, PolicyError> {
        let usual = self.query.group_by.as_slice();
        let wanted = group_by.unwrap_or(usual);
        if wanted != usual && !self.groupings.iter().any(|own| own == wanted) {
            let all = std::iter::once(usual).chain(self.groupings.iter().map(Vec::as_slice));
            let shown = |group: &[Name]| {
                let names: Vec<&str> = group.iter().map(Name::as_str).collect();
                format!("[{}]", names.join(", "))
            };
            let known: Vec<String> = all.map(shown).collect();
            return Err(PolicyError::Plan(format!(
                "`{}` may not be grouped by {}; the purpose allows {}",
                self.id,
                shown(wanted),
                known.join(" or ")
            )));
        }
        // Another grouping keeps the totals of the dimensions that it has.
        let margins =
            self.query.margins.iter().filter(|own| wanted == usual || wanted.contains(own));
        let margins = margins.cloned().collect();
        Ok(Query { group_by: wanted.to_vec(), margins, ..self.query.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;

    const CATALOGUE: &str = include_str!("../../../policies/catalogue/county.toml");
    const PURPOSE: &str = include_str!("../../../policies/purposes/sozialmonitoring-06432.toml");
    const SCHEDULE: &str = r#"
        version = 1
        project = "county-06432"
        approvals = ["dpo", "head"]
        expected = [{ department = "a", dataset = "sgb2" }]
        period = [{ id = "2025-q4", epoch = "2026", last_month = "2025-12" }]
    "#;
    const PLAN: &str = r#"
        id = "plan-2026"
        version = 1
        purpose = "sozialmonitoring-06432"
        approvals = ["dpo", "head"]
        run = [{ period = "2025-q4", event_year = 2025, rho_nano = 150_000_000 }]
        [[release]]
        indicator = "children-in-benefits"
        share_per_mille = 600
        [[release]]
        indicator = "overlap"
        share_per_mille = 400
    "#;

    fn read(text: &str) -> Result<ReleasePlan, PolicyError> {
        let catalogue = Catalogue::from_toml(CATALOGUE).unwrap();
        let purpose = Purpose::from_toml(PURPOSE, &catalogue).unwrap();
        let schedule = Schedule::from_toml(SCHEDULE, &catalogue).unwrap();
        let purposes = BTreeMap::from([(purpose.id.clone(), purpose)]);
        let schedules = BTreeMap::from([(schedule.project.clone(), schedule)]);
        ReleasePlan::from_toml(text, &purposes, &schedules)
    }

    #[test]
    fn a_plan_splits_its_budget_without_ever_exceeding_it() {
        let plan = read(PLAN).unwrap();
        let whole = plan.runs[0].rho_nano;
        let parts: Vec<u64> = plan.releases.iter().map(|own| own.part_of(whole).get()).collect();
        assert_eq!(parts, [90_000_000, 60_000_000]);
        let odd = PlannedRelease { share_per_mille: 333, ..plan.releases[0].clone() };
        assert_eq!(odd.part_of(NanoRho::new(1_001).unwrap()).get(), 333);
    }

    /// One run a quarter of a private key at 1,000e-15 each.
    #[test]
    fn runs_of_private_keys_stay_below_the_cap_on_delta() {
        let head = "[dimensions.asyl_benefit]\n";
        let catalogue = CATALOGUE.replacen(head, &format!("{head}private = true\n"), 1);
        let catalogue = Catalogue::from_toml(&catalogue).unwrap();
        let with_cap = |cap: u64| {
            let question = "id = \"overlap\"";
            let sparse = "id = \"benefits\"\nlabel = \"B\"\nrho_nano = 5000\n[indicator.query]\n\
                 compute = { kind = \"sparse\", datasets = [\"asyl\"], dimension = \"asyl_benefit\", \
                 threshold_delta_femto = 1000 }\n[[indicator]]\n";
            let text = PURPOSE.replacen(question, &format!("{sparse}{question}"), 1);
            let budget = format!("[budget]\nlineage_cap_delta_femto = {cap}\n");
            let purpose = Purpose::from_toml(&text.replacen("[budget]\n", &budget, 1), &catalogue);
            let purpose = purpose.unwrap();
            let schedule = SCHEDULE.replacen(
                "period = [",
                "period = [{ id = \"2025-q3\", epoch = \"2026\", last_month = \"2025-09\" },",
                1,
            );
            let schedule = Schedule::from_toml(&schedule, &catalogue).unwrap();
            let purposes = BTreeMap::from([(purpose.id.clone(), purpose)]);
            let schedules = BTreeMap::from([(schedule.project.clone(), schedule)]);
            let runs = "run = [{ period = \"2025-q3\", event_year = 2025, rho_nano = 50_000_000 },";
            let plan = PLAN.replacen("run = [", runs, 1).replacen("\"overlap\"", "\"benefits\"", 1);
            ReleasePlan::from_toml(&plan, &purposes, &schedules)
        };
        assert!(with_cap(2_000).is_ok());
        let text = with_cap(1_999).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(text.contains("cost 2000e-15 delta"), "{text}");
    }

    #[test]
    fn contradictions_are_named() {
        let cases = [
            ("\"head\"", "\"dpo\"", "two different"),
            ("\"sozialmonitoring-06432\"", "\"other\"", "no purpose"),
            ("period = \"2025-q4\"", "period = \"2025-q1\"", "no period"),
            ("150_000_000", "900_000_000", "cap"),
            ("150_000_000", "400_000_001", "200 thousandths"),
            ("150_000_000", "1_000", "less than 1000"),
            ("share_per_mille = 400", "share_per_mille = 401", "1001"),
            ("indicator = \"overlap\"", "indicator = \"children-in-benefits\"", "twice"),
            ("indicator = \"overlap\"", "indicator = \"income\"", "income"),
            ("share_per_mille = 400", "share_per_mille = 400\ngroup_by = [\"sex\"]", "may not"),
            ("share_per_mille = 400", "share = 400", "share"),
        ];
        for (from, to, word) in cases {
            let text = read(&PLAN.replacen(from, to, 1)).err().map(|e| e.to_string());
            assert!(text.clone().unwrap_or_default().contains(word), "{to}: {text:?}");
        }
    }
}
