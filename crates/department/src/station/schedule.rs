//! When a database is asked: `daily 02:30`, `monthly 3 02:30`, `every 6 h`.

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use serde::Deserialize;

use super::local_time::{local, zone};

/// A repeated time, in German local time.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Schedule {
    /// Every day at this time.
    Daily(Time),
    /// Every month on this day (1 to 28) at this time.
    Monthly(i8, Time),
    /// Every so many hours, counted from midnight UTC.
    EveryHours(u8),
}

impl TryFrom<String> for Schedule {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            format!(
                "at = \"{text}\" is not known; write \"daily 02:30\", \"monthly 3 02:30\" (day 1 \
                 to 28) or \"every 6 h\" (1 to 24)"
            )
        };
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        match words.as_slice() {
            ["daily" | "täglich", at] => time(at).map(Self::Daily),
            ["monthly" | "monatlich", day, at] => day
                .trim_end_matches('.')
                .parse()
                .ok()
                .filter(|day| (1..=28).contains(day))
                .and_then(|day| Some(Self::Monthly(day, time(at)?))),
            ["every" | "alle", hours, "h" | "hours" | "stunden"] => {
                hours.parse().ok().filter(|hours| (1..=24).contains(hours)).map(Self::EveryHours)
            }
            _ => None,
        }
        .ok_or_else(wrong)
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

impl Schedule {
    /// The latest occurrence that is not after `now`, in Unix seconds.
    ///
    /// However many were missed, the latest alone counts.
    pub(super) fn latest(self, now: i64) -> Option<i64> {
        let today = local(now).date();
        match self {
            Self::EveryHours(hours) => {
                let step = i64::from(hours) * 3600;
                Some(now.div_euclid(step) * step)
            }
            Self::Daily(at) => {
                let days = [Some(today), today.yesterday().ok()];
                days.into_iter().flatten().filter_map(|day| instant(day, at)).find(|t| *t <= now)
            }
            Self::Monthly(day, at) => {
                let this = Date::new(today.year(), today.month(), day).ok()?;
                let before = this.checked_sub(1.month()).ok();
                let days = [Some(this), before];
                days.into_iter().flatten().filter_map(|day| instant(day, at)).find(|t| *t <= now)
            }
        }
    }
}

/// A time that the change to summer time leaves out counts an hour later; one that occurs twice
/// counts the first time.
fn instant(day: Date, at: Time) -> Option<i64> {
    let zoned = zone().to_zoned(day.to_datetime(at)).ok()?;
    Some(zoned.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Schedule, String> {
        Schedule::try_from(text.to_owned())
    }

    fn at(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_second()
    }

    #[test]
    fn the_latest_occurrence_is_found_in_local_time() {
        for (rule, now, latest) in [
            ("daily 02:30", "2026-11-22T01:29:59Z", "2026-11-21T01:30:00Z"),
            ("daily 02:30", "2026-11-22T01:30:00Z", "2026-11-22T01:30:00Z"),
            ("täglich 02:30", "2026-07-22T12:00:00Z", "2026-07-22T00:30:00Z"),
            // 02:30 does not exist on 29 March 2026, and occurs twice on 25 October.
            ("daily 02:30", "2026-03-29T12:00:00Z", "2026-03-29T01:30:00Z"),
            ("daily 02:30", "2026-10-25T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("monthly 3 02:30", "2026-11-02T12:00:00Z", "2026-10-03T00:30:00Z"),
            ("monatlich 3. 02:30", "2026-01-02T12:00:00Z", "2025-12-03T01:30:00Z"),
            ("every 6 h", "2026-11-22T17:59:59Z", "2026-11-22T12:00:00Z"),
        ] {
            assert_eq!(parse(rule).unwrap().latest(at(now)), Some(at(latest)), "{rule} {now}");
        }
    }

    #[test]
    fn other_rules_are_refused_with_what_to_write() {
        for bad in ["", "daily", "daily 25:00", "monthly 31 02:30", "every 0 h", "every 6", "2:30"]
        {
            assert!(parse(bad).err().unwrap().contains("daily 02:30"), "{bad}");
        }
    }
}
