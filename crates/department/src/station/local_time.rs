//! German local time: what a clerk reads and what a schedule means.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// German legal time as a POSIX rule, so that no time zone database has to be installed.
const GERMANY: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

pub(super) fn zone() -> TimeZone {
    TimeZone::posix(GERMANY).unwrap_or(TimeZone::UTC)
}

/// Local date and time of Unix seconds.
pub(super) fn local(seconds: i64) -> DateTime {
    let instant = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    zone().to_datetime(instant)
}

/// `22.11.2026, 21:40 Uhr`
pub(super) fn shown(seconds: i64) -> String {
    local(seconds).strftime("%d.%m.%Y, %H:%M Uhr").to_string()
}

/// `2026-11-22`
pub(super) fn day(seconds: i64) -> String {
    local(seconds).date().to_string()
}

const MONTHS: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// `Oktober 2026`
pub(super) fn month(month: submission::Month) -> String {
    let name = MONTHS.get(usize::from(month.month).saturating_sub(1));
    format!("{} {}", name.copied().unwrap_or_default(), month.year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_show_german_time_in_summer_and_winter() {
        assert_eq!(shown(1_795_379_400), "22.11.2026, 21:30 Uhr");
        assert_eq!(shown(1_782_000_000), "21.06.2026, 02:00 Uhr");
        assert_eq!(day(1_782_000_000), "2026-06-21");
    }
}
