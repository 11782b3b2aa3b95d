//! The folder `policies/` as one checked set.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{
    Catalogue, Digest, LinkageSchema, Name, Oversight, PolicyError, Purpose, ReleasePlan, Schedule,
};

/// Everything a unit needs to know of the parties' agreement.
#[derive(Debug)]
pub struct PolicySet {
    /// Linkage schemas by name.
    pub schemas: BTreeMap<Name, LinkageSchema>,
    /// The catalogue.
    pub catalogue: Catalogue,
    /// Purposes by id.
    pub purposes: BTreeMap<Name, Purpose>,
    /// When each project is linked; a project without one is linked by hand.
    pub schedules: BTreeMap<Name, Schedule>,
    /// Release plans by id.
    pub release_plans: BTreeMap<Name, ReleasePlan>,
    /// Who watches over the logs.
    pub oversight: Oversight,
    /// The files of `access/` by name, as text: only units evaluate them.
    pub access: BTreeMap<String, String>,
    /// SHA-256 over the digests of all parts; stands in every release.
    pub digest: Digest,
}

impl PolicySet {
    /// Largest policy file, in bytes.
    pub const MAX_FILE: u64 = 1 << 20;

    /// Reads `linkage/*.json`, the one `catalogue/*.toml`, `purposes/*.toml` and, where it exists,
    /// `schedules/*.toml` and `oversight.toml` below `folder`. A file `purposes/plan-….toml` is a
    /// release plan. The texts in `access/` are taken as they are.
    ///
    /// # Errors
    /// [`PolicyError`] naming the file and what is wrong with it.
    pub fn load(folder: &Path) -> Result<Self, PolicyError> {
        let mut schemas = BTreeMap::new();
        for path in files(&folder.join("linkage"), "json")? {
            let schema = LinkageSchema::from_json(&read(&path)?).map_err(|e| at(&path, e))?;
            schemas.insert(schema.name.clone(), schema);
        }
        let catalogues = files(&folder.join("catalogue"), "toml")?;
        let [only] = catalogues.as_slice() else {
            return Err(PolicyError::Catalogue(format!(
                "expected exactly one file in {}, found {}",
                folder.join("catalogue").display(),
                catalogues.len()
            )));
        };
        let catalogue = Catalogue::from_toml(&read(only)?).map_err(|e| at(only, e))?;
        let schedules = read_schedules(&folder.join("schedules"), &catalogue)?;
        let is_plan = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("plan-"))
        };
        let (plans, others): (Vec<_>, Vec<_>) =
            files(&folder.join("purposes"), "toml")?.into_iter().partition(is_plan);
        let mut purposes = BTreeMap::new();
        for path in others {
            let text = read(&path)?;
            let purpose = Purpose::from_toml(&text, &catalogue).map_err(|e| at(&path, e))?;
            if let Some(twice) = purposes.insert(purpose.id.clone(), purpose) {
                let reason = format!("`{}` exists twice", twice.id);
                return Err(at(&path, PolicyError::Purpose(reason)));
            }
        }
        let mut release_plans = BTreeMap::new();
        for path in plans {
            let text = read(&path)?;
            let plan =
                ReleasePlan::from_toml(&text, &purposes, &schedules).map_err(|e| at(&path, e))?;
            if let Some(twice) = release_plans.insert(plan.id.clone(), plan) {
                let reason = format!("`{}` exists twice", twice.id);
                return Err(at(&path, PolicyError::Plan(reason)));
            }
        }
        let access = read_access(&folder.join("access"))?;
        let digest = Digest::of(b"");
        let oversight = read_oversight(&folder.join("oversight.toml"))?;
        let mut set = Self {
            schemas,
            catalogue,
            purposes,
            schedules,
            release_plans,
            oversight,
            access,
            digest,
        };
        set.digest = set.compute_digest()?;
        Ok(set)
    }

    fn compute_digest(&self) -> Result<Digest, PolicyError> {
        let mut parts = vec![self.catalogue.digest()?];
        for schema in self.schemas.values() {
            parts.push(schema.digest()?);
        }
        for purpose in self.purposes.values() {
            parts.push(purpose.digest()?);
        }
        for schedule in self.schedules.values() {
            parts.push(schedule.digest()?);
        }
        for plan in self.release_plans.values() {
            parts.push(plan.digest()?);
        }
        parts.push(self.oversight.digest()?);
        parts.push(self.access_digest()?);
        Digest::of_json(&parts)
    }
}

