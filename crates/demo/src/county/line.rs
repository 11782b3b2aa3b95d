//! One line of a delimited file.

use std::fmt::Write as _;

use super::calendar::{Day, Month};

/// Appends a cell, quoted where its content asks for it.
pub(super) fn push_cell(out: &mut String, cell: &str, delimiter: char) {
    let special = |letter| letter == delimiter || matches!(letter, '"' | '\n' | '\r');
    if cell.contains(special) {
        out.push('"');
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(cell);
    }
}

/// A line in the making; every cell after the shared ones is preceded by the delimiter.
pub(super) struct Line<'a> {
    pub(super) out: &'a mut String,
    pub(super) delimiter: char,
    /// Replaces the first code by one that no list knows.
    pub(super) unknown_code: bool,
}

impl Line<'_> {
    pub(super) fn text(&mut self, cell: &str) {
        self.out.push(self.delimiter);
        push_cell(self.out, cell, self.delimiter);
    }

    /// A value of a code list.
    pub(super) fn code(&mut self, code: &str) {
        let unknown = std::mem::take(&mut self.unknown_code);
        self.text(if unknown { "Altfall 99" } else { code });
    }

    pub(super) fn number(&mut self, number: u32) {
        self.out.push(self.delimiter);
        self.written(format_args!("{number}"));
    }

    /// An amount in cents with a decimal comma.
    pub(super) fn cents(&mut self, cents: u32) {
        self.fraction(cents, 100, 2);
    }

    /// An amount, or an empty cell.
    pub(super) fn cents_if(&mut self, given: bool, cents: u32) {
        if given {
            self.cents(cents);
        } else {
            self.text("");
        }
    }

    /// Tenths with a decimal comma.
    pub(super) fn tenths(&mut self, tenths: u32) {
        self.fraction(tenths, 10, 1);
    }

    fn fraction(&mut self, value: u32, unit: u32, digits: usize) {
        self.out.push(self.delimiter);
        let quote = if self.delimiter == ',' { "\"" } else { "" };
        let (whole, rest) = (value / unit, value % unit);
        self.written(format_args!("{quote}{whole},{rest:0digits$}{quote}"));
    }

    pub(super) fn yes(&mut self, yes: bool) {
        self.text(if yes { "J" } else { "N" });
    }

    /// A day as `dd.mm.yyyy`, or an empty cell.
    pub(super) fn day(&mut self, day: Option<Day>) {
        self.out.push(self.delimiter);
        if let Some(day) = day {
            self.written(format_args!("{:02}.{:02}.{:04}", day.day, day.month, day.year));
        }
    }

    /// A month as `mm.yyyy`, or an empty cell.
    pub(super) fn month(&mut self, month: Option<Month>) {
        self.out.push(self.delimiter);
        if let Some(month) = month {
            self.written(format_args!("{:02}.{:04}", month.number(), month.year()));
        }
    }

    /// A month as `yyyy-mm`.
    pub(super) fn report_month(&mut self, month: Month) {
        self.out.push(self.delimiter);
        self.written(format_args!("{:04}-{:02}", month.year(), month.number()));
    }

    fn written(&mut self, cell: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.out.write_fmt(cell);
    }
}
