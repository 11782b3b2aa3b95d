//! `department.toml`: everything about a department that does not change from day to day.

use std::fs;
use std::path::{Path, PathBuf};

use policy::{LinkageSchema, Name, PolicySet};
use serde::Deserialize;
use submission::VerifyingKey;

use crate::error::{Error, shown};
use crate::keys;
use crate::prepare::{Keys, Sender};
use crate::station::{RawStation, StationSettings};
use crate::submit::{Unit, Units};

/// The settings file, paths made relative to its folder. It holds no secret, only their places.
pub struct Settings {
    /// Who sends.
    pub sender: Sender,
    /// The folder with linkage schemas, catalogue and purposes.
    pub policies: PathBuf,
    /// Name of the linkage schema.
    pub schema: Name,
    /// Folder for batches.
    pub outbox: PathBuf,
    /// List of people who object, where there is one.
    pub objections: Option<PathBuf>,
    /// The watched folder, where there is one.
    pub station: Option<StationSettings>,
    keys: KeyFiles,
    units: Option<UnitFiles>,
    path: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    project: Name,
    epoch: Name,
    department: Name,
    policies: PathBuf,
    schema: Name,
    outbox: PathBuf,
    #[serde(default)]
    objections: Option<PathBuf>,
    keys: KeyFiles,
    #[serde(default)]
    units: Option<UnitFiles>,
    #[serde(default)]
    station: Option<RawStation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFiles {
    linkage: PathBuf,
    signing: PathBuf,
    register: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitFiles {
    linkage: UnitFile,
    statistics: UnitFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitFile {
    url: String,
    public_key: VerifyingKey,
    token: PathBuf,
    #[serde(default)]
    authority: Option<PathBuf>,
}

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// [`Error::Settings`] naming place and cause.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let fail = |reason: String| Error::Settings { path: shown(path), reason };
        let size = fs::metadata(path).map_err(|e| fail(e.kind().to_string()))?.len();
        if size > PolicySet::MAX_FILE {
            return Err(fail(format!("larger than {} bytes", PolicySet::MAX_FILE)));
        }
        let text = fs::read_to_string(path).map_err(|e| fail(e.kind().to_string()))?;
        let raw: Raw = toml::from_str(&text).map_err(|e| fail(e.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let at = |path: PathBuf| folder.join(path);
        let unit = |unit: UnitFile| UnitFile {
            token: at(unit.token),
            authority: unit.authority.map(at),
            ..unit
        };
        let station = raw.station.map(|station| station.resolve(&at)).transpose().map_err(fail)?;
        Ok(Self {
            station,
            sender: Sender { project: raw.project, epoch: raw.epoch, department: raw.department },
            policies: at(raw.policies),
            schema: raw.schema,
            outbox: at(raw.outbox),
            objections: raw.objections.map(at),
            keys: KeyFiles {
                linkage: at(raw.keys.linkage),
                signing: at(raw.keys.signing),
                register: at(raw.keys.register),
            },
            units: raw.units.map(|units| UnitFiles {
                linkage: unit(units.linkage),
                statistics: unit(units.statistics),
            }),
            path: shown(path),
        })
    }

    /// Reads the three keys.
    ///
    /// # Errors
    /// As [`keys::read_linkage`].
    pub fn read_keys(&self) -> Result<Keys, Error> {
        Ok(Keys {
            linkage: keys::read_linkage(&self.keys.linkage)?,
            signing: keys::read_signing(&self.keys.signing)?,
            register: keys::read_register(&self.keys.register)?,
        })
    }

    /// Reads the units' addresses and tokens.
    ///
    /// # Errors
    /// [`Error::Settings`] where there are none, else as [`keys::read_token`].
    pub fn read_units(&self) -> Result<Units, Error> {
        let Some(units) = &self.units else {
            let reason = "add [units.linkage] and [units.statistics]".into();
            return Err(Error::Settings { path: self.path.clone(), reason });
        };
        let read = |unit: &UnitFile| -> Result<Unit, Error> {
            let authority = unit.authority.as_ref();
            let authority = authority
                .map(|path| fs::read(path).map_err(|e| Error::read(path, &e)))
                .transpose()?;
            Ok(Unit {
                url: unit.url.clone(),
                public_key: unit.public_key,
                token: keys::read_token(&unit.token)?,
                authority,
            })
        };
        Ok(Units { linkage: read(&units.linkage)?, statistics: read(&units.statistics)? })
    }

    /// The table `[station]`.
    ///
    /// # Errors
    /// [`Error::Settings`] where there is none.
    pub fn station(&self) -> Result<&StationSettings, Error> {
        self.station.as_ref().ok_or_else(|| self.no_station())
    }

    pub(crate) fn take_station(&mut self) -> Result<StationSettings, Error> {
        self.station.take().ok_or_else(|| self.no_station())
    }

    fn no_station(&self) -> Error {
        let reason = "add [station] with share, work and mappings, see docs/de/station.md".into();
        Error::Settings { path: self.path.clone(), reason }
    }

    /// Every file and folder that must not lie where clerks or others may reach it.
    pub(crate) fn private_places(&self) -> Vec<PathBuf> {
        let KeyFiles { linkage, signing, register } = &self.keys;
        let mut places: Vec<PathBuf> = vec![linkage.clone(), signing.clone(), register.clone()];
        places.push(PathBuf::from(&self.path));
        places.extend([self.outbox.clone(), self.policies.clone()]);
        places.extend(self.objections.clone());
        for unit in self.units.iter().flat_map(|units| [&units.linkage, &units.statistics]) {
            places.push(unit.token.clone());
            places.extend(unit.authority.clone());
        }
        places
    }

    /// Reads the parties' agreement.
    ///
    /// # Errors
    /// [`Error::Policy`] naming the file and what is wrong with it.
    pub fn read_policies(&self) -> Result<PolicySet, Error> {
        Ok(PolicySet::load(&self.policies)?)
    }

    /// The linkage schema of these settings.
    ///
    /// # Errors
    /// [`Error::SchemaMissing`] that lists the known ones.
    pub fn pick_schema<'p>(&self, policies: &'p PolicySet) -> Result<&'p LinkageSchema, Error> {
        policies.schemas.get(&self.schema).ok_or_else(|| {
            let known: Vec<&str> = policies.schemas.keys().map(Name::as_str).collect();
            Error::SchemaMissing { name: self.schema.to_string(), known: known.join(", ") }
        })
    }

    /// The batches in the outbox that both units have acknowledged.
    ///
    /// # Errors
    /// [`Error::Read`] where the outbox cannot be read.
    pub fn submitted_batches(&self) -> Result<Vec<PathBuf>, Error> {
        if !self.outbox.exists() {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&self.outbox).map_err(|e| Error::read(&self.outbox, &e))?;
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| Error::read(&self.outbox, &e))?.path();
            if crate::submit::is_submitted(&path) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }
}
