//! Calendar months and quarters of charging, in UTC.

use crate::Error;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt;

/// A calendar quarter, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    /// The year.
    pub year: u16,
    /// 1 to 4.
    pub number: u8,
}

impl Quarter {
    /// The quarter of a time in Unix seconds.
    ///
    /// # Errors
    /// [`Error::Overflow`] outside the years 0 to 9999.
    pub fn at(seconds: i64) -> Result<Self, Error> {
        let month = month(seconds)?;
        let year = u16::try_from(month / 100).map_err(|_| Error::Overflow)?;
        let number = u8::try_from((month % 100 + 2) / 3).map_err(|_| Error::Overflow)?;
        Ok(Self { year, number })
    }

    /// As it is stored: ten times the year plus 1 to 4.
    pub(super) fn stored(self) -> i64 {
        i64::from(self.year) * 10 + i64::from(self.number)
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-q{}", self.year, self.number)
    }
}

/// The month of a time in Unix seconds: a hundred times the year plus 1 to 12.
pub(super) fn month(seconds: i64) -> Result<i64, Error> {
    let instant = Timestamp::from_second(seconds).map_err(|_| Error::Overflow)?;
    let date = TimeZone::UTC.to_datetime(instant).date();
    match date.year() {
        year @ 0.. => Ok(i64::from(year) * 100 + i64::from(date.month())),
        _ => Err(Error::Overflow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_begin_and_end_with_the_calendar() {
        // 2026-03-31T23:59:59Z and the second after.
        let (before, after) = (Quarter::at(1_775_001_599).unwrap(), Quarter::at(1_775_001_600));
        assert_eq!(before, Quarter { year: 2026, number: 1 });
        assert_eq!(after.unwrap(), Quarter { year: 2026, number: 2 });
        assert_eq!((before.to_string(), before.stored()), ("2026-q1".into(), 20261));
        assert_eq!(month(0).unwrap(), 197_001);
        assert!(month(i64::MAX).is_err() && month(-100_000_000_000).is_err());
    }
}
