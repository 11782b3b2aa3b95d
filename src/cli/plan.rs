//! Release plans: where their runs stand, and what they would cost before anybody approves them.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use policy::{Name, PolicySet};
use serde_json::{Value, json};
use statistics_unit::{PricedPlan, price_plan};

use super::UnitArgs;
use super::query::half_width;

/// Show plans.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Example:\n  milchglas plan --url http://127.0.0.1:8702 --token-file \
                  analyst.token\n  milchglas plan price policies/ --plan plan-2026-06432"
)]
pub(crate) struct PlanCommand {
    #[command(subcommand)]
    command: Option<PlanSubcommand>,
    #[command(flatten)]
    unit: Option<UnitArgs>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum PlanSubcommand {
    /// Tell what the runs of a plan would cost and how wide the intervals would be; needs no unit
    Price(PriceArgs),
}

#[derive(Args)]
struct PriceArgs {
    /// The policies folder
    folder: PathBuf,
    /// This plan only
    #[arg(long)]
    plan: Option<Name>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl PlanCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if let Some(PlanSubcommand::Price(price)) = self.command {
            return price.run();
        }
        let unit = self.unit.context("name the unit with --url and --token-file")?;
        let report: Value = unit.client()?.get("/v1/plans")?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            print!("{}", standing(&report));
        }
        Ok(())
    }
}

/// The answer of `/v1/plans` as a table.
fn standing(report: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let plans = report["plans"].as_array().map(Vec::as_slice).unwrap_or_default();
    if plans.is_empty() {
        return format!("project {} has no release plan\n", text(&report["project"]));
    }
    let mut shown = String::new();
    for plan in plans {
        shown += &format!("plan {} of {}\n", text(&plan["plan"]), text(&plan["purpose"]));
        for run in plan["runs"].as_array().into_iter().flatten() {
            let (state, charge) = (text(&run["state"]), &run["charge"]);
            let cost = match charge["rho_nano"].as_u64() {
                Some(rho) => format!("{rho} nano-rho, log entry {}", charge["sequence"]),
                None => format!("up to {} nano-rho", run["most_nano_rho"]),
            };
            shown += &format!(
                "  {:<10} {}  {state:<18}  {cost}\n",
                text(&run["period"]),
                run["event_year"]
            );
            if let Some(because) = run["because"].as_str() {
                shown += &format!("    {because}\n");
            }
            for left in charge["left_out"].as_array().into_iter().flatten() {
                let (indicator, dataset) = (text(&left["indicator"]), text(&left["dataset"]));
                shown += &format!("    without {indicator}: no delivery of {dataset}\n");
            }
            if charge["plan_changed"] == true {
                shown += "    charged by an earlier version of the plan; it does not run again\n";
            }
        }
    }
    shown
}

impl PriceArgs {
    fn run(self) -> anyhow::Result<()> {
        let policies = PolicySet::load(&self.folder)?;
        let wanted = |id: &Name| self.plan.as_ref().is_none_or(|own| own == id);
        let mut priced = Vec::new();
        for plan in policies.release_plans.values().filter(|plan| wanted(&plan.id)) {
            priced.push(price_plan(&policies, plan)?);
        }
        if priced.is_empty() {
            let known: Vec<&str> = policies.release_plans.keys().map(Name::as_str).collect();
            bail!(
                "there is no such release plan; {} has: {}",
                self.folder.display(),
                known.join(", ")
            );
        }
        if self.json {
            println!("{}", serde_json::to_string_pretty(&json!({ "plans": priced }))?);
        } else {
            for plan in &priced {
                print!("{}", prices(plan)?);
            }
        }
        Ok(())
    }
}

fn prices(plan: &PricedPlan) -> anyhow::Result<String> {
    let mut shown = format!("plan {} of {}\n", plan.plan, plan.purpose);
    for run in &plan.runs {
        shown += &format!(
            "  {} for {}: {} of {} nano-rho\n",
            run.period, run.event_year, run.rho_nano, run.most_nano_rho
        );
        for table in &run.tables {
            let price = serde_json::to_value(&table.price)?;
            let group: Vec<&str> = table.group_by.iter().map(Name::as_str).collect();
            let name = format!("{} [{}]", table.indicator, group.join(", "));
            shown += &format!(
                "    {name:<40} {:>12} nano-rho  {}\n",
                price["rho_nano"],
                half_width(&price["half_width"])
            );
        }
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_one_line_with_its_reason_below() {
        let report = json!({"project": "p", "plans": [{"plan": "plan-1", "purpose": "q", "runs": [
            {"period": "2025-q3", "event_year": 2025, "state": "released", "most_nano_rho": 9,
             "charge": {"sequence": 12, "rho_nano": 8, "plan_changed": true,
                        "left_out": [{"indicator": "overlap", "dataset": "kita"}]}},
            {"period": "2025-q4", "event_year": 2025, "state": "waiting-for-period",
             "most_nano_rho": 9, "because": "no snapshot yet"},
        ]}]});
        assert_eq!(
            standing(&report),
            "plan plan-1 of q\n\
             \x20 2025-q3    2025  released            8 nano-rho, log entry 12\n\
             \x20   without overlap: no delivery of kita\n\
             \x20   charged by an earlier version of the plan; it does not run again\n\
             \x20 2025-q4    2025  waiting-for-period  up to 9 nano-rho\n\
             \x20   no snapshot yet\n"
        );
        let none = json!({"project": "p", "plans": []});
        assert_eq!(standing(&none), "project p has no release plan\n");
    }

    #[test]
    fn the_shipped_plans_have_a_price_within_their_runs() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policies");
        let policies = PolicySet::load(&folder).unwrap();
        for plan in policies.release_plans.values() {
            let priced = price_plan(&policies, plan).unwrap();
            assert!(priced.runs.iter().all(|run| run.rho_nano <= run.most_nano_rho));
            let shown = prices(&priced).unwrap();
            assert_eq!(shown.matches('±').count(), plan.runs.len() * plan.releases.len());
        }
    }
}
