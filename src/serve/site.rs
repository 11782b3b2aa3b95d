//! What the public pages of a statistics unit need from its configuration.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use policy::PolicySet;
use publication::{Boundaries, Calibration, Document, Tolerance};

use crate::api;

/// What the public pages need; refuses boundaries that no map could use.
pub(super) fn site(
    (boundaries, exhibit, synthetic): (Option<PathBuf>, Option<PathBuf>, bool),
    policies: &PolicySet,
    folder: &Path,
) -> anyhow::Result<api::Site> {
    let boundaries = match boundaries {
        Some(path) => read_boundaries(&path, policies)
            .with_context(|| format!("boundaries = \"{}\"", path.display()))?,
        None => Boundaries::schematic()?,
    };
    let calibrations = calibrations(&folder.join("calibration"))?;
    Ok(api::Site { synthetic, boundaries, tolerance: Tolerance::HALF, calibrations, exhibit })
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
    let most = u64::try_from(Calibration::MAX_BYTES)?;
    let mut bytes = Vec::new();
    // One byte more than allowed, so that a longer file is refused and not cut.
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Calibration::read(&bytes)?)
}

fn read_boundaries(path: &Path, policies: &PolicySet) -> anyhow::Result<Boundaries> {
    let most = u64::try_from(Boundaries::MAX_BYTES)?;
    let mut bytes = Vec::new();
    // One byte more than allowed, so that a longer file is refused and not cut.
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    let boundaries = Boundaries::read(&bytes)?;
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
