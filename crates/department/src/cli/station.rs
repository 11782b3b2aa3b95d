//! The station on the command line: log to stderr, status to stdout, an exit code that tells.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use department::station::{Event, JobStatus, Look, Station, Stop, Surroundings, status};
use department::{Error, ExitCode as Code, Language, Settings};
use ring::rand::SystemRandom;
use serde_json::json;
use submission::Clock;

/// Runs the station, once or until it is ended, or shows its journal.
pub(super) fn run(own: &ArgMatches, language: Language) -> Result<ExitCode, Error> {
    let path = own.get_one::<PathBuf>("settings").cloned().unwrap_or_default();
    let settings = Settings::load(&path)?;
    let as_json = own.get_flag("json");
    if own.get_flag("status") {
        print_status(&status(&settings)?, language, as_json);
        return Ok(ExitCode::SUCCESS);
    }
    let surroundings = Surroundings {
        clock: Clock::System,
        random: Box::new(SystemRandom::new()),
        log: Box::new(move |event| log(event, as_json)),
        patience: Surroundings::PATIENCE,
    };
    let mut station = Station::open(settings, surroundings)?;
    // Nobody stops it but by ending the process, which it survives at any moment.
    let stop = Stop::new();
    let mut pause = |duration| stop.pause(duration);
    if own.get_flag("once") {
        let look = station.run_once(&mut pause);
        print_look(&look, language, as_json);
        return Ok(exit_code(&look));
    }
    station.run(&mut pause);
    Ok(ExitCode::SUCCESS)
}

fn log(event: &Event, as_json: bool) {
    match serde_json::to_string(event) {
        Ok(line) if as_json => eprintln!("{line}"),
        _ => eprintln!("{event}"),
    }
}

/// What has to be done first comes first.
fn exit_code(look: &Look) -> ExitCode {
    let code = if look.refused > 0 {
        Code::Refused as u8
    } else if look.rejected > 0 {
        Code::Input as u8
    } else if look.waiting_for_units > 0 {
        Code::Unreachable as u8
    } else if look.waiting > 0 || look.unsettled > 0 || look.share_away {
        Code::Usage as u8
    } else {
        0
    };
    ExitCode::from(code)
}

fn print_look(look: &Look, l: Language, as_json: bool) {
    if as_json {
        println!(
            "{:#}",
            json!({
                "delivered": look.delivered, "rejected": look.rejected, "refused": look.refused,
                "waiting": look.waiting, "waiting_for_units": look.waiting_for_units,
                "unsettled": look.unsettled, "share_away": look.share_away,
            })
        );
        return;
    }
    for (label, number) in [
        (l.pick("geliefert", "delivered"), look.delivered),
        (l.pick("abgelehnt", "rejected"), look.rejected),
        (l.pick("wartend", "waiting"), look.waiting as u64),
        (l.pick("noch nicht vollständig", "not complete yet"), look.unsettled as u64),
    ] {
        println!("{label:32} {number}");
    }
    if look.share_away {
        println!("{}", l.pick("die Freigabe ist nicht erreichbar", "the share is not reachable"));
    }
}

fn print_status(jobs: &[JobStatus], l: Language, as_json: bool) {
    if as_json {
        println!("{:#}", json!(jobs));
        return;
    }
    let head = l.pick(
        ["Auftrag", "angenommen", "Bestand", "Stand", "Grund", "Datei"],
        ["job", "taken", "dataset", "state", "cause", "file"],
    );
    line(head);
    for job in jobs {
        let taken = jiff::Timestamp::from_second(job.taken_at).unwrap_or_default().to_string();
        // A name must not move the cursor or the text around it.
        let name: String = job.name.escape_debug().collect();
        line([
            &job.number.to_string(),
            &taken,
            job.dataset.as_deref().unwrap_or("-"),
            job.outcome.unwrap_or(job.step),
            job.code.as_deref().unwrap_or("-"),
            &name,
        ]);
        if let Some(reason) = &job.reason {
            println!("{:8} {reason}", "");
        }
    }
}

fn line(cells: [&str; 6]) {
    let [number, taken, dataset, state, cause, name] = cells;
    println!("{number:>8} {taken:20} {dataset:12} {state:10} {cause:18} {name}");
}
