//! From an earlier comparison to the next, when records came or went.
//!
//! Between two runs departments deliver more, and take records back. What was compared
//! need not be compared again: pairs of two records that are still there stay as they
//! are, pairs with a record that is gone go with it, and only pairs with a new record
//! are missing.

mod carried;
mod inherit;

pub use carried::Carried;
pub use inherit::inherit;

use crate::{Error, RecordRef};

/// Where the records of an earlier comparison stand in the present sources.
///
/// ```
/// use linkage::{RecordRef, Succession};
/// // Three records before; the second was taken back, and two are new.
/// let at = |row| Some(RecordRef { source: 0, row });
/// let succession = Succession::new(vec![vec![at(0), None, at(1)]], &[4])?;
/// assert_eq!(succession.first_new()?, [2]);
/// # Ok::<(), linkage::Error>(())
/// ```
pub struct Succession {
    /// By earlier source and row.
    earlier: Vec<Vec<Option<RecordRef>>>,
    sizes: Vec<u32>,
}

impl Succession {
    /// `earlier` says, by source and row of the earlier comparison, which record it is
    /// now; none for one that was removed. `sizes` are the present numbers of records.
    /// Sources may have come or go, and may stand in another order.
    ///
    /// # Errors
    /// [`Error::Succession`] where two go on as the same record, or as one that is not
    /// there.
    pub fn new(earlier: Vec<Vec<Option<RecordRef>>>, sizes: &[u32]) -> Result<Self, Error> {
        let mut named: Vec<Vec<bool>> =
            sizes.iter().map(|&size| vec![false; size as usize]).collect();
        for record in earlier.iter().flatten().flatten() {
            let RecordRef { source, row } = *record;
            let place = named.get_mut(source as usize).and_then(|own| own.get_mut(row as usize));
            let twice = place.map(|place| std::mem::replace(place, true));
            if twice != Some(false) {
                let twice = twice.is_some();
                return Err(Error::Succession { source_index: source, row, twice });
            }
        }
        Ok(Self { earlier, sizes: sizes.to_vec() })
    }

    /// Which record an earlier one is now; none for one that is gone or never was.
    pub fn now(&self, earlier: RecordRef) -> Option<RecordRef> {
        *self.earlier.get(earlier.source as usize)?.get(earlier.row as usize)?
    }

    /// The first new row of each source, for [`Scope::only_new`](crate::Scope::only_new).
    ///
    /// # Errors
    /// [`Error::NewBeforeOld`] where an earlier record stands behind a new one.
    pub fn first_new(&self) -> Result<Vec<u32>, Error> {
        let mut old = vec![(0_u32, 0_u32); self.sizes.len()];
        for record in self.earlier.iter().flatten().flatten() {
            let (number, beyond) = &mut old[record.source as usize];
            *number += 1;
            *beyond = (*beyond).max(record.row + 1);
        }
        (0..)
            .zip(old)
            .map(|(source, (number, beyond))| {
                // No record is named twice: as many as rows up to the last leave no gap.
                if number == beyond { Ok(number) } else { Err(Error::NewBeforeOld(source)) }
            })
            .collect()
    }
}
