//! Months, and who is new in one.

use std::collections::BTreeSet;

/// Months since the year 0; the one number in which months of two years compare.
pub(super) fn month(year: u16, month: u8) -> u32 {
    u32::from(year) * 12 + u32::from(month) - 1
}

/// The first month of `year` with a row after at least `gap` months without one.
pub(super) fn entry(months: &BTreeSet<u32>, year: u16, gap: u8) -> Option<u32> {
    let quiet = |at: &u32| months.range(at - u32::from(gap)..*at).next().is_none();
    months.range(month(year, 1)..=month(year, 12)).copied().find(quiet)
}
