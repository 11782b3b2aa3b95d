//! What a run is asked for, and what can go wrong with it.

use std::path::PathBuf;

/// How large, how dirty and how often: everything a [`World`](super::World) depends on.
pub struct Settings {
    /// Residents of both counties together on 1 January 2022; 100 to 2,000,000.
    pub persons: u32,
    /// The same seed gives the same bytes, whatever the number of threads.
    pub seed: u64,
    /// Share of person records with at least one error, per mille; at most 1000.
    pub dirty_per_mille: u16,
    /// Number of quarterly deliveries, the last of which reaches to December 2025; 1 to 12.
    pub quarters: u8,
}

impl Settings {
    /// Twenty thousand residents, 35 % dirty records, two deliveries.
    #[must_use]
    pub const fn usual(seed: u64) -> Self {
        Self { persons: 20_000, seed, dirty_per_mille: 350, quarters: 2 }
    }

    /// Refuses what the generator was not made for.
    ///
    /// # Errors
    /// Names the first setting outside its range.
    pub const fn check(&self) -> Result<(), CountyError> {
        if self.persons < 100 || self.persons > 2_000_000 {
            return Err(CountyError::Persons { given: self.persons });
        }
        if self.dirty_per_mille > 1000 {
            return Err(CountyError::Dirty { given: self.dirty_per_mille });
        }
        if self.quarters == 0 || self.quarters > 12 {
            return Err(CountyError::Quarters { given: self.quarters });
        }
        Ok(())
    }
}

/// Why no county could be made or written.
#[derive(Debug, thiserror::Error)]
pub enum CountyError {
    /// The number of residents lies outside the supported range.
    #[error("{given} persons cannot be generated: ask for 100 to 2000000")]
    Persons {
        /// The number asked for.
        given: u32,
    },
    /// More than all records cannot be dirty.
    #[error("{given} per mille of dirty records is impossible: ask for 0 to 1000")]
    Dirty {
        /// The share asked for.
        given: u16,
    },
    /// The number of deliveries lies outside the four years.
    #[error("{given} quarterly deliveries cannot be made: ask for 1 to 12")]
    Quarters {
        /// The number asked for.
        given: u8,
    },
    /// A delivery that the settings do not foresee.
    #[error("there is no delivery {quarter}: the settings foresee 1 to {quarters}")]
    NoSuchDelivery {
        /// The delivery asked for, counted from 1.
        quarter: u8,
        /// How many there are.
        quarters: u8,
    },
    /// A shipped table cannot be read; the build is broken.
    #[error("line {line} of the table {table} cannot be read: restore the file as released")]
    Table {
        /// File name of the table.
        table: &'static str,
        /// Line, counted from 1.
        line: usize,
    },
    /// An extract could not be written.
    #[error("cannot write {path}: check that the folder exists and has room")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}
