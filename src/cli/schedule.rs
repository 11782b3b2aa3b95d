//! Where a project's schedule stands, as a table or with a progress bar.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use linkage_unit::{Delivery, PeriodStage, PeriodState, ScheduleState};
use policy::Name;

use super::UnitArgs;
use crate::Client;

/// Show which period waits for whom.
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas schedule --url http://127.0.0.1:8701 \
                  --token-file operator.token\n  milchglas schedule --url http://127.0.0.1:8701 \
                  --token-file operator.token --wait 2025-q4\n\n\
                  waiting    a delivery is missing\n\
                  ready      due; a run that goes on, or the pause after a failed one, keeps it\n\
                  linking    its run goes on\n\
                  frozen     it has its snapshot\n\
                  overtaken  a newer period is due or has its snapshot; this one gets none")]
pub(crate) struct Schedule {
    #[command(flatten)]
    unit: UnitArgs,
    /// Wait until this period has its snapshot
    #[arg(long, value_name = "PERIOD")]
    wait: Option<Name>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Schedule {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let client = self.unit.client()?;
        let state = match &self.wait {
            Some(period) => wait(&client, period)?,
            None => client.get("/v1/schedule")?,
        };
        if self.json {
            println!("{}", serde_json::to_string_pretty(&state)?);
        } else {
            print!("{}", table(&state));
        }
        Ok(())
    }
}

/// Asks until the period has its snapshot; a failed run is tried again by the unit, so it is
/// said and waited on.
fn wait(client: &Client, wanted: &Name) -> anyhow::Result<ScheduleState> {
    let bar = super::progress_bar();
    let mut said = None;
    loop {
        let state: ScheduleState = client.get("/v1/schedule")?;
        let Some(period) = state.periods.iter().find(|own| own.period == *wanted) else {
            let known: Vec<&str> = state.periods.iter().map(|own| own.period.as_str()).collect();
            bail!("the schedule has no period `{wanted}`; it has: {}", known.join(", "));
        };
        match period.state {
            PeriodStage::Frozen => {
                bar.finish_and_clear();
                return Ok(state);
            }
            PeriodStage::Overtaken => {
                bail!("`{wanted}` gets no snapshot: a newer period is due or has one");
            }
            PeriodStage::Waiting | PeriodStage::Ready | PeriodStage::Linking => {}
        }
        if let Some(run) = state.run.as_ref().filter(|run| run.period.as_ref() == Some(wanted)) {
            bar.set_length(run.total);
            bar.set_position(run.compared);
        }
        let failed = period.problem.as_ref().map(|own| (period.try_again_at, own));
        if let Some((at, problem)) = failed.filter(|(at, _)| said != Some(*at)) {
            said = Some(at);
            bar.suspend(|| eprintln!("milchglas: {}: {}", problem.title, problem.detail));
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn table(state: &ScheduleState) -> String {
    let mut text = format!("project {}\n", state.project);
    if !state.scheduled {
        text += "  no schedule: `milchglas link` links it\n";
    }
    for own in &state.unregistered {
        text += &format!(
            "  {} {}: expected, but nobody is registered for it here\n",
            own.department, own.dataset
        );
    }
    if let Some(run) = &state.run {
        let period = run.period.as_ref().map_or("by hand", Name::as_str);
        text += &format!("  linking {period}: {} of {} compared", run.compared, run.total);
        text += &run.eta_seconds.map_or_else(String::new, |own| format!(", about {own} s to go"));
        text.push('\n');
    }
    let first_empty = state.periods.iter().position(is_empty_wait);
    for (position, period) in state.periods.iter().enumerate() {
        text += &line(period);
        let later = is_empty_wait(period) && first_empty != Some(position);
        if period.state != PeriodStage::Overtaken && !later {
            period.deliveries.iter().for_each(|own| text += &delivery(own));
        }
        if !period.later.is_empty() {
            text += "    came later, wait for the next period\n";
            period.later.iter().for_each(|own| text += &delivery(own));
        }
    }
    text
}

fn is_empty_wait(period: &PeriodState) -> bool {
    period.state == PeriodStage::Waiting
        && period.deliveries.iter().all(|own| own.arrived.is_none())
}

fn line(period: &PeriodState) -> String {
    let word = match period.state {
        PeriodStage::Waiting => "waiting",
        PeriodStage::Ready => "ready",
        PeriodStage::Linking => "linking",
        PeriodStage::Frozen => "frozen",
        PeriodStage::Overtaken => "overtaken",
    };
    let mut text = format!("  {:<12} {word:<9}", period.period.as_str());
    if period.state != PeriodStage::Overtaken {
        let arrived = period.deliveries.iter().filter(|own| own.arrived.is_some()).count();
        text += &format!("  {arrived} of {} deliveries", period.deliveries.len());
    }
    if let (Some(snapshot), Some(at)) = (period.snapshot, period.frozen_at) {
        text += &format!(", snapshot {snapshot} of {}", time(at));
    } else if let Some(day) = period.link_on.filter(|_| period.state == PeriodStage::Waiting) {
        text += &format!(", on {day} with what is there");
    }
    text.push('\n');
    if let Some(problem) = &period.problem {
        let again = period.try_again_at.map_or_else(String::new, time);
        text += &format!("    {}: {}\n    tried again: {again}\n", problem.title, problem.detail);
    }
    text
}

fn delivery(own: &Delivery) -> String {
    let arrived = own.arrived.as_ref().map_or_else(
        || "missing".to_owned(),
        |arrived| {
            let last = String::from(arrived.last_month);
            format!("until {last}, came {}", time(arrived.received_at))
        },
    );
    format!("    {:<28} {:<10} {arrived}\n", own.department.as_str(), own.dataset.as_str())
}

/// Unix seconds as a date and time in UTC.
fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |own| own.to_string())
}

#[cfg(test)]
mod tests;
