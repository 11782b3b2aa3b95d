//! Fifteen stations and the operator's courier, each on its own thread, as on their own hosts.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use department::Settings;
use department::station::{Station, Stop, Surroundings};
use milchglas::{Courier, CourierConfig};
use ring::rand::SystemRandom;
use submission::Clock;

use crate::installation::Installation;

/// How often the demo's stations look.
const INTERVAL: Duration = Duration::from_millis(100);

/// Everybody who works without being told, until they are stopped.
pub(crate) struct Workers {
    stop: Stop,
    /// Dropping it ends the courier.
    carry: mpsc::Sender<()>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts a station per department and a courier for all counties.
    ///
    /// With `as_installed` they look as seldom as they do in a county.
    pub(crate) fn start(installation: &Installation, as_installed: bool) -> anyhow::Result<Self> {
        let stop = Stop::new();
        let mut threads = Vec::new();
        for office in installation.projects.iter().flat_map(|project| &project.offices) {
            let settings = Settings::load(&office.settings())?;
            let mut station = Station::open(settings, surroundings())
                .with_context(|| format!("the station of {}", office.name))?;
            let stop = stop.clone();
            let run = move || {
                station.run(&mut |usual| stop.pause(if as_installed { usual } else { INTERVAL }));
            };
            threads.push(std::thread::Builder::new().name(office.name.to_string()).spawn(run)?);
        }
        let courier = Courier::new(&CourierConfig::read(&installation.courier())?)?;
        let (carry, ended) = mpsc::channel();
        let run = move || courier.run(&ended);
        threads.push(std::thread::Builder::new().name("courier".into()).spawn(run)?);
        Ok(Self { stop, carry, threads })
    }

    /// Ends them, and waits until they have.
    pub(crate) fn end(self) {
        self.stop.stop();
        drop(self.carry);
        for thread in self.threads {
            // A thread that panicked has said so; the others end all the same.
            let _ = thread.join();
        }
    }
}

fn surroundings() -> Surroundings {
    Surroundings {
        clock: Clock::System,
        random: Box::new(SystemRandom::new()),
        log: Box::new(|_| ()),
        patience: Surroundings::PATIENCE,
    }
}
