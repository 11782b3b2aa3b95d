//! Who was in a dataset in which month, and who entered it when.

use policy::Name;

use crate::{
    Error,
    facts::{YearFacts, month_index},
    table::PersonTable,
};

/// Most months of a window: a bit each.
const WINDOW: u32 = u64::BITS;

/// Consecutive months up to December of an event year.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    /// [`month_index`] of the first month.
    first: u32,
    /// Place of January of the event year within the window.
    january: u32,
}

/// A person's months as bits; bit i is month i of the window.
pub(crate) type Months = u64;

impl Window {
    /// The window that ends with `year` and holds at least `before` months ahead of it.
    pub(crate) fn of(year: u16, before: u8) -> Result<Self, Error> {
        let january = month_index(year, 1);
        let whole = u32::from(before).div_ceil(12).checked_mul(12).ok_or(Error::Overflow)?;
        let first = january.checked_sub(whole).ok_or(Error::Overflow)?;
        if whole.saturating_add(12) > WINDOW {
            return Err(Error::Plan("looks back too far; ask for fewer months"));
        }
        Ok(Self { first, january: whole })
    }

    /// The months with a row of `dataset`; `before` months ahead of the event year must have been
    /// delivered.
    pub(crate) fn months<'a>(
        self,
        table: &'a PersonTable,
        dataset: &Name,
        before: u8,
    ) -> Result<MonthsHeld<'a>, Error> {
        let january = self.first.saturating_add(self.january);
        let earlier = january.saturating_sub(u32::from(before))..=january.saturating_sub(1);
        table.require_months(dataset, earlier)?;
        let facts = table.require_dataset(dataset)?;
        let year = |place: u32| {
            let year = self.first.checked_add(place)?.checked_div(12)?;
            Some((place, facts.year(u16::try_from(year).ok()?)))
        };
        let januaries = (0..=self.january).step_by(12);
        Ok(MonthsHeld(januaries.filter_map(year).collect()))
    }

    /// The place of the first month of the event year with a row after `gap` months without one.
    pub(crate) fn entry(self, months: Months, gap: u8) -> Option<u32> {
        let year = self.january..self.january.saturating_add(12);
        let entered = |place: &u32| {
            let quiet = place.checked_sub(u32::from(gap)).zip(place.checked_sub(1));
            let before = quiet.map_or(Months::MAX, |(from, to)| span(from, to));
            months & span(*place, *place) != 0 && months & before == 0
        };
        year.into_iter().find(entered)
    }

    /// Whether any of the `count` months ahead of `place` is set.
    pub(crate) fn any_before(months: Months, place: u32, count: u8) -> bool {
        let ends = place.checked_sub(u32::from(count)).zip(place.checked_sub(1));
        ends.is_some_and(|(from, to)| months & span(from, to) != 0)
    }

    /// Quarter of the event year, 0 to 3, of a place within it.
    pub(crate) fn quarter(self, place: u32) -> Option<usize> {
        let quarter = place.checked_sub(self.january)?.checked_div(3)?;
        usize::try_from(quarter).ok().filter(|quarter| *quarter < 4)
    }
}

/// The months of a window in which persons have a row of one dataset: of each year the place of its
/// January, and its facts.
pub(crate) struct MonthsHeld<'a>(Vec<(u32, &'a YearFacts)>);

impl MonthsHeld<'_> {
    pub(crate) fn of(&self, person: usize) -> Months {
        let mut months = 0;
        for (january, facts) in &self.0 {
            let place = |month: u8| january.saturating_add(u32::from(month)).saturating_sub(1);
            for row in facts.rows(person) {
                months |= span(place(row.first_month), place(row.last_month));
            }
        }
        months
    }
}

/// The bits `from` to `to`, as far as they lie in a window.
fn span(from: u32, to: u32) -> Months {
    let up_to = |place: u32| match place.checked_add(1).and_then(|next| 1_u64.checked_shl(next)) {
        Some(next) => next.saturating_sub(1),
        None => Months::MAX,
    };
    let below = from.checked_sub(1).map_or(0, up_to);
    up_to(to) & !below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_whole_months_and_never_leave_the_window() {
        assert_eq!(span(0, 0), 1);
        assert_eq!(span(2, 4), 0b11100);
        assert_eq!(span(60, 63), 0xf << 60);
        assert_eq!(span(63, 90), 1 << 63);
        assert_eq!(span(70, 90), 0);
        assert_eq!(span(5, 4), 0);
    }

    #[test]
    fn an_entry_follows_the_whole_gap() {
        let window = Window::of(2024, 12).unwrap();
        // Places 0 to 11 are 2023, 12 to 23 are 2024.
        let cases: [(&[u32], u8, Option<u32>); 7] = [
            (&[], 12, None),
            (&[12], 12, Some(12)),
            (&[11, 12, 13], 12, None),
            (&[0, 12], 12, None),
            (&[0, 13], 12, Some(13)),
            (&[11, 12, 16], 3, Some(16)),
            (&[14, 23], 3, Some(14)),
        ];
        for (places, gap, expected) in cases {
            let months = places.iter().fold(0, |months, place| months | span(*place, *place));
            assert_eq!(window.entry(months, gap), expected, "{places:?}");
        }
        assert_eq!(window.quarter(12), Some(0));
        assert_eq!(window.quarter(23), Some(3));
        assert_eq!(window.quarter(11), None);
        assert!(Window::any_before(1, 12, 12) && !Window::any_before(1, 13, 12));
    }

    #[test]
    fn windows_hold_whole_years() {
        assert_eq!(Window::of(2024, 1).unwrap().january, 12);
        assert_eq!(Window::of(2024, 24).unwrap().january, 24);
        assert_eq!(Window::of(2024, 36).unwrap().january, 36);
        assert!(Window::of(2024, 60).is_err() && Window::of(1, 36).is_err());
    }
}
