//! Amounts as text → integer units.

use crate::mapping::Decimal;

/// Reads an amount in whole units; `None` where it is not one.
///
/// Where a unit is also the step in which the amount travels it is rounded half up; otherwise the
/// fraction is cut off, because the step rounds after it and 1249.99 is nearer to 1200 than to
/// 1300. Integers only: the last digit of a float is not what the file says.
pub(crate) fn whole_units(text: &str, decimal: Decimal, step: i64) -> Option<i64> {
    let (point, thousands) = match decimal {
        Decimal::Comma => (',', '.'),
        Decimal::Point => ('.', ','),
    };
    let text = text.trim_end_matches('€').trim_end_matches("EUR").trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = text.split_once(point).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = grouped(whole, thousands)?;
    if whole.is_empty() || whole.len() > 12 || !digits(&whole) || !digits(fraction) {
        return None;
    }
    let units: i64 = whole.parse().ok()?;
    let half = step == 1 && fraction.bytes().next().is_some_and(|digit| digit >= b'5');
    let units = units + i64::from(half);
    Some(if negative { -units } else { units })
}

/// Digits without their separators, which must stand in front of three digits each.
fn grouped(whole: &str, separator: char) -> Option<String> {
    let mut groups = whole.split(separator);
    let mut digits = groups.next()?.to_owned();
    let mut more = false;
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        more = true;
        digits.push_str(group);
    }
    let first = whole.split(separator).next().map_or(0, str::len);
    (!more || (1..=3).contains(&first)).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written() {
        let cases = [
            ("543,20", Some(543)),
            ("543,50", Some(544)),
            ("543,49999", Some(543)),
            ("1.234,50", Some(1235)),
            ("0", Some(0)),
            ("-12,7", Some(-13)),
            ("12,50 €", Some(13)),
            ("1.23,50", None),
            ("12.50", None),
            ("zwölf", None),
            ("1,2,3", None),
            (",5", None),
            ("9999999999999999", None),
            ("NaN", None),
        ];
        for (text, expected) in cases {
            assert_eq!(whole_units(text, Decimal::Comma, 1), expected, "{text}");
        }
        assert_eq!(whole_units("1,234.50", Decimal::Point, 1), Some(1235));
        assert_eq!(whole_units("1249,99", Decimal::Comma, 100), Some(1249));
        assert_eq!(whole_units("12.5", Decimal::Point, 1), Some(13));
    }
}
