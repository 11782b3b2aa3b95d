//! `milchglas policy check`: what is in a folder, and what is wrong with it.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use policy::{Budget, NanoRho, PolicySet, Purpose};
use serde_json::json;
use statistics_unit::{GroupLoss, group_losses};

use super::today;
use crate::policies::{Folder, Place};

/// Check a folder.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas policy check policies/\n\nReads everything as the \
                  units do, runs the cases in policies/tests, and names file and line of what is \
                  wrong: a rule that has run out, says not who answers for it, or would give single \
                  records away.")]
pub(crate) struct Check {
    /// The folder
    folder: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let read = Folder::read(&self.folder);
        let faults = match &read {
            Ok(folder) => folder.faults(&self.folder, today()),
            Err(faults) => faults.clone(),
        };
        if self.json {
            print_json(read.as_ref().ok(), &faults)?;
        } else if let Ok(folder) = &read {
            holds(&folder.set)?;
            println!("access      {} rules", folder.rules.notes().count());
            println!(
                "cases       {}, {} otherwise",
                folder.cases.count(),
                folder.cases.failed(folder).len()
            );
        }
        if faults.is_empty() {
            return Ok(());
        }
        for fault in &faults {
            eprintln!("{fault}");
        }
        bail!("{} faults; the folder was not accepted", faults.len());
    }
}

fn print_json(folder: Option<&Folder>, faults: &[Place]) -> anyhow::Result<()> {
    let holds = folder.map(|own| {
        json!({
            "digest": own.set.digest,
            "schemas": own.set.schemas.keys().collect::<Vec<_>>(),
            "catalogue": own.set.catalogue.name,
            "purposes": own.set.purposes.keys().collect::<Vec<_>>(),
            "schedules": own.set.schedules.keys().collect::<Vec<_>>(),
            "plans": own.set.release_plans.keys().collect::<Vec<_>>(),
            "rules": own.rules.notes().map(|note| &note.id).collect::<Vec<_>>(),
            "cases": own.cases.count(),
        })
    });
    println!("{}", serde_json::to_string_pretty(&json!({ "holds": holds, "faults": faults }))?);
    Ok(())
}

/// What the cap of an event year promises: to one person, and to those who lose more.
fn annex(budget: &Budget) -> anyhow::Result<()> {
    println!("              all releases about an event year together reveal at most");
    let cap = budget.lineage_cap_nano_rho;
    for GroupLoss { size, rho_nano, eps } in group_losses(cap, budget.delta_conv_femto, 1..=4)? {
        let who = match size {
            1 => "about one person, as linked".to_owned(),
            size => format!("about a person linked as {size}, or a household of {size}"),
        };
        println!("              {who:<46} rho {}, eps {eps:.2}", NanoRho::new(rho_nano)?);
    }
    Ok(())
}

/// Each cap of a purpose in a sentence.
fn caps(purpose: &Purpose) -> Vec<String> {
    let budget = &purpose.budget;
    let mut lines = vec![format!(
        "each event year costs a person at most {}, over all questions and for ever",
        budget.lineage_cap_nano_rho
    )];
    let (years, most) = (budget.horizon_years, budget.horizon_most());
    let most = NanoRho::new(most).map_or_else(|_| most.to_string(), |own| own.to_string());
    lines.push(match budget.horizon_cap_nano_rho {
        Some(_) => format!("{years} event years in a row cost a person at most {most} together"),
        None => format!(
            "{years} event years in a row cost a person at most {most}: no cap of their own"
        ),
    });
    lines.push(match budget.quarter_cap_nano_rho {
        Some(cap) => format!("questions of one calendar quarter cost at most {cap} together"),
        None => "questions have no cap per calendar quarter".into(),
    });
    lines.push(format!("this purpose takes at most {} in all", budget.purpose_cap_nano_rho));
    lines.push(format!("one analyst takes at most {} in all", budget.analyst_cap_nano_rho));
    lines
}

fn holds(set: &PolicySet) -> anyhow::Result<()> {
    println!("policies    {}", set.digest);
    for schema in set.schemas.values() {
        println!("schema      {} ({} views) {}", schema.name, schema.views.len(), schema.digest()?);
    }
    println!(
        "catalogue   {}: {} datasets, {} dimensions",
        set.catalogue.name,
        set.catalogue.datasets.len(),
        set.catalogue.dimensions.len()
    );
    for purpose in set.purposes.values() {
        println!(
            "purpose     {}: {} indicators until {}, rho {} per event year",
            purpose.id,
            purpose.indicators.len(),
            purpose.expires,
            purpose.budget.lineage_cap_nano_rho
        );
        annex(&purpose.budget)?;
        for line in caps(purpose) {
            println!("            {line}");
        }
    }
    for schedule in set.schedules.values() {
        println!(
            "schedule    {}: {} deliveries, {} periods",
            schedule.project,
            schedule.expected.len(),
            schedule.periods.len()
        );
    }
    for plan in set.release_plans.values() {
        println!(
            "plan        {}: {} tables of {}, {} runs",
            plan.id,
            plan.releases.len(),
            plan.purpose,
            plan.runs.len()
        );
    }
    Ok(())
}
