//! What heat maps and transition matrices say in words.

use super::{Grid, GridRow};
use crate::{Amount, Numbers, Shown};

/// What stands in a cell.
pub(super) fn value(cell: Shown) -> String {
    match cell {
        Shown::Known(numbers) | Shown::Unsure(numbers) => numbers.value.german(),
        Shown::Missing => "–".to_owned(),
        Shown::Absent => String::new(),
    }
}

/// What pointing at a cell shows.
pub(super) fn title(grid: &Grid, row: &GridRow, column: usize, cell: Shown) -> String {
    let column = grid.columns.get(column).map_or("", String::as_str);
    let of = if grid.is_transition {
        format!("von „{}“ zu „{column}“", row.label)
    } else {
        format!("{}, {column}", row.label)
    };
    match cell {
        Shown::Known(numbers) => format!("{of}: {}", grid.told(numbers)),
        Shown::Unsure(numbers) => format!("{of}: {}, zu unsicher", grid.told(numbers)),
        Shown::Missing => format!("{of}: ausgeblendet oder ohne Quote"),
        Shown::Absent => format!("{of}: nicht gefragt"),
    }
}

impl Grid {
    fn told(&self, numbers: Numbers) -> String {
        let [value, low, high] = [numbers.value, numbers.low, numbers.high].map(Amount::german);
        format!("{value}{} ({}-%-Intervall: {low} bis {high})", self.unit, self.percent)
    }

    pub(super) fn name(&self) -> String {
        format!("{}, {}", self.label, self.year)
    }

    /// What rows and columns are.
    pub(super) fn axes(&self) -> String {
        format!("Zeilen: {} · Spalten: {}", self.row_head, self.column_head)
    }

    pub(super) fn is_hatched(&self) -> bool {
        self.cells().any(|cell| matches!(cell, Shown::Unsure(_) | Shown::Missing))
    }

    /// What the marks mean.
    pub(super) fn note(&self) -> String {
        let mut notes = Vec::new();
        if self.cells().any(|cell| matches!(cell, Shown::Unsure(_))) {
            notes.push(format!("Schraffiert: {}.", self.tolerance.words()));
        }
        if self.cells().any(|cell| cell == Shown::Missing) {
            let why = self.withholding.as_deref();
            let why = why.unwrap_or("zu wenige Personen für eine Aussage, oder ohne Quote");
            notes.push(format!("Strich: ausgeblendet, {why}."));
        }
        if self.is_transition {
            notes.push("Umrahmt: wer im selben Zustand blieb.".to_owned());
        }
        notes.join(" ")
    }

    /// The picture for whoever does not see it.
    pub(super) fn description(&self) -> String {
        let form = if self.is_transition { "Übergangsmatrix" } else { "Heatmap" };
        let mut text = format!(
            "{form} mit {} Zeilen ({}) und {} Spalten ({}), nach fünf Wertklassen eingefärbt.",
            self.rows.len(),
            self.row_head,
            self.columns.len(),
            self.column_head
        );
        let greatest = self.greatest(3);
        if !greatest.is_empty() {
            text.push_str(&format!(" Am größten: {}.", greatest.join("; ")));
        }
        let hatched = self.cells().filter(|cell| matches!(cell, Shown::Unsure(_) | Shown::Missing));
        match hatched.count() {
            0 => {}
            1 => text.push_str(" Ein Feld ist schraffiert, weil sein Wert zu unsicher ist."),
            several => text.push_str(&format!(
                " {several} Felder sind schraffiert, weil ihre Werte zu unsicher sind."
            )),
        }
        text.push_str(" Alle Werte stehen in der Tabelle.");
        text
    }

    /// The greatest known cells, each in words.
    fn greatest(&self, most: usize) -> Vec<String> {
        let mut known: Vec<(f64, String)> = Vec::new();
        for row in &self.rows {
            for (column, cell) in row.cells.iter().enumerate() {
                if let Shown::Known(numbers) = cell {
                    known.push((numbers.value.position(), title(self, row, column, *cell)));
                }
            }
        }
        known.sort_by(|a, b| b.0.total_cmp(&a.0));
        known.into_iter().take(most).map(|(_, text)| text).collect()
    }
}
