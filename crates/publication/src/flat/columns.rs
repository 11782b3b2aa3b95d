//! Which columns a table has, and how they are named.

use std::collections::BTreeSet;

use super::{Column, ColumnKind};
use crate::{Document, Names};

/// English names of columns that are looked up.
pub(super) const PROJECT: &str = "project";
pub(super) const INDICATOR_ID: &str = "indicator_id";
pub(super) const INDICATOR: &str = "indicator";
pub(super) const VALUE: &str = "value";
pub(super) const UNBIASED: &str = "value_unbiased";

/// The dimension of a quarter or year; it is told by the period of a row.
pub(super) const PERIOD: &str = "period";
/// What combinations of datasets are, beside the dimension of that name.
pub(super) const SERVICE: &str = "service";

/// Dimensions that every table has a column for, whether a release is grouped by them or not, so
/// that a report built on it does not break: name, German column, English column.
const USUAL: [(&str, &str, &str); 5] = [
    (Document::PLACE, "gemeinde", "municipality"),
    ("age_group", "altersgruppe", "age_group"),
    ("sex", "geschlecht", "sex"),
    (SERVICE, "leistung", "service"),
    ("class", "klasse", "class"),
];

/// A dimension with its two columns.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// Its name in documents.
    pub(super) name: String,
    /// Column of the label: German, English.
    pub(super) label: (String, String),
    /// Column of the key.
    pub(super) key: (String, String),
    /// What readers call it.
    words: String,
}

/// The usual dimensions, then whatever else the documents are grouped by, by name.
pub(super) fn axes<'a>(documents: impl Iterator<Item = &'a Document>, names: &Names) -> Vec<Axis> {
    let mut axes: Vec<Axis> = Vec::new();
    for (name, german, english) in USUAL {
        axes.push(axis(name, german.to_owned(), english.to_owned(), names));
    }
    let found: BTreeSet<&String> = documents.flat_map(|own| &own.dimensions).collect();
    let mut taken: BTreeSet<String> = fixed(true)
        .chain(fixed(false))
        .filter_map(|own| own.german)
        .chain(axes.iter().flat_map(|own| [own.label.0.clone(), own.key.0.clone()]))
        .collect();
    for name in found {
        if name == PERIOD || USUAL.iter().any(|own| own.0 == name) {
            continue;
        }
        let english = name.replace('-', "_");
        let mut german = slug(names.dimension(name));
        // Two dimensions may have one label, and a label may be the name of another column.
        if german.is_empty() || taken.contains(&german) {
            german = format!("dimension_{english}");
        }
        taken.insert(german.clone());
        axes.push(axis(name, german, format!("dimension_{english}"), names));
    }
    axes
}

fn axis(name: &str, german: String, english: String, names: &Names) -> Axis {
    let key = if name == Document::PLACE {
        ("ags".to_owned(), "municipality_key".to_owned())
    } else {
        (format!("{german}_schluessel"), format!("{english}_key"))
    };
    let words = match name {
        SERVICE => "Leistung".to_owned(),
        _ => names.dimension(name).to_owned(),
    };
    Axis { name: name.to_owned(), label: (german, english), key, words }
}

/// All columns, in their order.
pub(super) fn columns(axes: &[Axis]) -> Vec<Column> {
    let label = |own: &Axis| {
        let german = format!("{}; leer, wo die Freigabe nicht danach gliedert", own.words);
        let english = format!("label of {}; empty where the release is not by it", own.name);
        column(&own.label.0, &own.label.1, ColumnKind::Text, true, (&german, &english))
    };
    let key = |own: &Axis| {
        let german = format!("Schlüssel zu {}; leer in Summen darüber", own.label.0);
        let english = format!("key of {}; empty in totals over it", own.label.1);
        column(&own.key.0, &own.key.1, ColumnKind::Text, true, (&german, &english))
    };
    let mut columns: Vec<Column> = fixed(true).collect();
    for own in axes {
        if own.name == Document::PLACE {
            columns.push(key(own));
        }
        columns.push(label(own));
    }
    columns.extend(fixed(false));
    columns.extend(axes.iter().filter(|own| own.name != Document::PLACE).map(key));
    columns
}

