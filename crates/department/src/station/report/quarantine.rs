//! Line, column and reason of the rows that stay in the house; never their cells.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::folders::{QUARANTINE, beside};
use super::{grouped, visible};
use crate::error::shown;

/// Rows that a report names.
const NAMED: usize = 200;

/// The rejected rows as a report shows them.
pub(super) struct Rejects {
    pub(super) rows: Vec<Row>,
    /// All of them.
    pub(super) total: u64,
    /// Reason and number, most frequent first.
    pub(super) reasons: Vec<(String, String)>,
    place: String,
    shared: bool,
    days: u16,
}

/// One rejected row.
pub(super) struct Row {
    pub(super) line: String,
    pub(super) column: String,
    pub(super) reason: String,
    pub(super) remedy: String,
}

/// What a file of rejected rows tells besides their cells.
#[derive(Default)]
pub(in super::super) struct Read {
    rows: Vec<Row>,
    pub(in super::super) total: u64,
    reasons: BTreeMap<String, u64>,
}

/// Reads the first four columns of a `quarantine.csv`; a file that is not there has no rows.
pub(in super::super) fn rejected_rows(path: &Path) -> Read {
    let mut read = Read::default();
    let reader =
        csv::ReaderBuilder::new().delimiter(b';').flexible(true).has_headers(true).from_path(path);
    let Ok(mut reader) = reader else { return read };
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).unwrap_or(false) {
        let own = |at: usize| visible(record.get(at).unwrap_or_default());
        // `what it means: what to do`, as the reasons are written.
        let hint = own(3);
        let (reason, remedy) = hint.split_once(": ").unwrap_or((&hint, "prüfen"));
        read.total += 1;
        *read.reasons.entry(reason.to_owned()).or_default() += 1;
        if read.rows.len() < NAMED {
            read.rows.push(Row {
                line: own(0),
                column: own(2),
                reason: reason.to_owned(),
                remedy: remedy.to_owned(),
            });
        }
    }
    read
}

impl Rejects {
    pub(super) fn read(path: &Path, shared: bool, days: u16) -> Self {
        let Read { rows, total, reasons } = rejected_rows(path);
        let mut reasons: Vec<(String, u64)> = reasons.into_iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Self {
            rows,
            total,
            reasons: reasons.into_iter().map(|(reason, n)| (reason, grouped(n))).collect(),
            place: shown(path),
            shared,
            days,
        }
    }

    pub(super) fn count(&self) -> String {
        grouped(self.total)
    }

    /// How many are not named one by one; `None` where all are.
    pub(super) fn rest(&self) -> Option<String> {
        let rest = self.total.saturating_sub(self.rows.len() as u64);
        (rest > 0).then(|| grouped(rest))
    }

    /// Where the rows with their cells are found.
    pub(super) fn where_they_are(&self, file: &str) -> String {
        if self.shared {
            return format!(
                "Die abgelehnten Zeilen mit ihrem Inhalt liegen daneben in »{}«. Diese Datei \
                 enthält Klartext: nach der Berichtigung löschen.",
                beside(file, QUARANTINE)
            );
        }
        format!(
            "Welche Zeilen es sind, sagt die Zeilennummer in Ihrer Datei; deren Inhalt steht \
             absichtlich nicht in diesem Bericht. Eine Kopie der abgelehnten Zeilen liegt auf dem \
             Rechner der Station in {} (nur für das Konto der Station und die IT lesbar) und wird \
             dort nach {} Tagen gelöscht.",
            self.place, self.days
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_named_and_the_rest_counted_and_no_cell_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("q.csv");
        let mut text = String::from("\u{feff}Zeile;Grund;Spalte;Hinweis;nachname\n");
        for line in 2..=302 {
            text.push_str(&format!("{line};x;geb<b>;Datum fehlt: nachtragen;Kanariski\n"));
        }
        std::fs::write(&path, text).unwrap();
        let rejects = Rejects::read(&path, false, 30);
        assert_eq!((rejects.rows.len(), rejects.count().as_str()), (NAMED, "301"));
        assert_eq!(rejects.rest().unwrap(), "101");
        assert_eq!(rejects.reasons, [("Datum fehlt".to_owned(), "301".to_owned())]);
        let first = &rejects.rows[0];
        assert_eq!((first.line.as_str(), first.remedy.as_str()), ("2", "nachtragen"));
        let all: Vec<&str> = rejects
            .rows
            .iter()
            .flat_map(|row| [&row.line, &row.column, &row.reason, &row.remedy])
            .map(String::as_str)
            .collect();
        assert!(!all.join(" ").contains("Kanariski"));
        assert_eq!(rejected_rows(&folder.path().join("none")).total, 0);
    }
}
