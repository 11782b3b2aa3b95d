//! Groups the records of an extract by person.

use std::collections::{HashMap, HashSet};

use encoder::{Identifiers, normalise};
use policy::Identifier;
use ring::rand::SecureRandom;
use submission::Period;
use zeroize::Zeroizing;

use super::facts::Facts;
use super::fingerprint::{Fingerprint, Fingerprinter};
use super::finish::{Collected, Counts, finish};
use super::objections::Objections;
use super::reason::{Fault, Reason, Rejected};
use super::row;
use crate::error::Error;
use crate::mapping::Layout;
use crate::source::{Record, Source};

/// What a collection needs to know besides the file.
pub(crate) struct Collection<'a> {
    pub(crate) layout: &'a Layout<'a>,
    pub(crate) period: &'a Period,
    pub(crate) objections: Option<&'a Objections>,
    pub(crate) random: &'a dyn SecureRandom,
    /// Called with the number of records read so far.
    pub(crate) progress: &'a dyn Fn(u64),
}

/// A subject while its records are still being read.
pub(super) struct Draft {
    /// Latest month and record of the identifiers.
    pub(super) newest: (u32, u64),
    /// Whether these identifiers suffice.
    pub(super) usable: bool,
    cells: Fingerprint,
    /// Date of birth and given names as first seen, to notice a second person.
    birth: Fingerprint,
    given: Fingerprint,
    pub(super) case: Zeroizing<String>,
    pub(super) records: Vec<(u64, u64)>,
    pub(super) blocked: bool,
    pub(super) two_people: bool,
}

/// Everything that was read.
pub(super) struct Drafts {
    pub(super) drafts: Vec<Draft>,
    pub(super) facts: Facts,
    pub(super) units: u32,
    pub(super) rejected: Vec<Rejected>,
    pub(super) counts: Counts,
}

/// Reads a source to its end.
///
/// # Errors
/// As [`Source::next_record`], and [`Error::HeaderOnly`].
pub(crate) fn collect(source: &mut Source, settings: &Collection<'_>) -> Result<Collected, Error> {
    let mut collector = Collector::new(settings)?;
    while let Some(record) = source.next_record()? {
        if record.number % 4096 == 0 {
            (settings.progress)(record.number);
        }
        collector.take(&record)?;
    }
    if collector.drafts.counts.rows == 0 {
        return Err(Error::HeaderOnly { path: source.path().to_owned() });
    }
    Ok(finish(collector.drafts, settings.layout))
}

struct Collector<'a> {
    settings: &'a Collection<'a>,
    fingerprints: Fingerprinter,
    /// Cells of the grouping columns as written → subject, so that each is normalised once.
    seen_keys: HashMap<Fingerprint, u32>,
    groups: HashMap<Fingerprint, u32>,
    records: HashSet<Fingerprint>,
    units: HashMap<Fingerprint, u32>,
    /// The identifiers of one record at a time.
    person: Identifiers,
    drafts: Drafts,
}

impl<'a> Collector<'a> {
    fn new(settings: &'a Collection<'a>) -> Result<Self, Error> {
        let layout = settings.layout;
        Ok(Self {
            settings,
            fingerprints: Fingerprinter::new(settings.random)?,
            seen_keys: HashMap::new(),
            groups: HashMap::new(),
            records: HashSet::new(),
            units: HashMap::new(),
            person: Identifiers::new(),
            drafts: Drafts {
                drafts: Vec::new(),
                facts: Facts::new(layout.dimensions.len(), layout.measures.len()),
                units: 0,
                rejected: Vec::new(),
                counts: Counts::default(),
            },
        })
    }

    fn take(&mut self, record: &Record<'_>) -> Result<(), Error> {
        if record.totals {
            self.drafts.counts.totals_rows += 1;
            return Ok(());
        }
        self.drafts.counts.rows += 1;
        if let Err(fault) = self.read(record)? {
            self.drafts.rejected.push(Rejected {
                number: record.number,
                line: record.line,
                reason: fault.reason,
                column: fault.column,
            });
        }
        Ok(())
    }

    /// The outer error ends the run, the inner one only this record.
    fn read(&mut self, record: &Record<'_>) -> Result<Result<(), Fault>, Error> {
        let layout = self.settings.layout;
        if record.len() != layout.width {
            return Ok(Err(Fault::of(Reason::CellCount)));
        }
        if !self.records.insert(self.fingerprints.of(record.cells())) {
            return Ok(Err(Fault::of(Reason::SameRecordTwice)));
        }
        let subject = match self.subject(record)? {
            Ok(subject) => subject,
            Err(fault) => return Ok(Err(fault)),
        };
        // A block counts even where the rest of the record is unusable.
        let blocked = match row::is_blocked(&layout.excludes, record) {
            Ok(blocked) => blocked || self.objects(record),
            Err(fault) => {
                // Whether this person may travel is not known, so nothing of theirs does.
                self.block(subject);
                return Ok(Err(fault));
            }
        };
        if blocked {
            self.block(subject);
        }
        let read = row::check_errors(layout, record)
            .and_then(|()| row::check_identifiers(layout, record))
            .and_then(|()| row::read(layout, record, self.settings.period));
        let row = match read {
            Ok(row) => row,
            Err(fault) => return Ok(Err(fault)),
        };
        let counts = &mut self.drafts.counts;
        counts.unresolved_places += u64::from(row.unresolved_place);
        counts.unknown_ages += u64::from(row.unknown_age);
        counts.rows_outside_period += u64::from(row.parts.is_empty());
        self.remember(subject, record, row.latest)?;
        if !row.parts.is_empty() {
            let unit = self.unit(record);
            self.drafts.facts.push(subject, unit, record.number, &row);
        }
        Ok(Ok(()))
    }

