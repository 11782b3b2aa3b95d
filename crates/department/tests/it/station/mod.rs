//! The station as clerks and operators meet it: real folders, real units on loopback, set time.

mod changes;
mod database;
mod files;
mod program;
mod restart;
mod waiting;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use department::keys::{self, KeyKind};
use department::station::{Event, Look, Station, Surroundings};
use department::{Error, Settings};
use ring::rand::SystemRandom;
use submission::Clock;

use crate::desk::{SCHEMA, root};
use crate::facts::{PLAIN, private};
use crate::unit::{FakeUnit, TOKEN};

pub(crate) const HEADER: &str = "nachname;vornamen;geburtsdatum;az;monat;sperre\n";
/// 22 November 2026, 12:00 in Germany.
pub(crate) const NOON: i64 = 1_795_345_200;

pub(crate) fn person(name: &str, case: &str) -> String {
    format!("{name};Eva;01.02.1980;{case};2025-01;N\n")
}

pub(crate) fn people(names: &[(&str, &str)]) -> String {
    let rows: Vec<String> = names.iter().map(|(name, case)| person(name, case)).collect();
    format!("{HEADER}{}", rows.concat())
}

/// What happens when the station tells something.
type Hook = Box<dyn FnMut(&Event) + Send>;

/// A department's host with a share.
pub(crate) struct Office {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) linkage: FakeUnit,
    pub(crate) statistics: FakeUnit,
    time: Arc<AtomicI64>,
    log: Arc<Mutex<Vec<String>>>,
    hook: Arc<Mutex<Option<Hook>>>,
}

impl Office {
    pub(crate) fn new() -> Self {
        let office = Self {
            folder: tempfile::tempdir().unwrap(),
            linkage: FakeUnit::start(),
            statistics: FakeUnit::start(),
            time: Arc::new(AtomicI64::new(NOON)),
            log: Arc::default(),
            hook: Arc::default(),
        };
        for part in ["policies/linkage", "policies/catalogue", "policies/purposes", "mappings"] {
            fs::create_dir_all(office.at(part)).unwrap();
        }
        for part in ["share", "keys"] {
            fs::create_dir(office.at(part)).unwrap();
        }
        office.write("policies/linkage/test.json", SCHEMA);
        let catalogue = fs::read_to_string(root().join("policies/catalogue/county.toml")).unwrap();
        office.write("policies/catalogue/county.toml", &catalogue);
        office.write("mappings/plain.toml", PLAIN);
        office.write("token", &format!("{TOKEN}\n"));
        private(&office.at("token"));
        for (kind, name) in [
            (KeyKind::Linkage, "linkage"),
            (KeyKind::Signing, "signing"),
            (KeyKind::Register, "register"),
        ] {
            let path = office.at(&format!("keys/{name}.key"));
            keys::generate(kind, &path, &SystemRandom::new()).unwrap();
        }
        office.configure("");
        office
    }

    /// Writes the settings, with further lines for `[station]`.
    pub(crate) fn configure(&self, lines: &str) {
        let unit = |fake: &FakeUnit| {
            let unit = fake.unit();
            let (url, key) = (unit.url, unit.public_key);
            format!("url = \"{url}\"\npublic_key = \"{key}\"\ntoken = \"token\"\n")
        };
        let text = format!(
            "project = \"county-06432\"\nepoch = \"2026\"\ndepartment = \"jugendamt\"\n\
             policies = \"policies\"\nschema = \"test\"\noutbox = \"outbox\"\n\
             [keys]\nlinkage = \"keys/linkage.key\"\nsigning = \"keys/signing.key\"\n\
             register = \"keys/register.key\"\n[units.linkage]\n{}[units.statistics]\n{}\
             [station]\nshare = \"share\"\nwork = \"work\"\nmappings = \"mappings\"\n{lines}\n",
            unit(&self.linkage),
            unit(&self.statistics)
        );
        self.write("department.toml", &text);
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.at(name), text).unwrap();
    }

    /// Lays a file into the inbox.
    pub(crate) fn lay(&self, name: &str, text: &str) {
        self.write(&format!("share/Eingang/{name}"), text);
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    /// The report beside a file.
    pub(crate) fn report(&self, file: &str) -> String {
        self.read(&format!("share/{file}.bericht.html"))
    }

    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        names(&self.at(folder))
    }

    pub(crate) fn open(&self) -> Result<Station, Error> {
        let (log, hook) = (Arc::clone(&self.log), Arc::clone(&self.hook));
        let settings = Settings::load(&self.at("department.toml"))?;
        Station::open(
            settings,
            Surroundings {
                clock: Clock::Set(Arc::clone(&self.time)),
                random: Box::new(SystemRandom::new()),
                log: Box::new(move |event| {
                    log.lock().unwrap().push(event.to_string());
                    let mut hook = hook.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    if let Some(hook) = hook.as_mut() {
                        hook(event);
                    }
                }),
                patience: Surroundings::PATIENCE,
            },
        )
    }

    pub(crate) fn hook(&self, hook: Option<Hook>) {
        *self.hook.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = hook;
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Two looks, far enough apart that whatever lies there is taken.
    pub(crate) fn run(&self, station: &mut Station) -> Look {
        station.look();
        self.pass(10);
        station.look()
    }

    /// Lays a file and has it processed.
    pub(crate) fn deliver(&self, station: &mut Station, name: &str, text: &str) -> Look {
        self.lay(name, text);
        self.run(station)
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// How many batches both units have.
    pub(crate) fn batches(&self) -> usize {
        assert_eq!(self.linkage.completed(), self.statistics.completed());
        self.linkage.completed()
    }
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
