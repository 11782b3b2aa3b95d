//! Line, column and reason of the rows that stay in the house; never their cells.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::folders::{QUARANTINE, beside};
use super::{grouped, visible};
use crate::error::shown;

/// Lines of the table that names rows.
const NAMED: usize = 200;

/// The rejected rows as a report shows them.
pub(super) struct Rejects {
    pub(super) rows: Vec<Row>,
    /// All of them.
    pub(super) total: u64,
    /// Reason and number, most frequent first.
    pub(super) reasons: Vec<(String, String)>,
    named: u64,
    place: String,
    shared: bool,
    days: u16,
}

/// A rejected row, or neighbours that share column and reason.
pub(super) struct Row {
    first: u64,
    last: u64,
    pub(super) column: String,
    pub(super) reason: String,
    pub(super) remedy: String,
}

impl Row {
    /// `17`, or `17 bis 21`.
    pub(super) fn lines(&self) -> String {
        if self.first == self.last {
            return self.first.to_string();
        }
        format!("{} bis {}", self.first, self.last)
    }

    /// Takes the next line, if it is a neighbour with the same fault.
    fn takes(&mut self, other: &Self) -> bool {
        let same = self.last + 1 == other.first
            && (&self.column, &self.reason, &self.remedy)
                == (&other.column, &other.reason, &other.remedy);
        if same {
            self.last = other.last;
        }
        same
    }
}

/// What a file of rejected rows tells besides their cells.
#[derive(Default)]
pub(in super::super) struct Read {
    rows: Vec<Row>,
    pub(in super::super) total: u64,
    reasons: BTreeMap<String, u64>,
    /// Rows that stand in the table, alone or with neighbours.
    named: u64,
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
        let line = own(0).parse().unwrap_or_default();
        let row = Row {
            first: line,
            last: line,
            column: own(2),
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        };
        // From the first row that finds no place on, all are only counted.
        if read.named + 1 < read.total {
            continue;
        }
        if read.rows.last_mut().is_some_and(|last| last.takes(&row)) {
            read.named += 1;
        } else if read.rows.len() < NAMED {
            read.rows.push(row);
            read.named += 1;
        }
    }
    read
}

impl Rejects {
    pub(super) fn read(path: &Path, shared: bool, days: u16) -> Self {
        let Read { rows, total, reasons, named } = rejected_rows(path);
        let mut reasons: Vec<(String, u64)> = reasons.into_iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Self {
            rows,
            total,
            named,
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
        let rest = self.total.saturating_sub(self.named);
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
        for line in (2..=602).filter(|line| line % 2 == 0) {
            text.push_str(&format!("{line};x;geb<b>;Datum fehlt: nachtragen;Kanariski\n"));
        }
        std::fs::write(&path, text).unwrap();
        let rejects = Rejects::read(&path, false, 30);
        assert_eq!((rejects.rows.len(), rejects.count().as_str()), (NAMED, "301"));
        assert_eq!(rejects.rest().unwrap(), "101");
        assert_eq!(rejects.reasons, [("Datum fehlt".to_owned(), "301".to_owned())]);
        let first = &rejects.rows[0];
        assert_eq!((first.lines().as_str(), first.remedy.as_str()), ("2", "nachtragen"));
        let all: Vec<&str> = rejects
            .rows
            .iter()
            .flat_map(|row| [&row.column, &row.reason, &row.remedy])
            .map(String::as_str)
            .collect();
        assert!(!all.join(" ").contains("Kanariski"));
        assert_eq!(rejected_rows(&folder.path().join("none")).total, 0);
    }

    #[test]
    fn neighbours_with_the_same_fault_share_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("q.csv");
        let mut text = String::from("Zeile;Grund;Spalte;Hinweis\n");
        for (line, column) in [(7, "a"), (8, "a"), (9, "a"), (10, "b"), (12, "b")] {
            text.push_str(&format!("{line};x;{column};Fehlt: nachtragen\n"));
        }
        std::fs::write(&path, text).unwrap();
        let rejects = Rejects::read(&path, false, 30);
        let lines: Vec<String> = rejects.rows.iter().map(Row::lines).collect();
        assert_eq!(lines, ["7 bis 9", "10", "12"]);
        assert!(rejects.rest().is_none());
    }
}
