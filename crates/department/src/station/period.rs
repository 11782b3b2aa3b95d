//! Which months a delivery covers, when nobody types them.

use jiff::civil::Date;
use serde::Deserialize;
use submission::{Month, Period};

/// Longest look-back in months.
const MOST: u16 = 240;

/// How the period of a full delivery is found where its file name does not tell it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum PeriodRule {
    /// As many months as the catalogue keeps the dataset, up to the last complete month.
    #[default]
    Retention,
    /// This many months up to the last complete month.
    LastMonths(u16),
    /// Always the same months.
    Fixed(Period),
}

impl TryFrom<String> for PeriodRule {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            format!(
                "period = \"{text}\" is not known; write \"36 Monate\" (1 to {MOST}) or \
                 \"2022-01..2025-12\""
            )
        };
        if let Some((from, to)) = text.split_once("..") {
            return period(from, to).map(Self::Fixed).ok_or_else(wrong);
        }
        let (count, unit) = text.split_once(' ').ok_or_else(wrong)?;
        let known = ["monate", "monat", "months", "month"].contains(&unit.to_lowercase().as_str());
        match count.parse::<u16>() {
            Ok(count) if known && (1..=MOST).contains(&count) => Ok(Self::LastMonths(count)),
            _ => Err(wrong()),
        }
    }
}

impl PeriodRule {
    /// The period of a delivery on a local day.
    pub(super) fn period(self, retention_months: u16, today: Date) -> Option<Period> {
        match self {
            Self::Retention => window(retention_months.clamp(1, MOST), today),
            Self::LastMonths(count) => window(count, today),
            Self::Fixed(period) => Some(period),
        }
    }
}

/// The last `count` complete months.
fn window(count: u16, today: Date) -> Option<Period> {
    let year = u32::try_from(today.year()).ok()?;
    let this = year * 12 + u32::try_from(today.month()).ok()?.checked_sub(1)?;
    let last = this.checked_sub(1)?;
    let first = last.checked_sub(u32::from(count) - 1)?;
    Some(Period { from: month(first)?, to: month(last)? })
}

fn month(index: u32) -> Option<Month> {
    Month::new(u16::try_from(index / 12).ok()?, u8::try_from(index % 12 + 1).ok()?).ok()
}

fn period(from: &str, to: &str) -> Option<Period> {
    let (from, to) = (from.parse::<Month>().ok()?, to.parse::<Month>().ok()?);
    (from <= to).then_some(Period { from, to })
}

/// What a file name says about the period.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Named {
    /// Nothing.
    No,
    /// These months.
    Period(Period),
    /// Something that looks like a period and is none.
    Wrong,
}

/// Finds `2022-01..2025-12`, `2022-01_bis_2025-12` or `2022-01 bis 2025-12` in a file name.
pub(super) fn named(name: &str) -> Named {
    for between in ["..", "_bis_", " bis ", "-bis-"] {
        for (at, _) in name.match_indices(between) {
            let (before, behind) = name.split_at(at);
            let behind = behind.get(between.len()..).unwrap_or_default();
            let from = before.len().checked_sub(7).and_then(|start| before.get(start..));
            let to = behind.get(..7);
            let (Some(from), Some(to)) = (from, to) else { continue };
            if !(looks_like_month(from) && looks_like_month(to)) {
                continue;
            }
            return period(from, to).map_or(Named::Wrong, Named::Period);
        }
    }
    Named::No
}

fn looks_like_month(text: &str) -> bool {
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    [0, 1, 2, 3, 5, 6].into_iter().all(digit) && text.as_bytes().get(4) == Some(&b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Result<PeriodRule, String> {
        PeriodRule::try_from(text.to_owned())
    }

    fn text(period: Period) -> String {
        format!("{}..{}", period.from, period.to)
    }

    #[test]
    fn the_window_ends_with_the_last_complete_month() {
        let day = |year, month, day| Date::new(year, month, day).unwrap();
        for (count, today, expected) in [
            (36, day(2026, 11, 22), "2023-11..2026-10"),
            (36, day(2026, 1, 1), "2023-01..2025-12"),
            (1, day(2026, 12, 31), "2026-11..2026-11"),
        ] {
            assert_eq!(text(PeriodRule::LastMonths(count).period(12, today).unwrap()), expected);
        }
        let kept = PeriodRule::Retention.period(24, day(2026, 3, 1)).unwrap();
        assert_eq!(text(kept), "2024-03..2026-02");
    }

    #[test]
    fn rules_are_read_and_others_refused_with_what_to_write() {
        assert!(matches!(rule("36 Monate"), Ok(PeriodRule::LastMonths(36))));
        assert!(matches!(rule("2022-01..2025-12"), Ok(PeriodRule::Fixed(_))));
        for bad in ["", "36", "0 Monate", "999 Monate", "3 Jahre", "2025-12..2022-01", "x..y"] {
            assert!(rule(bad).err().unwrap().contains("36 Monate"), "{bad}");
        }
    }

    #[test]
    fn a_file_name_may_tell_the_period() {
        for name in [
            "sgb2-2022-01..2025-12.csv",
            "2022-01..2025-12.csv",
            "SGB II 2022-01 bis 2025-12.xlsx",
            "ü_2022-01_bis_2025-12_neu.csv",
        ] {
            let Named::Period(period) = named(name) else { unreachable!("{name}") };
            assert_eq!(text(period), "2022-01..2025-12");
        }
        for name in ["sgb2.csv", "a..b.csv", "2022..2025.csv", "sgb2-2022-01.csv", "ü..ü.csv"] {
            assert_eq!(named(name), Named::No, "{name}");
        }
        for name in ["sgb2-2022-13..2025-12.csv", "sgb2-2025-12..2022-01.csv"] {
            assert_eq!(named(name), Named::Wrong, "{name}");
        }
    }
}
