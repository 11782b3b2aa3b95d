//! Counts per column.

use std::collections::{BTreeMap, HashSet};

use encoder::normalise;
use policy::Identifier;
use ring::rand::SecureRandom;

use super::{BirthProfile, ColumnProfile};
use crate::derive::{month_of, whole_units};
use crate::error::Error;
use crate::mapping::{Column, DimensionRule, Layout, Mapping};
use crate::source::Record;
use crate::subjects::{Fingerprint, Fingerprinter};

/// Different values are counted up to here.
const MOST_DISTINCT: usize = 1_000_000;

pub(super) struct Columns<'a> {
    layout: &'a Layout<'a>,
    mapping: &'a Mapping,
    fingerprints: Fingerprinter,
    profiles: Vec<ColumnProfile>,
    seen: Vec<HashSet<Fingerprint>>,
    births: BirthProfile,
    sexes: BTreeMap<String, u64>,
}

impl<'a> Columns<'a> {
    pub(super) fn new(
        layout: &'a Layout<'a>,
        mapping: &'a Mapping,
        header: &[String],
        random: &dyn SecureRandom,
    ) -> Result<Self, Error> {
        let profiles = header.iter().map(|name| ColumnProfile {
            name: name.clone(),
            role: mapping.columns.get(name).map_or("", Column::role).to_owned(),
            filled: 0,
            distinct: 0,
            invalid: 0,
        });
        Ok(Self {
            layout,
            mapping,
            fingerprints: Fingerprinter::new(random)?,
            profiles: profiles.collect(),
            seen: header.iter().map(|_| HashSet::new()).collect(),
            births: BirthProfile::default(),
            sexes: BTreeMap::new(),
        })
    }

    pub(super) fn take(&mut self, record: &Record<'_>) {
        for position in 0..self.profiles.len() {
            let cell = record.cell(position);
            let Some(profile) = self.profiles.get_mut(position) else { continue };
            let column = self.mapping.columns.get(&profile.name);
            if matches!(column, Some(Column::Ignore {})) || cell.is_empty() {
                profile.filled += u64::from(!cell.is_empty());
                continue;
            }
            profile.filled += 1;
            if let Some(seen) = self.seen.get_mut(position)
                && seen.len() < MOST_DISTINCT
            {
                seen.insert(self.fingerprints.of([cell]));
            }
            profile.invalid +=
                u64::from(column.is_some_and(|c| !fits(self.layout, c, position, cell)));
        }
        for rule in &self.layout.identifiers {
            let cell = record.cell(rule.position);
            match rule.identifier {
                Identifier::DateOfBirth => self.births.take(cell),
                Identifier::Sex => {
                    let cell = rule.codes.get(&cell.to_lowercase()).copied().unwrap_or(cell);
                    let sex = normalise::sex(cell).map_or("?", |sex| sex.code());
                    *self.sexes.entry(sex.to_owned()).or_default() += 1;
                }
                _ => {}
            }
        }
    }

    pub(super) fn finish(mut self) -> (BirthProfile, BTreeMap<String, u64>, Vec<ColumnProfile>) {
        for (profile, seen) in self.profiles.iter_mut().zip(&self.seen) {
            profile.distinct = seen.len() as u64;
        }
        (self.births, self.sexes, self.profiles)
    }
}

impl BirthProfile {
    fn take(&mut self, cell: &str) {
        match normalise::date(cell) {
            Err(_) => self.impossible += 1,
            Ok(date) if date.is_complete() => {
                self.complete += 1;
                self.first_of_january += u64::from(date.is_first_of_january());
            }
            Ok(normalise::PartialDate::UNKNOWN) => self.unknown += 1,
            Ok(_) => self.partly_unknown += 1,
        }
    }
}

/// Whether the role of a column can use the value.
fn fits(layout: &Layout<'_>, column: &Column, position: usize, cell: &str) -> bool {
    match column {
        Column::Identifier { identifier, codes, .. } => {
            let cell = codes.get(cell).map_or(cell, String::as_str);
            match identifier {
                Identifier::DateOfBirth => normalise::date(cell).is_ok(),
                Identifier::Sex => normalise::sex(cell).is_some(),
                Identifier::Postcode => normalise::postcode(cell).is_some(),
                other => !normalise::text(*other, cell).is_empty(),
            }
        }
        Column::Dimension { .. } => layout.dimensions.iter().flatten().all(|rule| match rule {
            DimensionRule::Codes { position: own, codes } if *own == position => {
                codes.code(cell).is_some()
            }
            _ => true,
        }),
        Column::Time { format, .. } => month_of(cell, *format).is_some(),
        Column::Measure { decimal, .. } => whole_units(cell, *decimal, 1).is_some(),
        Column::Exclude { drop, keep } => {
            drop.iter().chain(keep).any(|v| v.to_lowercase() == cell.to_lowercase())
        }
        Column::Unit {} | Column::Person {} | Column::Secret {} | Column::Ignore {} => true,
    }
}
