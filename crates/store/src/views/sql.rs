//! The statements that both databases are made with.
//!
//! Names cannot be parameters of a statement. Those of columns and indicators come from policies,
//! so they are checked to consist of `a-z`, `0-9`, `_` (and `-` in indicators) before they get
//! into one.

use std::collections::BTreeSet;

use super::{Column, ColumnKind, Content, Indicator, ViewError};

/// The table behind the views.
pub(super) const TABLE: &str = "cells";
/// Longest name of a column or indicator: PostgreSQL keeps 63 bytes.
const MAX_NAME: usize = 60;

/// How a database spells the kinds of columns.
pub(super) struct Spelling {
    pub(super) kind: fn(ColumnKind) -> &'static str,
    /// Before the name of a table or view.
    pub(super) prefix: &'static str,
}

/// A view: its name, what it selects, and its columns.
#[derive(Debug, PartialEq)]
pub(super) struct View {
    pub(super) name: String,
    pub(super) select: String,
    pub(super) columns: Vec<String>,
}

/// The name of a column in the table.
pub(super) fn own_name(column: &Column) -> &str {
    column.english.as_deref().or(column.german.as_deref()).unwrap_or_default()
}

pub(super) fn check(content: &Content<'_>) -> Result<(), ViewError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let mut names = BTreeSet::new();
    for column in &content.columns {
        for name in column.german.iter().chain(&column.english) {
            let first = name.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
            if !first || name.len() > MAX_NAME || !name.bytes().all(plain) {
                return Err(ViewError::Name(name.clone()));
            }
        }
        if own_name(column).is_empty() || !names.insert(own_name(column)) {
            return Err(ViewError::Name(own_name(column).to_owned()));
        }
    }
    for own in &content.indicators {
        let fits = (1..=40).contains(&own.id.len());
        if !fits || !own.id.bytes().all(|b| plain(b) || b == b'-') {
            return Err(ViewError::Name(own.id.clone()));
        }
    }
    if ["indicator_id", "is_current"].iter().any(|name| !names.contains(name)) {
        return Err(ViewError::Name("indicator_id and is_current are missing".to_owned()));
    }
    Ok(())
}

pub(super) fn create_table(columns: &[Column], spelling: &Spelling) -> String {
    let lines =
        columns.iter().map(|own| format!("\"{}\" {}", own_name(own), (spelling.kind)(own.kind)));
    format!("CREATE TABLE {}{TABLE} ({})", spelling.prefix, lines.collect::<Vec<_>>().join(", "))
}

/// All views, the two long ones first.
pub(super) fn views(content: &Content<'_>, spelling: &Spelling, whole: &str) -> Vec<View> {
    let mut views = Vec::new();
    let mut taken = BTreeSet::new();
    for (long, short, german) in [("freigaben", "kennzahl", true), ("releases", "indicator", false)]
    {
        let columns: Vec<(&Column, &str)> = content
            .columns
            .iter()
            .filter_map(|own| {
                let name = if german { &own.german } else { &own.english };
                Some((own, name.as_deref()?))
            })
            .collect();
        taken.insert(long.to_owned());
        views.push(view(long.to_owned(), &columns, (None, ""), spelling));
        for indicator in &content.indicators {
            let mut name = format!("{short}_{}", indicator.id.replace('-', "_"));
            // `a-b` and `a_b` are two indicators.
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            views.push(view(name, &columns, (Some(indicator), whole), spelling));
        }
    }
    views
}

fn view(
    name: String,
    columns: &[(&Column, &str)],
    (indicator, whole): (Option<&Indicator>, &str),
    spelling: &Spelling,
) -> View {
    let is_whole = indicator.is_some_and(|own| own.whole);
    let selected = columns.iter().map(|(own, name)| match own.kind {
        ColumnKind::Number if is_whole => {
            format!("CAST(\"{}\" AS {whole}) AS \"{name}\"", own_name(own))
        }
        _ => format!("\"{}\" AS \"{name}\"", own_name(own)),
    });
    let selected = selected.collect::<Vec<_>>().join(", ");
    let mut select = format!("SELECT {selected} FROM {}{TABLE}", spelling.prefix);
    if let Some(own) = indicator {
        select += &format!(" WHERE \"indicator_id\" = '{}' AND \"is_current\"", own.id);
    }
    let columns = columns.iter().map(|(_, name)| (*name).to_owned()).collect();
    View { name, select, columns }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(columns: &[(&str, &str)], indicators: &[&str]) -> Content<'static> {
        let name = |own: &str| (!own.is_empty()).then(|| own.to_owned());
        let mut columns: Vec<Column> = columns
            .iter()
            .map(|(german, english)| Column {
                german: name(german),
                english: name(english),
                kind: ColumnKind::Number,
            })
            .collect();
        for own in ["indicator_id", "is_current"] {
            columns.push(Column { german: None, english: name(own), kind: ColumnKind::Text });
        }
        let indicators = indicators.iter();
        let indicators =
            indicators.map(|id| Indicator { id: (*id).to_owned(), whole: true }).collect();
        Content { columns, indicators, rows: Box::new(std::iter::empty()) }
    }

    const SPELLING: Spelling = Spelling { kind: |_| "TEXT", prefix: "s." };

    #[test]
    fn what_is_no_name_gets_into_no_statement() {
        assert!(check(&content(&[("wert", "value")], &["a-b", "a_b"])).is_ok());
        for columns in [
            [("wert\"; DROP TABLE x; --", "value")],
            [("Wert", "value")],
            [("", "1st")],
            [("", "")],
            [("indicator_id", "")],
        ] {
            assert!(check(&content(&columns, &[])).is_err(), "{columns:?}");
        }
        for indicator in ["", "x' OR 1=1", "Ü", &"x".repeat(41)] {
            assert!(check(&content(&[], &[indicator])).is_err(), "{indicator}");
        }
    }

    #[test]
    fn indicators_of_nearly_one_name_have_two_views() {
        let views = views(&content(&[("wert", "value")], &["a-b", "a_b"]), &SPELLING, "BIGINT");
        let names: Vec<&str> = views.iter().map(|own| own.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "freigaben",
                "kennzahl_a_b",
                "kennzahl_a_b_",
                "releases",
                "indicator_a_b",
                "indicator_a_b_"
            ]
        );
        assert_eq!(
            views[2].select,
            "SELECT CAST(\"value\" AS BIGINT) AS \"wert\" FROM s.cells WHERE \"indicator_id\" = \
             'a_b' AND \"is_current\""
        );
    }
}
