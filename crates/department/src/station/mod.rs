//! The department's face: a watched folder on a network share and a report beside each file.
//!
//! Parties. A *clerk* lays an extract into `Eingang` and reads the report; the *operator* runs
//! this on a host of the department. On the share lie extracts, as clerks laid them, and reports;
//! never a key, a token, a register or the journal: [`Station::open`] refuses to start where one
//! of them lies below it. A report holds no cell of a record; the log holds no file name.
//!
//! The way of a file: it lies still (`sighting`), is copied to a private folder (`take`), told by
//! its header (`recognise`), encoded and sent (`deliver`), and filed (`filing`). Each step is in
//! the journal before the next begins, and each may be done again after a crash: a batch lies in
//! its stage until the journal knows its name, the units give the same receipt for the same
//! batch, and a move is looked at before it is made.
//!
//! There is no notification by the kernel here: it does not see what others write on a share.

mod advance;
mod databases;
mod deliver;
mod event;
mod filing;
mod folders;
mod guard;
mod hold;
mod inbox;
mod journal;
mod local_time;
mod mappings;
mod overview;
mod period;
mod recognise;
mod report;
mod schedule;
mod settings;
mod sighting;
mod status;
mod stop;
mod take;
mod verdict;
mod words;
mod work;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use ring::rand::SecureRandom;
use submission::Clock;

use crate::error::Error;
use crate::settings::Settings;
use crate::submit::Patience;
use folders::Share;
use journal::{Job, Journal};
use sighting::Sightings;
use work::Work;

pub use event::Event;
pub use period::PeriodRule;
pub use schedule::Schedule;
pub(crate) use settings::RawStation;
pub use settings::{DatabaseSettings, StationSettings};
pub use status::{JobStatus, status};
pub use stop::Stop;

/// What a station takes from outside instead of reaching for it.
pub struct Surroundings {
    /// The time.
    pub clock: Clock,
    /// Ids, order, sealing.
    pub random: Box<dyn SecureRandom + Send + Sync>,
    /// Told everything that happens.
    pub log: Box<dyn Fn(&Event) + Send>,
    /// How long one try to reach a unit takes; the station itself tries again for ever.
    pub patience: Patience,
}

impl Surroundings {
    /// One try, two minutes a request.
    pub const PATIENCE: Patience =
        Patience { tries: 1, first_wait: Duration::ZERO, timeout: Duration::from_secs(120) };
}

/// What one look found and did.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    /// Files that do not lie still yet.
    pub unsettled: usize,
    /// Jobs that have to be tried again.
    pub waiting: usize,
    /// Of these, jobs that wait for a unit.
    pub waiting_for_units: usize,
    /// Whether the share could be read.
    pub share_away: bool,
    /// Files delivered since the station was opened, duplicates included.
    pub delivered: u64,
    /// Files rejected since the station was opened.
    pub rejected: u64,
    /// Of these, files that a unit refused.
    pub refused: u64,
}

impl Look {
    /// Whether there is nothing to do before the next try.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.unsettled == 0
    }
}

/// A running station. One per work folder.
pub struct Station {
    settings: Settings,
    own: StationSettings,
    surroundings: Surroundings,
    share: Share,
    work: Work,
    journal: Journal,
    sightings: Sightings,
    /// Paths that were told once.
    told: HashSet<PathBuf>,
    share_away: bool,
    /// Tries and next try of what has no job yet: the journal itself, a database, the overview.
    pauses: BTreeMap<String, (u32, i64)>,
    schedules: BTreeMap<String, i64>,
    overview: overview::Last,
    done: Look,
}

impl Station {
    /// Opens a station: checks where everything lies, locks the work folder, reads the journal.
    ///
    /// # Errors
    /// [`Error::OnShare`] where something secret lies below the share, [`Error::Share`] where that
    /// is not there, [`Error::StationRuns`] where another one has the work folder, [`Error`] for
    /// settings, mappings, keys or policies that cannot be read.
    pub fn open(mut settings: Settings, surroundings: Surroundings) -> Result<Self, Error> {
        let own = settings.take_station()?;
        let mut places = settings.private_places();
        places.push(own.mappings.clone());
        for database in &own.databases {
            places.extend(databases::private_places(&database.source)?);
        }
        guard::check(&own.share, &own.work, &places)?;
        let share = Share::open(&own.share)?;
        let work = Work::open(&own.work)?;
        let journal = Journal::open(&work.jobs)?;
        // Better now than at the first file, at night.
        settings.pick_schema(&settings.read_policies()?)?;
        settings.read_keys()?;
        settings.read_units()?;
        mappings::Mappings::load(&own.mappings)?;
        let schedules = databases::read(&work, &journal)?;
        let mut station = Self {
            settings,
            own,
            surroundings,
            share,
            work,
            journal,
            sightings: Sightings::default(),
            told: HashSet::new(),
            share_away: false,
            pauses: BTreeMap::new(),
            schedules,
            overview: overview::Last::default(),
            done: Look::default(),
        };
        station.tidy()?;
        station.wake(false);
        station.tell(None, "started", String::new());
        Ok(station)
    }

    /// Looks once: takes what is complete, and moves every job on as far as it goes now.
    ///
    /// Never fails: whatever goes wrong is told, waits in the journal and is tried again.
    pub fn look(&mut self) -> Look {
        self.ask_databases();
        let unsettled = self.take_new();
        let open: Vec<u64> =
            self.journal.jobs().filter(|job| !job.is_filed()).map(|job| job.number).collect();
        for number in open {
            self.advance(number);
        }
        self.expire_quarantine();
        self.journal.prune();
        let waiting = || self.journal.jobs().filter(|job| !job.is_filed());
        let for_unit = |job: &&Job| job.waiting.as_ref().is_some_and(|waiting| waiting.for_unit);
        let look = Look {
            unsettled,
            waiting: waiting().count(),
            waiting_for_units: waiting().filter(for_unit).count(),
            share_away: self.share_away,
            ..self.done
        };
        self.write_overview(unsettled);
        look
    }

    /// Looks again and again; `pause` waits for a time and says whether to go on.
    pub fn run(&mut self, pause: &mut dyn FnMut(Duration) -> bool) {
        loop {
            self.look();
            if !pause(self.own.interval) {
                break;
            }
        }
        self.tell(None, "stopped", String::new());
    }

    /// Looks until every file in the inbox was taken, then ends; jobs may still wait.
    ///
    /// A file that keeps growing is given up after ten minutes beyond the longest settling.
    pub fn run_once(&mut self, pause: &mut dyn FnMut(Duration) -> bool) -> Look {
        let until = self.now() + sighting::LONGEST * self.own.settle + 600;
        loop {
            let look = self.look();
            if look.is_idle() || look.share_away || self.now() > until || !pause(self.own.interval)
            {
                return look;
            }
        }
    }

    fn now(&self) -> i64 {
        self.surroundings.clock.now()
    }

    fn tell(&self, job: Option<&Job>, event: &'static str, detail: String) {
        (self.surroundings.log)(&Event {
            at: self.now(),
            job: job.map(|job| job.number),
            dataset: job.and_then(|job| Some(job.plan.as_ref()?.dataset.clone())),
            event,
            detail,
        });
    }

    /// Whether something without a job may be tried now.
    fn may_try(&self, what: &str) -> bool {
        self.pauses.get(what).is_none_or(|(_, next)| *next <= self.now())
    }

    fn pause_for(&mut self, what: &str) {
        let now = self.now();
        let pause = self.pauses.entry(what.to_owned()).or_insert((0, now));
        pause.0 += 1;
        pause.1 = now + verdict::wait_after(pause.0);
    }
}
