//! What the values of a column look like, without keeping those of a person.

use std::collections::{BTreeMap, HashSet};

use encoder::normalise;
use ring::rand::SecureRandom;

use super::words;
use crate::derive::{month_of, whole_units};
use crate::error::Error;
use crate::mapping::{Decimal, TimeFormat};
use crate::source::Record;
use crate::subjects::{Fingerprint, Fingerprinter};

/// A column with more different values than this has no code list.
pub(super) const FEW: usize = 40;
/// A longer value is no code.
const LONGEST_CODE: usize = 60;

const FORMATS: [TimeFormat; 4] =
    [TimeFormat::German, TimeFormat::Iso, TimeFormat::MonthYear, TimeFormat::YearMonth];

/// All columns of a file.
pub(super) struct Looks {
    pub(super) columns: Vec<Look>,
    pub(super) rows: u64,
    fingerprints: Fingerprinter,
    /// Columns that tell a person, for the question how many stand under one number.
    person: Vec<usize>,
}

/// One column.
pub(super) struct Look {
    pub(super) name: String,
    pub(super) filled: u64,
    distinct: HashSet<Fingerprint>,
    /// Different pairs of value and person.
    people: HashSet<Fingerprint>,
    /// Values and how often they occur, while there are few and they may be codes.
    few: Option<BTreeMap<String, u64>>,
    times: [u64; 4],
    comma: u64,
    point: u64,
    whole: u64,
    eight_digits: u64,
}

impl Looks {
    pub(super) fn new(header: &[String], random: &dyn SecureRandom) -> Result<Self, Error> {
        use policy::Identifier as I;
        let columns = header.iter().map(|name| Look {
            name: name.clone(),
            filled: 0,
            distinct: HashSet::new(),
            people: HashSet::new(),
            few: Some(BTreeMap::new()),
            times: [0; 4],
            comma: 0,
            point: 0,
            whole: 0,
            eight_digits: 0,
        });
        let person = header.iter().enumerate().filter(|(_, name)| {
            matches!(words::identifier(name), Some(I::GivenNames | I::DateOfBirth))
        });
        let person = person.map(|(position, _)| position).collect();
        let fingerprints = Fingerprinter::new(random)?;
        Ok(Self { columns: columns.collect(), rows: 0, fingerprints, person })
    }

    pub(super) fn take(&mut self, record: &Record<'_>) {
        self.rows += 1;
        let person: Vec<&str> = self.person.iter().map(|at| record.cell(*at)).collect();
        for (position, look) in self.columns.iter_mut().enumerate() {
            let cell = record.cell(position);
            if cell.is_empty() {
                continue;
            }
            look.filled += 1;
            look.distinct.insert(self.fingerprints.of([cell]));
            if words::case(&look.name).is_some() {
                let pair = std::iter::once(cell).chain(person.iter().copied());
                look.people.insert(self.fingerprints.of(pair));
            }
            look.see(cell);
        }
    }
}

impl Look {
    fn see(&mut self, cell: &str) {
        for (format, count) in FORMATS.iter().zip(&mut self.times) {
            *count += u64::from(month_of(cell, *format).is_some());
        }
        let number = |decimal| whole_units(cell, decimal, 1).is_some();
        self.comma += u64::from(cell.contains(',') && number(Decimal::Comma));
        self.point += u64::from(cell.contains('.') && number(Decimal::Point));
        self.whole += u64::from(cell.bytes().all(|byte| byte.is_ascii_digit()));
        self.eight_digits +=
            u64::from(cell.len() == 8 && whole_units(cell, Decimal::Comma, 1).is_some());
        if words::identifier(&self.name).is_some() || words::case(&self.name).is_some() {
            self.few = None;
        }
        if let Some(few) = &mut self.few {
            if cell.chars().count() > LONGEST_CODE || few.len() > FEW {
                self.few = None;
            } else {
                *few.entry(cell.to_owned()).or_default() += 1;
            }
        }
    }

    /// Different values.
    pub(super) fn distinct(&self) -> usize {
        self.distinct.len()
    }

    /// How many people stand under one number, in hundredths.
    pub(super) fn people_per_case(&self) -> usize {
        self.people.len() * 100 / self.distinct.len().max(1)
    }

    /// The values of a column of few values that occur more than once, where it has enough rows to
    /// tell: what stands there once may be a slip with a name in it.
    pub(super) fn codes(&self) -> Option<Vec<&str>> {
        let few = self.few.as_ref().filter(|few| !few.is_empty() && few.len() <= FEW)?;
        let enough = few.len() as u64 * 3 <= self.filled;
        let repeated = few.iter().filter(|(_, count)| **count > 1);
        enough.then(|| repeated.map(|(value, _)| value.as_str()).collect())
    }

    /// The form of nearly all values, where they are dates or months, and whether others occur.
    pub(super) fn time(&self) -> Option<(TimeFormat, bool)> {
        let best = FORMATS.iter().zip(self.times).rev().max_by_key(|(_, count)| *count)?;
        let (format, count) = (*best.0, best.1);
        (count * 10 >= self.filled * 8 && count > 0).then_some((format, count < self.filled))
    }

    /// The decimal sign, where nearly all values are numbers.
    pub(super) fn decimal(&self) -> Option<Decimal> {
        let numbers = self.comma.max(self.point) + self.whole;
        if self.filled == 0 || numbers * 10 < self.filled * 8 || self.time().is_some() {
            return None;
        }
        Some(if self.point > self.comma { Decimal::Point } else { Decimal::Comma })
    }

    /// Whether nearly all values are municipality keys of eight digits.
    pub(super) fn is_municipality(&self) -> bool {
        self.filled > 0 && self.eight_digits * 10 >= self.filled * 8
    }

    /// Values of a question that is answered with yes or no, an empty cell aside.
    pub(super) fn flags(&self) -> Option<(Vec<&str>, Vec<&str>)> {
        let few = self.few.as_ref().filter(|few| (1..=2).contains(&few.len()))?;
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        for value in few.keys() {
            match value.to_lowercase().as_str() {
                "j" | "ja" | "x" | "1" | "w" | "wahr" | "true" | "y" | "yes" => {
                    yes.push(value.as_str());
                }
                "n" | "nein" | "0" | "f" | "falsch" | "false" | "no" | "-" => {
                    no.push(value.as_str());
                }
                _ => return None,
            }
        }
        Some((yes, no))
    }
}

/// Whether a cell of the first line is a value rather than a name.
pub(super) fn is_value(cell: &str) -> bool {
    let date = cell.bytes().any(|b| b.is_ascii_digit()) && normalise::date(cell).is_ok();
    let number = cell.len() > 2 && whole_units(cell, Decimal::Comma, 1).is_some();
    date || number || FORMATS.iter().any(|format| month_of(cell, *format).is_some())
}
