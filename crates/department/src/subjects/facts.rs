//! The facts of all subjects in columns, before they are numbered.

use crate::derive::YearPart;
use crate::subjects::row::Row;

/// Rows in columns; row i has `dimensions` codes and `measures` amounts.
pub(crate) struct Facts {
    dimensions: usize,
    measures: usize,
    pub(crate) places: Vec<Place>,
    codes: Vec<u16>,
    amounts: Vec<Option<i64>>,
}

/// Whose and when one fact is.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) subject: u32,
    pub(crate) unit: Option<u32>,
    pub(crate) record: u64,
    pub(crate) part: YearPart,
}

impl Facts {
    pub(crate) fn new(dimensions: usize, measures: usize) -> Self {
        let (codes, amounts) = (Vec::new(), Vec::new());
        Self { dimensions, measures, places: Vec::new(), codes, amounts }
    }

    pub(crate) fn push(&mut self, subject: u32, unit: Option<u32>, record: u64, row: &Row) {
        for part in &row.parts {
            self.places.push(Place { subject, unit, record, part: *part });
            self.amounts.extend_from_slice(&row.amounts);
        }
        self.codes.extend_from_slice(&row.codes);
    }

    pub(crate) fn codes(&self, at: usize) -> &[u16] {
        let d = self.dimensions;
        self.codes.get(at * d..(at + 1) * d).unwrap_or_default()
    }

    pub(crate) fn amounts(&self, at: usize) -> &[Option<i64>] {
        let m = self.measures;
        self.amounts.get(at * m..(at + 1) * m).unwrap_or_default()
    }

    pub(crate) fn forget_amount(&mut self, at: usize, measure: usize) {
        if let Some(amount) = self.amounts.get_mut(at * self.measures + measure) {
            *amount = None;
        }
    }
}
