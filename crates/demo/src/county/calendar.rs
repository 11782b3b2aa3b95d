//! Days and months as small integers; nothing here knows what today is.

/// Months since January 2022; negative before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Month(pub i16);

impl Month {
    /// January 2022, the first month of the window.
    pub const FIRST: Self = Self(0);
    /// December 2025, the last month of the window.
    pub const LAST: Self = Self(47);
    /// Later than every month of the window.
    pub(super) const NEVER: Self = Self(i16::MAX);

    /// The month of a year; `month` counts from 1.
    #[must_use]
    pub const fn of(year: i16, month: u8) -> Self {
        Self((year - 2022) * 12 + month as i16 - 1)
    }

    /// Calendar year.
    #[must_use]
    pub const fn year(self) -> i16 {
        2022 + self.0.div_euclid(12)
    }

    /// Calendar month, 1 to 12.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0.rem_euclid(12) as u8 + 1
    }

    /// So many months later (or earlier).
    #[must_use]
    pub const fn plus(self, months: i16) -> Self {
        Self(self.0.saturating_add(months))
    }

    /// A day of this month; every month has the days 1 to 28.
    pub(super) const fn day(self, day: u8) -> Day {
        Day { year: self.year(), month: self.number(), day }
    }

    /// The last day of this month.
    pub(super) const fn last_day(self) -> Day {
        self.day(days_in(self.year(), self.number()))
    }

    /// Every month of the window up to and including `last`.
    pub(super) fn window(last: Self) -> impl Iterator<Item = Self> {
        (Self::FIRST.0..=last.0.min(Self::LAST.0)).map(Self)
    }
}

/// A calendar day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Day {
    /// Calendar year.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Day {
    /// The month this day lies in.
    #[must_use]
    pub const fn month(self) -> Month {
        Month::of(self.year, self.month)
    }

    /// Completed years on the last day of a month; negative before birth.
    #[must_use]
    pub const fn age_at_end_of(self, month: Month) -> i16 {
        (month.0 - self.month().0).div_euclid(12)
    }

    /// Completed years on 31 December of a year; negative before birth.
    #[must_use]
    pub const fn age_at_end_of_year(self, year: i16) -> i16 {
        year - self.year
    }
}

/// Number of days of a month in the Gregorian calendar.
pub(super) const fn days_in(year: i16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// A set of months of the window, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Months(u64);

impl Months {
    /// No month.
    pub const NONE: Self = Self(0);

    /// The months of the window from `from` to `to`, both included.
    pub(super) const fn span(from: Month, to: Month) -> Self {
        let from = if from.0 < 0 { 0 } else { from.0 };
        let to = if to.0 > 47 { 47 } else { to.0 };
        if from > to {
            return Self::NONE;
        }
        let length = (to - from + 1) as u32;
        Self(((1 << length) - 1) << from)
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The months that lie in a calendar year.
    #[must_use]
    pub const fn in_year(self, year: i16) -> Self {
        Self(self.0 & Self::span(Month::of(year, 1), Month::of(year, 12)).0)
    }

    /// Whether there is no month in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Number of months.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether a month is in the set.
    #[must_use]
    pub const fn contains(self, month: Month) -> bool {
        month.0 >= 0 && month.0 <= 47 && (self.0 >> month.0) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_count_from_2022() {
        assert_eq!(Month::of(2021, 12), Month(-1));
        assert_eq!(Month(-1).number(), 12);
        assert_eq!(Month::LAST.year(), 2025);
        assert_eq!(Months::span(Month(-5), Month(1)).count(), 2);
        assert_eq!(Months::span(Month::FIRST, Month::LAST).in_year(2023).count(), 12);
        assert!(Months::span(Month(50), Month(60)).is_empty());
    }

    #[test]
    fn age_counts_completed_years() {
        let born = Day { year: 2010, month: 6, day: 30 };
        assert_eq!(born.age_at_end_of(Month::of(2025, 5)), 14);
        assert_eq!(born.age_at_end_of(Month::of(2025, 6)), 15);
        assert_eq!(born.age_at_end_of_year(2025), 15);
        assert_eq!(days_in(2024, 2), 29);
    }
}
