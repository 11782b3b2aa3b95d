//! What the public pages of a statistics unit need from its configuration.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use policy::PolicySet;
use publication::{Boundaries, Document, Tolerance};

use crate::api;

/// What the public pages need; refuses boundaries that no map could use.
pub(super) fn site(
    boundaries: Option<PathBuf>,
    exhibit: Option<PathBuf>,
    synthetic: bool,
    policies: &PolicySet,
) -> anyhow::Result<api::Site> {
    let boundaries = match boundaries {
        Some(path) => read_boundaries(&path, policies)
            .with_context(|| format!("boundaries = \"{}\"", path.display()))?,
        None => Boundaries::schematic()?,
    };
    Ok(api::Site { synthetic, boundaries, tolerance: Tolerance::HALF, exhibit })
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
