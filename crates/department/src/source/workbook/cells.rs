//! A typed cell → the text that a person sees in it, or the mapping's form of it.

use std::fmt::Write;

use calamine::{CellErrorType, DataRef, ExcelDateTime, ExcelDateTimeType};

use super::super::CellForm;
use crate::mapping::{Decimal, TimeFormat};

/// What spreadsheets show instead of a value, in German and English.
const ERRORS: [&str; 14] = [
    "#NV",
    "#N/A",
    "#WERT!",
    "#VALUE!",
    "#BEZUG!",
    "#REF!",
    "#DIV/0!",
    "#NAME?",
    "#ZAHL!",
    "#NUM!",
    "#NULL!",
    "#DATEN_ABRUFEN",
    "#GETTING_DATA",
    "#DATA!",
];

/// Whether a cell holds one of them.
pub(in super::super) fn is_error(text: &str) -> bool {
    text.starts_with('#') && ERRORS.contains(&text)
}

/// The name of a column: header cells are often broken into lines.
pub(super) fn name(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Appends a cell; a whole number gets leading zeros up to so many digits.
pub(super) fn write(value: &DataRef<'_>, form: Option<CellForm>, digits: usize, text: &mut String) {
    match value {
        DataRef::Empty => {}
        DataRef::String(own) | DataRef::DurationIso(own) => text.push_str(own),
        DataRef::SharedString(own) => text.push_str(own),
        DataRef::Bool(own) => text.push_str(if *own { "WAHR" } else { "FALSCH" }),
        DataRef::Int(own) => integer(*own, digits, text),
        DataRef::Float(own) => number(*own, form, digits, text),
        DataRef::DateTime(own) => moment(own, form, text),
        DataRef::DateTimeIso(own) => match iso(own) {
            Some(parts) => date(&parts, form, text),
            None => text.push_str(own),
        },
        DataRef::Error(own) => text.push_str(match own {
            CellErrorType::Div0 => "#DIV/0!",
            CellErrorType::NA => "#NV",
            CellErrorType::Name => "#NAME?",
            CellErrorType::Null => "#NULL!",
            CellErrorType::Num => "#ZAHL!",
            CellErrorType::Ref => "#BEZUG!",
            CellErrorType::Value => "#WERT!",
            CellErrorType::GettingData => "#DATEN_ABRUFEN",
        }),
    }
}

fn integer(value: i64, digits: usize, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{value:0digits$}");
}

/// Whole numbers without a decimal, others with fifteen significant digits, which is what a
/// spreadsheet shows: 0.1 + 0.2 is 0.3.
fn number(value: f64, form: Option<CellForm>, digits: usize, text: &mut String) {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        let _ = write!(text, "{value:0digits$.0}");
        return;
    }
    let shown = format!("{value:.14e}").parse().unwrap_or(value);
    let shown = format!("{shown}");
    match form {
        Some(CellForm::Number(Decimal::Point)) => text.push_str(&shown),
        _ => text.push_str(&shown.replace('.', ",")),
    }
}

/// Days of the greatest date, 31 December 9999, in the calendar from 1900.
const LAST_DAY: f64 = 2_958_466.0;
const SECONDS: f64 = 86_400.0;

fn moment(value: &ExcelDateTime, form: Option<CellForm>, text: &mut String) {
    let days = value.as_f64();
    if !(0.0..LAST_DAY).contains(&days) {
        return number(days, form, 0, text);
    }
    let seconds = (days * SECONDS).round();
    if value.is_duration() {
        let minutes = (seconds / 60.0).floor();
        let _ = write!(text, "{}:{:02}", (minutes / 60.0).floor(), minutes % 60.0);
        return;
    }
    // A computed date may lie a fraction of a second before its midnight. Copies are independent
    // of the epoch, which only `to_ymd_hms_milli` knows.
    let rounded = seconds / SECONDS;
    let whole = if (rounded - days).abs() > 0.0 { rebuilt(value, rounded) } else { *value };
    let (year, month, day, hour, minute, second, _) = whole.to_ymd_hms_milli();
    if days < 1.0 && year < 1904 {
        let _ = write!(text, "{hour:02}:{minute:02}");
        return;
    }
    date(&Parts { year, month, day, time: [hour, minute, second] }, form, text);
}

/// The same calendar with another number of days.
fn rebuilt(value: &ExcelDateTime, days: f64) -> ExcelDateTime {
    let kind = ExcelDateTimeType::DateTime;
    let from_1904 = ExcelDateTime::new(value.as_f64(), kind, true);
    ExcelDateTime::new(days, kind, from_1904 == *value)
}

struct Parts {
    year: u16,
    month: u8,
    day: u8,
    time: [u8; 3],
}

fn date(parts: &Parts, form: Option<CellForm>, text: &mut String) {
    let Parts { year, month, day, time } = *parts;
    let _ = match form {
        Some(CellForm::Time(TimeFormat::YearMonth)) => write!(text, "{year:04}-{month:02}"),
        Some(CellForm::Time(TimeFormat::MonthYear)) => write!(text, "{month:02}.{year:04}"),
        Some(CellForm::Time(TimeFormat::Iso)) => write!(text, "{year:04}-{month:02}-{day:02}"),
        _ => write!(text, "{day:02}.{month:02}.{year:04}"),
    };
    let day_only = matches!(form, Some(CellForm::Time(_))) || time == [0; 3];
    if let ([hour, minute, second], false) = (time, day_only) {
        let _ = write!(text, " {hour:02}:{minute:02}:{second:02}");
    }
}

/// Reads `yyyy-mm-dd`, with or without `Thh:mm:ss` behind it.
fn iso(text: &str) -> Option<Parts> {
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00"));
    let date: jiff::civil::Date = date.parse().ok()?;
    let time: jiff::civil::Time = time.trim_end_matches('Z').parse().ok()?;
    let small = |part: i8| u8::try_from(part).ok();
    Some(Parts {
        year: u16::try_from(date.year()).ok()?,
        month: small(date.month())?,
        day: small(date.day())?,
        time: [small(time.hour())?, small(time.minute())?, small(time.second())?],
    })
}
