//! Which column of a plain table holds which identifier.

use std::collections::BTreeSet;

use policy::{Identifier, LinkageSchema};

use crate::error::Error;
use crate::source::{Source, SourceSettings};

/// The identifiers of a schema with the names of their columns and, once found, their positions.
pub(super) struct Columns(Vec<(Identifier, &'static str, usize)>);

impl Columns {
    /// What the schema reads.
    pub(super) fn of(schema: &LinkageSchema) -> Self {
        let fields = schema.views.iter().flat_map(|view| &view.fields);
        let read: BTreeSet<Identifier> =
            fields.flat_map(|field| [Some(field.identifier), field.otherwise]).flatten().collect();
        Self(read.into_iter().map(|identifier| (identifier, identifier.name(), 0)).collect())
    }

    /// How the table is opened: a row that begins with "Summe" may be a person here.
    pub(super) fn source_settings(&self) -> SourceSettings {
        let mut settings = SourceSettings::detect();
        settings.totals = Vec::new();
        settings.columns = self.0.iter().map(|(_, name, _)| (*name).to_owned()).collect();
        settings
    }

    /// Finds every column in a header.
    pub(super) fn find(mut self, source: &Source) -> Result<Self, Error> {
        let mut missing = Vec::new();
        for (_, name, position) in &mut self.0 {
            match source.header().iter().position(|column| column == name) {
                Some(found) => *position = found,
                None => missing.push(*name),
            }
        }
        if missing.is_empty() {
            return Ok(self);
        }
        let path = source.path().to_owned();
        Err(Error::MissingColumns { path, columns: missing.join(", ") })
    }

    /// Every identifier with the position of its column.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Identifier, usize)> {
        self.0.iter().map(|(identifier, _, position)| (*identifier, *position))
    }
}
