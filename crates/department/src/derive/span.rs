//! Periods of facts in months, cut at year ends.

use submission::Period;

use crate::mapping::TimeFormat;

/// Months since January of year 0, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

/// The part of a span that lies in one event year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct YearPart {
    pub(crate) year: u16,
    pub(crate) first_month: u8,
    pub(crate) last_month: u8,
}

impl Span {
    /// What of the span lies in the period of the delivery.
    pub(crate) fn clip(self, period: &Period) -> Option<Self> {
        let first = self.first.max(period.from.index());
        let last = self.last.min(period.to.index());
        (first <= last).then_some(Self { first, last })
    }

    /// One part per event year.
    pub(crate) fn years(self) -> impl Iterator<Item = YearPart> {
        (self.first / 12..=self.last / 12).filter_map(move |year| {
            let month = |index: u32| u8::try_from(index % 12 + 1).ok();
            let first = self.first.max(year * 12);
            let last = self.last.min(year * 12 + 11);
            Some(YearPart {
                year: u16::try_from(year).ok()?,
                first_month: month(first)?,
                last_month: month(last)?,
            })
        })
    }
}

/// Reads a month, or the month of a day that exists; `None` for anything else.
pub(crate) fn month_of(text: &str, format: TimeFormat) -> Option<u32> {
    let (year, month, day) = match format {
        TimeFormat::YearMonth => {
            let (year, month) = text.split_once('-')?;
            (year, month, None)
        }
        TimeFormat::MonthYear => {
            let (month, year) = text.split_once('.')?;
            (year, month, None)
        }
        TimeFormat::German => {
            let (day, rest) = text.split_once('.')?;
            let (month, year) = rest.split_once('.')?;
            (year, month, Some(day))
        }
        TimeFormat::Iso => {
            let (year, rest) = text.split_once('-')?;
            let (month, day) = rest.split_once('-')?;
            (year, month, Some(day))
        }
    };
    let number = |text: &str, most: usize| -> Option<i16> {
        let plain = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if plain { text.parse().ok() } else { None }
    };
    if year.len() != 4 {
        return None;
    }
    let year = number(year, 4)?;
    let month = i8::try_from(number(month, 2)?).ok()?;
    let day = i8::try_from(day.map_or(Some(1), |day| number(day, 2))?).ok()?;
    let date = jiff::civil::Date::new(year, month, day).ok()?;
    Some(u32::try_from(date.year()).ok()? * 12 + u32::try_from(date.month()).ok()? - 1)
}

#[cfg(test)]
mod tests {
    use submission::Month;

    use super::*;

    fn at(text: &str) -> u32 {
        month_of(text, TimeFormat::YearMonth).unwrap()
    }

    #[test]
    fn months_and_days_have_one_form_each() {
        assert_eq!(month_of("2024-03", TimeFormat::YearMonth), Some(2024 * 12 + 2));
        assert_eq!(month_of("03.2024", TimeFormat::MonthYear), Some(2024 * 12 + 2));
        assert_eq!(month_of("1.3.2024", TimeFormat::German), Some(2024 * 12 + 2));
        assert_eq!(month_of("2024-03-31", TimeFormat::Iso), Some(2024 * 12 + 2));
        for wrong in ["31.02.2024", "00.03.2024", "1.13.2024", "01.03.24", "", "x", "1.3.-024"] {
            assert_eq!(month_of(wrong, TimeFormat::German), None, "{wrong}");
        }
    }

    #[test]
    fn a_record_over_years_has_a_part_in_each() {
        let period =
            Period { from: Month::new(2022, 1).unwrap(), to: Month::new(2024, 6).unwrap() };
        let span = Span { first: at("2020-05"), last: at("2030-01") }.clip(&period).unwrap();
        let parts: Vec<YearPart> = span.years().collect();
        let part = |year, first_month, last_month| YearPart { year, first_month, last_month };
        assert_eq!(parts, [part(2022, 1, 12), part(2023, 1, 12), part(2024, 1, 6)]);
        let outside = Span { first: at("2020-05"), last: at("2021-12") };
        assert!(outside.clip(&period).is_none());
        let one = Span { first: at("2023-07"), last: at("2023-07") };
        assert_eq!(one.years().collect::<Vec<_>>(), [part(2023, 7, 7)]);
    }
}
