//! A date of birth as tokens that a single error leaves mostly intact.

use crate::{known::Known, normalise::DateDigits, tokens::TokenList};

/// Tokens of a date: day, month, year; day and month once more without saying which is which
/// (a swap keeps these); the last two digits of the year, each by its position (a wrong digit
/// keeps the other). A swap or a wrong digit thus costs two of seven tokens.
///
/// 1 January is mostly a clerk's "unknown": only the year speaks.
pub(crate) fn push_date(list: &mut TokenList, date: &DateDigits) {
    if !date.is_first_of_january() {
        for (own, part) in [('D', date.day()), ('M', date.month())] {
            for prefix in [own, 'U'] {
                if let Some(digits) = part {
                    let known = Known::two_digits(prefix, digits);
                    list.push(known, &[prefix.encode_utf8(&mut [0; 4]), digits]);
                }
            }
        }
    }
    if let Some(year) = date.year() {
        list.push(Known::year(year), &["Y", year]);
    }
    for (position, name) in [(2, "y2"), (3, "y3")] {
        if let Some(digit) = date.year_digit(position) {
            list.push(Known::year_digit(name, digit), &[name, digit]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(raw: &str) -> Vec<String> {
        let mut list = TokenList::default();
        push_date(&mut list, &DateDigits::read(raw));
        list.shown()
    }

    fn shared(one: &str, other: &str) -> usize {
        let other = shown(other);
        shown(one).iter().filter(|token| other.contains(token)).count()
    }

    #[test]
    fn a_whole_date_has_seven_tokens() {
        assert_eq!(shown("21.03.1975"), ["D21", "U21", "M03", "U03", "Y1975", "y27", "y35"]);
        assert_eq!(shown("1975-03-21"), shown("21.03.1975"));
    }

    #[test]
    fn one_error_costs_two_tokens() {
        assert_eq!(shared("04.11.1975", "11.04.1975"), 5);
        assert_eq!(shared("04.11.1975", "04.11.1976"), 5);
        assert_eq!(shared("04.11.1975", "04.11.1985"), 5);
        assert_eq!(shared("04.11.1975", "05.11.1975"), 5);
        assert_eq!(shared("04.11.1975", "23.08.1962"), 0);
    }

    #[test]
    fn unknown_parts_and_the_first_of_january_leave_the_year() {
        let year = ["Y1975", "y27", "y35"];
        assert_eq!(shown("00.00.1975"), year);
        assert_eq!(shown("01.01.1975"), year);
        assert_eq!(shown("00.03.1975"), ["M03", "U03", "Y1975", "y27", "y35"]);
        assert!(shown("").is_empty());
        assert!(shown("00.00.0000").is_empty());
    }

    #[test]
    fn an_unreadable_date_keeps_its_readable_parts() {
        assert_eq!(shown("29-1q-1983"), ["D29", "U29", "Y1983", "y28", "y33"]);
        assert_eq!(shown("22-12-2972"), ["D22", "U22", "M12", "U12", "y27", "y32", "Y2972"]);
        assert_eq!(shown("22-12-19x2"), ["D22", "U22", "M12", "U12", "y32"]);
        assert!(shown("soon").is_empty());
    }
}