fn column(
    german: &str,
    english: &str,
    kind: ColumnKind,
    optional: bool,
    (words, english_words): (&str, &str),
) -> Column {
    let name = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Column {
        german: name(german),
        english: name(english),
        kind,
        optional,
        words: words.to_owned(),
        english_words: english_words.to_owned(),
    }
}

type Fixed = (&'static str, &'static str, ColumnKind, bool, &'static str, &'static str);

/// The columns before those of dimensions, or those behind.
fn fixed(before: bool) -> impl Iterator<Item = Column> {
    let chosen: &[Fixed] = if before { &FIRST } else { &LAST };
    chosen.iter().map(|(german, english, kind, optional, words, english_words)| {
        column(german, english, *kind, *optional, (words, english_words))
    })
}

const FIRST: [Fixed; 1] = [(
    "kennzahl",
    INDICATOR,
    ColumnKind::Text,
    false,
    "Kennzahl, wie Menschen sie lesen",
    "the indicator as people read it",
)];

const LAST: [Fixed; 22] = [
    (
        "zeitraum",
        "period",
        ColumnKind::Text,
        false,
        "Jahr, oder Jahr und Quartal (2025-Q1)",
        "year, or year and quarter (2025-Q1)",
    ),
    ("wert", VALUE, ColumnKind::Number, true, VALUE_WORDS, VALUE_ENGLISH),
    (
        "von",
        "low",
        ColumnKind::Number,
        true,
        "untere Grenze des 95-%-Intervalls um wert_unverzerrt",
        "lower end of the 95 % interval around value_unbiased",
    ),
    (
        "bis",
        "high",
        ColumnKind::Number,
        true,
        "obere Grenze des 95-%-Intervalls um wert_unverzerrt; leer, wo ein Schlüssel eine Schwelle \
         überschritten hat",
        "upper end of the 95 % interval around value_unbiased; empty where a key passed a threshold",
    ),
    (
        "wert_unverzerrt",
        UNBIASED,
        ColumnKind::Number,
        true,
        "der Wert mit der Zufallszugabe, ohne Verzerrung; Anzahlen und Summen können negativ sein. \
         Damit wird gerechnet und verglichen",
        "the value with its noise, unbiased; counts and sums may be negative. The one to calculate \
         and compare with",
    ),
    (
        "einheit",
        "unit",
        ColumnKind::Text,
        true,
        "Einheit des Werts; leer, wo sie nicht bekannt ist",
        "unit of the value; empty where it is not known",
    ),
    (
        "ausgeblendet",
        "withheld",
        ColumnKind::Truth,
        false,
        "ob die Zahlen fehlen, weil sie zu ungenau sind",
        "whether the numbers are missing because they are too uncertain",
    ),
    (
        "ebene",
        "",
        ColumnKind::Text,
        false,
        "wonach die Zeile gegliedert ist: insgesamt, gemeinde, gemeinde × altersgruppe … Zeilen \
         verschiedener Ebenen dürfen nicht addiert werden",
        "the level of the row, in German",
    ),
    (
        "",
        "level",
        ColumnKind::Text,
        false,
        "Ebene, englisch",
        "by what the row is grouped: total, municipality, municipality × age_group … Rows of \
         different levels must not be added",
    ),
    (
        "summe",
        "is_total",
        ColumnKind::Truth,
        false,
        "ob die Zeile die Summe anderer Zeilen derselben Freigabe ist",
        "whether the row is the total of other rows of the same release",
    ),
    (
        "freigabe",
        "release",
        ColumnKind::Whole,
        false,
        "Nummer der Buchung, mit der die Zeile freigegeben wurde",
        "number of the charge with which the row was released",
    ),
    (
        "aktuell",
        "is_current",
        ColumnKind::Truth,
        false,
        "ob es die neueste Freigabe dieser Tabelle ist; ältere bleiben stehen",
        "whether it is the newest release of this table; older ones stay",
    ),
    (
        "stand",
        "as_of",
        ColumnKind::Date,
        false,
        "Tag der Freigabe (UTC)",
        "day of the release (UTC)",
    ),
    (
        "kennzahl_id",
        INDICATOR_ID,
        ColumnKind::Text,
        false,
        "Kurzname der Kennzahl, der bleibt",
        "short name of the indicator, which stays",
    ),
    (
        "art",
        "",
        ColumnKind::Text,
        false,
        "was der Wert ist: Anzahl, Summe, Mittelwert, Anteil (in Prozent) oder Quantil",
        "what the value is, in German",
    ),
    (
        "",
        "kind",
        ColumnKind::Text,
        false,
        "was der Wert ist, englisch",
        "what the value is: count, sum, mean, share (in per cent) or quantile",
    ),
    ("jahr", "year", ColumnKind::Whole, false, "Jahr der Ereignisse", "year of the events"),
    ("projekt", PROJECT, ColumnKind::Text, false, "Projekt", "project"),
    (
        "zweck",
        "purpose",
        ColumnKind::Text,
        false,
        "Zweck, der es erlaubt",
        "purpose that allows it",
    ),
    (
        "bezugsbasis",
        "snapshot",
        ColumnKind::Text,
        false,
        "Momentaufnahme der Verknüpfung, auf der gerechnet wurde",
        "snapshot of the linkage on which it was computed",
    ),
    (
        "tabelle",
        "table",
        ColumnKind::Text,
        false,
        "Name der Tabelle innerhalb der Freigabe",
        "name of the table within the release",
    ),
    (
        "id",
        "id",
        ColumnKind::Text,
        false,
        "eindeutiger Name der Zeile, der bleibt",
        "unique name of the row, which stays",
    ),
];