fn read_oversight(path: &Path) -> Result<Oversight, PolicyError> {
    if !path.exists() {
        return Ok(Oversight::USUAL);
    }
    Oversight::from_toml(&read(path)?).map_err(|e| at(path, e))
}

/// Everything that lies in the folder: what does not belong there is named by who evaluates it.
fn read_access(folder: &Path) -> Result<BTreeMap<String, String>, PolicyError> {
    let mut texts = BTreeMap::new();
    if !folder.exists() {
        return Ok(texts);
    }
    for entry in fs::read_dir(folder).map_err(|e| unreadable(folder, &e))? {
        let path = entry.map_err(|e| unreadable(folder, &e))?.path();
        let name = path.file_name().map(|own| own.to_string_lossy().into_owned());
        texts.insert(name.unwrap_or_default(), read(&path)?);
    }
    Ok(texts)
}

fn read_schedules(
    folder: &Path,
    catalogue: &Catalogue,
) -> Result<BTreeMap<Name, Schedule>, PolicyError> {
    let mut schedules = BTreeMap::new();
    if !folder.exists() {
        return Ok(schedules);
    }
    for path in files(folder, "toml")? {
        let schedule = Schedule::from_toml(&read(&path)?, catalogue).map_err(|e| at(&path, e))?;
        if let Some(twice) = schedules.insert(schedule.project.clone(), schedule) {
            let reason = format!("`{}` has two schedules", twice.project);
            return Err(at(&path, PolicyError::Schedule(reason)));
        }
    }
    Ok(schedules)
}

fn at(path: &Path, error: PolicyError) -> PolicyError {
    let reason = match error {
        PolicyError::Form { reason, .. } => reason,
        other => other.to_string(),
    };
    PolicyError::Form { path: path.display().to_string(), reason }
}

fn unreadable(path: &Path, error: &std::io::Error) -> PolicyError {
    PolicyError::Read { path: path.display().to_string(), reason: error.to_string() }
}

fn read(path: &Path) -> Result<String, PolicyError> {
    let size = fs::metadata(path).map_err(|e| unreadable(path, &e))?.len();
    if size > PolicySet::MAX_FILE {
        let reason = format!("larger than {} bytes", PolicySet::MAX_FILE);
        return Err(PolicyError::Read { path: path.display().to_string(), reason });
    }
    fs::read_to_string(path).map_err(|e| unreadable(path, &e))
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, PolicyError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| unreadable(folder, &e))? {
        let path = entry.map_err(|e| unreadable(folder, &e))?.path();
        if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_folder_loads_and_no_event_year_is_promised_more_than_its_cap() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
        let set = PolicySet::load(&folder).unwrap();
        for purpose in set.purposes.values() {
            let mut years: BTreeMap<u16, u64> = BTreeMap::new();
            for plan in set.release_plans.values().filter(|plan| plan.purpose == purpose.id) {
                for run in &plan.runs {
                    let mut read = std::collections::BTreeSet::new();
                    for release in &plan.releases {
                        let indicator = purpose.indicator(&release.indicator).unwrap();
                        let query = indicator.grouped(release.group_by.as_deref()).unwrap();
                        let table = purpose.plan(&query, &set.catalogue).unwrap();
                        read.extend(table.event_years(run.event_year));
                    }
                    // The same plan comes back every year, and looks as far back each time.
                    for year in read {
                        *years.entry(run.event_year - year).or_default() += run.rho_nano.get();
                    }
                }
            }
            let steady: u64 = years.values().sum();
            let four_fifths = purpose.budget.lineage_cap_nano_rho.per_mille(800).get();
            assert!(steady <= four_fifths, "`{}`: {steady} of {four_fifths}", purpose.id);
        }
    }
}