    /// The subject of a record: by the person's case number, else by the identifiers that stay
    /// the same, within the same unit.
    fn subject(&mut self, record: &Record<'_>) -> Result<Result<u32, Fault>, Error> {
        let layout = self.settings.layout;
        let written = match layout.person {
            Some(position) if record.cell(position).is_empty() => {
                return Ok(Err(Fault::at(Reason::MissingCase, position)));
            }
            Some(position) => self.fingerprints.of(["person", record.cell(position)]),
            None => self.fingerprints.of(self.grouping_cells(record)),
        };
        if let Some(subject) = self.seen_keys.get(&written) {
            return Ok(Ok(*subject));
        }
        let key = match layout.person {
            Some(_) => written,
            None => self.normalised_key(record),
        };
        let next = u32::try_from(self.drafts.drafts.len()).map_err(|_| {
            submission::SubmissionError::Limit {
                what: "number of subjects",
                limit: u64::from(u32::MAX),
            }
        })?;
        let subject = *self.groups.entry(key).or_insert(next);
        self.seen_keys.insert(written, subject);
        if subject == next {
            self.drafts.drafts.push(self.draft(record));
        }
        Ok(Ok(subject))
    }

    fn grouping_cells<'r>(&self, record: &'r Record<'_>) -> impl Iterator<Item = &'r str> {
        let layout = self.settings.layout;
        let stable = layout.identifiers.iter().filter(|rule| !rule.changes);
        let positions = stable.map(|rule| rule.position).chain(layout.unit);
        positions.map(|position| record.cell(position))
    }

    fn normalised_key(&self, record: &Record<'_>) -> Fingerprint {
        let layout = self.settings.layout;
        let stable = layout.identifiers.iter().filter(|rule| !rule.changes);
        let texts: Vec<Zeroizing<String>> = stable
            .map(|rule| normalise::text(rule.identifier, record.cell(rule.position)))
            .collect();
        let unit = layout.unit.map(|position| record.cell(position));
        self.fingerprints.of(texts.iter().map(|text| text.as_str()).chain(unit))
    }

    fn draft(&self, record: &Record<'_>) -> Draft {
        let case = self.settings.layout.case.map(|position| record.cell(position));
        Draft {
            newest: (0, 0),
            usable: false,
            cells: [0; 16],
            birth: [0; 16],
            given: [0; 16],
            case: Zeroizing::new(case.unwrap_or_default().to_owned()),
            records: Vec::new(),
            blocked: false,
            two_people: false,
        }
    }

    fn block(&mut self, subject: u32) {
        if let Some(draft) = self.drafts.drafts.get_mut(subject as usize) {
            draft.blocked = true;
        }
    }

    fn objects(&self, record: &Record<'_>) -> bool {
        let Some(list) = self.settings.objections else { return false };
        let layout = self.settings.layout;
        let case = layout.case.map(|position| record.cell(position));
        case.is_some_and(|case| list.names_case(case))
            || list.names_person(|wanted| {
                let rule = layout.identifiers.iter().find(|rule| rule.identifier == wanted)?;
                Some(record.cell(rule.position))
            })
    }

    /// Keeps the record's identifiers if it is the newest of its subject.
    fn remember(&mut self, subject: u32, record: &Record<'_>, latest: u32) -> Result<(), Error> {
        let rules = &self.settings.layout.identifiers;
        let cells = self.fingerprints.of(rules.iter().map(|rule| record.cell(rule.position)));
        let one = |wanted: Identifier| {
            let rule = rules.iter().find(|rule| rule.identifier == wanted);
            let cell = rule.map(|rule| record.cell(rule.position)).unwrap_or_default();
            (cell, self.fingerprints.of([normalise::text(wanted, cell).as_str()]))
        };
        let Some(draft) = self.drafts.drafts.get_mut(subject as usize) else { return Ok(()) };
        let first = draft.records.is_empty();
        draft.records.push((record.number, record.line));
        if !first && draft.cells == cells {
            draft.newest = draft.newest.max((latest, record.number));
            return Ok(());
        }
        let (birth_cell, birth) = one(Identifier::DateOfBirth);
        let (given_cell, given) = one(Identifier::GivenNames);
        if first {
            (draft.birth, draft.given) = (birth, given);
        } else if draft.birth != birth && draft.given != given {
            // Either alone may be a correction; both at once is somebody else.
            draft.two_people |= !birth_cell.is_empty() && !given_cell.is_empty();
        }
        if first || draft.newest <= (latest, record.number) {
            draft.newest = (latest, record.number);
            draft.cells = cells;
            self.person.clear();
            row::identify(self.settings.layout, record, &mut self.person)?;
            draft.usable = self.person.is_usable();
        }
        Ok(())
    }

    fn unit(&mut self, record: &Record<'_>) -> Option<u32> {
        let cell = record.cell(self.settings.layout.unit?);
        if cell.is_empty() {
            return None;
        }
        let key = self.fingerprints.of(["unit", cell]);
        let next = self.drafts.units;
        let unit = *self.units.entry(key).or_insert(next);
        self.drafts.units += u32::from(unit == next);
        Some(unit)
    }
}
