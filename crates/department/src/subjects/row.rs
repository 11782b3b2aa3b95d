//! One record → its facts.

use encoder::normalise;
use policy::{Identifier, UNKNOWN_CODE};
use submission::Period;

use super::reason::{Fault, Reason};
use crate::derive::{Span, YearPart, month_of, whole_units};
use crate::error::Error;
use crate::mapping::{
    DimensionRule, DurationRule, ExcludeRule, Layout, MeasureRule, PlaceRule, TimeRule, Unreadable,
};
use crate::source::Record;

/// The facts of one record, one part per event year.
pub(crate) struct Row {
    /// What lies in the delivery's period; empty where nothing does.
    pub(crate) parts: Vec<YearPart>,
    /// Codes of all parts, one after the other.
    pub(crate) codes: Vec<u16>,
    pub(crate) amounts: Vec<Option<i64>>,
    /// Last month of the record, as index.
    pub(crate) latest: u32,
    pub(crate) unresolved_place: bool,
    pub(crate) unknown_age: bool,
}

/// Whether a record has an information block or objection.
pub(crate) fn is_blocked(rules: &[ExcludeRule<'_>], record: &Record<'_>) -> Result<bool, Fault> {
    let mut blocked = false;
    for rule in rules {
        let cell = record.cell(rule.position);
        let among = |list: &[String]| list.iter().any(|v| v.to_lowercase() == cell.to_lowercase());
        if among(rule.drop) {
            blocked = true;
        } else if !among(rule.keep) {
            return Err(Fault::at(Reason::UnknownBlock, rule.position));
        }
    }
    Ok(blocked)
}

/// Refuses what a spreadsheet shows instead of a value: `#NV` is nobody's surname.
pub(crate) fn check_errors(layout: &Layout<'_>, record: &Record<'_>) -> Result<(), Fault> {
    match layout.error_cell(record) {
        Some(column) => Err(Fault::at(Reason::ErrorCell, column)),
        None => Ok(()),
    }
}

/// Checks the identifying cells.
pub(crate) fn check_identifiers(layout: &Layout<'_>, record: &Record<'_>) -> Result<(), Fault> {
    for rule in &layout.identifiers {
        let cell = record.cell(rule.position);
        if cell.len() > encoder::Identifiers::MAX_BYTES {
            return Err(Fault::at(Reason::TooLong, rule.position));
        }
        if rule.required && !cell.chars().any(char::is_alphanumeric) {
            return Err(Fault::at(Reason::MissingIdentifier, rule.position));
        }
        if normalise::is_other_script(rule.identifier, cell) {
            return Err(Fault::at(Reason::OtherScript, rule.position));
        }
        let date = rule.identifier == Identifier::DateOfBirth;
        if date && rule.unreadable == Unreadable::Quarantine && normalise::date(cell).is_err() {
            return Err(Fault::at(Reason::ImpossibleDate, rule.position));
        }
    }
    Ok(())
}

/// Sets a person's identifiers to those of a record whose cells were checked.
pub(crate) fn identify(
    layout: &Layout<'_>,
    record: &Record<'_>,
    person: &mut encoder::Identifiers,
) -> Result<(), Error> {
    for rule in &layout.identifiers {
        let cell = record.cell(rule.position);
        let code = match rule.codes.is_empty() {
            true => None,
            false => rule.codes.get(&cell.to_lowercase()).copied(),
        };
        let set = person.set(rule.identifier, code.unwrap_or(cell));
        set.map_err(|e| Error::Encoder(e.to_string()))?;
    }
    Ok(())
}

/// Reads the facts of a record.
pub(crate) fn read(
    layout: &Layout<'_>,
    record: &Record<'_>,
    period: &Period,
) -> Result<Row, Fault> {
    let span = span(&layout.time, record, period)?;
    let parts: Vec<YearPart> = span.clip(period).into_iter().flat_map(Span::years).collect();
    let mut row = Row {
        codes: Vec::with_capacity(parts.len() * layout.dimensions.len()),
        amounts: Vec::with_capacity(layout.measures.len()),
        latest: span.last,
        unresolved_place: false,
        unknown_age: false,
        parts,
    };
    // A record outside the period is checked all the same, as if for its last year.
    let checked = row.parts.clone();
    let outside = [YearPart { year: 0, first_month: 1, last_month: 1 }];
    for part in if checked.is_empty() { &outside[..] } else { &checked } {
        for rules in &layout.dimensions {
            let code = code(rules, record, *part, &mut row)?;
            row.codes.push(code);
        }
    }
    for rule in &layout.measures {
        let amount = rule.as_ref().map(|rule| amount(rule, record)).transpose()?;
        row.amounts.push(amount.flatten());
    }
    for (amount, measure) in row.amounts.iter_mut().zip(&layout.dataset.measures) {
        *amount = amount.map(|value| measure.coarsen(value));
    }
    if row.parts.is_empty() {
        row.codes.clear();
    }
    Ok(row)
}

fn span(rule: &TimeRule, record: &Record<'_>, period: &Period) -> Result<Span, Fault> {
    let month = |(position, format): (usize, _)| {
        let cell = record.cell(position);
        if cell.is_empty() {
            return Err(Fault::at(Reason::MissingTime, position));
        }
        month_of(cell, format).ok_or(Fault::at(Reason::ImpossibleTime, position))
    };
    match rule {
        TimeRule::Whole => Ok(Span { first: period.from.index(), last: period.to.index() }),
        TimeRule::At(position, format) => {
            let month = month((*position, *format))?;
            Ok(Span { first: month, last: month })
        }
        TimeRule::Span { from, to } => {
            let first = month(*from)?;
            let last = match to {
                Some(to) if !record.cell(to.0).is_empty() => {
                    let last = month(*to)?;
                    if last < first {
                        return Err(Fault::at(Reason::EndsBeforeItBegins, to.0));
                    }
                    last
                }
                // It goes on: until the end of what this delivery tells.
                _ => first.max(period.to.index()),
            };
            Ok(Span { first, last })
        }
    }
}

fn code(
    rules: &[DimensionRule<'_>],
    record: &Record<'_>,
    part: YearPart,
    row: &mut Row,
) -> Result<u16, Fault> {
    for rule in rules {
        let code = match rule {
            DimensionRule::Codes { position, codes } => codes
                .code(record.cell(*position))
                .ok_or(Fault::at(Reason::UnknownCode, *position))?,
            DimensionRule::Age { position, classes } => {
                let birth = normalise::date(record.cell(*position)).ok().and_then(|d| d.year);
                // By 31 December every birthday of the year has passed.
                let age = birth.and_then(|birth| part.year.checked_sub(birth));
                let code = age.and_then(|age| classes.code(age)).unwrap_or(UNKNOWN_CODE);
                row.unknown_age |= code == UNKNOWN_CODE && !row.parts.is_empty();
                code
            }
            DimensionRule::Place(rule) => {
                let code = place(rule, record);
                row.unresolved_place |= code == UNKNOWN_CODE && !row.parts.is_empty();
                code
            }
            DimensionRule::Duration(rule) => duration(rule, record, part)?,
        };
        if code != UNKNOWN_CODE {
            return Ok(code);
        }
    }
    Ok(UNKNOWN_CODE)
}

fn place(rule: &PlaceRule<'_>, record: &Record<'_>) -> u16 {
    let ags = rule.towns.resolve(record.cell(rule.town), record.cell(rule.postcode));
    ags.and_then(|ags| rule.codes.get(ags).copied()).unwrap_or(UNKNOWN_CODE)
}

/// Months from the begin to the end, or to the last month of the part while it goes on.
fn duration(rule: &DurationRule, record: &Record<'_>, part: YearPart) -> Result<u16, Fault> {
    let read = |(position, format): (usize, _)| match record.cell(position) {
        "" => Ok(None),
        cell => month_of(cell, format).map(Some).ok_or(Fault::at(Reason::ImpossibleTime, position)),
    };
    let Some(since) = read(rule.since)? else { return Ok(UNKNOWN_CODE) };
    let until = rule.until.map(read).transpose()?.flatten();
    let last = u32::from(part.year) * 12 + u32::from(part.last_month) - 1;
    let months = until.unwrap_or(last).checked_sub(since);
    let months = months.and_then(|months| u16::try_from(months).ok());
    Ok(months.and_then(|months| rule.classes.code(months)).unwrap_or(UNKNOWN_CODE))
}

fn amount(rule: &MeasureRule, record: &Record<'_>) -> Result<Option<i64>, Fault> {
    let cell = record.cell(rule.position);
    if cell.is_empty() {
        return Ok(None);
    }
    let units = whole_units(cell, rule.decimal, rule.step);
    let units = units.ok_or(Fault::at(Reason::NotAnAmount, rule.position))?;
    let small = rule.least.is_some_and(|least| units < least);
    let large = rule.most.is_some_and(|most| units > most);
    if small || large {
        return Err(Fault::at(Reason::ImplausibleAmount, rule.position));
    }
    Ok(Some(units))
}
