//! Databases that are asked on a schedule, as if somebody had laid a file.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};

use super::Station;
use super::folders::{Place, Stamp};
use super::inbox::copy_name;
use super::journal::{Job, Journal, Occurrence, sync_folder, write_durably};
use super::local_time::day;
use super::work::Work;
use crate::error::{Error, shown};
use crate::source::{SqlSource, export};

/// When each source was last asked, by its path.
fn file(work: &Work) -> PathBuf {
    work.root.join("schedules.json")
}

/// Reads when each source was last asked; a job may be newer than the list.
pub(super) fn read(work: &Work, journal: &Journal) -> Result<BTreeMap<String, i64>, Error> {
    let path = file(work);
    let mut last: BTreeMap<String, i64> = match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| Error::Journal {
            path: shown(&path),
            reason: format!("line {} does not have the expected form", e.line()),
        })?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
        Err(e) => return Err(Error::read(&path, &e)),
    };
    for occurrence in journal.jobs().filter_map(|job| job.occurrence.as_ref()) {
        let known = last.entry(occurrence.source.clone()).or_insert(occurrence.due);
        *known = (*known).max(occurrence.due);
    }
    Ok(last)
}

/// A source's file and the files that it names: password, authority, query, a database in a file.
pub(super) fn private_places(source: &Path) -> Result<Vec<PathBuf>, Error> {
    // Whatever is wrong with it is better said now than at night.
    SqlSource::load(source)?;
    let text = fs::read_to_string(source).map_err(|e| Error::read(source, &e))?;
    let table: toml::Table = text.parse().unwrap_or_default();
    let database = table.get("database").and_then(toml::Value::as_table);
    let named = ["password_file", "authority", "url"].map(|name| database?.get(name)?.as_str());
    let query = table.get("query_file").and_then(toml::Value::as_str);
    let folder = source.parent().unwrap_or(Path::new(""));
    let path = |name: &str| folder.join(name.strip_prefix("sqlite:").unwrap_or(name));
    let mut places: Vec<PathBuf> = named.into_iter().chain([query]).flatten().map(path).collect();
    places.push(source.to_owned());
    Ok(places)
}

impl Station {
    /// Asks every database whose time has come since it was last asked, once however often.
    pub(super) fn ask_databases(&mut self) {
        for position in 0..self.own.databases.len() {
            let Some(database) = self.own.databases.get(position) else { continue };
            let (key, source) = (shown(&database.source), database.source.clone());
            let Some(due) = database.at.latest(self.now()) else { continue };
            let name = format!("{}-{}.csv", database.mapping, day(self.now()));
            match self.schedules.get(&key) {
                // A new schedule begins with its next time.
                None => self.was_asked(&key, due),
                Some(last) if *last < due => {
                    if self.may_try(&key) && self.may_try("journal") && !self.is_asking(&key) {
                        self.ask(&key, &source, name, due);
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Whether the last answer is not with the units yet.
    fn is_asking(&self, key: &str) -> bool {
        self.journal.jobs().any(|job| {
            job.is_undecided() && job.occurrence.as_ref().is_some_and(|own| own.source == key)
        })
    }

    fn ask(&mut self, key: &str, source: &Path, name: String, due: i64) {
        let number = self.journal.next_number();
        let copy = copy_name(number, &name);
        let path = self.work.copy(&copy);
        let _ = fs::remove_file(&path);
        let answer = SqlSource::load(source).and_then(|source| export(&source, &path, &|_| ()));
        let settled = answer.and_then(|rows| {
            let (stamp, digest) = settle(&path).map_err(|e| Error::write(&path, &e))?;
            Ok((rows, stamp, digest))
        });
        match settled {
            Ok((rows, stamp, digest)) => {
                self.tell(None, "database-answered", format!("{rows} rows"));
                let mut job = Job::new(number, Place::Database, name, stamp, self.now());
                job.digest = digest;
                job.copy = Some(copy);
                job.occurrence = Some(Occurrence { source: key.to_owned(), due });
                if self.begin(&job) {
                    self.pauses.remove(key);
                    self.was_asked(key, due);
                }
            }
            Err(error) => {
                let _ = fs::remove_file(&path);
                self.pause_for(key);
                self.tell(None, "database-failed", error.to_string());
            }
        }
    }

    fn was_asked(&mut self, key: &str, due: i64) {
        self.schedules.insert(key.to_owned(), due);
        let saved = serde_json::to_vec_pretty(&self.schedules)
            .map_err(|e| Error::Journal { path: shown(&file(&self.work)), reason: e.to_string() })
            .and_then(|json| write_durably(&file(&self.work), &json));
        if let Err(error) = saved {
            self.journal_fails(&error);
        }
    }
}

/// Closes an answer to others, brings it to the disk, and gives its SHA-256.
fn settle(path: &Path) -> std::io::Result<(Stamp, String)> {
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    let mut file = File::open(path)?;
    let mut context = Context::new(&SHA256);
    let mut block = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut block)?;
        let bytes = block.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        context.update(bytes);
    }
    file.sync_all()?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    let stamp = Stamp::of(&file.metadata()?);
    Ok((stamp, data_encoding::HEXLOWER.encode(context.finish().as_ref())))
}
