//! Times as a reader writes them; in UTC, as every log of a unit has them.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::api::Language;

/// A moment to the minute, from Unix seconds.
pub(crate) fn moment(at: i64, language: Language) -> String {
    let Ok(time) = jiff::Timestamp::from_second(at) else { return "–".into() };
    let time = time.to_zoned(TimeZone::UTC).datetime();
    let (hour, minute) = (time.hour(), time.minute());
    match language {
        Language::German => {
            format!("{}, {hour:02}:{minute:02} Uhr UTC", date(time.date(), language))
        }
        Language::English => format!("{} {hour:02}:{minute:02} UTC", date(time.date(), language)),
    }
}

/// The day of a moment, from Unix seconds.
pub(crate) fn day(at: i64, language: Language) -> String {
    jiff::Timestamp::from_second(at)
        .map_or_else(|_| "–".into(), |time| date(time.to_zoned(TimeZone::UTC).date(), language))
}

/// A day.
pub(crate) fn date(day: Date, language: Language) -> String {
    let (year, month, day) = (day.year(), day.month(), day.day());
    match language {
        Language::German => format!("{day:02}.{month:02}.{year}"),
        Language::English => format!("{day:02}/{month:02}/{year}"),
    }
}

/// How long something may still take.
pub(crate) fn lasts(seconds: u64, language: Language) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} {}", language.say("Sekunden", "seconds")),
        (0, _) => format!("{} {}", minutes + 1, language.say("Minuten", "minutes")),
        _ => format!(
            "{hours} {} {minutes} {}",
            language.say("Std.", "h"),
            language.say("Min.", "min")
        ),
    }
}

/// A number with its thousands apart, as each language writes it.
pub(crate) fn number(own: u64, language: Language) -> String {
    let digits = own.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push_str(language.say(".", ","));
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers_read_as_in_each_language() {
        let (german, english) = (Language::German, Language::English);
        assert_eq!(moment(1_795_874_700, german), "28.11.2026, 14:05 Uhr UTC");
        assert_eq!(moment(1_795_874_700, english), "28/11/2026 14:05 UTC");
        assert_eq!(moment(i64::MAX, german), "–");
        assert_eq!(
            (number(1_234_567, german), number(999, german)),
            ("1.234.567".into(), "999".into())
        );
        assert_eq!(number(1_000, english), "1,000");
        assert_eq!(lasts(30, german), "30 Sekunden");
        assert_eq!(lasts(90, german), "2 Minuten");
        assert_eq!(lasts(3_700, english), "1 h 1 min");
    }
}
