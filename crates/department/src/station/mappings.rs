//! The mappings that a station knows, read anew for each file so that a corrected one counts.

use std::fs;
use std::path::Path;

use crate::error::{Error, shown};
use crate::mapping::Mapping;

/// Most mappings in the folder.
const MOST: usize = 200;

/// All mappings of a folder.
pub(super) struct Mappings {
    pub(super) good: Vec<Known>,
    /// What is wrong with the others.
    pub(super) broken: Vec<Error>,
}

/// A mapping and its file name without `.toml`.
pub(super) struct Known {
    pub(super) name: String,
    pub(super) mapping: Mapping,
}

impl Mappings {
    /// Reads every `*.toml` of the folder.
    ///
    /// # Errors
    /// [`Error::Read`] where the folder cannot be read, [`Error::Mapping`] where it has none or too
    /// many.
    pub(super) fn load(folder: &Path) -> Result<Self, Error> {
        let entries = fs::read_dir(folder).map_err(|e| Error::read(folder, &e))?;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| Error::read(folder, &e))?.path();
            if path.extension().is_some_and(|end| end == "toml") {
                paths.push(path);
            }
        }
        paths.sort();
        let fail = |reason: String| Error::Mapping { path: shown(folder), reason };
        if paths.is_empty() {
            return Err(fail("there is no *.toml in this folder".into()));
        }
        if paths.len() > MOST {
            return Err(fail(format!("more than {MOST} mappings")));
        }
        let mut mappings = Self { good: Vec::new(), broken: Vec::new() };
        for path in paths {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            match Mapping::load(&path) {
                Ok(mapping) => {
                    mappings.good.push(Known { name: name.unwrap_or_default(), mapping });
                }
                Err(error) => mappings.broken.push(error),
            }
        }
        Ok(mappings)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Known> {
        self.good.iter().find(|known| known.name == name)
    }

    /// Bytes of the largest file that any mapping permits.
    pub(super) fn file_limit(&self) -> u64 {
        let limits = self.good.iter().map(|known| known.mapping.source_settings().limits.file);
        limits.max().unwrap_or(crate::source::Limits::USUAL.file)
    }
}