const VALUE_WORDS: &str = "der Wert zum Zeigen: bei Anzahlen und Summen eine ganze Zahl ab 0, deren \
     Summen aufgehen (dafür verzerrt: kleine Zellen zu hoch, große zu niedrig); wo die Freigabe \
     keine solche hat, wie bei Mittelwerten, Anteilen und Quantilen, wert_unverzerrt. Leer, wo \
     ausgeblendet";
const VALUE_ENGLISH: &str = "the value to show: of counts and sums a whole number from 0 on whose \
     totals add up (and therefore biased: small cells too high, great ones too low); where the \
     release has none, as of means, shares and quantiles, value_unbiased. Empty where withheld";

/// A label as the name of a column: `Leistung nach SGB XII` → `leistung_nach_sgb_xii`.
fn slug(label: &str) -> String {
    let mut name = String::new();
    for c in label.to_lowercase().chars() {
        match c {
            'ä' => name.push_str("ae"),
            'ö' => name.push_str("oe"),
            'ü' => name.push_str("ue"),
            'ß' => name.push_str("ss"),
            'a'..='z' | '0'..='9' => name.push(c),
            _ if name.is_empty() || name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    // PostgreSQL keeps 63 bytes of a name, and `_schluessel` comes behind.
    let cut: String = name.chars().take(48).collect();
    let cut = cut.trim_end_matches('_');
    if cut.starts_with(|c: char| c.is_ascii_digit()) { format!("d_{cut}") } else { cut.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn labels_become_names_that_databases_take_unquoted() {
        for (label, name) in [
            ("Leistung nach SGB XII", "leistung_nach_sgb_xii"),
            ("Schwächste Verbindung", "schwaechste_verbindung"),
            ("  (Größe) ", "groesse"),
            ("3 Stufen", "d_3_stufen"),
            ("—", ""),
        ] {
            assert_eq!(slug(label), name);
        }
        assert!(slug(&"Ä".repeat(90)).len() <= 48);
    }
}
