//! The folder `policies/` as one checked set.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Catalogue, Digest, LinkageSchema, Name, PolicyError, Purpose};

/// Everything a unit needs to know of the parties' agreement.
#[derive(Debug)]
pub struct PolicySet {
    /// Linkage schemas by name.
    pub schemas: BTreeMap<Name, LinkageSchema>,
    /// The catalogue.
    pub catalogue: Catalogue,
    /// Purposes by id.
    pub purposes: BTreeMap<Name, Purpose>,
    /// SHA-256 over the digests of all parts; stands in every release.
    pub digest: Digest,
}

impl PolicySet {
    /// Largest policy file, in bytes.
    pub const MAX_FILE: u64 = 1 << 20;

    /// Reads `linkage/*.json`, the one `catalogue/*.toml` and `purposes/*.toml` below `folder`.
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
        let mut purposes = BTreeMap::new();
        for path in files(&folder.join("purposes"), "toml")? {
            let text = read(&path)?;
            let purpose = Purpose::from_toml(&text, &catalogue).map_err(|e| at(&path, e))?;
            if let Some(twice) = purposes.insert(purpose.id.clone(), purpose) {
                return Err(at(
                    &path,
                    PolicyError::Purpose(format!("`{}` exists twice", twice.id)),
                ));
            }
        }
        let digest = set_digest(&schemas, &catalogue, &purposes)?;
        Ok(Self { schemas, catalogue, purposes, digest })
    }
}

fn set_digest(
    schemas: &BTreeMap<Name, LinkageSchema>,
    catalogue: &Catalogue,
    purposes: &BTreeMap<Name, Purpose>,
) -> Result<Digest, PolicyError> {
    let mut parts = vec![catalogue.digest()?];
    for schema in schemas.values() {
        parts.push(schema.digest()?);
    }
    for purpose in purposes.values() {
        parts.push(purpose.digest()?);
    }
    Digest::of_json(&parts)
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
