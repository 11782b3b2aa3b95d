//! What the public pages of a statistics unit need from its configuration.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use policy::PolicySet;
use publication::{Boundaries, Calibration, Document, Population, Tolerance};

use crate::api;

/// The files of a configuration that the public pages are made with.
pub(crate) struct SiteFiles {
    pub(crate) boundaries: Option<PathBuf>,
    pub(crate) population: Option<PathBuf>,
    pub(crate) exhibit: Option<PathBuf>,
    pub(crate) public_address: Option<String>,
    pub(crate) behind_tls_proxy: bool,
}

/// What the public pages need; refuses boundaries and residents that no page could use.
pub(crate) fn site(
    files: SiteFiles,
    synthetic: bool,
    policies: &PolicySet,
    folder: &Path,
) -> anyhow::Result<api::Site> {
    let boundaries = match files.boundaries {
        Some(path) => read_boundaries(&path, policies)
            .with_context(|| format!("boundaries = \"{}\"", path.display()))?,
        None => Boundaries::schematic()?,
    };
    let calibrations = calibrations(&folder.join("calibration"))?;
    let population = match files.population {
        Some(path) => {
            let population = read_population(&path)?;
            check_places(&population, policies)
                .with_context(|| format!("population = \"{}\"", path.display()))?;
            Some(population)
        }
        None => None,
    };
    Ok(api::Site {
        synthetic,
        boundaries,
        population,
        tolerance: Tolerance::HALF,
        calibrations,
        exhibit: files.exhibit,
        public_address: files.public_address,
        behind_tls_proxy: files.behind_tls_proxy,
        kept: Arc::default(),
    })
}

/// Reads a file of residents in the form of `docs/formats/population.md`.
///
/// # Errors
/// Says which file, which line and what to do.
pub fn read_population(path: &Path) -> anyhow::Result<Population> {
    let read = read_most(path, Population::MAX_BYTES)
        .and_then(|bytes| Population::read(&bytes).map_err(Into::into));
    read.with_context(|| format!("population = \"{}\"", path.display()))
}

fn check_places(population: &Population, policies: &PolicySet) -> anyhow::Result<()> {
    let known = population.places();
    let places = policies.catalogue.dimensions.get(Document::PLACE);
    if !places.is_some_and(|own| own.keys.iter().any(|key| known.contains(key.key.as_str()))) {
        bail!(
            "no municipality has a key of the catalogue's dimension `{}`; import the file of your \
             territory",
            Document::PLACE
        );
    }
    Ok(())
}

/// One byte more than allowed, so that a longer file is refused and not cut.
fn read_most(path: &Path, most: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(most)?;
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The calibrations of a folder, which need not exist; of two for one linkage schema nobody could
/// say which holds.
pub(crate) fn calibrations(folder: &Path) -> anyhow::Result<Vec<Calibration>> {
    let mut found: Vec<Calibration> = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(found) };
    let mut paths = entries.map(|own| Ok(own?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|own| own == "json"));
    paths.sort();
    for path in paths {
        let calibration = read_calibration(&path)
            .with_context(|| format!("in the calibration {}", path.display()))?;
        if found.iter().any(|own| own.linkage_schema() == calibration.linkage_schema()) {
            bail!("{}: another file is about the same linkage schema; keep one", path.display());
        }
        found.push(calibration);
    }
    Ok(found)
}

pub(crate) fn read_calibration(path: &Path) -> anyhow::Result<Calibration> {
    Ok(Calibration::read(&read_most(path, Calibration::MAX_BYTES)?)?)
}

fn read_boundaries(path: &Path, policies: &PolicySet) -> anyhow::Result<Boundaries> {
    let boundaries = Boundaries::read(&read_most(path, Boundaries::MAX_BYTES)?)?;
    let places = policies.catalogue.dimensions.get(Document::PLACE);
    let is_place = |key: &str| places.is_some_and(|own| own.keys.iter().any(|k| k.key == key));
    if !boundaries.keys().any(is_place) {
        bail!(
            "no area has a key of the catalogue's dimension `{}`; `ags` or `id` must be such as \
             \"06432001\"",
            Document::PLACE
        );
    }
    Ok(boundaries)
}
