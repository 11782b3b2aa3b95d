//! A folder for a county that has nothing yet: policies, configurations, and a list of what is still
//! to be done by whom.
//!
//! Everything comes from the program itself, cut from the policies that are shipped in it, so that
//! no checkout is needed. What is written is only a proposal: two people approve it before anything
//! is answered, and no secret is in it, but in an exercise (`--uebung`), which refuses real data.

mod agreement;
mod answers;
mod ask;
mod checklist;
mod county;
mod dataset;
mod enter;
mod exercise;
mod places;
mod plans;
mod rules;
mod shape;
#[cfg(test)]
mod tests;
mod units;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jiff::civil::Date;
use policy::Name;
use serde::Serialize;

pub(crate) use answers::Answers;
pub(crate) use ask::ask;
use county::{County, PEOPLE};
pub(crate) use enter::enter;
pub(crate) use exercise::EXERCISE_PREFIX;

use crate::policies::Folder;

/// What was written.
#[derive(Debug, Serialize)]
pub(crate) struct Done {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// Whether it is an exercise, with keys and tokens of its own.
    pub(crate) exercise: bool,
    /// The project that everybody names.
    pub(crate) project: String,
    /// How many municipalities were found.
    pub(crate) municipalities: usize,
    /// The indicators that can be asked.
    pub(crate) indicators: Vec<Name>,
    /// What the release plans cost one event year, as years go by, in 1e-9 rho.
    pub(crate) plans_nano_rho: u64,
    /// How many cases the folder brings along and passes.
    pub(crate) cases: usize,
    /// The list of what is still to be done.
    pub(crate) checklist: PathBuf,
}

/// Writes the folder of a county.
///
/// # Errors
/// Names the answer that does not fit, or the file; where `folder` holds anything, nothing is
/// written. A folder that does not pass its own check is a fault of this program and is not left.
pub(crate) fn init(
    folder: &Path,
    answers: Answers,
    exercise: bool,
    today: Date,
) -> anyhow::Result<Done> {
    let answers = answers.check(today)?;
    let places = places::read(&answers.municipalities, &answers.ags)?;
    let county = County { answers, places, exercise, today };
    refuse_what_holds_something(folder)?;
    let parent = match folder.parent() {
        Some(own) if !own.as_os_str().is_empty() => own,
        _ => Path::new("."),
    };
    // Beside its place, so that a folder is there as a whole or not at all.
    let draft = tempfile::Builder::new()
        .prefix(".milchglas-init-")
        .tempdir_in(parent)
        .with_context(|| format!("cannot write in {}", parent.display()))?;
    let read = write(draft.path(), &county)?;
    if exercise {
        exercise::secrets(draft.path(), &county)?;
        enter::enter(draft.path())?;
    }
    let done = Done {
        folder: folder.to_owned(),
        exercise,
        project: county.project(),
        municipalities: county.places.own.len(),
        indicators: read.indicators(),
        plans_nano_rho: read.yearly,
        cases: read.folder.cases.count(),
        checklist: folder.join(checklist::FILE),
    };
    // Configurations are for everybody who runs a part of it; secrets have modes of their own.
    fs::set_permissions(draft.path(), fs::Permissions::from_mode(0o755))?;
    if folder.exists() {
        fs::remove_dir(folder).with_context(|| format!("cannot replace {}", folder.display()))?;
    }
    fs::rename(draft.keep(), folder)
        .with_context(|| format!("cannot write {}", folder.display()))?;
    Ok(done)
}

/// Refuses a folder in which anything lies, before somebody answers twenty questions for it.
///
/// # Errors
/// Says so.
pub(crate) fn refuse_what_holds_something(folder: &Path) -> anyhow::Result<()> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            Some(_) => bail!(
                "{} is not empty; nothing is overwritten: name a new folder",
                folder.display()
            ),
            None => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot look into {}", folder.display())),
    }
}

/// What was written, as the units read it.
struct Read {
    folder: Folder,
    /// What the release plans cost one event year as years go by, in 1e-9 rho.
    yearly: u64,
    /// What they may cost at most.
    most: u64,
}

impl Read {
    fn indicators(&self) -> Vec<Name> {
        let purposes = self.folder.set.purposes.values();
        purposes.flat_map(|own| &own.indicators).map(|own| own.id.clone()).collect()
    }
}

fn write(folder: &Path, county: &County) -> anyhow::Result<Read> {
    let policies = folder.join("policies");
    let place = |place: &str, text: &str| -> anyhow::Result<()> {
        let path = folder.join(place);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    let purpose_id = county.purpose();
    let (catalogue, purpose) = (agreement::catalogue(county), agreement::purpose(county));
    place("policies/catalogue/county.toml", &catalogue)?;
    place(&format!("policies/purposes/{purpose_id}.toml"), &purpose)?;
    place(&format!("policies/schedules/{}.toml", county.project()), &plans::schedule(county))?;
    for (name, text) in SHARED {
        place(&format!("policies/{name}"), text)?;
    }
    for (name, text) in rules::access(county) {
        place(&format!("policies/access/{name}"), &text)?;
    }
    place("policies/oversight.toml", &rules::oversight(county))?;
    for (name, text) in agreement::mappings(county) {
        place(&format!("policies/mappings/{name}"), &text)?;
    }
    place("policies/tests/zugriff.toml", &rules::access_cases(county))?;
    let questions = rules::question_cases(county, &catalogue, &purpose)
        .context("none of the shipped indicators can be made of these datasets")?;
    place("policies/tests/fragen.toml", &questions)?;
    let indicators = indicators(&catalogue, &purpose)?;
    for (name, text) in plans::plans(county, &indicators)? {
        place(&format!("policies/purposes/{name}"), &text)?;
    }
    for (name, text) in units::configurations(county) {
        place(&name, &text)?;
    }
    for name in county.departments() {
        fs::create_dir_all(folder.join("aemter").join(name).join("austausch/Eingang"))?;
    }
    for person in &PEOPLE {
        fs::create_dir_all(folder.join("personen").join(county.person(person)))?;
    }
    for own in [enter::PUBLIC, "schluesselstelle"] {
        fs::create_dir_all(folder.join(own))?;
    }
    let read = checked(&policies, county)?;
    place(checklist::FILE, &checklist::text(county, &read))?;
    Ok(read)
}

/// What every county has alike.
const SHARED: [(&str, &str); 2] = [
    ("linkage/county-2026.json", dataset::shipped!("linkage/county-2026.json")),
    ("calibration/county-2026.json", dataset::shipped!("calibration/county-2026.json")),
];

fn indicators(catalogue: &str, purpose: &str) -> anyhow::Result<BTreeSet<String>> {
    let purpose = policy::Purpose::from_toml(purpose, &policy::Catalogue::from_toml(catalogue)?)?;
    Ok(purpose.indicators.iter().map(|own| own.id.to_string()).collect())
}

/// The folder as `milchglas policy check` sees it.
fn checked(policies: &Path, county: &County) -> anyhow::Result<Read> {
    let all = |faults: &[crate::policies::Place]| {
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let folder = Folder::read(policies).map_err(|faults| anyhow::anyhow!("{}", all(&faults)))?;
    let faults = folder.faults(policies, county.today);
    if !faults.is_empty() {
        bail!("{}", all(&faults));
    }
    let yearly = plans::yearly(&folder.set)?;
    let most: u64 = folder.set.purposes.values().map(|own| own.budget.left_to_plans().get()).sum();
    if yearly > most {
        bail!("the release plans cost {yearly} a year, of {most} that they may");
    }
    Ok(Read { folder, yearly, most })
}
