//! Values of a database → cells of an extract.

use std::borrow::Cow;

use super::fault::SqlFault;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Text,
    Number,
    Truth,
    Date,
    Moment,
}

/// A column of the result.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "UTF-8 text",
            Self::Number => "number",
            Self::Truth => "truth value",
            Self::Date => "date",
            Self::Moment => "date with time",
        }
    }

    /// The cell for a value as the server writes it; `None` where it is not one.
    pub(super) fn cell(self, value: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Text => Some(value.into()),
            Self::Number => number(value),
            Self::Truth => Some(match value {
                "t" | "1" | "true" => "ja".into(),
                "f" | "0" | "false" => "nein".into(),
                // MySQL's truth values are small numbers.
                other => other.into(),
            }),
            Self::Date => date(value),
            Self::Moment => moment(value),
        }
    }
}

fn number(value: &str) -> Option<Cow<'_, str>> {
    if value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.')) {
        return Some(value.replace('.', ",").into());
    }
    // An exponent, which only floats have.
    let float: f64 = value.parse().ok()?;
    float.is_finite().then(|| format!("{float}").replace('.', ",").into())
}

/// `yyyy-mm-dd`; a date without end is an empty cell, which a mapping reads as going on.
fn date(value: &str) -> Option<Cow<'_, str>> {
    if matches!(value, "infinity" | "-infinity") {
        return Some("".into());
    }
    let mut parts = value.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let fits =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = fits(year, 4) && fits(month, 2) && fits(day, 2);
    fits.then(|| format!("{day}.{month}.{year}").into())
}

fn moment(value: &str) -> Option<Cow<'_, str>> {
    let Some((day, time)) = value.split_once([' ', 'T']) else { return date(value) };
    let day = date(day)?;
    let clock = time.get(..8).filter(|clock| clock.bytes().filter(|b| *b == b':').count() == 2)?;
    let rest = time.get(8..).unwrap_or_default();
    let fraction = rest.split(['+', '-', 'Z']).next().unwrap_or_default();
    let midnight = clock == "00:00:00" && fraction.bytes().all(|b| matches!(b, b'.' | b'0'));
    Some(if midnight { day } else { format!("{day} {clock}").into() })
}

/// The columns of a result, each with a name of its own.
pub(super) fn check_names(columns: &[Column]) -> Result<(), SqlFault> {
    for (position, column) in columns.iter().enumerate() {
        if columns.iter().skip(position + 1).any(|other| other.name == column.name) {
            return Err(SqlFault::ColumnTwice(column.name.clone()));
        }
    }
    if columns.is_empty() { Err(SqlFault::NoColumns) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_what_a_german_table_holds() {
        for (kind, value, cell) in [
            (Kind::Number, "1234.50", Some("1234,50")),
            (Kind::Number, "-7", Some("-7")),
            (Kind::Number, "1e+20", Some("100000000000000000000")),
            (Kind::Number, "1.5e-3", Some("0,0015")),
            (Kind::Number, "NaN", None),
            (Kind::Number, "Infinity", None),
            (Kind::Truth, "t", Some("ja")),
            (Kind::Truth, "0", Some("nein")),
            (Kind::Truth, "2", Some("2")),
            (Kind::Date, "2024-02-29", Some("29.02.2024")),
            (Kind::Date, "0000-00-00", Some("00.00.0000")),
            (Kind::Date, "infinity", Some("")),
            (Kind::Date, "0044-03-15 BC", None),
            (Kind::Moment, "2024-02-29 00:00:00", Some("29.02.2024")),
            (Kind::Moment, "2024-02-29 00:00:00.000000+01", Some("29.02.2024")),
            (Kind::Moment, "2024-02-29T12:30:00.5Z", Some("29.02.2024 12:30:00")),
            (Kind::Moment, "2024-02-29 12:30:00+01", Some("29.02.2024 12:30:00")),
            (Kind::Moment, "2024-02-29", Some("29.02.2024")),
            (Kind::Moment, "2024-02-29 0:0", None),
            (Kind::Text, "1.5", Some("1.5")),
        ] {
            assert_eq!(kind.cell(value).as_deref(), cell, "{kind:?} {value}");
        }
    }
}
